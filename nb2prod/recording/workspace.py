"""A notebook's folder -> a copy of it to run in, so that a run never touches the user's own files.

    churn/notebooks/nb.ipynb with pd.read_csv("../data/x.csv")   ->   a copy of churn/, to be run in its notebooks/

The copied root is the notebook's folder, or as many levels above it as the paths in its code climb with `..`. What is not there is looked
for in the folder given with --data; table files may be cut to their beginning. `moves` say which paths of the code lie where in the copy.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nb2prod.leftovers import stale_folders, temporary_folder
from nb2prod.model.choices import Choices
from nb2prod.model.notebook import Notebook
from nb2prod.recording.inputs import copy_beginning, files_of, find_inputs, is_table, levels_up
from nb2prod.recording.probe.moving import moved

LIMIT = 2 << 30
LINKED_FROM = 32 << 20  # in a sandbox, files from this size on are shown instead of copied when the folder is above LIMIT
PREFIX = "nb2prod-"
SKIPPED = frozenset({".git", "node_modules", "__pycache__", ".ipynb_checkpoints"})
NO_CHOICES = Choices()
NOTHING_RENAMED: Mapping[str, str] = MappingProxyType({})


class NoCopy(Exception):
    """The folder holds more than we are willing to copy, or more than there is place for."""


@dataclass(frozen=True)
class Workspace:
    """A copy to run in: `root` is the copied root, `folder` the notebook's folder in it, `original` what `root` was copied from, and
    `private` a folder for our own files that the run does not look at.

    `moves` are pairs of a path as the code may name it and the path in the copy that stands for it; `sampled` are the files of which only the
    beginning was copied; `sandbox` says that the run is to be closed in, `linked` that files of the original are shown in it.
    """

    root: Path
    folder: Path
    original: Path
    private: Path
    moves: tuple[tuple[str, str], ...] = ()
    sampled: tuple[str, ...] = ()
    sandbox: bool = False
    linked: bool = False

    @property
    def place(self) -> Path:
        """The temporary folder all of it is in."""
        return self.private.parent

    @property
    def originals(self) -> Path:
        """Where the original stands, unchangeable, inside a sandbox that shows it."""
        return self.place / "originals"


@contextmanager
def open_workspace(notebook: Notebook, choices: Choices = NO_CHOICES, renamed: Mapping[str, str] = NOTHING_RENAMED) -> Iterator[Workspace]:
    """Copies what the notebook may read and removes the copy afterwards; files that are there are `renamed` in the copy, relative to the notebook.

    Raises `NoCopy` above 2 GiB or where there is no place for it.
    """
    folder = Path(notebook.path).absolute().parent.resolve()
    original = folder
    for _ in range(levels_up(notebook, folder)):
        original = original.parent
    for stale in stale_folders(Path(tempfile.gettempdir()), PREFIX):
        shutil.rmtree(stale, ignore_errors=True)
    place = temporary_folder(Path(tempfile.gettempdir()), PREFIX).resolve()
    try:
        try:
            workspace = _fill(place, notebook, folder, original, choices)
            for old, new in renamed.items():
                if (workspace.folder / old).exists():
                    (workspace.folder / old).rename(workspace.folder / new)
        except OSError as error:
            raise NoCopy(f"no copy of the folder {original} could be made to run in: {error}") from error
        yield workspace
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _fill(place: Path, notebook: Notebook, folder: Path, original: Path, choices: Choices) -> Workspace:
    root, private = place / "work" / (original.name or "root"), place / "private"
    (private / "tmp").mkdir(parents=True)
    (place / "originals").mkdir()
    linked = _is_large(original, choices)
    copying = _Copying(choices.sample)
    copying.tree(original, root, place / "originals" if linked else None)
    working = root / folder.relative_to(original)
    working.mkdir(parents=True, exist_ok=True)
    moves = [(name, str(root)) for name in _names_of(original)]
    for named, source, target in find_inputs(notebook, working, place, choices.data):
        copying.missing(source, target)
        if os.path.isabs(named):
            moves.append((named, str(target)))
    cut = tuple(sorted(_told(path, root, working, moves) for path in copying.cut))
    return Workspace(root, working, original, private, tuple(moves), cut, choices.sandbox, linked)


def _told(path: Path, root: Path, working: Path, moves: list[tuple[str, str]]) -> str:
    """A file of the copy as the code may name it."""
    if path.is_relative_to(root):
        return os.path.relpath(path, working).replace(os.sep, "/")
    return next(moved(str(path), [(place, named)]) for named, place in moves if path.is_relative_to(place))


def _names_of(original: Path) -> list[str]:
    """How code may name a folder in full."""
    if len(original.parts) == 1:
        return []
    at_home = original != Path.home() and original.is_relative_to(Path.home())
    return [str(original), *([f"~/{original.relative_to(Path.home())}"] if at_home else [])]


def _skipped(folder: str, name: str) -> bool:
    """Environments, repositories and caches are no data, and a workspace (this one or another run's) must not be copied into itself."""
    ours = name.startswith(PREFIX) and os.path.isdir(os.path.join(folder, name, "private"))
    return ours or name in SKIPPED or os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def _is_large(original: Path, choices: Choices) -> bool:
    """Whether the folder is above the limit, which is only allowed in a sandbox: there the original can be shown instead of copied."""
    total = 0
    for folder, names, files in os.walk(original):
        names[:] = [name for name in names if not _skipped(folder, name)]
        for name in files:
            path = os.path.join(folder, name)
            cut = choices.sample and is_table(name)
            total += os.stat(path).st_size if os.path.isfile(path) and not cut else 0
            if total > LIMIT and not choices.sandbox:
                raise NoCopy(
                    f"the folder {original} holds more than 2 GiB, so no copy of it was made to run in; move the notebook to a folder of its own,"
                    " take the beginning of its tables with --sample N, or use --sandbox, which need not copy large files"
                )
    return total > LIMIT


class _Copying:
    """Copies files, cutting tables to their first rows where that is asked for; `cut` are the copies that were cut."""

    def __init__(self, sample: int) -> None:
        self._sample = sample
        self.cut: list[Path] = []

    def tree(self, original: Path, root: Path, shown: Path | None) -> None:
        """Regular files and what links lead to; what cannot be read, hangs in the air or is no file stays behind.

        With `shown` large files are links to where the original is shown.
        """
        seen: set[str] = set()
        for folder, names, files in os.walk(original, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:
                names.clear()
                continue
            seen.add(real)
            names[:] = [name for name in names if not _skipped(folder, name)]
            inside = os.path.relpath(folder, original)
            (root / inside).mkdir(parents=True, exist_ok=True)
            for name in files:
                source = Path(folder, name)
                if not (os.path.isfile(source) and os.access(source, os.R_OK)):
                    continue
                if shown is not None and source.stat().st_size >= LINKED_FROM and not (self._sample and is_table(name)):
                    (root / inside / name).symlink_to(shown / inside / name)
                else:
                    self._file(source, root / inside / name)

    def missing(self, source: Path, target: Path) -> None:
        """A file or folder, without replacing what is there."""
        for file, place in files_of(source, target):
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                self._file(file, place)

    def _file(self, source: Path, target: Path) -> None:
        if self._sample and is_table(source.name) and copy_beginning(source, target, self._sample):
            self.cut.append(target)
        else:
            shutil.copyfile(source, target)
        shutil.copystat(source, target)
