"""Many notebooks -> what each is, streamed in their order, by several processes; one bad notebook never stops the rest.

    survey([Path("a.ipynb"), Path("b.ipynb")], Terms(jobs=2))   ->   Survey("a.ipynb", "analysed", ...), Survey("b.ipynb", "refused", ...)

What was seen before and has not changed comes from a cache, so an interrupted survey goes on where it was. Nothing of a notebook is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2prod.model.choices import Choices
from nb2prod.model.survey import Survey
from nb2prod.surveying.finding import find_notebooks
from nb2prod.surveying.looking import look_at, told_of
from nb2prod.surveying.seen import Seen
from nb2prod.surveying.workers import surveyed

__all__ = ["Terms", "find_notebooks", "look_at", "survey", "told_of"]


@dataclass(frozen=True)
class Terms:
    """How a survey is made: `jobs` processes, `seconds` and `memory` (bytes) for each notebook, the address of a Dask cluster instead of own
    processes, and whether what was seen before is looked up."""

    jobs: int = 1
    seconds: float = 60.0
    memory: int = 4 << 30
    cluster: str = ""
    cached: bool = True


def survey(paths: Sequence[Path], terms: Terms, choices: Choices) -> Iterator[Survey]:
    """Every notebook in the order given, no path twice, each as soon as it and those before it are known."""
    seen = Seen(choices, terms.cached)
    known = {path for path in paths if seen.has(path)}
    fresh = _looked_at([path for path in paths if path not in known], terms, choices)
    waiting: dict[Path, Survey] = {}
    for path in paths:
        found = seen.find(path) if path in known else waiting.pop(path, None)
        if found is None and path in known:  # it was there and cannot be read
            [(_, found)] = _looked_at([path], terms, choices)
            seen.keep(path, found)
        while found is None:
            done, other = next(fresh)
            waiting[done] = other
            seen.keep(done, other)
            found = waiting.pop(path, None)
        yield found


def _looked_at(paths: Sequence[Path], terms: Terms, choices: Choices) -> Iterator[tuple[Path, Survey]]:
    """Every notebook with what came of it, as they are done."""
    if not terms.cluster:
        return surveyed(paths, min(terms.jobs, max(len(paths), 1)), terms.seconds, terms.memory, choices)
    from nb2prod.surveying.cluster import surveyed_by_cluster  # late: it needs dask

    return surveyed_by_cluster(paths, terms.cluster, terms.seconds, choices)
