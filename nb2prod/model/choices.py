"""What the user asked for.

nb2prod convert nb.ipynb --keep model --target cron   ->   Choices(keep=("model",), targets=("cron",))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nb2prod.model.job import Schedule


@dataclass(frozen=True)
class Choices:
    """The user's words for one conversion; empty means "decide yourself".

    `seed` sets the random generators before both runs. `memory` is how many bytes all processes of a run may take together (0: nine tenths of
    the machine's). `data` is a folder in which missing input files are looked up; `variables` join the environment of both runs, and being
    secrets as often as not, they are never printed, sent or saved; `sample` cuts table files to so many rows (0: whole files).
    `whole` asks for one function that binds the notebook's names as a module does, with no definition moved and no literal made a parameter;
    `attempts` is how often what was dropped may be restored and everything tried again, when the package differs. `fixed` are names of
    parameters that are to stay written in the code; `trial_seconds` is how long parameters may be tried with other values (0: not at all).
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
    memory: int = 0
    sandbox: bool = False
    data: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False, metadata={"private": True})
    sample: int = 0
    seed: int | None = None
    force: bool = False
    whole: bool = False
    attempts: int = 8
    fixed: tuple[str, ...] = ()
    trial_seconds: float = 60.0
