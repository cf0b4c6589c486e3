"""The needs of many notebooks -> one page: which are nearest to production, what they would need, how much of their code is dead.

render_portfolio([needs_of(found), ...])   ->   "<!doctype html>..."
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from nb2prod.codegen.manifest import tool_version
from nb2prod.codegen.report.page import environment
from nb2prod.model.survey import ANALYSED, Needs


def render_portfolio(notebooks: Sequence[Needs], titles: Mapping[str, str]) -> str:
    """The page; `titles` say in a few words what each code of a finding means. Nothing in it comes from elsewhere, and equal needs give equal text."""
    analysed = [one for one in notebooks if one.outcome == ANALYSED]
    wanted = Counter(code for one in analysed for code, _, _ in one.needs)
    severities = {code: severity for one in analysed for code, severity, _ in one.needs}
    return (
        environment()
        .get_template("portfolio.html.jinja")
        .render(
            notebooks=sorted(notebooks, key=lambda one: one.distance),
            analysed=analysed,
            statements=sum(one.statements for one in analysed),
            dead=sum(one.dead for one in analysed),
            ready=sum(not one.needs for one in analysed),
            codes=[(code, severities[code], titles.get(code, ""), count) for code, count in sorted(wanted.items(), key=_most)],
            titles=titles,
            tool=tool_version(),
        )
    )


def _most(wanted: tuple[str, int]) -> tuple[int, str]:
    return -wanted[1], wanted[0]
