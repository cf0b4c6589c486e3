"""Every rule on its own examples, and what holds for all of them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from analysis.programs import notebook_of

from nb2prod.analysis import analyze
from nb2prod.analysis.rules import RULES, Case, check_rules
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.syntax import parse_statements
from nb2prod.analysis.walk import walk
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, Output

FOLDER = Path(__file__).parents[2] / "nb2prod" / "analysis" / "rules"
SUPPORT = {"__init__", "called", "case", "columns", "example", "lineage"}
EXAMPLES = [pytest.param(rule, example, id=f"{rule.CODE}-{rank}") for rule in RULES for rank, example in enumerate(rule.EXAMPLES)]


def saved_output(kind: str, text: str) -> Output:
    """An example's output: an error's text is the line that raised it and the name it is about."""
    if kind in ("stream", "result", "display"):
        return Output(kind, text)  # type: ignore[arg-type]
    line, _, name = text.partition(" ")
    return Output("error", f"{kind}: name '{name}' is not defined", (), kind, int(line))


def notebook_for(example: Example) -> Notebook:
    notebook = notebook_of(example.cells, example.counts or None)
    outputs = {
        index: tuple(saved_output(kind, text) for cell, kind, text in example.outputs if cell == index)
        for index in range(len(example.cells))
    }
    return replace(notebook, cells=tuple(replace(cell, outputs=outputs[cell.index]) for cell in notebook.cells))


def found_in(notebook: Notebook, keep: tuple[str, ...] = ()) -> tuple[Diagnostic, ...]:
    return analyze(notebook, load_knowledge(), choices=Choices(keep=keep)).diagnostics


def found_by(rule: ModuleType, example: Example) -> list[tuple[int | None, int | None]]:
    """Where a rule that need not be listed finds what its example says."""
    notebook = notebook_for(example)
    trees = parse_statements(notebook)
    walked = walk(trees, trees, load_knowledge())
    case = Case(notebook, walked, {decision.statement: "" for decision in analyze(notebook, load_knowledge()).decisions if decision.live})
    return [(found.cell, found.line) for found in check_rules(case, [rule]) if example.says in found.message]


def findings(*codes: str, keep: tuple[str, ...] = ()) -> tuple[Diagnostic, ...]:
    return found_in(notebook_of(codes), keep)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_says_what_its_example_says_there_and_nothing_where_it_leaves_alone(rule: ModuleType, example: Example) -> None:
    found = [finding for finding in found_in(notebook_for(example)) if finding.code == rule.CODE]
    told = [(finding.cell, finding.line, example.says in finding.message, finding.hint) for finding in found]
    assert told == ([(example.cell, example.line, True, rule.HINT)] if example.says else [])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.CODE)
def test_a_rule_has_examples_of_both_kinds_a_page_and_a_hint(rule: ModuleType) -> None:
    assert {bool(example.says) for example in rule.EXAMPLES} == {True, False}
    title, blank, why = (rule.__doc__ or "").partition("\n\n")
    assert re.fullmatch(rf"{rule.CODE}: .+\.", title)
    assert blank and why.strip()
    assert isinstance(rule.SEVERITY, Severity)
    assert rule.HINT and rule.MESSAGE[0] == rule.MESSAGE[0].lower()


def test_every_rule_module_is_listed_in_the_order_of_its_code() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - SUPPORT
    assert modules == {rule.__name__.rpartition(".")[2] for rule in RULES}
    assert [rule.CODE for rule in RULES] == sorted({rule.CODE for rule in RULES})


def test_a_cell_that_does_not_parse_and_never_ran_is_a_warning() -> None:
    (finding,) = found_in(notebook_of(["x = 1", "print 'hello'"], counts=[1, None]))
    assert (finding.code, finding.severity, finding.cell) == ("NB001", Severity.warning, 1)


def test_a_broken_cell_tagged_drop_is_no_finding() -> None:
    notebook = notebook_of(["x = 1", "print 'hello'"])
    dropped = replace(notebook.cells[1], tags=("drop",))
    assert found_in(replace(notebook, cells=(notebook.cells[0], dropped))) == ()


def test_an_undefined_name_in_dead_code_is_only_noted() -> None:
    (finding,) = findings("other = rate", "x = 2 * 3\nprint(x)", keep=("x",))
    assert (finding.code, finding.severity, finding.cell, finding.line) == ("NB104", Severity.note, 0, 1)


def test_a_secret_itself_is_never_told() -> None:
    found = findings("api_key = 'k9-3fa85f6457174562'\nprint(api_key)")
    assert "k9-" not in repr(found)


def test_findings_are_ordered_by_cell_and_line() -> None:
    found = findings("print(a)\nprint(b)", "print(input())", "text = open('/home/ann/x').read()\nprint(text)")
    assert [(finding.code, finding.cell, finding.line) for finding in found] == [
        ("NB104", 0, 1),
        ("NB104", 0, 2),
        ("NB201", 1, 1),
        ("NB202", 2, 1),
    ]
