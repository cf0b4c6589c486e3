"""A project in memory -> a folder on disk, whole or not at all, and never over somebody's work.

    save(project, Path("demo"), force=False)   ->   demo/nb2prod.json, demo/src/..., demo/.nb2prod/files.json (the digest of each file)

All files are written to a temporary folder beside the target first; only then are they moved into place, and moved back if that fails, or by
the next save when this process was killed half way. A
folder that nb2prod did not make is never touched; files edited or added by hand since are replaced only by force. Other files in the
folder stay.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from nb2prod.errors import SaveError
from nb2prod.leftovers import stale_folders, temporary_folder
from nb2prod.model.project import File, Project

MANIFEST = "nb2prod.json"
DIGESTS = ".nb2prod/files.json"
ANCESTOR = ".nb2prod/base.gz"
ELSEWHERE = "choose another folder with -o"
BESIDE = ".nb2prod-"
MOVES = "moves.json"
SHOWN = 10  # so many file names in one message


@dataclass(frozen=True)
class Merged:
    """What a merge has seen in the folder (None: no such file), the digests of the files as they were generated, and the files that go."""

    seen: Mapping[str, bytes | None]
    generated: Mapping[str, str]
    gone: tuple[str, ...] = ()


def save(project: Project, folder: Path, force: bool = False, merged: Merged | None = None) -> None:
    """Write all files of a project; what was `merged` with the folder's own edits may be written over as far as the merge has seen it.

    Raises `SaveError`, with the folder as it was, when it may not or cannot be written.
    """
    check_folder(folder, force or merged is not None)
    with _trouble_told(folder):
        if merged is not None:
            paths = {*(file.path for file in project.files), *merged.gone} & set(merged.seen)
            _refuse_changed([path for path in sorted(paths) if _there(folder / path) != merged.seen[path]], folder)
            digests = {path: told for path, told in _recorded(folder).items() if path not in merged.gone}
            digests |= {file.path: merged.generated.get(file.path, _digest(_bytes(file))) for file in project.files}
            changed = [file for file in project.files if _there(folder / file.path) != _bytes(file)]
            return _put(folder, changed, digests, merged.gone)
        _refuse(_in_the_way(folder, project.files) if not force else [], folder)
        stale = [path for path in _recorded(folder) if path not in {file.path for file in project.files}]
        _put(folder, project.files, {file.path: _digest(_bytes(file)) for file in project.files}, stale)


def rewrite(folder: Path, files: Iterable[File], merged: frozenset[str] = frozenset()) -> None:
    """Replace or add some files of a project that is on disk already, all or none.

    Raises `SaveError` for a file that was edited by hand, unless it is among `merged`: those already hold what the hand wrote.
    """
    files = tuple(files)
    with _trouble_told(folder):
        recorded = _recorded(folder)
        touched = {file.path for file in files} - merged
        _refuse([path for path in _edited(folder, recorded) if path in touched], folder)
        _put(folder, files, {**recorded, **{file.path: _digest(_bytes(file)) for file in files}}, [])


def write_whole(path: Path, content: bytes) -> None:
    """Write one file whole or not at all, with the rights of the one it takes the place of; a link stays a link. Raises OSError."""
    target = Path(os.path.realpath(path))
    beside = target.with_name(f"{BESIDE}{os.getpid()}-{token_hex(6)}")
    try:
        with open(beside, "xb") as file:  # never through a link that somebody put there
            file.write(content)
        if target.exists():
            os.chmod(beside, target.stat().st_mode & 0o777)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def check_folder(folder: Path, force: bool = False, merging: bool = False) -> None:
    """See, before any work is done, whether a project may be saved here. Raises `SaveError` with the reason.

    Hand edits are in the way unless they are given up by `force`, or `merging` can tell them from what was written last.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if os.path.exists(path))
    if not existing.is_dir():
        raise SaveError(f"{existing}: this is a file, so the folder {folder} cannot be made", ELSEWHERE)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise SaveError(f"{existing}: this folder is read-only", f"{ELSEWHERE}, or change its permissions")
    with _trouble_told(folder):
        _clear_leftovers(folder)
        if existing != folder or not any(folder.iterdir()):
            return
        if not (folder / MANIFEST).is_file():
            raise SaveError(f"{folder}: this folder is not empty and was not made by nb2prod", f"{ELSEWHERE}; --force does not help here")
        mergeable = merging and (folder / ANCESTOR).is_file()
        _refuse(_edited(folder, _recorded(folder)) if not force and not mergeable else [], folder)


