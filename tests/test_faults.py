"""Faults put into generated packages are reported DIFFERENT where they lie, and edits that change nothing stay SAME: see `faults/*.md`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fault_files import FOLDER, Base, Fault, make_base, read_faults

FILES = {path.stem: path for path in sorted(FOLDER.glob("*.md"))}
ROWS = [fault for path in FILES.values() for fault in read_faults(path)]
FAULTS = [fault for fault in ROWS if fault.where]
HARMLESS = [fault for fault in ROWS if not fault.where]


@pytest.fixture(scope="session")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Base]:
    """The converted notebook of a fault file, made when it is first asked for."""
    made: dict[str, Base] = {}

    def give(name: str) -> Base:
        if name not in made:
            made[name] = make_base(FILES[name], Path(tmp_path_factory.mktemp(name)))
        return made[name]

    return give


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_where_it_lies(fault: Fault, base_of: Callable[[str], Base]) -> None:
    verdict = base_of(fault.base).verdict_on(fault)
    told = [f"{comparison.name}: {comparison.difference}" for comparison in verdict.comparisons if comparison.outcome == "different"]
    assert verdict.outcome == "different"
    assert any(text.startswith(fault.where) for text in (*told, verdict.reason)), (told, verdict.reason)


@pytest.mark.slow
@pytest.mark.parametrize("change", HARMLESS, ids=str)
def test_a_change_without_effect_is_no_fault(change: Fault, base_of: Callable[[str], Base]) -> None:
    verdict = base_of(change.base).verdict_on(change)
    assert (verdict.outcome, verdict.reason) == ("same", "")


def test_there_are_enough_faults() -> None:
    assert len(FAULTS) >= 45 and len(HARMLESS) >= 10
