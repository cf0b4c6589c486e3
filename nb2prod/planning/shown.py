"""`_` and `Out[3]` mean a value that an earlier cell showed: it gets a name there, and the mention becomes that name.

df["x"].mean()          x_mean = df["x"].mean()
round(_, 2)        ->   round(x_mean, 2)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nb2prod.model.dataflow import Reference, Result
from nb2prod.model.notebook import Place, StatementId
from nb2prod.model.plan import Rename
from nb2prod.model.recording import Picture, Recording
from nb2prod.planning.code import LiveCode


@dataclass(frozen=True)
class Captures:
    """Shown values that get a name where they are shown (results, and others that `_` means later), and the mentions that become names.

    `types` are the types the shown values had in the run, by the results' names.
    """

    results: tuple[Result, ...]
    renames: tuple[Rename, ...]
    types: Mapping[str, str]

    def gives(self, id: StatementId) -> frozenset[str]:
        return frozenset(result.name for result in self.results if result.statement == id)

    def needs(self, id: StatementId) -> frozenset[str]:
        return frozenset(rename.name for rename in self.renames if rename.statement == id)


PLAIN = frozenset("bool int float str bytes list tuple dict set frozenset range complex".split())
SCALARS = {"<f8": "float", "<i8": "numpy.int64", "|b1": "numpy.bool_"}  # numpy's float64 is a float


def plan_captures(code: LiveCode, results: tuple[Result, ...], recording: Recording | None) -> Captures:
    """Name every shown value that is a result or is mentioned later."""
    captured = [r for r in results if r.kind == "figure" or (r.kind == "text" and r.place is not None)]
    renames = []
    for reference in code.references:
        provider = shown_by(reference, code)
        if provider is None:
            continue
        place = Place(provider.cell, code.notebook.cells[provider.cell].statements[provider.index].span)
        known = next((result for result in captured if result.place == place and not result.copied), None)
        if known is None:
            known = Result(f"shown_in_cell_{provider.cell}", "text", "a later cell uses the value shown here", provider, place)
            captured.append(known)
        renames.append(Rename(reference.place, known.name, reference.statement))
    pictures = {(shown.statement, shown.position): shown.picture for shown in recording.shown if shown.how != "figure"} if recording else {}
    seen = {r.name: pictures.get((r.statement, r.position)) for r in captured if r.kind == "text" and r.statement is not None}
    types = {name: type_of(picture) for name, picture in seen.items() if picture is not None}
    return Captures(tuple(captured), tuple(renames), types)


def type_of(picture: Picture) -> str:
    """The importable type of a pictured value; empty where the picture does not tell."""
    kind, told = str(picture.get("kind")), str(picture.get("type", ""))
    if kind in PLAIN:
        return kind
    if kind == "scalar":
        return SCALARS.get(str(picture.get("dtype")), "")
    if kind == "index":
        return "pandas.Index"
    return told if "." in told else ""


def shown_by(reference: Reference, code: LiveCode) -> StatementId | None:
    """The statement whose shown value a mention of `_` means."""
    if reference.name != "_" or reference.context != "load" or "_" in code.stores:
        return None
    return next((edge.provider for edge in code.analysis.graph.providers(reference.statement) if edge.location == ("name", "_")), None)
