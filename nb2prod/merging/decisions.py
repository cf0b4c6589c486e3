"""What a person decided about a package, in the `[tool.nb2prod]` table of its pyproject.toml, and back.

[tool.nb2prod]
keep = ["f1"]                         ->   Decisions(keep=("f1",), fixed=("random_state",), functions={"split_and_scale": "train"})
fixed = ["random_state"]
[tool.nb2prod.functions]
split_and_scale = "train"

On the left of a name stands what nb2prod would call it, on the right what it is called here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2prod.errors import ReadError
from nb2prod.merging.names import KINDS
from nb2prod.merging.texts import text_of

PROJECT = "pyproject.toml"
LISTS = ("keep", "drop", "fixed")
TEXTS = ("schedule", "timezone")
HEADING = "# What is kept to when the notebook is converted again."


@dataclass(frozen=True)
class Decisions:
    """Results to keep and to leave out, parameters that are to stay fixed in the code, the schedule as cron text with
    its zone, and names: the tool's own to the person's."""

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    schedule: str = ""
    timezone: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(vars(self).values())


def read_decisions(content: bytes) -> Decisions:
    """The decisions in a pyproject.toml; none where it has no such table. Raises `ReadError` for what the table cannot hold."""
    import tomlkit  # late: it is needed where there is an earlier project

    read = text_of(content)
    try:
        table: Any = tomlkit.parse(read.text if read else "").unwrap().get("tool", {}).get("nb2prod", {})
    except ValueError as error:
        raise ReadError(f"{PROJECT}: this is not TOML: {error}", "mend it; what was decided about the package is read from it") from error
    _check(table)
    told: dict[str, Any] = {key: tuple(table.get(key, ())) for key in LISTS}
    told |= {key: table.get(key, "") for key in TEXTS}
    told |= {kind: dict(table.get(kind, {})) for kind in KINDS}
    return Decisions(**told)


def with_decisions(content: bytes, decisions: Decisions) -> bytes:
    """A generated pyproject.toml with the decisions at its end; without any it stays as it is."""
    if not decisions:
        return content
    import tomlkit  # late: most projects have none

    lines = ["", HEADING, "[tool.nb2prod]"]
    lines += [f"{key} = {tomlkit.item(list(getattr(decisions, key))).as_string()}" for key in LISTS if getattr(decisions, key)]
    lines += [f"{key} = {tomlkit.item(getattr(decisions, key)).as_string()}" for key in TEXTS if getattr(decisions, key)]
    for kind in KINDS:
        names = getattr(decisions, kind)
        lines += ["", f"[tool.nb2prod.{kind}]"] if names else []
        lines += [f"{tomlkit.key(old).as_string()} = {tomlkit.item(new).as_string()}" for old, new in sorted(names.items())]
    return content + ("\n".join(lines) + "\n").encode("utf-8")


def _check(table: Any) -> None:
    """Raises `ReadError` for keys nobody knows and values of another kind: a typo must not become a decision that is not kept."""
    where = f"{PROJECT}: [tool.nb2prod]"
    known = (*LISTS, *TEXTS, *KINDS)
    if not isinstance(table, Mapping):
        raise ReadError(f"{where}: this must be a table", f"it may hold {', '.join(known)}")
    for key, value in table.items():
        if key not in known:
            raise ReadError(f"{where}: unknown key `{key}`", f"it may hold {', '.join(known)}")
        if key in LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise ReadError(f"{where}: `{key}` must be a list of names", f'write {key} = ["a", "b"]')
        if key in TEXTS and not isinstance(value, str):
            raise ReadError(f"{where}: `{key}` must be a text", f'write {key} = "..."')
        if key in KINDS and not (isinstance(value, Mapping) and all(isinstance(one, str) and one.isidentifier() for one in value.values())):
            raise ReadError(f"{where}: `{key}` must give a new name for each name", f'write [tool.nb2prod.{key}] and below it old = "new"')
