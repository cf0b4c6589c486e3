"""Merging: an earlier project, the hand edits in it and a new project -> the project that has both.

Takes what was written last (the ancestor), the files as they lie in the folder and the files as they would be written now; gives the files
to write, the next ancestor and what a person must be told. Never reads or writes the disk, and never leaves out a line that a person wrote.

    merge(ancestor, there, new, origins, decisions)   ->   Renewal(files={"src/churn/data.py": b"..."}, remarks=(...), ...)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nb2prod.merging.ancestor import PATH, Ancestor, Origin, pack, remembered, repackaged, unpack
from nb2prod.merging.decisions import PROJECT, Decisions, read_decisions, with_decisions
from nb2prod.merging.matching import find_renamed, modules_of, renamed_package
from nb2prod.merging.moves import Three, bring_together, imported_names, offers_of
from nb2prod.merging.names import CASES, KINDS, Names, rename
from nb2prod.merging.remarks import FOLDER, Remark, files_beside, line_of, remark_on, unsettled
from nb2prod.merging.tree import merge_trees

__all__ = ["CASES", "PATH", "Ancestor", "Decisions", "Names", "Origin", "Remark", "Renewal"]
__all__ += ["decide", "merge", "pack", "read_decisions", "rename", "unpack"]

Files = Mapping[str, bytes]
DELETED = "deleted by hand; it stays deleted"


@dataclass(frozen=True)
class Renewal:
    """A merged project: its files, what was generated for it (the next ancestor), the names and decisions that hold in it, what to tell, and
    the definitions that are not as generated, as "`name` (file line n)"."""

    files: Mapping[str, bytes]
    ancestor: Ancestor
    names: Names
    decisions: Decisions
    remarks: tuple[Remark, ...] = ()
    edited: tuple[str, ...] = field(default=())


def decide(ancestor: Ancestor, there: Files) -> tuple[str, Decisions]:
    """The name of the package and the decisions about it: those written down, and those that hand edits show (names, parameters taken away).

    Raises `ReadError` where the table of the decisions cannot be read.
    """
    written = read_decisions(there[PROJECT]) if PROJECT in there else Decisions()
    package = renamed_package(ancestor.files, there, ancestor.package)
    base = repackaged(ancestor, package).files
    found = find_renamed(base, {path: there[path] for path in there if path.endswith(".py")}, package)
    names: dict[str, Any] = {kind: _chosen(getattr(written, kind), getattr(found, kind)) for kind in KINDS}
    generated = {new: old for old, new in written.parameters.items()}
    fixed = dict.fromkeys((*written.fixed, *(generated.get(name, name) for name in found.dropped)))
    return package, replace(written, fixed=tuple(fixed), **names)


def _chosen(written: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """The names written down, with those that were changed since: a name that was chosen before may have been changed again."""
    again = {old: found.get(new, new) for old, new in written.items()}
    return {**again, **{old: new for old, new in found.items() if old not in written.values()}}


def merge(
    ancestor: Ancestor | None, there: Files, package: str, new: Files, origins: Sequence[Origin], decisions: Decisions
) -> Renewal:  # noqa: PLR0913
    """The merged project; without an ancestor (a first conversion) it is the new one. `origins` tell where what is in `new` came from."""
    side = _Side(new, tuple(origins)).named(_names(package, decisions))
    if ancestor is None:
        return _settled(side, decisions, package)
    base, hand, own = _named_alike(ancestor, there, package, decisions)
    imported = imported_names({path: there[path] for path in own}, package)
    stay, follow = _new_names(base, side, package, decisions, imported)
    decisions = _also(decisions, stay)
    renewal = _settled(side.named(Names(package, **stay)), decisions, package)
    base = base.named(Names(package, **follow))
    hand = {**rename({path: content for path, content in hand.items() if path not in own}, Names(package, **follow)), **own}
    three = bring_together(package, Three(dict(base.files), hand, dict(renewal.files)), imported, own)
    tree = merge_trees(three.base, base.digests, three.hand, three.new, offers_of(package, three))
    remarks = [remark_on(trouble, tree.files, renewal.ancestor.origins) for trouble in tree.troubles]
    remarks += [Remark(path, DELETED) for path in tree.deleted if path not in {one.path for one in remarks}]
    remarks += unsettled(there, remarks)
    files = {**tree.files, **files_beside(tree.troubles, there)}
    return replace(renewal, files=files, remarks=tuple(remarks), edited=_edited(three.new, tree.files, package))


@dataclass(frozen=True)
class _Side:
    """Files as nb2prod wrote them, where their definitions came from, and the digests of those that are not kept."""

    files: Files
    origins: tuple[Origin, ...]
    digests: Mapping[str, str] = field(default_factory=dict)

    def named(self, names: Names) -> _Side:
        """The same under other names."""
        origins = (replace(one, name=getattr(names, f"{one.kind}s").get(one.name, one.name)) for one in self.origins)
        return _Side(rename(self.files, names), tuple(origins), {names.path(path): digest for path, digest in self.digests.items()})


def _names(package: str, decisions: Decisions) -> Names:
    return Names(package, **{kind: getattr(decisions, kind) for kind in KINDS})


def _named_alike(ancestor: Ancestor, there: Files, package: str, decisions: Decisions) -> tuple[_Side, dict[str, bytes], dict[str, bytes]]:
    """What was written last and what lies there, both with the package's name and the person's names everywhere; and the person's own modules."""
    names = _names(package, decisions)
    before = repackaged(ancestor, package)
    base = _Side(before.files, before.origins, before.digests).named(names)
    ours = {*ancestor.digests, *before.digests, *base.digests}
    own = {path: there[path] for path in there if path.endswith(".py") and path not in ours}
    mine = {path: there[path] for path in there if path not in own and not path.startswith(f"{FOLDER}/")}
    if package != ancestor.package:
        mine = dict(repackaged(replace(ancestor, files=mine), package).files) if f"src/{package}/pipeline.py" not in there else mine
    return base, {**rename(mine, names), **own}, own


