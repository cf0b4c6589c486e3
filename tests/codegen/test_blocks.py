"""The bodies of long loops and `with` blocks become functions, only where that surely does the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from nb2prod.codegen.blocks import with_short_functions
from nb2prod.codegen.functions import Chunk
from nb2prod.model.plan import Import

MANY = [f"log.append({number})" for number in range(48)]


def as_it_is(text: str) -> str:
    return text


def stage(*lines: str, arguments: str = "log") -> str:
    return "\n".join([f"def stage({arguments}):", '    """Stage."""', *(f"    {line}" for line in lines)]) + "\n"


def block(*lines: str) -> list[str]:
    """The lines of a block that is too long."""
    return [f"    {line}" for line in [*lines, *MANY]]


def parted(text: str) -> list[str]:
    """The functions, without the lines that make them long."""
    found = with_short_functions([Chunk("data", ("stage",), text, stage=True)], {"pd"}, as_it_is)
    return [without_many(chunk.text) for chunk in found]


def without_many(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if line.strip() not in MANY)


def test_the_body_of_a_long_loop_takes_what_it_reads_and_gives_what_is_read_later() -> None:
    text = stage(
        "rows = []",
        "for day in range(horizon):",
        *block("# the next one", "total = before + day", "before = total", "rows.append(total * rate)", "# done"),
        "return rows, before",
        arguments="log: list[int], before: int, horizon: int, rate: float",
    )
    assert parted(text) == [
        "def stage_for_day(before: Any, day: Any, rows: list[Any], rate: float, log: list[int]) -> Any:\n"
        '    """Do what `stage` does for each `day`."""\n'
        "    # the next one\n    total = before + day\n    before = total\n    rows.append(total * rate)\n    # done\n    return before\n",
        "def stage(log: list[int], before: int, horizon: int, rate: float):\n"
        '    """Stage."""\n'
        "    rows = []\n    for day in range(horizon):\n        before = stage_for_day(before, day, rows, rate, log)\n    return rows, before\n",
    ]


def test_the_body_of_a_long_with_is_called_inside_of_it() -> None:
    text = stage("with open(path) as file:", *block("head = file.readline()", "size = len(head)"), "return size", arguments="log, path")
    assert parted(text) == [
        'def stage_with_file(file: Any, log: Any) -> Any:\n    """Do what `stage` does with `file`."""\n'
        "    head = file.readline()\n    size = len(head)\n    return size\n",
        'def stage(log, path):\n    """Stage."""\n    with open(path) as file:\n        size = stage_with_file(file, log)\n    return size\n',
    ]


def test_what_the_annotations_need_is_imported_and_no_more() -> None:
    text = stage("log.clear()", "for number in numbers:", *block("log.append(number)"), arguments="log: list[int], numbers: list[int]")
    loop, _ = with_short_functions([Chunk("data", ("stage",), text, stage=True)], set(), as_it_is)
    assert loop.imports == (Import("Any", "typing", "Any"),)
    typed = stage(
        "with open(path):",
        "    pass",
        "for _ in rows:",
        *block("log.append(rate)"),
        arguments="log: list[int], rows: list[int], rate: int, path: str",
    )
    loop, _ = with_short_functions([Chunk("data", ("stage",), typed, stage=True)], set(), as_it_is)
    assert loop.imports == ()


def test_of_loops_in_loops_the_one_that_leaves_two_short_functions_is_taken() -> None:
    text = stage("for a in range(2):", *(f"    {line}" for line in ["for b in range(2):", *block("log.append(a * b)"), "log.append(a)"]))
    assert [part.partition("(")[0] for part in parted(text)] == ["def stage_for_b", "def stage"]


def test_a_short_stage_stays_whole() -> None:
    text = stage("for a in range(2):", *(f"    log.append(a + {number})" for number in range(30)))
    assert parted(text) == [text]


LOOP = "for a in range(3):"
LEFT_ALONE = {
    "break": [LOOP, *block("if a:", "    break")],
    "continue": [LOOP, *block("if a:", "    continue")],
    "return": [LOOP, *block("if a:", "    return log")],
    "yield": [LOOP, *block("yield a")],
    "a value of an earlier round that the first has not": [LOOP, *block("if a:", "    log.append(old)", "old = a")],
    "a value bound in some rounds": [LOOP, *block("if a:", "    found = a"), "log.append(found)"],
    "a value bound in an inner loop": ["for b in ():", "    old = 1", LOOP, *block("if a > 5:", "    log.append(old)")],
    "a function that sees the loop's variable later": [LOOP, *block("later = lambda: a", "log.append(later)")],
    "a function made before that reads what the block binds": ["n = 0", "show = lambda: n", LOOP, *block("n = a", "log.append(show())")],
    "a function of the block that reads what is bound again behind it": [
        "with open(path) as file:",
        *block("log.append(lambda: path)"),
        "path = 2",
    ],
    "an exception that is caught by the block": ["n = 0", "with quiet():", *block("n = 1", "log.append(1 / 0)"), "log.append(n)"],
    "variables found by name": [LOOP, *block("log.append(locals())")],
    "variables in texts": ["limit = 2", LOOP, *block("log.append(frame.filter('x > limit'))")],
    "what ends when nobody holds it": [LOOP, *block("folder = TemporaryDirectory()", "log.append(folder.name)")],
    "a name that is deleted": ["n = 1", LOOP, *block("del n", "n = 2")],
    "a caught exception's name": ["e = 1", LOOP, *block("log.append(e)", "try:", "    pass", "except ValueError as e:", "    pass")],
    "more values than are clear": [LOOP, *block(*(f"v{n} = a" for n in range(6))), "log.extend([v0, v1, v2, v3, v4, v5])"],
}


@pytest.mark.parametrize("lines", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_is_not_surely_the_same_is_left_alone(lines: list[str]) -> None:
    text = stage(*lines, arguments="log, path, quiet, frame")
    assert parted(text) == [without_many(text)]


VARIABLES = "abc"


def expression(chance: random.Random) -> str:
    one, two, three = (chance.choice(VARIABLES + "n") for _ in range(3))
    return chance.choice(
        [str(chance.randrange(4)), one, f"{one} + {two}", f"sum({one} for z in range(2))", f"({one} if {two} % 2 else {three})"]
    )


def statements(chance: random.Random, depth: int, number: int) -> list[str]:
    """Statements that bind, read and hand on few variables in every way."""
    found: list[str] = []
    for _ in range(number):
        name, value = chance.choice(VARIABLES), expression(chance)
        simple = [f"{name} = {value}", f"{name} += {value}", f"log.append({value})", f"log.append((lambda q: q)({value}))"]
        heads = [f"if {value} % 2:", f"for {chance.choice('z' + name)} in range({chance.randrange(3)}):"]
        if depth < 2 and chance.random() < 0.2:
            found += [chance.choice(heads), *(f"    {line}" for line in statements(chance, depth + 1, 2))]
        elif chance.random() < 0.03:
            found.append(f"later.append(lambda: {value})")
        else:
            found.append(chance.choice(simple))
    return found


def program(seed: int) -> str:
    chance = random.Random(seed)
    before = [f"{name} = {chance.randrange(4)}" for name in VARIABLES if chance.random() < 0.8] + statements(chance, 1, 2)
    head = chance.choice(
        ["for n in range(3):", "while len(log) < 150:", "with open(os.devnull) as file:", "with suppress(ZeroDivisionError):"]
    )
    broken = ["log.append(1 // (len(log) % 2))"] if "suppress" in head else []
    inner = [head, *block(*statements(chance, 0, chance.randrange(3, 8)), *broken)]
    if chance.random() < 0.3:
        inner = ["for w in range(2):", *(f"    {line}" for line in [*statements(chance, 1, 1), *inner, *statements(chance, 1, 1)])]
    last = "log.extend(one() for one in later)"
    return stage("n = 0", *before, *inner, *statements(chance, 1, 3), last, arguments="log, later")


def done(text: str) -> tuple[str, list[Any]]:
    """How a stage ended, and what it did until then."""
    space: dict[str, Any] = {}
    exec(f"import os\nfrom contextlib import suppress\nfrom typing import Any\n{text}", space)
    run: Callable[..., Any] = space["stage"]
    log: list[Any] = []
    try:
        run(log, [])
    except Exception as error:
        return ("NameError" if isinstance(error, NameError) else type(error).__name__), log
    return "", log


def test_stages_in_parts_do_what_they_did() -> None:
    parts = 0
    for seed in range(40):
        text = program(seed)
        chunks = with_short_functions([Chunk("data", ("stage",), text, stage=True)], set(), as_it_is)
        ended, log = done(text)
        if len(chunks) > 1 and ended != "NameError":  # which may come a line earlier
            parts += 1
            assert done("".join(chunk.text for chunk in chunks)) == (ended, log), text
    assert parts > 5


@pytest.mark.parametrize(
    ("lines", "body", "behind"),
    [
        (["limit = 0"], ["limit = n"], ["return df.query('x > @limit')"]),
        (["limit = 0"], ["limit = n"], ["return eval('limit')"]),
        (["total = 0"], ["total = n"], ["return '%(total)s' % locals()"]),
        (
            ["bad = 0"],
            ["e = n", "try:", "    1 // n", "except ZeroDivisionError as e:", "    pass"],
            ["if not bad:", "    log.append(e)", "return 1"],
        ),
        (["later = []"], ["later.append(lambda: helper())"], ["def helper():", "    return 2", "return later[0]()"]),
        (["import cmath as m"], ["log.append(lambda: m.pi)"], ["import math as m", "return log"]),
        ([], ["keeper.all(n for _ in [1])"], ["return keeper"]),
        (["a = b = 1", "del (a, b)"], ["pass"], ["return 1"]),
    ],
    ids=[
        "query",
        "eval",
        "locals",
        "caught",
        "function made again",
        "import made again",
        "a method that keeps a generator",
        "deleted together",
    ],
)
def test_what_is_seen_behind_a_block_in_another_way_than_by_its_name_keeps_the_block_whole(
    lines: list[str], body: list[str], behind: list[str]
) -> None:
    text = stage(*lines, "for n in range(3):", *block(*body), *behind, arguments="log, df, keeper, helper")
    assert parted(text) == [without_many(text)]


@pytest.mark.parametrize(
    "line",
    ["[y := x for x in range(n % 2)]", "any((y := x) > 1 for x in [])", "1 < n < (y := 4)", "assert log, (y := 3)"],
)
def test_a_name_that_may_not_be_bound_anew_comes_in_with_its_old_value(line: str) -> None:
    text = stage("y = -1", "for n in range(3):", *block(line), "return y", arguments="log: list[int]")
    inner = parted(text)[0]
    assert ("y: Any" in inner.splitlines()[0], "    return y\n" in inner) == (True, True)
