"""A survey of many notebooks, told as it comes: a line, a JSON entry or a row for each, or one page at the end.

nb2prod analyze share/   ->    84 statements, 31 dead     2 warnings  share/churn.ipynb
                               refused: share/stats.ipynb: the notebook is written in R
                               2 notebooks: 1 analysed, 1 refused; 84 statements, 37 % of them dead
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.terminal import DONE, FINDINGS, WRONG_USE, complain, counted_progress, paint, say
from nb2prod.errors import ReadError
from nb2prod.model.choices import Choices
from nb2prod.model.survey import ANALYSED, REFUSED, Needs, Survey, needs_of
from nb2prod.show import show_survey
from nb2prod.surveying import Terms, find_notebooks, survey

COLUMNS = ("path", "outcome", "cells", "statements", "dead", "dead_share", "parameters", "results", "errors", "warnings", "needs", "why")
Form = Callable[[Iterable[Survey]], list[Needs]]


def survey_told(words: tuple[Path, ...], form: str, terms: Terms, choices: Choices) -> int:
    """Tell every notebook that the words mean. Raises ReadError where they mean none."""
    paths = found(words)
    named = {str(word) for word in words}
    codes = [DONE]
    with counted_progress("analysing", len(paths)) as step:

        def watched() -> Iterator[Survey]:
            for one in survey(paths, terms, choices):
                step()
                codes.append(code_of(one, named))
                if one.outcome != ANALYSED and form != "text":
                    complain(one.why, one.hint)
                yield one

        needs = FORMS[form](watched())
    say_total(needs)
    return max(codes)


def found(words: tuple[Path, ...]) -> list[Path]:
    """The notebooks that the words mean. Raises ReadError where there are none."""
    paths = find_notebooks(words)
    if not paths:
        raise ReadError(
            f"{', '.join(map(str, words))}: there is no notebook", "name a folder that has .ipynb files, or the files themselves"
        )
    return paths


def code_of(one: Survey, named: set[str]) -> int:
    """A file that was named must be a notebook; what lies in a folder may be anything."""
    if one.outcome == REFUSED:
        return WRONG_USE if one.path in named else DONE
    return FINDINGS if one.has_errors or one.outcome != ANALYSED else DONE


def say_total(needs: list[Needs]) -> None:
    """The sum of all, for people."""
    outcomes = Counter(one.outcome for one in needs)
    statements, dead = sum(one.statements for one in needs), sum(one.dead for one in needs)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    say(
        f"{len(needs)} notebook{'s' * (len(needs) != 1)}: {told}; {statements} statements, {100 * dead / max(statements, 1):.0f} % of them dead"
    )


def _lines(surveys: Iterable[Survey]) -> list[Needs]:
    needs = []
    for one in surveys:
        needs.append(needs_of(one))
        click.echo(show_survey(one, paint))
    return needs


def _entries(surveys: Iterable[Survey]) -> list[Needs]:
    needs, before = [], "["
    for one in surveys:
        needs.append(needs_of(one))
        trouble: dict[str, Any] = {"notebook": {"path": one.path}, "outcome": one.outcome, "why": one.why, "hint": one.hint}
        click.echo(before + "\n" + json.dumps(one.told if one.outcome == ANALYSED else trouble, ensure_ascii=False), nl=False)
        before = ","
    click.echo("\n]")
    return needs


def _rows(surveys: Iterable[Survey]) -> list[Needs]:
    needs = []
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in surveys:
        needs.append(needs_of(one))
        row = {**vars(needs[-1]), "dead_share": f"{needs[-1].dead_share:.3f}", "needs": " ".join(code for code, _, _ in needs[-1].needs)}
        writer.writerow([_plain(row[name]) for name in COLUMNS])
        sys.stdout.flush()  # whoever reads along sees each as it comes
    return needs


def _plain(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _page(surveys: Iterable[Survey]) -> list[Needs]:
    from nb2prod.analysis.rules import titles
    from nb2prod.codegen.report import render_portfolio

    needs = [needs_of(one) for one in surveys]
    click.echo(render_portfolio(needs, titles()))
    return needs


FORMS: dict[str, Form] = {"text": _lines, "json": _entries, "csv": _rows, "html": _page}
