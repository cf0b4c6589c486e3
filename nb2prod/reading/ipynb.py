"""The bytes of an `.ipynb` file -> a `Notebook` whose cells hold their source, not yet their Python.

    {"cells": [{"cell_type": "code", "source": ["a = 1\\n", "a"]}], "nbformat": 4}  ->  Cell(0, "cell-0", "code", "a = 1\\na")

Reads formats 3 (worksheets), 4 and 5. It works on plain JSON and not through nbformat: importing that costs 0.2 to 1.2 s (it brings
jsonschema), its validation refuses files that people have, and the few fields a conversion needs differ little between the formats.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from nb2prod.errors import ReadError
from nb2prod.model.notebook import Cell, Notebook
from nb2prod.reading.characters import without_surrogates
from nb2prod.reading.language import check_language
from nb2prod.reading.outputs import read_outputs
from nb2prod.reading.wishes import wishes_in

OLDEST, NEWEST = 3, 5
# Format 3 has more kinds of cells; a kind nobody knows is text that is not run.
CELL_KINDS: Mapping[str, Literal["code", "markdown", "raw"]] = {
    "code": "code",
    "markdown": "markdown",
    "heading": "markdown",
    "html": "markdown",
}
# What a broken file starts with or holds, and what to do about it.
NOT_JSON_HINTS = (
    ("version https://git-lfs", "this is a Git LFS pointer: run `git lfs pull` to get the notebook itself"),
    ("\n<<<<<<<", "it holds unresolved git merge conflicts: resolve them first"),
    ("<html", "this is a web page saved under a notebook's name: download the raw file"),
    ("<!DOCTYPE", "this is a web page saved under a notebook's name: download the raw file"),
)


def read_ipynb(data: bytes, path: str) -> Notebook:
    """Read the JSON of a notebook. Raises `ReadError` for anything but a Python notebook of format 3 to 5."""
    content = _json(data, path)
    cells = _cells(content, path)
    metadata = _mapping(content.get("metadata"))
    kernelspec, language_info = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    check_language(path, kernelspec, language_info)
    ids = _ids(cells)
    return Notebook(
        path=path,
        sha256="",
        cells=tuple(_cell(cell, index, ids[index], path) for index, cell in enumerate(cells)),
        kernel=str(kernelspec.get("name") or ""),
        language_version=str(language_info.get("version") or ""),
    )


def _json(data: bytes, path: str) -> Mapping[str, Any]:
    """The file as JSON, in UTF-8 (with or without a byte order mark) or any encoding JSON allows."""
    if not data.strip():
        raise ReadError(f"{path}: the file is empty", "save the notebook again in Jupyter, or restore it from a backup")
    try:
        text = data.decode(json.detect_encoding(data), "surrogatepass")
        content = json.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(f"{path}: line {line}: byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        hint = next((hint for sign, hint in NOT_JSON_HINTS if sign in text), "open it in Jupyter, or restore it from a backup")
        raise ReadError(f"{path}: line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}", hint) from error
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{path}: not readable as JSON: {error}", "open it in Jupyter and save it again") from error
    if not isinstance(content, dict):
        raise _no_notebook(path, "the JSON in it is not an object")
    return content


def _no_notebook(path: str, why: str) -> ReadError:
    return ReadError(f"{path}: not a notebook: {why}", "name a notebook that Jupyter can open")


def _cells(content: Mapping[str, Any], path: str) -> list[Mapping[str, Any]]:
    """The cells of any format we read, in the order of the file."""
    version = content.get("nbformat")
    if version is not None and not isinstance(version, int):
        raise _no_notebook(path, f"its nbformat is {version!r}, not a number")
    if version is not None and version < OLDEST:
        raise ReadError(
            f"{path}: nbformat {version} is too old; nb2prod reads {OLDEST} to {NEWEST}", "open it in Jupyter and save it again"
        )
    if version is not None and version > NEWEST:
        raise ReadError(
            f"{path}: nbformat {version} is too new; nb2prod reads {OLDEST} to {NEWEST}", "update nb2prod, or save the notebook as format 4"
        )
    sheets = [content] if "cells" in content else content.get("worksheets")
    if not isinstance(sheets, list):
        raise _no_notebook(path, "it has no cells")
    cells = [cell for sheet in sheets for cell in _list(_mapping(sheet).get("cells"), path)]
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict):
            raise _no_notebook(path, f"cell {index} is not an object")
    return cells


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _no_notebook(path, "its cells are not a list")
    return value


def _cell(cell: Mapping[str, Any], index: int, id: str, path: str) -> Cell:
    """One cell of format 3 (`input`, `prompt_number`) or later (`source`, `execution_count`)."""
    kind = CELL_KINDS.get(str(cell.get("cell_type")), "raw")
    source = _source(cell.get("source", cell.get("input")), index, path)
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        source = "#" * (level if isinstance(level, int) else 1) + " " + source
    if kind != "code":
        return Cell(index, id, kind, source, tags=_tags(cell))
    count = cell.get("execution_count", cell.get("prompt_number"))
    return Cell(
        index,
        id,
        kind,
        source,
        tags=_tags(cell),
        execution_count=count if isinstance(count, int) else None,
        outputs=read_outputs(cell.get("outputs"), source),
        wishes=wishes_in(_mapping(cell.get("metadata")).get("nb2prod")),
    )


def _source(value: Any, index: int, path: str) -> str:
    """A cell's text, which may be saved as one text or as the list of its lines."""
    lines = [value or ""] if not isinstance(value, list) else value
    if not all(isinstance(line, str) for line in lines):
        raise _no_notebook(path, f"the source of cell {index} is not text")
    return "".join(lines)


def _tags(cell: Mapping[str, Any]) -> tuple[str, ...]:
    tags = _mapping(cell.get("metadata")).get("tags")
    return tuple(without_surrogates(tag) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _ids(cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """One id for every cell: its own where it has one, "cell-3" where not, with "-2", "-3" ... behind one that is taken.

    Ids in the file are never taken by made-up ones, so that they mean the same cell whatever surrounds it.
    """
    given = [without_surrogates(cell["id"]) if isinstance(cell.get("id"), str) else "" for cell in cells]
    taken: set[str] = set()
    reserved = {id for id in given if id}
    ids = []
    for index, own in enumerate(given):
        wanted = own or f"cell-{index}"
        free = own and own not in taken
        names = (wanted if rank == 1 else f"{wanted}-{rank}" for rank in range(1, len(given) + len(reserved) + 2))
        id = own if free else next(name for name in names if name not in taken and name not in reserved)
        taken.add(id)
        ids.append(id)
    return ids


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
