"""Notebooks of a survey, a line each.

show_needs(Needs("a.ipynb", "analysed", statements=3, dead=1))   ->        3 statements, 1 dead    no findings  a.ipynb
"""

from __future__ import annotations

from nb2prod.model.survey import ANALYSED, Needs, Survey, needs_of
from nb2prod.show.cells import Paint, plain


def show_survey(one: Survey, paint: Paint = plain) -> str:
    """The numbers of a notebook, or why there are none and what to do."""
    if one.outcome == ANALYSED:
        return show_needs(needs_of(one), paint)
    return f"{paint(one.outcome + ':', 'error')} {one.why} ({one.hint})"


def show_needs(one: Needs, paint: Paint = plain) -> str:
    """How large it is, how much of it is dead, and how much was found."""
    if one.outcome != ANALYSED:
        return f"{paint(one.outcome + ':', 'error')} {one.why}"
    dead = f"{one.dead} dead"
    findings = [
        paint(f"{count} {word}{'s' * (count != 1)}", word) for count, word in ((one.errors, "error"), (one.warnings, "warning")) if count
    ]
    return f"{one.statements:6} statements, {dead:10}{', '.join(findings) or 'no findings'}  {one.path}"
