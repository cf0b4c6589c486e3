"""What the verdict over a whole run is, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import Cell, Notebook, Span, Statement, StatementId
from nb2prod.model.recording import CUT, Failure, FilePicture, Picture, Recording, Shown
from nb2prod.model.verdict import Comparison, Verdict
from nb2prod.verification import verify

FIRST, LAST = StatementId(0, 0), StatementId(0, 1)
PRINTED = StatementId(-1, 0)
CELL = Cell(0, "a", "code", "", statements=(Statement(FIRST, Span(1, 0, 1, 1), "x"), Statement(LAST, Span(3, 0, 3, 1), "y")))
NOTEBOOK = Notebook("nb.ipynb", "", (CELL,))
TOLERANCE = "relative tolerance 1e-9, never more than 1e-6, whole numbers exactly"


def number(value: float) -> Picture:
    return {"kind": "float", "value": value}


def figure(title: str) -> Picture:
    return {"kind": "figure", "size": [4.0, 3.0], "texts": [], "legends": [], "axes": [{"titles": [title]}], "pixels": title}


def file(path: str, sha256: str, text: str = "") -> FilePicture:
    return FilePicture(path, 3, sha256, {"kind": "str", "value": text} if text else {})


SCORE = Result("score", "variable", "named")
RECORDED = Recording(ok=True, variables={"score": number(0.5)})
RAN = Recording(ok=True, variables={"score": number(0.5)})
Again = Callable[[], Recording] | None


def verdict(
    *results: Result, notebook: Recording = RECORDED, package: Recording = RAN, again: Again = None, dropped: tuple[str, ...] = ()
) -> Verdict:
    return verify(NOTEBOOK, results, (FIRST, LAST), dropped, notebook, package, again)


def outcome(*results: Result, **runs: Any) -> tuple[str, str]:
    told = verdict(*results, **runs)
    return told.outcome, told.reason


def test_equal_variables_are_the_same() -> None:
    comparison = Comparison("score", "same", f"float, {TOLERANCE}", "0.5", "0.5")
    assert verdict(SCORE) == Verdict("same", comparisons=(comparison,))


def test_a_variable_that_differs_is_named_with_both_values() -> None:
    package = replace(RAN, variables={"score": number(0.6)})
    comparison = Comparison("score", "different", f"float, {TOLERANCE}", "0.5", "0.6", "0.5 in the notebook, 0.6 in the package")
    assert verdict(SCORE, package=package) == Verdict(
        "different", "1 of 1 results differ: score (0.5 in the notebook, 0.6 in the package)", (comparison,)
    )


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        ({"package": Recording(ok=True)}, "1 of 1 results differ: score (the package's results have no `score`)"),
        ({"notebook": Recording(ok=True)}, "1 of 1 results differ: score (the notebook has no variable `score` at its end)"),
        ({"package": Recording(ok=False, reason="KeyError: 'a'")}, "the package does not run: KeyError: 'a'"),
    ],
)
def test_what_is_missing_or_crashes_is_different(runs: dict[str, Recording], reason: str) -> None:
    assert outcome(SCORE, **runs) == ("different", reason)


@pytest.mark.parametrize(
    ("recording", "reason"),
    [
        (Recording(ok=False, reason="the kernel died in cell 1"), "the notebook could not be run to its end: the kernel died in cell 1"),
        (replace(RECORDED, failures=(Failure(LAST, "KeyError", "'a'"),)), "cell 0, line 3 of the notebook raised KeyError: 'a'"),
        (replace(RECORDED, failures=(Failure(FIRST, "KeyError", "'a'"),)), "cell 0, line 1 of the notebook raised KeyError: 'a'"),
    ],
)
def test_a_notebook_that_cannot_serve_as_yardstick_is_unknown(recording: Recording, reason: str) -> None:
    assert outcome(SCORE, notebook=recording) == ("unknown", reason)


def test_a_live_statement_that_a_dropped_one_kept_from_running_is_unknown() -> None:
    recording = replace(RECORDED, failures=(Failure(FIRST, "KeyError", "'a'"),))
    told = verify(NOTEBOOK, (SCORE,), (LAST,), (), recording, RAN)
    reason = "cell 0, line 3 of the notebook did not run, because line 1 of that cell raised KeyError: 'a'"
    assert (told.outcome, told.reason) == ("unknown", reason)


def test_a_failure_that_no_live_statement_depends_on_does_not_matter() -> None:
    recording = replace(RECORDED, failures=(Failure(LAST, "KeyError", "'a'"),))
    assert verify(NOTEBOOK, (SCORE,), (FIRST,), (), recording, RAN).outcome == "same"


def test_what_cannot_be_looked_at_is_unknown() -> None:
    lock = {"kind": "opaque", "type": "lock", "why": "cannot pickle"}
    runs = [Recording(ok=True, variables={"score": lock})] * 2
    reason = "1 of 1 results could not be compared: score (lock cannot be compared (cannot pickle))"
    assert outcome(SCORE, notebook=runs[0], package=runs[1]) == ("unknown", reason)


def test_without_results_there_is_nothing_to_be_the_same() -> None:
    assert outcome() == ("unknown", "there is no result to compare")


TEXT = Result("mean", "text", "shown", statement=LAST, position=1)


@pytest.mark.parametrize(
    ("shown", "kept", "expected"),
    [
        ((Shown(LAST, 0, "print", number(1.0)), Shown(LAST, 1, "print", number(2.0))), number(2.0), "same"),
        ((Shown(LAST, 0, "display", number(1.0)), Shown(LAST, 1, "display", number(2.0))), number(1.0), "different"),
        ((Shown(FIRST, 1, "print", number(2.0)),), number(2.0), "different"),
        ((), {"kind": "none"}, "same"),
    ],
)
def test_a_text_result_is_the_value_shown_at_its_position(shown: tuple[Shown, ...], kept: Picture, expected: str) -> None:
    runs = {"notebook": Recording(ok=True, shown=shown), "package": Recording(ok=True, variables={"mean": kept})}
    assert verdict(TEXT, **runs).outcome == expected


SHOWN = (Shown(FIRST, 0, "figure", figure("a")), Shown(LAST, 1, "figure", figure("b")), Shown(LAST, 0, "display", figure("b")))


@pytest.mark.parametrize(
    ("result", "kept", "expected"),
    [
        (Result("plot", "figure", "", LAST, position=1), figure("b"), "same"),
        (Result("plot", "figure", "", LAST, position=1), {"kind": "axes", "type": "Axes", "index": 0, "figure": figure("b")}, "same"),
        (Result("plot", "figure", "", LAST, position=0), figure("b"), "different"),
        (Result("plot", "figure", "", LAST, position=2), figure("b"), "different"),
        (Result("plot", "figure", "", LAST, many=True), {"kind": "list", "items": [figure("a"), figure("b")]}, "same"),
        (Result("plot", "figure", "", LAST, many=True), {"kind": "list", "items": [figure("a")]}, "different"),
    ],
)
def test_a_figure_result_is_what_its_cell_drew(result: Result, kept: Picture, expected: str) -> None:
    runs = {"notebook": Recording(ok=True, shown=SHOWN), "package": Recording(ok=True, variables={"plot": kept})}
    assert verdict(result, **runs).outcome == expected


def test_a_figure_that_was_only_displayed_counts_as_drawn() -> None:
    runs = {"notebook": Recording(ok=True, shown=SHOWN[2:]), "package": Recording(ok=True, variables={"plot": figure("b")})}
    assert verdict(Result("plot", "figure", "", LAST), **runs).outcome == "same"


@pytest.mark.parametrize(
    ("notebook", "package", "expected", "difference"),
    [
        (file("o.csv", "1", "a"), file("./o.csv", "1", "a"), "same", ""),
        (file("o.csv", "1", "0.30000000000000004"), file("o.csv", "2", "0.3"), "same", ""),
        (file("o.txt", "1", "a"), file("o.txt", "2", "b"), "different", "'a' in the notebook, 'b' in the package"),
        (file("o.csv", "1", "a"), file("o.csv", "2", "b"), "different", "column 'a': only the notebook has it"),
        (file("o.bin", "1"), file("o.bin", "2"), "different", "sha256: '1' in the notebook, '2' in the package"),
        (file("o.csv", "1", "a"), None, "different", "missing file: the package did not write it"),
        (None, file("o.csv", "1", "a"), "different", "extra file: only the package wrote it"),
    ],
)
def test_every_file_either_run_wrote_is_compared(
    notebook: FilePicture | None, package: FilePicture | None, expected: str, difference: str
) -> None:
    runs = [Recording(ok=True, files=(one,) if one else ()) for one in (notebook, package)]
    (comparison,) = verdict(notebook=runs[0], package=runs[1]).comparisons
    assert (comparison.outcome, comparison.difference) == (expected, difference)


def test_a_dropped_file_is_not_asked_for() -> None:
    notebook = replace(RECORDED, files=(file("tmp/o.csv", "1"),))
    assert outcome(SCORE, notebook=notebook, dropped=("./tmp/o.csv",)) == ("same", "")


def test_a_file_result_outside_the_copied_folder_is_unknown() -> None:
    reason = "1 of 1 results could not be compared: /data/o.csv (neither run wrote it below the copied folder)"
    assert outcome(Result("o", "file", "", path="/data/o.csv")) == ("unknown", reason)


def test_a_file_that_is_gone_after_both_runs_is_no_result_to_compare() -> None:
    assert outcome(Result("o", "file", "", path="o.csv")) == ("unknown", "there is no result to compare")


def test_a_file_result_may_name_a_folder() -> None:
    runs = [Recording(ok=True, files=(file("out/a.csv", "1"),))] * 2
    assert outcome(Result("out", "file", "", path="out"), notebook=runs[0], package=runs[1]) == ("same", "")


def printing(text: str, id: StatementId) -> Recording:
    return replace(RECORDED, stdout={id: text})


@pytest.mark.parametrize(
    ("notebook", "package", "expected"),
    [
        ("loss 0.30000000000000004\n", "loss 0.3\n", "same"),
        ("12 rows\n", "13 rows\n", "different"),
        ("12 rows\n", "", "different"),
        ("", "12 rows\n", "different"),
        ("long" + CUT, "long and longer", "unknown"),
        ("long" + CUT, "short", "different"),
    ],
)
def test_the_printed_text_of_live_statements_is_compared_as_one(notebook: str, package: str, expected: str) -> None:
    told = verdict(notebook=printing(notebook, LAST), package=printing(package, PRINTED))
    assert [(comparison.name, comparison.outcome) for comparison in told.comparisons] == [("printed text", expected)]


def test_text_of_dropped_statements_is_not_asked_for() -> None:
    assert verify(NOTEBOOK, (SCORE,), (FIRST,), (), printing("hey", LAST), RAN).comparisons[1:] == ()


class Runs:
    """Gives a second recording and counts how often it was asked for one."""

    def __init__(self, second: Recording) -> None:
        self.second = second
        self.asked = 0

    def __call__(self) -> Recording:
        self.asked += 1
        return self.second


def scored(*values: float) -> Recording:
    return Recording(ok=True, variables={name: number(value) for name, value in zip(("score", "other"), values, strict=False)})


OTHER = Result("other", "variable", "")
CHANCE = "nondeterministic: two runs of the notebook differ, so only what they agree on, kind and shape were compared"


def test_the_notebook_is_run_again_only_when_something_differs() -> None:
    again = Runs(scored(0.5))
    assert verdict(SCORE, again=again).outcome == "same"
    assert again.asked == 0


def test_a_result_on_which_the_notebook_disagrees_with_itself_is_nondeterministic() -> None:
    again = Runs(scored(0.5, 7.0))
    told = verdict(SCORE, OTHER, notebook=scored(0.5, 1.0), package=scored(0.5, 2.0), again=again)
    assert again.asked == 1
    assert (told.outcome, [comparison.outcome for comparison in told.comparisons]) == ("same", ["same", "nondeterministic"])
    assert told.comparisons[1].how == CHANCE


def test_a_difference_the_second_run_does_not_show_stays_a_difference() -> None:
    again = Runs(scored(0.5, 1.0))
    assert verdict(SCORE, OTHER, notebook=scored(0.5, 1.0), package=scored(0.5, 2.0), again=again).outcome == "different"


def test_a_second_run_that_fails_excuses_nothing() -> None:
    again = Runs(Recording(ok=False, reason="timeout"))
    assert verdict(SCORE, notebook=scored(0.5), package=scored(0.6), again=again).outcome == "different"


def test_a_nondeterministic_result_must_still_be_of_its_kind() -> None:
    package = Recording(ok=True, variables={"score": {"kind": "str", "value": "high"}})
    told = verdict(SCORE, notebook=scored(0.5), package=package, again=Runs(scored(0.4)))
    assert (told.outcome, told.comparisons[0].difference) == ("different", "0.5 in the notebook, 'high' in the package")


def drawn(values: tuple[int, ...]) -> Recording:
    items = [{"kind": "int", "value": value} for value in values]
    return Recording(ok=True, variables={"score": {"kind": "list", "items": items}, "other": number(1.0)})


@pytest.mark.parametrize(
    ("first", "second", "package", "expected"),
    [
        ((1, 2), (3, 4), (5, 6), "same"),
        ((1, 2), (3, 4), (5, 6, 7), "different"),
        ((1, 2), (3, 4, 5), (5, 6, 7, 8), "same"),
    ],
)
def test_a_nondeterministic_result_must_have_its_shape_where_that_is_steady(
    first: tuple[int, ...], second: tuple[int, ...], package: tuple[int, ...], expected: str
) -> None:
    runs = {"notebook": drawn(first), "package": drawn(package), "again": Runs(drawn(second))}
    assert verdict(SCORE, OTHER, **runs).outcome == expected


def test_lines_that_are_steady_in_nondeterministic_text_must_be_the_same() -> None:
    first, second = printing("took 1 s\n5 rows\n", LAST), printing("took 2 s\n5 rows\n", LAST)
    same = verdict(SCORE, notebook=first, package=printing("took 3 s\n5 rows\n", PRINTED), again=Runs(second))
    wrong = verdict(SCORE, notebook=first, package=printing("took 3 s\n6 rows\n", PRINTED), again=Runs(second))
    assert (same.outcome, same.comparisons[1].outcome) == ("same", "nondeterministic")
    assert (wrong.outcome, wrong.comparisons[1].difference) == ("different", "line 2: '5 rows' in the notebook, '6 rows' in the package")


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("fold 1: loss 0.25, 0.07 sec\nfold 2: loss 0.24, 0.09 sec\n", "same"),
        ("fold 1: loss 0.25, 0.08 sec\nfold 2: loss 0.26, 0.09 sec\n", "different"),
        ("fold 1: loss 0.26, 0.07 sec\nfold 2: loss 0.24, 0.09 sec\n", "different"),
        ("fold 3: loss 0.25, 0.07 sec\nfold 2: loss 0.24, 0.09 sec\n", "different"),
    ],
)
def test_a_number_that_moves_in_one_of_several_lines_alike_may_move_in_all(package: str, expected: str) -> None:
    first = printing("fold 1: loss 0.25, 0.08 sec\nfold 2: loss 0.24, 0.08 sec\n", LAST)
    second = printing("fold 1: loss 0.25, 0.08 sec\nfold 2: loss 0.24, 0.10 sec\n", LAST)
    assert verdict(SCORE, notebook=first, package=printing(package, PRINTED), again=Runs(second)).outcome == expected


def test_what_the_notebook_may_have_left_outside_its_folder_proves_nothing() -> None:
    told = verdict(SCORE, package=replace(RAN, reads=("data.csv", "/tmp/stage.csv")))
    reason = "the package read /tmp/stage.csv, which the notebook did not read but may have left there"
    assert (told.outcome, told.reason) == ("unknown", reason)
    both = {"notebook": replace(RECORDED, reads=("/data/in.csv",)), "package": replace(RAN, reads=("/data/in.csv",))}
    assert verdict(SCORE, **both).outcome == "same"


def test_a_difference_does_not_tell_a_secret() -> None:
    source = 'API_KEY = "sk-live-4f9a8b7c6d5e4f3a2b1c"'
    cell = Cell(0, "a", "code", source, statements=(Statement(FIRST, Span(1, 0, 1, 40), source),))
    texts = [{"kind": "str", "value": f"key sk-live-4f9a8b7c6d5e4f3a2b1c {end}"} for end in "ab"]
    runs = [Recording(ok=True, variables={"score": text}) for text in texts]
    told = verify(Notebook("nb.ipynb", source, (cell,)), (SCORE,), (FIRST,), (), *runs)
    assert told.outcome == "different"
    assert "4f9a8b7c" not in repr((told.reason, told.comparisons))


def kept(**values: float) -> Recording:
    pairs = [[{"kind": "str", "value": name}, number(value)] for name, value in values.items()]
    return Recording(ok=True, variables={"score": {"kind": "dict", "pairs": pairs}, "other": number(1.0)})


def test_parts_on_which_the_notebook_agrees_with_itself_must_be_the_same() -> None:
    runs = {"notebook": kept(score=0.5, seconds=1.25), "again": Runs(kept(score=0.5, seconds=1.5))}
    assert verdict(SCORE, OTHER, package=kept(score=0.5, seconds=1.75), **runs).outcome == "same"
    wrong = verdict(SCORE, OTHER, package=kept(score=0.6, seconds=1.75), **runs)
    assert (wrong.outcome, wrong.comparisons[0].difference) == ("different", "key 'score': 0.5 in the notebook, 0.6 in the package")


def test_chance_excuses_no_result_that_is_missing() -> None:
    missing = Recording(ok=True, variables={"other": number(1.0)})
    told = verdict(SCORE, OTHER, notebook=scored(0.5, 1.0), package=missing, again=Runs(scored(0.4, 1.0)))
    assert (told.outcome, told.comparisons[0].difference) == ("different", "the package's results have no `score`")


def test_chance_excuses_no_file_that_is_missing() -> None:
    first, second = (replace(RECORDED, files=(file("o.csv", "1", text),)) for text in ("0.1", "0.2"))
    assert verdict(SCORE, notebook=first, package=RAN, again=Runs(second)).outcome == "different"


def writing(*names: str, text: str = "a") -> Recording:
    return replace(RECORDED, files=tuple(file(name, text, text) for name in names))


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (writing("out/0814.csv"), "same"),
        (writing("out/0814.csv", text="b"), "different"),
        (writing("0814.csv"), "different"),
        (writing("out/0814.txt"), "different"),
        (writing("out/0814.csv", "out/0815.csv"), "different"),
        (RAN, "different"),
    ],
)
def test_a_file_with_a_new_name_in_every_run_must_be_there_under_some_name(package: Recording, expected: str) -> None:
    told = verdict(SCORE, notebook=writing("out/0812.csv"), package=package, again=Runs(writing("out/0813.csv")))
    assert told.outcome == expected


def test_when_every_result_is_a_matter_of_chance_the_verdict_is_unknown() -> None:
    told = outcome(SCORE, notebook=scored(0.5), package=scored(0.6), again=Runs(scored(0.7)))
    assert told == ("unknown", "every result differs between two runs of the notebook itself, so no value was compared")
