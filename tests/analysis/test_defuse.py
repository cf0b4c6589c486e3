"""The analysis against a second implementation that shares no code with it, by bytecode, and against what real runs read and write.

Every disagreement that could make a slice wrong must have one of the few explanations listed here; see `benchmarks/defuse`.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import types
from pathlib import Path

import pytest
from analysis.case_files import Case, all_cases
from analysis.programs import Program, at_most, fresh_process
from analysis.random_programs import PRELUDE, PROGRAMS
from defuse import compare, real
from defuse.bytecode import names_of
from defuse.notebooks import edges, statements
from defuse.observed import Watched, run
from hypothesis import HealthCheck, given, settings

SAMPLES = Path(__file__).parents[2] / "sample_notebooks"
NOTEBOOKS = sorted(SAMPLES.glob("*.ipynb"))
CASES = all_cases()

NAMES = {
    "x = y": "defines x uses y",
    "x += 1": "defines x uses x",
    "del x": "defines x uses x gone x",
    "if a: b = 1\nelse: b = 2": "defines b uses a",
    "for i in rows:\n    n = n + k": "updates i n uses k n rows",
    "while a:\n    b = 1\nelse:\n    c = 1": "defines c updates b uses a",
    "try:\n    z = q()\nexcept E as e:\n    w = e": "updates e w z uses E q gone e",
    "try:\n    import q\nexcept ImportError:\n    q = None": "defines q uses ImportError",
    "with open(n) as h: d = h.read()": "updates d h uses n open",
    "x = [i * m for i in i]": "defines x uses i m",
    "[q := v for v in m]": "updates q uses m",
    "x = (v + k for v in m)": "defines x uses m later k",
    "def f(a=b): return a + k": "defines f uses b later k",
    "def f():\n    global g\n    g = h": "defines f later h later_writes g",
    "class A(B):\n    u = v\n    w = u\n    def g(self): return k": "defines A uses B v later k",
    "class A:\n    x = x": "defines A uses x",
    "match s:\n    case [p, *r]: pass\n    case K(o): u = 1": "updates o p r u uses K s",
    "a.b = c; d[e] = g; del h[i]": "uses a c d e g h i",
    "import a.b, c as d": "defines a d",
}


@pytest.mark.parametrize("source", NAMES)
def test_bytecode_tells_what_code_does_to_names(source: str) -> None:
    found = names_of(compile(source, "<cell>", "exec", dont_inherit=True))
    kinds = ("defines", "updates", "uses", "later", "later_writes", "gone")
    told = [(kind, sorted(getattr(found, kind) - compare.OF_MODULES)) for kind in kinds]
    assert " ".join(f"{kind} {' '.join(names)}" for kind, names in told if names) == NAMES[source]


def test_definitions_reach_uses_until_they_are_surely_overwritten() -> None:
    listed, wrong = statements(enumerate(["x = 1", "if x: x = 2", "def f(): return x", "y = f()", "x = 3", "y = x", "y ="]))
    found = {(edge.user, edge.provider, edge.name) for edge in edges(listed)}
    calls = {(3, 0, "x"), (3, 1, "x")} if sys.version_info >= (3, 11) else set()  # older bytecode does not tell what is called
    assert (found, wrong) == ({(1, 0, "x"), (3, 2, "f"), (5, 4, "x")} | calls, {6})


def serious(found: list[compare.Disagreement]) -> list[compare.Disagreement]:
    return [one for one in found if one.kind in compare.SERIOUS and not one.explained]


def compared(program: Program) -> list[compare.Disagreement]:
    return compare.compare(program.notebook, program.analysis(), list(enumerate(program.codes)))


def seen_differently(program: Program) -> list[compare.Disagreement]:
    """What running the program shows of names, and the analysis does not say."""
    analysis = program.analysis()
    texts = {statement.id: statement.source for statement in program.notebook.statements}
    module = types.ModuleType("__main__")
    namespace = Watched(module.__dict__)
    namespace.update(Out={}, get_ipython=lambda: None, display=lambda *values: None)
    with fresh_process(), pytest.MonkeyPatch.context() as patch, at_most(program.steps):
        patch.setitem(sys.modules, "__main__", module)
        seen = list(run([(effects.statement, texts[effects.statement]) for effects in analysis.graph.effects], namespace))
    return compare.compare_seen(analysis, seen, texts)


def test_a_disagreement_about_a_use_a_write_and_an_edge_is_found() -> None:
    program = Program(["x = 1\nx = 2\ny = x"])
    analysis = Program(["x = 1\nz = 2\ny = 3"]).analysis()
    found = serious(compare.compare(program.notebook, analysis, list(enumerate(program.codes))))
    assert [(one.kind, one.statement.index, one.name) for one in found] == [
        ("missed write", 1, "x"),
        ("killed", 1, "z"),
        ("missed use", 2, "x"),
        ("missed edge", 2, "x"),
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_cases_have_the_names_that_their_bytecode_has(case: Case) -> None:
    assert serious(compared(case.program)) == []


@pytest.mark.parametrize("case", [case for case in CASES if "not run" not in case.expected], ids=str)
def test_cases_read_and_write_no_name_that_the_analysis_does_not_know_of(case: Case) -> None:
    assert seen_differently(case.program) == []


def parsing(texts: list[str]) -> list[str]:
    kept = []
    for text in texts:
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        kept.append(text)
    return kept


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(PROGRAMS)
def test_random_programs_have_the_names_that_their_bytecode_has(texts: list[str]) -> None:
    assert serious(compared(Program([PRELUDE, *parsing(texts)]))) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_samples_have_the_names_that_their_bytecode_has(path: Path) -> None:
    assert serious(real.disagreements(path) or []) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_samples_read_and_write_no_name_that_the_analysis_does_not_know_of(path: Path) -> None:
    ran, found = real.disagreements_in_run(path, Path(sys.executable), 300)
    assert ran > 0
    assert found == []


def test_the_command_prints_a_table_of_disagreements() -> None:
    command = [sys.executable, "-m", "defuse", str(NOTEBOOKS[0])]
    folder = Path(compare.__file__).parents[1]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1 notebooks, 0 refused, 0 serious disagreements not explained"
