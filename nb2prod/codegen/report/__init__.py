"""Notebook, analysis, plan, manifest and verdict -> REPORT.html: one page for people, with nothing from elsewhere in it.

    render_report(notebook, analysis, plan, manifest, verdict)   ->   "<!doctype html>..."
    with_verdict(page, verdict)                                  ->   the same page with another verdict

Takes nouns, gives text; equal nouns give equal text. Shows the notebook with what lives and why, never its secrets, and needs no network,
no script and no font. Never decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nb2prod.codegen.report.cells import cells_of, drops_of
from nb2prod.codegen.report.flow import flow_of
from nb2prod.codegen.report.page import environment
from nb2prod.codegen.report.portfolio import render_portfolio
from nb2prod.codegen.report.secrets import secret_texts, without
from nb2prod.codegen.report.sides import pairs_of
from nb2prod.knowledge.secrets import is_telling
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan
from nb2prod.model.verdict import Verdict
from nb2prod.show import draw_graph

PARTS = ("verdict", "compared")  # the parts that a later verdict replaces
MUTATION = "mutation"  # the part that `nb2prod mutate` puts in
START, END = "<!-- {} -->", "<!-- end of {} -->"  # everything from the notebook is escaped, so no notebook can hold these
SENTENCES = {
    "same": "The package gives the notebook's results.",
    "different": "The package does not give the notebook's results. Do not use it before you know why.",
    "unknown": "Whether the package gives the notebook's results is not known.",
}
NOT_RUN = Verdict("unknown", "Nothing was run yet.")


def render_report(notebook: Notebook, analysis: Analysis, plan: Plan, manifest: Mapping[str, Any], verdict: Verdict | None) -> str:
    """The whole page; without a verdict it says that nothing was run."""
    secrets = secret_texts(notebook, analysis, plan)
    words = {cell["index"]: cell["verdict"] for cell in manifest["cells"]}
    page = (
        environment()
        .get_template("report.html.jinja")
        .render(
            title=plan.title or Path(notebook.path.replace("\\", "/")).stem,
            notebook=notebook,
            analysis=analysis,
            plan=plan,
            trials=verdict.trials if verdict else (),
            stages=flow_of(plan),
            cells=cells_of(notebook, analysis, plan, words, secrets),
            drops=drops_of(notebook, analysis, secrets),
            **{part: Markup(_render(part, verdict or NOT_RUN, secrets)) for part in PARTS},
            graph=Markup(without(draw_graph(notebook, analysis, "svg"), secrets)),
            tool=manifest.get("tool", {}).get("version", ""),
        )
    )
    return without(page, tuple(text for text in secrets if is_telling(text)))


def with_verdict(page: str, verdict: Verdict) -> str:
    """The page with this verdict in the place of its own; a page that has lost its marks stays as it is."""
    for part in PARTS:
        before, start, rest = page.partition(START.format(part))
        _, end, after = rest.partition(END.format(part))
        page = f"{before}{_render(part, verdict, ())}{after}" if start and end else page
    return page


def with_score(page: str, rows: Sequence[tuple[str, int, int, Sequence[str]]]) -> str:
    """The page with what the tests notice, below the verdict: for each stage its name, how many faults were noticed, of how many, and the others.

    A page that has lost its marks stays as it is.
    """
    sums = {"killed": sum(row[1] for row in rows), "total": sum(row[2] for row in rows)}
    text = environment().get_template(f"{MUTATION}.html.jinja").render(rows=rows, **sums)
    marked = f"{START.format(MUTATION)}{text}{END.format(MUTATION)}"
    before, start, rest = page.partition(START.format(MUTATION))
    _, end, after = rest.partition(END.format(MUTATION))
    if start and end:
        return f"{before}{marked}{after}"
    verdict = END.format(PARTS[0])
    return page.replace(verdict, f"{verdict}\n{marked}", 1)


def _render(part: str, verdict: Verdict, secrets: tuple[str, ...]) -> str:
    words = {"verdict": verdict, "sentence": SENTENCES[verdict.outcome], "pairs": pairs_of(verdict.comparisons)}
    text = environment().get_template(f"{part}.html.jinja").render(words)
    return f"{START.format(part)}{without(text, secrets)}{END.format(part)}"


__all__ = ["render_portfolio", "render_report", "with_score", "with_verdict"]
