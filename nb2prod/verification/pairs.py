"""Results, and what both runs saw -> pairs of pictures to hold against each other, each with its name.

    Result("score", "variable"), Recording of the notebook, Recording of the package   ->   Pair("score", {...0.84}, {...0.84})

A value that one side does not have is None in its pair, with the reason why.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import StatementId
from nb2prod.model.recording import FilePicture, Picture, Recording, Shown

PACKAGE_STDOUT = StatementId(-1, 0)
PRINTED = "printed text"


@dataclass(frozen=True)
class Pair:
    """One result as both runs gave it. `missing` says why a side has none; of files, `bytes_equal` is True when they are equal to the byte, and
    `unreadable` when the content of their format is not known, and `renamed` when every run gives it another name."""

    name: str
    expected: Picture | None
    actual: Picture | None
    missing: str = ""
    bytes_equal: bool = False
    unreadable: bool = False
    file: bool = False
    renamed: bool = False


def pair_up(
    results: Sequence[Result], live: Sequence[StatementId], dropped: Sequence[str], recording: Recording, run: Recording
) -> tuple[Pair, ...]:
    """All pairs: the named results, every file either run wrote (but for dropped ones), and the printed text."""
    named = [_named(result, recording, run) for result in results if result.kind != "file"]
    return (*named, *_files(results, dropped, recording, run), *_printed(live, recording, run))


def by_name(pairs: Sequence[Pair]) -> dict[tuple[str, int], Pair]:
    """Pairs by name, and by rank among those of the same name, so that the same pair can be found in another run."""
    found: dict[tuple[str, int], Pair] = {}
    for pair in pairs:
        rank = sum(1 for name, _ in found if name == pair.name)
        found[pair.name, rank] = pair
    return found


def with_new_names(pairs: Sequence[Pair], others: Mapping[tuple[str, int], Pair]) -> tuple[list[Pair], dict[tuple[str, int], Pair]]:
    """Pairs in which files named anew in every run (`report_0812.csv`) meet: as many of a kind in a folder in both runs of the notebook and in
    the package. `others` are the pairs of a second run of the notebook."""
    mine, theirs = by_name(pairs), dict(others)
    first = _grouped(key for key, pair in mine.items() if pair.file and pair.actual is None and _lacks(theirs.get(key)))
    second = _grouped(key for key, pair in theirs.items() if pair.file and pair.expected is not None and _lacks(mine.get(key)))
    package = _grouped(key for key, pair in mine.items() if pair.file and pair.expected is None)
    for group, keys in first.items():
        if len(keys) == len(second.get(group, ())) == len(package.get(group, ())):
            for key, again, new in zip(keys, second[group], package[group], strict=True):
                mine[key] = replace(mine[key], actual=mine[new].actual, missing="", renamed=True)
                theirs[key] = theirs.pop(again)
                del mine[new]
    return list(mine.values()), theirs


def _lacks(pair: Pair | None) -> bool:
    return pair is None or pair.expected is None


def _grouped(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """Files by folder and ending."""
    groups: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for key in sorted(keys):
        groups.setdefault((posixpath.dirname(key[0]), posixpath.splitext(key[0])[1]), []).append(key)
    return groups


def _named(result: Result, recording: Recording, run: Recording) -> Pair:
    expected, missing = FINDERS[result.kind](result, recording)
    actual = run.variables.get(result.name)
    if expected is not None and expected.get("kind") == "figure" and actual is not None and actual.get("kind") == "axes":
        actual = actual.get("figure", actual)
    if expected is None and result.kind == "text" and actual is not None and actual.get("kind") == "none":
        return Pair(result.name, actual, actual)  # a value None at the end of a cell shows nothing
    if expected is not None and actual is None:
        missing = f"the package's results have no `{result.name}`"
    return Pair(result.name, expected, actual, missing)


Found = tuple[Picture | None, str]


def _variable(result: Result, recording: Recording) -> Found:
    return recording.variables.get(result.name), f"the notebook has no variable `{result.name}` at its end"


def _text(result: Result, recording: Recording) -> Found:
    wanted = (result.statement, result.position)
    shown = [one for one in recording.shown if (one.statement, one.position) == wanted and one.how != "figure"]
    return (shown[0].picture if shown else None), f"the notebook showed no such value in {_cell(result)}"


def _figure(result: Result, recording: Recording) -> Found:
    drawn = drawn_in(recording, result.statement.cell if result.statement else -1)
    missing = f"the notebook drew {len(drawn)} figures in {_cell(result)}"
    if result.many:
        return ({"kind": "list", "items": [one.picture for one in drawn]} if drawn else None), missing
    return (drawn[result.position].picture if result.position < len(drawn) else None), missing


def drawn_in(recording: Recording, cell: int) -> list[Shown]:
    """The figures a cell showed: those flushed because they were drawn, else those displayed as values."""
    here = [one for one in recording.shown if one.statement.cell == cell]
    flushed = [one for one in here if one.how == "figure"]
    return flushed or [one for one in here if one.picture.get("kind") == "figure" or one.picture.get("type") == "plotly.Figure"]


FINDERS: Mapping[str, Callable[[Result, Recording], Found]] = {"variable": _variable, "text": _text, "figure": _figure}


def _cell(result: Result) -> str:
    return f"cell {result.statement.cell}" if result.statement else "any cell"


def _files(results: Sequence[Result], dropped: Sequence[str], recording: Recording, run: Recording) -> Iterator[Pair]:
    left = {posixpath.normpath(file.path): file for file in recording.files}
    right = {posixpath.normpath(file.path): file for file in run.files}
    excused = {posixpath.normpath(path) for path in dropped}
    for path in sorted((left.keys() | right.keys()) - excused):
        yield _file(path, left.get(path), right.get(path))
    known = left.keys() | right.keys()
    for result in results:
        path = posixpath.normpath(result.path) if result.path else "?"
        if result.kind == "file" and "?" not in path and not any(one == path or one.startswith(path + "/") for one in known):
            if posixpath.isabs(path) or path.startswith(".."):
                yield Pair(path, None, None, "neither run wrote it below the copied folder")


def _file(path: str, left: FilePicture | None, right: FilePicture | None) -> Pair:
    if left is None or right is None:
        missing = _missing(left, right)
        return Pair(path, _picture(left), _picture(right), missing, file=True)
    unreadable = not left.content or not right.content
    return Pair(path, _picture(left), _picture(right), bytes_equal=left.sha256 == right.sha256 != "", unreadable=unreadable, file=True)


def _missing(left: FilePicture | None, right: FilePicture | None) -> str:
    """What is wrong with a file that only one run touched."""
    if left is None:
        return "only the package deletes this file" if _deleted(right) else "extra file: only the package wrote it"
    return "the package does not delete this file" if _deleted(left) else "missing file: the package did not write it"


def _deleted(file: FilePicture | None) -> bool:
    return file is not None and file.content.get("kind") == "deleted"


def _picture(file: FilePicture | None) -> Picture | None:
    """A file by its content where that is known, else by its size and digest."""
    if file is None:
        return None
    return file.content or {"kind": "file", "name": f"{file.size} bytes", "sha256": file.sha256}


def _printed(live: Sequence[StatementId], recording: Recording, run: Recording) -> Iterator[Pair]:
    notebook = "".join(recording.stdout.get(id, "") for id in live)
    package = run.stdout.get(PACKAGE_STDOUT, "")
    if notebook or package:
        yield Pair(PRINTED, {"kind": "str", "value": notebook}, {"kind": "str", "value": package})