def _new_names(
    base: _Side, new: _Side, package: str, decisions: Decisions, imported: frozenset[str]
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """What the notebook calls otherwise now: names that stay as they are in the project (new to old), for a person chose them or uses them in
    files of their own; and names that the project follows (old to new)."""
    found = find_renamed(base.files, new.files, package, (base.origins, new.origins))
    kept = imported | {name for kind in KINDS for name in getattr(decisions, kind).values()}
    stay = {kind: {after: before for before, after in getattr(found, kind).items() if before in kept} for kind in KINDS}
    follow = {kind: {before: after for before, after in getattr(found, kind).items() if before not in kept} for kind in KINDS}
    return stay, follow


def _also(decisions: Decisions, names: Mapping[str, Mapping[str, str]]) -> Decisions:
    """The decisions with more names; an older name for the same is of no use any more."""
    tables: dict[str, Any] = {
        kind: {**{old: new for old, new in getattr(decisions, kind).items() if new not in names[kind].values()}, **names[kind]}
        for kind in KINDS
    }
    return replace(decisions, **tables)


def _settled(side: _Side, decisions: Decisions, package: str) -> Renewal:
    """The project as it is generated, with the decisions written into it."""
    files = {path: with_decisions(content, decisions) if path == PROJECT else content for path, content in side.files.items()}
    return Renewal(files, remembered(package, files, side.origins), _names(package, decisions), decisions)


def _edited(new: Files, merged: Files, package: str) -> tuple[str, ...]:
    """The definitions of the package that are not as they were generated."""
    before, after = modules_of(new, package), modules_of(merged, package)
    found = []
    for path, units in after.items():
        texts = {unit.key: unit.text for unit in before.get(path, ())}
        changed = [unit for unit in units if unit.kind in ("def", "name") and texts.get(unit.key) != unit.text]
        found += [f"`{unit.name}` ({path} line {line_of(unit.name, path, merged)})" for unit in changed]
    unread = [path for path in merged if path.startswith(f"src/{package}/") and path.endswith(".py") and path not in after]
    return (*found, *unread)
