"""Notebooks on a Dask cluster: their bytes go there, so its machines need no common disk, only nb2prod.

surveyed_by_cluster([Path("a.ipynb")], "tcp://scheduler:8786", 60, Choices())   ->   (Path("a.ipynb"), Survey("a.ipynb", "analysed", ...))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nb2prod.errors import ChoiceError
from nb2prod.model.choices import Choices
from nb2prod.model.survey import REFUSED, STOPPED, Survey

CONNECTING = 10  # seconds
AT_ONCE = 500  # notebooks that are on their way, so that memory stays bounded


def surveyed_by_cluster(paths: Sequence[Path], address: str, seconds: float, choices: Choices) -> Iterator[tuple[Path, Survey]]:
    """Every notebook with what came of it, in the order in which they are done. Raises ChoiceError where there is no cluster.

    A notebook on which its worker hangs or dies is stopped after `seconds` per notebook of its batch; modules beside a notebook are not sent.
    """
    try:
        from dask.distributed import Client, as_completed
    except ImportError:
        raise ChoiceError("--dask needs the package `distributed`", "pip install 'nb2prod[dask]'") from None
    try:
        client = Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ChoiceError(
            f"--dask {address}: no scheduler answers there ({error})", "start one with `dask scheduler`, or leave --dask away"
        ) from None
    with client:
        for start in range(0, len(paths), AT_ONCE):
            batch = paths[start : start + AT_ONCE]
            futures: dict[Any, Path] = {}
            for path in batch:
                try:
                    content = path.read_bytes()
                except OSError as error:
                    yield path, Survey(str(path), REFUSED, f"{path}: {error.strerror}", "check the path")
                    continue
                futures[client.submit(_look, str(path), content, choices, pure=False, retries=0)] = path
            left = dict(futures)
            try:
                for future in as_completed(list(futures), loop=client.loop, timeout=seconds * len(batch), raise_errors=False):
                    path = left.pop(future)
                    yield path, _answer(future, path)
            except TimeoutError:
                client.cancel(list(left), force=True)
            for path in left.values():
                yield path, Survey(str(path), STOPPED, f"{path}: no answer from the cluster", f"try it alone: nb2prod analyze {path}")


def _answer(future: Any, path: Path) -> Survey:
    error = future.exception() if future.status != "finished" else None
    if error is not None:
        return Survey(
            str(path), STOPPED, f"{path}: the worker failed ({type(error).__name__}: {error})", "is nb2prod installed on the workers?"
        )
    return Survey(**future.result())


def _look(path: str, content: bytes, choices: Choices) -> dict[str, Any]:
    from nb2prod.surveying.looking import look

    found = look(Path(path), choices, content)
    return {**vars(found), "told": dict(found.told)}
