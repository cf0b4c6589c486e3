"""A grid of parameters -> the run of each of its points, and the table of what came out.

    combinations({"region": "EU"}, {"depth": ["2", "3"]})   ->   [{"region": "EU", "depth": "2"}, {"region": "EU", "depth": "3"}]

A point is known by its parameters and by the code it runs: what was done with the same of both is not done again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nb2prod.commands.sweep_runs import Order, answer_of
from nb2prod.errors import ChoiceError, RunError
from nb2prod.saving import write_whole

MOST = 100_000  # points of a grid
CHECK = """\
import importlib, json, sys
model = importlib.import_module(sys.argv[1] + ".parameters")
for texts in json.load(sys.stdin.buffer):
    try:
        model.Parameters.from_texts(texts)
    except model.ParameterError as error:
        sys.stdout.buffer.write(str(error).encode("utf-8"))
        sys.exit(2)
"""


def combinations(fixed: Mapping[str, str], grid: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Every point, the last name varying fastest. Raises `ChoiceError` for none or too many."""
    if not grid:
        raise ChoiceError("nothing varies", "write --vary NAME=VALUE for each value, or --grid FILE")
    count = 1
    for values in grid.values():
        count *= len(values)
    if count > MOST:
        raise ChoiceError(f"this grid has {count} points, more than {MOST}", "vary fewer parameters at a time")
    return [{**fixed, **dict(zip(grid, values, strict=True))} for values in itertools.product(*grid.values())]


@dataclass(frozen=True)
class Sweep:
    """What all runs share: the project, where what they make goes, and what runs it."""

    folder: Path
    manifest: Mapping[str, Any]
    output: Path
    program: str
    variables: Mapping[str, str]
    timeout: float

    @cached_property
    def source(self) -> Path:
        return (self.folder / str(self.manifest["source_root"])).resolve()

    @cached_property
    def environment(self) -> dict[str, str]:
        paths = [str(self.source), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {**self.variables, "PYTHONPATH": os.pathsep.join(paths)}

    @cached_property
    def code(self) -> str:
        """A digest of the package."""
        digest = hashlib.sha256()
        for path in sorted(self.source.rglob("*.py")):
            digest.update(path.relative_to(self.source).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def order(self, texts: Mapping[str, str]) -> Order:
        """The run of one point."""
        key = hashlib.sha256(json.dumps([self.code, sorted(texts.items())]).encode()).hexdigest()[:16]
        place = self.output.resolve() / key
        options = ["--json", "--overlap=allow", f"--files={place / 'files'}", f"--timeout={self.timeout:g}"]
        given = [f"--{name.replace('_', '-')}={text}" for name, text in texts.items()]
        command = [self.program, "-m", f"{self.manifest['package']}.job", *options, "--", *given]
        return Order(dict(texts), command, os.getcwd(), self.environment, str(place))


def check_values(plan: Sweep, points: Sequence[Mapping[str, str]]) -> None:
    """Ask the package whether it takes every point, before anything runs. Raises `ChoiceError`, `RunError`."""
    command = [plan.program, "-c", CHECK, str(plan.manifest["package"])]
    environment = {**os.environ, **plan.environment}
    try:
        done = subprocess.run(command, input=json.dumps(points).encode(), env=environment, capture_output=True, check=False)
    except OSError as error:
        raise RunError(f"`{plan.program}` cannot be started: {error.strerror or error}", "name an interpreter with --python") from error
    if done.returncode == 2 and done.stdout:
        raise ChoiceError(done.stdout.decode("utf-8"), "nothing was run")
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RunError(
            f"{plan.folder}: its parameters cannot be read: {told[-1] if told else done.returncode}", "convert the notebook again"
        )


def write_table(path: Path, varied: Sequence[str], orders: Sequence[Order]) -> int:
    """One line for each point, in the order of the grid; how many of them failed."""
    answers = [answer_of(order) for order in orders]
    results = list(dict.fromkeys(name for answer in answers for name in answer.get("results", {})))
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow([*varied, "status", "seconds", *(_apart(name, varied) for name in results), "error", "files"])
    for order, answer in zip(orders, answers, strict=True):
        came = answer.get("results", {})
        cells = [_cell(came[name]) if name in came else "" for name in results]
        facts = [answer.get("status", ""), answer.get("seconds", "")]
        table.writerow([*(order.texts[name] for name in varied), *facts, *cells, answer.get("error", ""), Path(order.place).name])
    write_whole(path, written.getvalue().encode("utf-8"))
    return sum(answer.get("exit_code") != 0 for answer in answers)


def _apart(name: str, varied: Sequence[str]) -> str:
    """A result that is called like a parameter has another heading."""
    return f"{name} (result)" if name in (*varied, "status", "seconds", "error", "files") else name


def _cell(value: object) -> object:
    return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else json.dumps(value, ensure_ascii=False)
