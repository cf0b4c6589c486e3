"""What the analysis could not know is found out by running: just the statements that matter come back, each with what was not known."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.notebook import StatementId
from nb2prod.model.recording import Observation, Recording
from nb2prod.model.restoration import Departure
from nb2prod.pipeline import Conversion, convert
from nb2prod.proving.missed import tell
from nb2prod.proving.restoring import suspects
from nb2prod.reading import read


def notebook(folder: Path, *cells: str) -> Path:
    listed = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": []} for i, text in enumerate(cells)]
    path = folder / "missed.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}), encoding="utf-8")
    return path


def converted(path: Path, attempts: int = 8) -> Conversion:
    return convert(path, Choices(timeout=120, python=sys.executable, attempts=attempts))


LIBRARY = """
rate = 1
def configure(given):
    global rate
    rate = given
def price(amount):
    return amount * rate
"""
WRONG = """
library = "pricing"
about = "says that nothing of it touches anything, which is not true"
[[functions]]
names = ["pricing.configure", "pricing.price"]
"""


CELLS = ("import pricing", "pricing.configure(3)", "spare = pricing.price(2)", "print(pricing.price(7))")


@pytest.fixture
def mistaken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook with a library beside it of which the user's own knowledge says what is not true."""
    (tmp_path / "pricing.py").write_text(LIBRARY, encoding="utf-8")
    (tmp_path / "pricing.toml").write_text(WRONG, encoding="utf-8")
    monkeypatch.setenv("NB2PROD_KNOWLEDGE", str(tmp_path / "pricing.toml"))
    return notebook(tmp_path, *CELLS)


@pytest.mark.slow
def test_wrong_knowledge_brings_back_the_statement_that_matters_and_no_other_and_is_named(mistaken: Path) -> None:
    conversion = converted(mistaken)
    assert conversion.verdict.outcome == "same"
    assert conversion.verdict.restored == (
        "cell 1 line 1 `pricing.configure(3)` changed something that no variable shows: nothing said what `pricing.configure` touches",
    )
    assert [conversion.notebook.statement(drop.statement).source for drop in conversion.plan.drops] == ["spare = pricing.price(2)"]


@pytest.mark.slow
def test_without_attempts_everything_that_ran_comes_back(mistaken: Path) -> None:
    conversion = converted(mistaken, attempts=0)
    assert (conversion.verdict.outcome, conversion.plan.drops) == ("same", ())
    assert [told.partition(":")[0] for told in conversion.verdict.restored] == ["every statement that ran came back"]


@pytest.mark.slow
def test_names_that_only_a_module_can_hold_make_one_function_of_it(tmp_path: Path) -> None:
    code = "import sys\nx = sum([2, 3])\ndef f():\n    return vars(sys.modules[getattr(f, '__mod' + 'ule__')])['x']\n"
    conversion = converted(notebook(tmp_path, code, "print(f())"))
    assert conversion.verdict.outcome == "same"
    assert [stage.as_module for stage in conversion.plan.stages] == [True]
    assert conversion.verdict.restored[0].startswith("all of it became one function with the names in it as the notebook had them")


TOLD = {
    "an argument": (
        "from mylib import Scaler\nX = [1]\ns = Scaler()\ns.partial(X)\nprint(X)",
        Observation(StatementId(0, 3), changed=("X",)),
        "cell 0 line 4 `s.partial(X)` changed `X`: nothing said that `mylib.Scaler.partial` updates its first argument",
    ),
    "a keyword": (
        "import mylib as m\nX = [1]\nm.fill(1, into=X)\nprint(X)",
        Observation(StatementId(0, 2), changed=("X",)),
        "cell 0 line 3 `m.fill(1, into=X)` changed `X`: nothing said that `mylib.fill` updates its argument `into`",
    ),
    "the receiver": (
        "from mylib import Scaler\ns = Scaler()\ns.warm(1)\nprint(s.x)",
        Observation(StatementId(0, 2), changed=("s",)),
        "cell 0 line 3 `s.warm(1)` changed `s`: nothing said that `mylib.Scaler.warm` updates the object it is called on",
    ),
    "another name": (
        "import mylib\nX = [1]\nmylib.touch()\nprint(X)",
        Observation(StatementId(0, 2), changed=("X",)),
        "cell 0 line 3 `mylib.touch()` changed `X`: nothing said that `mylib.touch` reaches `X`",
    ),
    "the surroundings": (
        "import mylib\nmylib.touch()",
        Observation(StatementId(0, 1), ambient=("rng:numpy",)),
        "cell 0 line 2 `mylib.touch()` changed rng:numpy: nothing said so",
    ),
    "nothing to be seen": (
        "import mylib\nmylib.touch()",
        Observation(StatementId(0, 1)),
        "cell 0 line 2 `mylib.touch()` changed something that no variable shows: nothing said what `mylib.touch` touches",
    ),
}


@pytest.mark.parametrize(("code", "seen", "expected"), TOLD.values(), ids=TOLD.keys())
def test_it_tells_which_knowledge_was_missing(code: str, seen: Observation, expected: str, tmp_path: Path) -> None:
    read_back = read(notebook(tmp_path, code))
    types = {(StatementId(0, index), "s"): "mylib.Scaler" for index in (1, 2) if "s = Scaler()" in code}
    recording = Recording(True, observations=(seen,), types=types)
    assert tell(read_back, recording, analyze(read_back, load_knowledge()), seen.statement) == expected


def test_what_was_seen_to_change_a_differing_name_is_suspected_first_then_what_is_least_known(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import math", "X = [1]\nY = [2]\nn = len(X)\nm = Y[0]\nk = math.floor(2.5)\nprint(sum(X))")
    read_back = read(path)
    analysis = analyze(read_back, load_knowledge(), None, Choices(drop=("n",)))
    dropped = {id: read_back.statement(id).source for id in analysis.order if id not in analysis.live}
    assert set(dropped.values()) == {"import math", "Y = [2]", "n = len(X)", "m = Y[0]", "k = math.floor(2.5)"}
    recording = Recording(True, observations=(Observation(StatementId(1, 4), changed=("X",)),))
    departure = Departure(StatementId(1, 5), "shown", names=frozenset({"X"}))
    found = [sorted(dropped[id] for id in group) for group in suspects(departure, analysis, recording)]
    assert found == [["k = math.floor(2.5)"], [], [], ["n = len(X)"], sorted(dropped.values())]


@pytest.mark.slow
def test_what_a_package_that_differs_does_is_not_what_its_tests_expect(tmp_path: Path) -> None:
    cells = (
        "import traceback",
        "def double(x):\n    return 2 * x\ny = double(4)",
        "depth = len(traceback.extract_stack())",
        "print(depth, y)",
    )
    conversion = converted(notebook(tmp_path, *cells), attempts=2)
    recorded = [file.path for file in conversion.project.files if file.path.startswith("tests/recorded")]
    assert (conversion.verdict.outcome, recorded) == ("different", [])
