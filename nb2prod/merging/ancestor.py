"""What nb2prod wrote last, kept in the project as one compressed file that tells by its own hash whether it is whole.

{"README.md": b"...", "src/churn/data.py": b"..."}   <->   .nb2prod/base.gz: {"sha256": "...", "files": {...}, "digests": {...}, "origins": [...]}

It is the common ancestor of a merge: against it one sees what a hand changed and what the notebook changed. Of files that are no text only
the digest is kept. The same project gives the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2prod.merging.texts import text_of

PATH = ".nb2prod/base.gz"
FORMAT = 1
DATA = "tests/data/"  # copies of inputs: too large, and merged by nobody
LONGEST = 400_000  # bytes of a text that are kept whole


@dataclass(frozen=True)
class Origin:
    """Where a definition of the package came from: what it is (function, parameter, result) and its name there, the ids of its cells and where
    these stand, and the digests of its statements."""

    kind: str
    name: str
    cells: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    statements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ancestor:
    """The files as they were written, by path (those kept), the digest of every file, where definitions came from, and the package's name."""

    package: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()


def remembered(package: str, files: Mapping[str, bytes], origins: tuple[Origin, ...]) -> Ancestor:
    """The ancestor of the next merge."""
    texts = {path: content for path, content in files.items() if not path.startswith(DATA) and text_of(content) is not None}
    kept = {path: content for path, content in texts.items() if len(content) <= LONGEST}
    return Ancestor(package, kept, {path: digest(content) for path, content in files.items()}, origins)


def repackaged(ancestor: Ancestor, package: str) -> Ancestor:
    """The ancestor as if the package had had another name."""
    if package == ancestor.package:
        return ancestor
    old, new = ancestor.package, package
    forms = ((old, new), (old.upper(), new.upper()), (old.replace("_", "-"), new.replace("_", "-")))

    def renamed(text: str) -> str:
        for before, after in dict(forms).items():
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(before)}(?![A-Za-z0-9])", after, text)
        return text

    files = {
        renamed(path): renamed(read.text).encode() if (read := text_of(content)) else content for path, content in ancestor.files.items()
    }
    return Ancestor(package, files, {renamed(path): told for path, told in ancestor.digests.items()}, ancestor.origins)


def pack(ancestor: Ancestor) -> bytes:
    """The bytes of the file."""
    data = {
        "package": ancestor.package,
        "files": {path: content.decode("utf-8") for path, content in sorted(ancestor.files.items())},
        "digests": dict(sorted(ancestor.digests.items())),
        "origins": [vars(origin) for origin in ancestor.origins],
    }
    text = json.dumps({"format": FORMAT, "sha256": _hash(data), **data}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        file.write(text.encode("utf-8"))
    return packed.getvalue()


def unpack(content: bytes) -> Ancestor | None:
    """The ancestor in a file; None where it is damaged, or of a format not known here."""
    try:
        data = json.loads(gzip.decompress(content).decode("utf-8"))
        told = data.pop("sha256")
        known = data.pop("format") == FORMAT
        if not known or _hash(data) != told:
            return None
        files = {path: text.encode("utf-8") for path, text in data["files"].items()}
        origins = (Origin(o["kind"], o["name"], tuple(o["cells"]), tuple(o["places"]), tuple(o["statements"])) for o in data["origins"])
        return Ancestor(data["package"], files, data["digests"], tuple(origins))
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError):
        return None


def digest(content: bytes) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def _hash(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()
