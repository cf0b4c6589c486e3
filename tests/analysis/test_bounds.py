"""Notebooks made to be hard: the work of the analysis stays bounded, and what it could not follow is kept."""

from __future__ import annotations

import pytest
from analysis.programs import Program

from nb2prod.analysis.graph import link
from nb2prod.analysis.machine import STEPS, WORK
from nb2prod.analysis.syntax import parse_statements
from nb2prod.analysis.walk import walk
from nb2prod.knowledge import load_knowledge

DEEP = 60

PROGRAMS = {
    "200 functions in a chain": [
        "log = []",
        "def f0(x):\n    log.append(x)\n    return x\n" + "\n".join(f"def f{n}(x): return f{n - 1}(x)" for n in range(1, 200)),
        "f99(1)\nout = log",
    ],
    "a chain of functions that call the next one twice": [
        "log = []",
        "def g0(x):\n    log.append(x)\n    return x\n" + "\n".join(f"def g{n}(x): return g{n - 1}(x), g{n - 1}(x)" for n in range(1, 20)),
        "g5(1)\nout = log\nif len(log) > 100:\n    g19(2)",
    ],
    "functions that all call one another": [
        "log = []",
        "\n".join(f"def g{n}(k):\n    log.append(k)\n    if k: " + "; ".join(f"g{m}(k - 1)" for m in range(12)) for n in range(12)),
        "g0(1)\nout = log",
    ],
    "functions that hand one another around": [
        "log = []",
        "\n".join(f"def h{n}(f, *rest):\n    log.append({n})\n    if rest: f(*rest)" for n in range(12)),
        "\n".join(f"list(map(h{n}, [h{n - 1}]))" for n in range(1, 12)),
        "out = log",
    ],
    "many branches": ["x = [0]\n" + "\n".join(f"if x[0] > {n}: x.append({n})\nelse: x = x + [0]" for n in range(60)) + "\nout = x"],
    "deep nesting": [
        "out = []\n" + "\n".join("    " * n + f"for v{n} in [1]:" for n in range(12)) + "\n" + "    " * 12 + "out.append(v11)"
    ],
    "a deep expression": ["out = " + "(" * DEEP + "1" + " + 1)" * DEEP],
    "a long list": ["out = [" + ", ".join(map(str, range(20_000))) + "]\nout.append(1)"],
    "a long cell": ["\n".join(f"v{n} = {n}\nw{n} = [v{n}, v{max(0, n - 1)}]" for n in range(1_000)) + "\nout = w999"],
    "an alias passed down a long loop": [
        "a = [1]\n" + "\n".join(f"v{n} = []" for n in range(40)),
        "for _ in range(41):\n" + "\n".join(f"    v{n} = v{n + 1}" for n in range(39)) + "\n    v39 = a",
        "v0.append(2)\nout = a",
    ],
}


@pytest.mark.parametrize("codes", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_hard_notebook_is_analysed_within_bounds_and_right(codes: list[str]) -> None:
    program = Program(codes)
    machine = walk(program.every, parse_statements(program.notebook), load_knowledge()).machine
    assert machine.total <= 4 * STEPS
    assert machine.heap.work <= 4 * STEPS * WORK
    whole, part = program.run(program.every, "out"), program.run(program.slice("out"), "out")
    assert (part.values, part.error) == (whole.values, "")


def test_edges_grow_with_the_statements_that_share_a_value_and_not_with_their_pairs() -> None:
    def edges(calls: int) -> int:
        program = Program(["import json\nd = {}", *(f"json.unheard_of(d)\ne{n} = 1" for n in range(calls))])
        graph, _ = link(step.effects for step in walk(program.every, parse_statements(program.notebook), load_knowledge()).steps)
        return len(graph.edges)

    assert edges(80) <= 2.2 * edges(40)


def test_edges_grow_with_the_statements_that_may_do_anything_and_not_with_their_pairs() -> None:
    def edges(statements: int) -> int:
        program = Program(["import sys\ntext = sys.argv[0]", *(f"exec(text)\ne{n} = {n}" for n in range(statements)), "out = x"])
        assert set(program.slice("out")) >= {
            id for id in program.every if program.notebook.cells[id.cell].code.startswith("exec") and id.index == 0
        }
        graph, _ = link(step.effects for step in walk(program.every, parse_statements(program.notebook), load_knowledge()).steps)
        return len(graph.edges)

    assert edges(80) <= 2.2 * edges(40)


def test_a_method_that_is_bound_is_not_bound_again() -> None:
    codes = [
        "import mesa",
        "class A(mesa.Agent):\n    def exchange(self):\n        other = self.random.choice(self.model.agents)\n"
        "        if other is not None:\n            other.wealth += 1\n            self.wealth -= 1",
        "class M(mesa.Model):\n    def __init__(self, n=10):\n        super().__init__()\n        A.create_agents(model=self, n=n)\n"
        "    def step(self):\n        self.agents.shuffle_do('exchange')",
        "model = M(10)\nfor _ in range(30):\n    model.step()",
        "for _ in range(100):\n    model = M(10)\n    for _ in range(30):\n        model.step()",
    ]
    program = Program(codes)
    machine = walk(program.every, parse_statements(program.notebook), load_knowledge()).machine
    assert len(machine.heap.functions) < 100
