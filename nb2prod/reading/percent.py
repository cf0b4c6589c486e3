"""The bytes of a percent script (`.py` with `# %%` lines) -> a `Notebook` whose cells hold their source, not yet their Python.

    # %% [markdown]
    # # Sales                                Cell(0, "cell-0", "markdown", "# Sales")
    # %% tags=["parameters"]          ->     Cell(1, "cell-1", "code", "YEAR = 2024", tags=("parameters",))
    YEAR = 2024                              Cell(2, "cell-2", "code", "%matplotlib inline\\nprint(YEAR)")
    # %%
    # %matplotlib inline
    print(YEAR)

Understands the scripts jupytext, VS Code, Spyder and Databricks write, and `# In[3]:` of exported notebooks. A script without such lines is one cell.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nb2prod.errors import ReadError
from nb2prod.model.notebook import Cell, Notebook
from nb2prod.model.syntax import nodes_of, parsed
from nb2prod.reading.characters import with_newlines
from nb2prod.reading.databricks import databricks_cells, is_databricks
from nb2prod.reading.language import check_language
from nb2prod.reading.statements import UNPARSABLE
from nb2prod.reading.wishes import wishes_in

MARKER = re.compile(r"#\s*%%(?:%*)(?:\s+(?P<options>.*))?$|# In\s?\[[\d ]*\]:\s*$")
KIND = re.compile(r"\[(markdown|md|raw)\]")
KINDS: Mapping[str, Literal["code", "markdown", "raw"]] = {"markdown": "markdown", "md": "markdown", "raw": "raw"}
TAGS = re.compile(r'"?\btags"?\s*[=:]\s*(\[[^\]]*\])')
ASKED = re.compile(r'(?:^|\s)"?nb2prod"?\s*[=:]\s*(?=\{)')
LANGUAGE = re.compile(r'\blanguage="(\w+)"')
FIRST_LINES = re.compile(r"#!|#.*?coding[:=]\s*[-\w.]+|\s*$")
# Special syntax that jupytext writes as a comment so that the script stays Python.
COMMENTED_MAGIC = re.compile(r"(\s*)#\s?(%{1,2}[A-Za-z_]\w.*|!{1,2}[A-Za-z./~${].*|\?{1,2}[A-Za-z_].*|[A-Za-z_]\w*\s*=\s*[%!][A-Za-z].*)$")
QUOTES = re.compile(r'\s*[rR]?("""|\'\'\')(.*?)\1\s*$', re.DOTALL)
FORMATS = frozenset({"percent", "hydrogen", "vscode", "spyder"})


@dataclass(frozen=True)
class Section:
    """A piece of the script between two markers: the words behind its marker and its lines."""

    options: str
    lines: tuple[str, ...]


def read_percent(data: bytes, path: str) -> Notebook:
    """Read a percent script. Raises `ReadError` when it is empty, wrongly encoded, of another jupytext format or not for Python 3."""
    lines = with_newlines(_text(data, path)).split("\n")
    if is_databricks(lines):
        return Notebook(path=path, sha256="", cells=databricks_cells(lines))
    header, body = _header(lines)
    if (name := header.get("format_name", "percent")) not in FORMATS:
        raise ReadError(
            f"{path}: this script is in jupytext's '{name}' format; nb2prod reads the percent format",
            "jupytext --to ipynb writes a notebook of it",
        )
    kernelspec = {"name": header.get("kernelspec.name", ""), "language": header.get("kernelspec.language", "")}
    version = header.get("language_info.version", "")
    check_language(path, kernelspec, {"version": version})
    cells = tuple(_cell(section, index) for index, section in enumerate(_sections(body)))
    return Notebook(path=path, sha256="", cells=cells, kernel=kernelspec["name"], language_version=version)


def _text(data: bytes, path: str) -> str:
    """The script decoded as Python decodes it: by its byte order mark or coding line, UTF-8 otherwise."""
    if not data.strip():
        raise ReadError(f"{path}: the file is empty", "name a script with `# %%` cells")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ReadError(f"{path}: cannot be decoded: {error}", "save the file as UTF-8") from error


