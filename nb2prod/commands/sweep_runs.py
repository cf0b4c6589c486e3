"""The runs of a sweep: several at once on this machine, or on the workers of a Dask cluster, each a process of its own.

    Order({"depth": "2"}, ["python", "-m", "churn.job", ...], "/work", {...}, "/work/runs/sweep/1f3a...")
      ->   /work/runs/sweep/1f3a.../answer.json, the run's own line of JSON; log.txt and files/ beside it

Workers of a cluster must see the project, its data and its interpreter at the same paths; nb2prod need not be installed there.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import as_completed as ended
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from nb2prod.errors import ChoiceError, SaveError
from nb2prod.saving import write_whole

CONNECTING = 15  # seconds
WORKER_LOSSES = 2  # how often a run whose worker died is started again


@dataclass(frozen=True)
class Order:
    """One run: its parameters as texts, the words that start it, where it starts, its environment, and the folder for what it makes."""

    texts: Mapping[str, str]
    command: Sequence[str]
    folder: str
    variables: Mapping[str, str]
    place: str


def finished(order: Order) -> bool:
    """Whether this run succeeded before."""
    return answer_of(order).get("exit_code") == 0


def answer_of(order: Order) -> dict[str, Any]:
    """What the run told at its end; nothing where it did not come to one."""
    try:
        found = json.loads(Path(order.place, "answer.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def on_this_machine(at_once: int, orders: Sequence[Order]) -> Iterator[dict[str, Any]]:
    """Each run's answer, in the order in which they end; what has not begun when this is left never begins."""
    pool = ThreadPoolExecutor(at_once)
    try:
        for future in ended([pool.submit(run_point, vars(order)) for order in orders]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def on_cluster(address: str, orders: Sequence[Order]) -> Iterator[dict[str, Any]]:
    """The same on a Dask cluster; a run whose worker is lost is started again elsewhere. Raises `ChoiceError` where there is no cluster."""
    try:
        from dask.distributed import Client, as_completed
    except ImportError:
        raise ChoiceError("--dask needs the package `distributed`", "pip install 'nb2prod[dask]'") from None
    import_module("cloudpickle").register_pickle_by_value(sys.modules[__name__])  # the workers need no nb2prod
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        hint = "start one with `dask scheduler` and `dask worker`, or leave --dask away"
        raise ChoiceError(f"--dask {address}: no scheduler answers there ({error})", hint) from None
    with client:
        futures = {client.submit(run_point, vars(order), pure=False, retries=WORKER_LOSSES): order for order in orders}
        for future in as_completed(futures, loop=client.loop, raise_errors=False):
            if future.status == "finished":
                yield future.result()
            else:
                yield {"status": "failed", "error": f"its worker failed: {future.exception()}"}


def run_point(order: Mapping[str, Any]) -> dict[str, Any]:
    """Start one run where this is called and wait for it; its answer stands in the run's folder before it is given back."""
    place = Path(order["place"])
    place.mkdir(parents=True, exist_ok=True)
    with (place / "log.txt").open("wb") as log:
        done = subprocess.run(
            order["command"],
            cwd=order["folder"],
            env={**os.environ, **order["variables"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            check=False,
        )
    try:
        told: dict[str, Any] = json.loads(done.stdout.decode("utf-8").splitlines()[-1])
    except (IndexError, ValueError):
        told = {"status": "failed", "exit_code": done.returncode or 1, "error": f"it ended without a word, see {place / 'log.txt'}"}
    write_whole(place / "answer.json", (json.dumps(told, ensure_ascii=False) + "\n").encode("utf-8"))
    return told


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the folder of a sweep, made if need be. Raises `SaveError` where it cannot be written, `ChoiceError` where another sweep has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise SaveError(f"{folder}: cannot be written: {error.strerror or error}", "name another folder with --output") from error
    with contextlib.closing(os.fdopen(held, "w")) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ChoiceError(f"{folder}: another sweep goes on there", "wait for it, or name another folder with --output") from None
        yield
