"""Saved outputs of a code cell, as JSON -> `Output`s.

    {"output_type": "error", "ename": "KeyError",         ->      Output("error", "...----> 2 d['x']", error_name="KeyError", error_line=2)
     "traceback": ["...", "----> 2 d['x']"]}

Both the words of format 4 (`execute_result`) and those of format 3 (`pyout`) are understood. A stream's mime type is the one JupyterLab
gives it, so that standard error can be told from standard output.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from nb2prod.model.notebook import Output
from nb2prod.reading.characters import without_colours, without_surrogates

LONGEST_TEXT = 20_000
FORMAT_3_MIMES = MappingProxyType(
    {
        "text": "text/plain",
        "html": "text/html",
        "png": "image/png",
        "jpeg": "image/jpeg",
        "svg": "image/svg+xml",
        "latex": "text/latex",
        "json": "application/json",
        "javascript": "application/javascript",
        "pdf": "application/pdf",
    }
)
# The line that heads a frame of the user's own cell, in every style since IPython 1.
CELL_FRAME = re.compile(r"<ipython-input-|ipython-input-\d|\bCell In ?\[|\bInput In ?\[|ipykernel_\d+|in <module>|<cell line")
ARROW = re.compile(r"^-+> (\d+) ?(.*)$", re.MULTILINE)
SYNTAX_ERROR_LINE = re.compile(r'(?:File "?<?ipython-input[^\n]*|(?:Cell|Input) In ?\[\d+\]|ipykernel_\d+/[^\n]*), line (\d+)')
# `%%time` compiles the lines below it as a source of its own.
TIMED_LINE = re.compile(r"<timed (?:exec|eval)>[^\n]*?(?:, line |:)(\d+)")


def read_outputs(outputs: Any, source: str) -> tuple[Output, ...]:
    """The outputs of a cell whose text is `source`; what is no output by any version of the format is left out."""
    if not isinstance(outputs, list):
        return ()
    read = (KINDS[output["output_type"]](output, source) for output in outputs if _known(output))
    return tuple(read)


def _known(output: Any) -> bool:
    kind = output.get("output_type") if isinstance(output, dict) else None
    return isinstance(kind, str) and kind in KINDS


def _stream(output: Mapping[str, Any], source: str) -> Output:
    name = output.get("name") or output.get("stream") or "stdout"
    return Output("stream", _text(output.get("text")), (f"application/vnd.jupyter.{name}",))


def _display(output: Mapping[str, Any], source: str) -> Output:
    return Output("display", *_bundle(output))


def _result(output: Mapping[str, Any], source: str) -> Output:
    return Output("result", *_bundle(output))


def _error(output: Mapping[str, Any], source: str) -> Output:
    traceback = output.get("traceback")
    text = without_colours("\n".join(part for part in traceback if isinstance(part, str))) if isinstance(traceback, list) else ""
    name = str(output.get("ename") or "")
    shown = text or f"{name}: {output.get('evalue') or ''}"
    return Output("error", _text(shown), error_name=without_surrogates(name), error_line=error_line(text, source))


def _bundle(output: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The plain text of a display and its mime types, from either format."""
    data = output.get("data")
    if not isinstance(data, dict):
        data = {mime: output[key] for key, mime in FORMAT_3_MIMES.items() if key in output}
    return _text(data.get("text/plain")), tuple(without_surrogates(str(mime)) for mime in data)


def _text(value: Any) -> str:
    """A text that may be saved as a list of its lines, made safe to write and cut to a length people would read."""
    parts = value if isinstance(value, list) else [value]
    return without_surrogates("".join(part for part in parts if isinstance(part, str)))[:LONGEST_TEXT]


KINDS: Mapping[str, Callable[[Mapping[str, Any], str], Output]] = MappingProxyType(
    {"stream": _stream, "display_data": _display, "execute_result": _result, "error": _error, "pyout": _result, "pyerr": _error}
)


def error_line(traceback: str, source: str) -> int:
    """The line of the cell that raised, from a traceback without colours; 0 when it does not tell or the cell has changed since."""
    arrow = ARROW.search(traceback)
    if arrow is None:
        number = _first_number(SYNTAX_ERROR_LINE, traceback)
        return _within(number and number + _blank_lines(source), source)
    if not CELL_FRAME.search(traceback, 0, arrow.start()):
        return 0
    number, shown = int(arrow[1]), arrow[2].strip()
    if "get_ipython().run_cell_magic(" in shown:
        timed = _first_number(TIMED_LINE, traceback)
        return _within(timed and timed + 1, source)
    return _matching(number, shown, source)


def _matching(number: int, shown: str, source: str) -> int:
    """The line that reads as the traceback shows it: a cell may have been edited after its run."""
    lines = [line.strip() for line in source.split("\n")]
    moved = number + _blank_lines(source)
    if "get_ipython()" in shown:  # a magic: the traceback shows what it was turned into
        return _within(moved, source)
    if 1 <= moved <= len(lines) and lines[moved - 1] == shown:
        return moved
    return lines.index(shown) + 1 if shown and lines.count(shown) == 1 else 0


def _blank_lines(source: str) -> int:
    """How many lines stand above the first that is not blank: IPython does not count them."""
    return source.count("\n", 0, len(source) - len(source.lstrip()))


def _within(number: int, source: str) -> int:
    return number if 1 <= number <= source.count("\n") + 1 else 0


def _first_number(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0