def _header(lines: Sequence[str]) -> tuple[Mapping[str, str], Sequence[str]]:
    """jupytext's commented YAML at the top, as "kernelspec.name" -> value (of the two last levels), and the lines below it."""
    start = next((index for index, line in enumerate(lines) if not FIRST_LINES.match(line)), len(lines))
    if start == len(lines) or lines[start].rstrip() != "# ---" or "# ---" not in (line.rstrip() for line in lines[start + 1 :]):
        return {}, lines[start:]
    end = next(index for index in range(start + 1, len(lines)) if lines[index].rstrip() == "# ---")
    values: dict[str, str] = {}
    section = ""
    for line in lines[start + 1 : end]:
        key, _, value = line.lstrip("# ").partition(":")
        if not value.strip():
            section = key.strip()
            continue
        values[key.strip()] = values[f"{section}.{key.strip()}"] = value.strip().strip("'\"")
    return values, lines[end + 1 :]


def _sections(lines: Sequence[str]) -> Iterator[Section]:
    """The pieces of the script; text before the first marker is a cell of its own when there is any."""
    options, piece, marked = "", [], False
    for line in lines:
        marker = MARKER.match(line)
        if not marker:
            piece.append(line)
            continue
        if marked or "".join(piece).strip():
            yield Section(options, _trimmed(piece))
        options, piece, marked = marker["options"] or "", [], True
    if marked or "".join(piece).strip():
        yield Section(options, _trimmed(piece))


def _trimmed(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines without the blank ones at the end, which only separate cells."""
    end = next((index for index in range(len(lines), 0, -1) if lines[index - 1].strip()), 0)
    return tuple(lines[:end])


def _cell(section: Section, index: int) -> Cell:
    found = KIND.search(section.options)
    kind = KINDS[found[1]] if found else "code"
    language = LANGUAGE.search(section.options)
    if kind != "code":
        source = _uncommented(section.lines)
    elif language:
        source = "\n".join([f"%%{language[1]}", _uncommented(section.lines)])
    else:
        source = _with_magics(section.lines)
    return Cell(index, f"cell-{index}", kind, source, tags=_tags(section.options), wishes=wishes_in(_asked(section.options)))


def _tags(options: str) -> tuple[str, ...]:
    found = TAGS.search(options)
    try:
        tags = json.loads(found[1]) if found else []
    except ValueError:
        return ()
    return tuple(tag for tag in tags if isinstance(tag, str))


def _asked(options: str) -> object:
    """The cell's metadata of our own, as jupytext writes it: `nb2prod={"parameters": ...}`."""
    found = ASKED.search(options)
    try:
        return json.JSONDecoder().raw_decode(options, found.end())[0] if found else None
    except (ValueError, RecursionError):
        return None


def _uncommented(lines: Sequence[str]) -> str:
    """The text of a cell that is written as comments, or as one triple-quoted string."""
    text = "\n".join(lines)
    quoted = QUOTES.match(text)
    if quoted:
        return quoted[2].strip("\n")
    return "\n".join(re.sub(r"^# ?", "", line) for line in lines)


def _with_magics(lines: Sequence[str]) -> str:
    """The text of a code cell with its commented magics brought back; lines inside a string are left alone."""
    if not any(COMMENTED_MAGIC.match(line) for line in lines):
        return "\n".join(lines)
    inside = _lines_inside_strings("\n".join(lines))
    return "\n".join(line if number in inside else COMMENTED_MAGIC.sub(r"\1\2", line) for number, line in enumerate(lines, start=1))


def _lines_inside_strings(code: str) -> frozenset[int]:
    """The numbers of the lines that begin within a string; none when the code does not parse."""
    try:
        tree = parsed(code)
    except UNPARSABLE:
        return frozenset()
    strings = (node for node in nodes_of(tree) if isinstance(node, (ast.Constant, ast.JoinedStr)))
    return frozenset(line for node in strings for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