@contextmanager
def _trouble_told(folder: Path) -> Iterator[None]:
    """Turns an error of the disk into a `SaveError`."""
    try:
        yield
    except OSError as error:
        raise SaveError(f"{folder}: cannot be written: {error.strerror or error}; nothing was changed", ELSEWHERE) from error


def _refuse(paths: list[str], folder: Path) -> None:
    if paths:
        more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
        raise SaveError(
            f"{folder}: edited by hand since nb2prod wrote it: {', '.join(paths[:SHOWN])}{more}",
            f"commit or copy these files, then use --force; or {ELSEWHERE}",
        )


def _refuse_changed(paths: list[str], folder: Path) -> None:
    if paths:
        raise SaveError(f"{folder}: changed while this ran: {', '.join(paths[:SHOWN])}; nothing was written", "convert again")


def _there(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _recorded(folder: Path) -> Mapping[str, str]:
    """The digest of each file as it was last written here; nothing where that is not known."""
    try:
        digests = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return digests if isinstance(digests, dict) else {}


def _edited(folder: Path, recorded: Mapping[str, str]) -> list[str]:
    """Files that are no longer what was written; a deleted one holds nobody's work."""
    return [path for path, digest in recorded.items() if (folder / path).is_file() and _digest((folder / path).read_bytes()) != digest]


def _in_the_way(folder: Path, files: Iterable[File]) -> list[str]:
    """Files of somebody else at the very places we want to write to."""
    recorded = _recorded(folder)
    found = [(file, folder / file.path) for file in files if file.path not in recorded]
    return [file.path for file, path in found if os.path.isdir(path) or (os.path.isfile(path) and path.read_bytes() != _bytes(file))]


def _put(folder: Path, files: Iterable[File], digests: Mapping[str, str], stale: Iterable[str]) -> None:
    """Write the files beside the folder, then move them in; the temporary folder is gone afterwards, come what may."""
    record = File(DIGESTS, json.dumps(dict(sorted(digests.items())), indent=1) + "\n")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(folder)
    beside = temporary_folder(folder if folder.exists() else folder.parent, BESIDE)
    try:
        _write(beside / "new", (*files, record))
        for file in files:
            if (folder / file.path).is_file():
                shutil.copymode(folder / file.path, beside / "new" / file.path)
        if folder.exists():
            _move_in(beside, folder, [*(file.path for file in files), DIGESTS], stale)
        else:
            os.rename(beside / "new", folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(root: Path, files: Iterable[File]) -> None:
    for file in files:
        path = root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(file))


def _clear_leftovers(folder: Path) -> None:
    """Removes what a killed save left behind, here or beside; files that were on their way go back first."""
    for leftover in (*stale_folders(folder, BESIDE), *stale_folders(folder.parent, BESIDE)):
        moves = leftover / MOVES
        if moves.is_file() and leftover.parent == folder:
            for path in json.loads(moves.read_text(encoding="utf-8")):
                if not (leftover / "new" / path).exists():  # it was moved in
                    (folder / path).unlink(missing_ok=True)
            for old in [path for path in (leftover / "old").rglob("*") if path.is_file()]:
                os.replace(old, folder / old.relative_to(leftover / "old"))
        shutil.rmtree(leftover, ignore_errors=True)


def _move_in(beside: Path, folder: Path, paths: Sequence[str], stale: Iterable[str]) -> None:
    """Move the new files over the old ones, keeping the old ones until all are in place; on any failure everything goes back."""
    moved: list[tuple[Path, Path]] = []
    moves = [
        *((folder / path, beside / "old" / path) for path in (*paths, *stale)),
        *((beside / "new" / path, folder / path) for path in paths),
    ]
    (beside / MOVES).write_text(json.dumps([str(path) for path in paths]), encoding="utf-8")
    try:
        for source, target in moves:
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(source, target)
                moved.append((source, target))
    except BaseException:
        for source, target in reversed(moved):
            os.replace(target, source)
        raise


def _bytes(file: File) -> bytes:
    return file.content if isinstance(file.content, bytes) else file.content.encode("utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
