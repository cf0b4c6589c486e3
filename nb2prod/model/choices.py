"""What the user asked for.

nb2prod convert nb.ipynb --keep model --target cron   ->   Choices(keep=("model",), targets=("cron",))
"""

from __future__ import annotations

from dataclasses import dataclass

from nb2prod.model.job import Schedule


@dataclass(frozen=True)
class Choices:
    """The user's words for one conversion; empty means "decide yourself".

    `seed` sets the random generators before both runs.
    """

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    package: str = ""
    run: bool = True
    kernel: str = ""
    python: str = ""
    targets: tuple[str, ...] = ("cron",)
    schedule: Schedule | None = None
    timeout: float = 600.0
    seed: int | None = None
    force: bool = False
