"""A notebook and its analysis, cell by cell, as text with marks.

    ~ cell 2  partial
      - 1  %%time                                                    only measures time
      + 2  df = pd.read_csv(DATA)
      - 2  df.head()                                                 only shows the first rows

`+` lives, `-` is dropped, `~` is a cell of which both is true. `paint` may colour a piece of text by what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nb2prod.model.dataflow import Analysis, Decision
from nb2prod.model.diagnostic import Diagnostic
from nb2prod.model.notebook import Cell, Directive, Notebook, Statement, StatementId
from nb2prod.model.plan import Plan
from nb2prod.show.words import show_diagnostic, show_parameter, show_result, wrapped

Paint = Callable[[str, str], str]  # text and what it is: "live", "dead", "mixed", "reason", "heading", "error", "warning", "note"

COLUMN = 64  # where reasons stand beside short statements
DIRECTIVES = {
    "display": "only for the screen",
    "dependency": "becomes a dependency",
    "timing": "only measures time",
    "capture": "only holds back output",
}


def plain(text: str, what: str) -> str:
    """No colour."""
    return text


def show_notebook(notebook: Notebook) -> str:
    """The cells as they were read, without any judgement."""
    kernel = f", kernel {notebook.kernel}" if notebook.kernel else ""
    lines = [f"{notebook.path}: {len(notebook.cells)} cells, {len(notebook.statements)} statements{kernel}"]
    for cell in notebook.cells:
        lines.append(f"cell {cell.index}  {cell.kind}" + (f"  [{', '.join(cell.tags)}]" if cell.tags else ""))
        lines += [f"  {line}" for line in cell.source.splitlines()]
    return "\n".join(lines)


def show_analysis(notebook: Notebook, analysis: Analysis, plan: Plan | None = None, paint: Paint = plain) -> str:
    """Every cell with what lives and what does not and why, then results, parameters and diagnostics."""
    decisions = {decision.statement: decision for decision in analysis.decisions}
    live = len(analysis.live)
    title = f"{notebook.path}: a {analysis.character}; {live} of {len(notebook.statements)} statements live"
    lines = [paint(title, "heading")]
    for cell in notebook.cells:
        lines += _cell(cell, decisions, paint)
    lines += _section("Results", [show_result(result) for result in analysis.results], paint)
    if plan is not None:
        lines += _section("Parameters", [show_parameter(parameter) for parameter in plan.parameters], paint)
    return "\n".join([*lines, *_diagnostics(analysis, paint)])


def show_diagnostics(diagnostics: tuple[Diagnostic, ...], paint: Paint = plain) -> list[str]:
    """Each finding in a line, with its hint and its page in the next."""
    lines = []
    for finding in diagnostics:
        lines.append(paint(show_diagnostic(finding), finding.severity.value))
        if finding.hint:
            lines.append(wrapped(f"hint: {finding.hint} ({finding.page})", "    "))
    return lines


def cell_mark(live: list[bool]) -> str:
    """`+` all of it, `-` none of it, `~` some of it; nothing for a cell without statements."""
    return {(True,): "+", (False,): "-", (False, True): "~"}.get(tuple(sorted(set(live))), " ")


def _cell(cell: Cell, decisions: dict[StatementId, Decision], paint: Paint) -> Iterator[str]:
    if cell.kind != "code":
        for line in cell.source.splitlines():
            if line.lstrip().startswith("#"):
                yield paint(f"\n  {line.strip()}", "heading")
        return
    mark = cell_mark([decisions[statement.id].live for statement in cell.statements if statement.id in decisions])
    told = {"+": "live", "-": "dead", "~": "partial"}.get(mark, "not Python" if cell.syntax_error else "nothing to run")
    yield paint(f"{mark} cell {cell.index}  {told}", {"+": "live", "-": "dead", "~": "mixed"}.get(mark, "reason"))
    if cell.syntax_error:
        yield from (f"    {number}  {line}" for number, line in enumerate(cell.source.splitlines(), 1))
    lines: list[tuple[int, list[str]]] = [(item.line, [_directive(item, paint)]) for item in cell.directives if item.kind in DIRECTIVES]
    lines += [(one.span.start_line, _statement(one, decisions[one.id], paint)) for one in cell.statements if one.id in decisions]
    for _, group in sorted(lines, key=lambda entry: entry[0]):
        yield from group


def _directive(directive: Directive, paint: Paint) -> str:
    text = f"  - {directive.line:<3} {directive.text.strip()}"
    return paint(f"{text:<{COLUMN}}", "dead") + "  " + paint(DIRECTIVES[directive.kind], "reason")


def _statement(statement: Statement, decision: Decision, paint: Paint) -> list[str]:
    what, mark = ("live", "+") if decision.live else ("dead", "-")
    source = statement.source.splitlines() or [""]
    lines = [f"  {mark} {number:<3} {line}" for number, line in enumerate(source, statement.span.start_line)]
    if decision.live:
        return [paint(line, what) for line in lines]
    if len(lines) == 1 and len(lines[0]) <= COLUMN:
        return [paint(f"{lines[0]:<{COLUMN}}", what) + "  " + paint(decision.reason, "reason")]
    return [*(paint(line, what) for line in lines), paint(f"{'':<{COLUMN}}  {decision.reason}", "reason")]


def _section(title: str, lines: list[str], paint: Paint) -> list[str]:
    return ["", paint(title, "heading"), *(f"  {line}" for line in lines or ["none"])]


def _diagnostics(analysis: Analysis, paint: Paint) -> list[str]:
    if not analysis.diagnostics:
        return []
    return ["", paint("Diagnostics", "heading"), *(f"  {line}" for line in show_diagnostics(analysis.diagnostics, paint))]
