"""What was seen before of a notebook whose bytes, and whatever else the answer hangs on, have not changed.

    Seen(choices).find(Path("churn.ipynb"))   ->   Survey("churn.ipynb", "analysed", ...)   or None

One compressed file per notebook in the user's cache folder (`NB2PROD_CACHE`, `XDG_CACHE_HOME`, `~/.cache`). The key is a hash of the notebook's
bytes, of the Python files beside it, of what was asked, and of this program; a file that cannot be read counts as none.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from nb2prod.knowledge.load import OWN
from nb2prod.model.choices import Choices
from nb2prod.model.survey import STOPPED, Survey
from nb2prod.saving import write_whole

PROGRAM = Path(__file__).parent.parent
TAKES_OTHERS_IN = (b"%run", b"%load", b"magic", b"import_ipynb")  # other files become part of such a notebook


class Seen:
    """The cache, for what was asked."""

    def __init__(self, choices: Choices, wanted: bool = True) -> None:
        self.folder = cache_folder() if wanted else None
        self.asked = repr(choices)
        self.keys: dict[Path, str | None] = {}
        self.folders: dict[Path, str] = {}

    def has(self, path: Path) -> bool:
        """Whether something is known of a notebook as it is now."""
        key = self.keys[path] = self._key(path) if self.folder else None
        return key is not None and self._file(key).is_file()

    def find(self, path: Path) -> Survey | None:
        """What is known of a notebook; None where it must be looked at."""
        if not self.has(path):
            return None
        key = self.keys[path]
        assert key is not None
        try:
            found = json.loads(gzip.decompress(self._file(key).read_bytes()))
            return replace(Survey(**found), path=str(path))
        except (OSError, EOFError, ValueError, TypeError):
            return None

    def keep(self, path: Path, found: Survey) -> None:
        """Remember it; what was stopped is tried anew next time. A cache that cannot be written to is none."""
        key = self.keys.get(path)
        if key is None or found.outcome == STOPPED:
            return
        file = self._file(key)
        data = json.dumps({**vars(found), "told": dict(found.told)}).encode()
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, gzip.compress(data, 3, mtime=0))

    def _key(self, path: Path) -> str | None:
        """None for what is no file or cannot be read, and for a notebook that is more than its own file."""
        if not path.is_file():
            return None
        try:
            content = path.read_bytes()
            beside = self._beside(path.absolute().parent)
        except OSError:
            return None
        if any(word in content for word in TAKES_OTHERS_IN):
            return None
        told = "\n".join([str(path), self.asked, _program(), beside])
        return hashlib.sha256(told.encode("utf-8", "surrogateescape") + b"\0" + content).hexdigest()

    def _beside(self, folder: Path) -> str:
        """The Python files of a folder and the folders in it, which may be packages, with their times."""
        if folder not in self.folders:
            with os.scandir(folder) as entries:
                told = [f"{entry.name}:{_stamp(entry)}" for entry in entries if entry.name.endswith(".py") or entry.is_dir()]
            self.folders[folder] = "\n".join(sorted(told))
        return self.folders[folder]

    def _file(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / key[:2] / f"{key}.gz"


def cache_folder() -> Path:
    """Where surveys are remembered."""
    own = os.environ.get("NB2PROD_CACHE")
    return Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nb2prod" / "surveys"


def _stamp(entry: os.DirEntry[str]) -> str:
    there = entry.stat()
    return f"{there.st_size}:{there.st_mtime_ns}"


@lru_cache(maxsize=1)
def _program() -> str:
    """This program and what it knows of libraries, by the sizes and times of its files."""
    own = [Path(path) for path in filter(None, os.environ.get(OWN, "").split(os.pathsep))]
    files = [file for place in (PROGRAM, *own) for file in ([place] if place.is_file() else sorted(place.rglob("*")))]
    told = [f"{file}:{file.stat().st_size}:{file.stat().st_mtime_ns}" for file in files if file.suffix in (".py", ".toml")]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
