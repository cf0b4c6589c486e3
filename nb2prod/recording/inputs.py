"""The files a notebook names in its code: how far up they lie, where they are found when they are not there, and their beginning.

levels_up(notebook, folder)               pd.read_csv("../data/x.csv")   ->   1
find_inputs(notebook, working, root, "/mnt/shared")    "data/x.csv" is not there, /mnt/shared/x.csv is   ->   it is to be put at data/x.csv
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any, BinaryIO

from nb2prod.model.notebook import Notebook
from nb2prod.recording.mentions import mentions_of

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".csv.gz", ".tsv.gz", ".jsonl.gz", ".ndjson.gz")
GIVEN = "given"
WITH_HEADER = (".csv", ".tsv")

Input = tuple[str, Path, Path]  # the path as the code names it, where the file or folder is, where it is to be


def levels_up(notebook: Notebook, folder: Path) -> int:
    """How far above its folder the paths in the notebook's code reach, counting only what exists."""
    levels = 0
    for text in mentions_of(notebook).texts:
        climbed = _climb(text)
        if climbed > levels and len(folder.parents) >= climbed and (folder / "/".join([".."] * climbed)).is_dir():
            levels = climbed
    return levels


def _climb(text: str) -> int:
    if not text.startswith(".."):
        return 0
    levels = 0
    for part in os.path.normpath(text.replace("\\", "/")).split("/"):
        if part != "..":
            break
        levels += 1
    return levels


def find_inputs(notebook: Notebook, working: Path, allowed: Path, data: str) -> list[Input]:
    """What the folder given with --data has to offer: each file at its own relative path in the notebook's folder, and each missing path of
    the code that ends as one of its files or folders does. Nothing is put outside the `allowed` folder, where absolute paths get a place.
    """
    if not data:
        return []
    place = Path(data).resolve()
    found: list[Input] = []
    for text in dict.fromkeys(mentions_of(notebook).texts):
        source = _in_data(text, place)
        if source is not None and not (working / text).exists():
            target = allowed / GIVEN / text.lstrip("/") if os.path.isabs(text) else Path(os.path.normpath(working / text))
            if target.is_relative_to(allowed):
                found.append((text, source, target))
    return [*found, ("", place, working)]


def files_of(source: Path, target: Path) -> list[tuple[Path, Path]]:
    """A file, or every file of a folder, and where it is to be."""
    if source.is_file():
        return [(source, target)]
    files = sorted(path for path in source.rglob("*") if path.is_file() and os.access(path, os.R_OK))
    return [(path, target / path.relative_to(source)) for path in files]


def _in_data(text: str, place: Path) -> Path | None:
    """The file or folder in `place` that ends as a path does, the longest ending first; a bare word may only name a file."""
    parts = [part for part in os.path.normpath(text.replace("\\", "/")).split("/") if part not in ("", "..", ".")]
    for start in range(len(parts)):
        candidate = place.joinpath(*parts[start:])
        if candidate.is_file() or (candidate.is_dir() and len(parts) > 1):
            return candidate
    return place if len(parts) > 1 and parts[-1] == place.name else None


def is_table(name: str) -> bool:
    """Whether a file is a table in lines, of which the beginning is a table too."""
    return name.lower().endswith(TABLES)


def copy_beginning(source: Path, target: Path, rows: int) -> bool:
    """Copies the header and the first rows of a table in lines; False, with nothing written, when it is not longer than that."""
    header = 1 if source.name.lower().removesuffix(".gz").endswith(WITH_HEADER) else 0
    opened: Any = gzip.open if source.name.lower().endswith(".gz") else open
    with opened(source, "rb") as file:
        kept = _records(file, rows + header, quoted=bool(header))
        if not file.read(1):
            return False
    with opened(target, "wb") as written:
        written.write(kept)
    return True


def _records(file: BinaryIO, count: int, quoted: bool) -> bytes:
    """The first records of a file; in a quoted one a line may end inside quotation marks, and the record goes on."""
    lines: list[bytes] = []
    open_quote = False
    while count > 0:
        line = file.readline()
        if not line:
            break
        lines.append(line)
        open_quote ^= quoted and line.count(b'"') % 2 == 1
        count -= not open_quote
    return b"".join(lines)
