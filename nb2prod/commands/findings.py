"""Findings of many notebooks, and the forms in which editors, hooks and code hosts want them.

    found_in(survey)   ->   [Found("share/churn.ipynb", "NB203", "warning", "...", cell=4, line=2), ...]
    FORMS["github"]    ->   "::warning file=share/churn.ipynb,title=NB203::cell 4 line 2: ..."

SARIF is version 2.1.0 of OASIS; a place in a notebook is a cell (as its logical location) and a line of that cell.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.commands.terminal import paint
from nb2prod.model.survey import Survey

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "note": "note"}
ANNOTATIONS = {"error": "error", "warning": "warning", "note": "notice"}


@dataclass(frozen=True)
class Found:
    """One finding in one notebook; cells count from 0 over the file, lines from 1 in the cell."""

    path: str
    code: str
    severity: str
    message: str
    hint: str
    cell: int | None
    line: int | None

    @property
    def place(self) -> str:
        words = [] if self.cell is None else [f"cell {self.cell}", *([f"line {self.line}"] if self.line else [])]
        return " ".join(words)

    @property
    def key(self) -> str:
        """What it is, wherever in the notebook it stands: cells move, and it stays the same finding."""
        return f"{self.code}: {self.message}"


def found_in(survey: Survey) -> list[Found]:
    """The findings of a notebook that was looked at; its path as it is told everywhere, with slashes."""
    path = Path(survey.path).as_posix()
    return [Found(path, one["code"], one["severity"], one["message"], one["hint"], one["cell"], one["line"]) for one in survey.diagnostics]


def counted(finds: Sequence[Found]) -> dict[str, dict[str, int]]:
    """How often each notebook has each finding, in the order of their names."""
    counts = Counter((one.path, one.key) for one in finds)
    return {
        path: {key: count for (there, key), count in sorted(counts.items()) if there == path} for path in sorted({p for p, _ in counts})
    }


def beyond(finds: Sequence[Found], known: dict[str, dict[str, int]]) -> list[Found]:
    """The findings that are more than what is known; of equal ones the first count as known."""
    left = Counter({(path, key): count for path, keys in known.items() for key, count in keys.items()})
    new = []
    for one in finds:
        if left[one.path, one.key] > 0:
            left[one.path, one.key] -= 1
        else:
            new.append(one)
    return new


def _text(finds: Sequence[Found]) -> str:
    return "\n".join(
        f"{one.path}{' ' + one.place if one.place else ''}: {one.code} {paint(one.severity, one.severity)}: {one.message} ({one.hint})"
        for one in finds
    )


def _json(finds: Sequence[Found]) -> str:
    return json.dumps([vars(one) for one in finds], indent=1, ensure_ascii=False)


def _github(finds: Sequence[Found]) -> str:
    """Workflow commands; a code host shows them at the notebook's file, since a notebook's lines are not those of its file."""
    return "\n".join(
        f"::{ANNOTATIONS[one.severity]} file={_property(one.path)},title={_property(one.code)}::"
        + _data(f"{one.place + ': ' if one.place else ''}{one.message} ({one.hint})")
        for one in finds
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(finds: Sequence[Found]) -> str:
    from nb2prod.analysis.rules import titles
    from nb2prod.codegen.manifest import tool_version

    told = titles()
    rules = [{"id": code, "shortDescription": {"text": told.get(code, code)}} for code in sorted({one.code for one in finds})]
    driver = {"name": "nb2prod", "version": tool_version(), "rules": rules}
    run: dict[str, Any] = {"tool": {"driver": driver}, "results": [_result(one) for one in finds]}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)


def _result(one: Found) -> dict[str, Any]:
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(one.path)}}}
    if one.cell is not None:
        place["logicalLocations"] = [{"name": f"cell {one.cell}", "kind": "module", "fullyQualifiedName": f"{one.path}#cell={one.cell}"}]
    message = f"{one.place + ': ' if one.place else ''}{one.message} ({one.hint})"
    return {"ruleId": one.code, "level": LEVELS[one.severity], "message": {"text": message}, "locations": [place]}


def _uri(path: str) -> str:
    from urllib.parse import quote

    return Path(path).as_uri() if Path(path).is_absolute() else quote(path)


FORMS: dict[str, Callable[[Sequence[Found]], str]] = {"text": _text, "json": _json, "github": _github, "sarif": _sarif}
