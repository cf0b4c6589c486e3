"""The mutants that survived -> further recorded cases that notice them.

    strengthen(folder, score, bench)   ->   (Addition("label", "tests/recorded/label-2.json", "{...}"), ...)

The stages with the lowest scores go first. What no variation of a recorded case shows is left: it may be no fault at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nb2prod.mutation import Score, StageScore
from nb2prod.mutation.mutants import named_values
from nb2prod.mutation.running import Bench, told_by

LARGEST, TOGETHER = 40_000, 200_000  # bytes of one case, and of all that a project has
RECORDED = "tests/recorded"


@dataclass(frozen=True)
class Addition:
    """A further case of a stage: its file, relative to the project, and what stands in it."""

    stage: str
    path: str
    text: str


def strengthen(folder: Path, source_root: str, score: Score, bench: Bench) -> tuple[Addition, ...]:
    """Cases in which mutants that survived do something else than the functions; nothing is written. Raises `RunError` without pytest."""
    weak = sorted((one for one in score.stages if one.survivors and _case(folder, one.stage).is_file()), key=lambda one: one.percent)
    room = TOGETHER - sum(path.stat().st_size for path in (folder / RECORDED).glob("*.json"))
    if not weak or room <= 0:
        return ()
    orders = {
        "folder": str(folder.absolute()),
        "source_root": source_root,
        "seconds": bench.seconds,
        "largest": LARGEST,
        "room": room,
        "stages": [_order(folder, source_root, stage) for stage in weak],
    }
    return tuple(
        Addition(str(told["stage"]), f"{RECORDED}/{told['name']}.json", str(told["text"])) for told in told_by("searching", orders, bench)
    )


def failing_cases(score: Score, additions: Iterable[Addition]) -> tuple[Addition, ...]:
    """Those whose own test fails without any fault: they would fail tomorrow as well."""
    names = {test.rpartition("[")[2].rstrip("]") for test in score.failing}
    return tuple(one for one in additions if Path(one.path).stem in names)


def _case(folder: Path, stage: str) -> Path:
    return folder / RECORDED / f"{stage}.json"


def _order(folder: Path, source_root: str, stage: StageScore) -> dict[str, object]:
    source = folder.joinpath(source_root, *stage.module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    mutants = [one.as_order() for one in stage.survivors]
    return {"stage": stage.stage, "mutants": mutants, "named": named_values(source, stage.stage)}
