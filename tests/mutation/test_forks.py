"""Work in a child with limits: what it gives, and when it is given up."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from nb2prod.mutation.forks import forked


def _busy() -> dict[str, Any]:
    while True:
        pass


def _waiting() -> dict[str, Any]:
    time.sleep(1.5)
    return {"fate": "survived"}


def _sleeping() -> dict[str, Any]:
    time.sleep(120)
    return {"fate": "survived"}


def test_a_child_that_has_had_its_seconds_of_the_processor_is_given_up(tmp_path: Path) -> None:
    assert forked(_busy, 300.0, str(tmp_path), of_processor=1.0) is None


def test_a_child_that_only_waits_has_not_had_them(tmp_path: Path) -> None:
    assert forked(_waiting, 300.0, str(tmp_path), of_processor=1.0) == {"fate": "survived"}


def test_a_child_is_given_up_when_its_time_is_over(tmp_path: Path) -> None:
    assert forked(_sleeping, 0.1, str(tmp_path)) is None
