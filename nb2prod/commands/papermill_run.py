"""A project's notebook through papermill, in the very interpreter the package would run in: the one home of papermill, nbformat and nbconvert.

    run_notebook(folder, manifest, {"test_size": "0.3"}, Path("out.ipynb"), "")          ->   0, and out.ipynb with all outputs
    run_notebook(folder, manifest, {}, Path("out.ipynb"), "", as_page=True)              ->   0, and out.html to read beside it

Parameters are handed over as texts; the notebook's second cell reads each by its type and refuses what does not fit.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.run import engine_for
from nb2prod.commands.terminal import DONE, FINDINGS, WRONG_USE, complain, is_quiet
from nb2prod.errors import ReadError, RunError, SaveError
from nb2prod.saving import write_whole

KERNEL = "nb2prod-run"


def run_notebook(folder: Path, manifest: dict[str, Any], texts: dict[str, str], output: Path, python: str, as_page: bool = False) -> int:
    """Execute the notebook in the caller's working directory. Raises `ReadError`, `RunError`, `SaveError`."""
    source = folder / "notebooks" / f"{manifest['package']}.ipynb"
    if not source.is_file():
        raise ReadError(f"{source}: there is no such notebook", "convert again to get it back")
    if not output.absolute().parent.is_dir() or output.is_dir():
        raise SaveError(f"{output}: cannot be written: there is no such folder or it is one itself", "name a file with --output")
    engine = engine_for(folder, manifest, python)
    if not engine.argv:
        raise RunError(
            f"`{engine.python}` has no ipykernel, so it cannot run a notebook",
            "install ipykernel there, or run the package without --notebook",
        )
    environment = {**engine.env, "PYTHONPATH": str((folder / manifest["source_root"]).resolve())}
    quietly = ("--IPKernelApp.log_level=ERROR",) if "ipykernel_launcher" in engine.argv else ()
    with _only_run(Path(f".{manifest['package']}.lock")) as free, _kernel([*engine.argv, *quietly], environment):
        if free:
            try:
                return _execute(source, output, texts)
            finally:
                if output.is_file():
                    _forget_kernel(output, source)
                    if as_page:
                        _write_page(output)
    complain("the last run still goes on", "wait for it, or run in another folder")
    return FINDINGS


def _execute(source: Path, output: Path, texts: dict[str, str]) -> int:
    """Through papermill in our kernel; the notebook stays as far as it came."""
    import papermill  # late: two seconds

    bar = sys.stderr.isatty() and not is_quiet()
    try:
        papermill.execute_notebook(str(source), str(output), texts, kernel_name=KERNEL, cwd=os.getcwd(), progress_bar=bar, log_output=False)
    except papermill.PapermillExecutionError as error:
        complain(f"the notebook stopped with {error.ename}: {error.evalue}", f"see {output}")
        return WRONG_USE if error.ename == "ParameterError" else FINDINGS
    click.echo(str(output))
    return DONE


@contextmanager
def _only_run(path: Path) -> Iterator[bool]:
    """Takes the lock that every run of the package takes in its working directory; whether it was free. Raises `SaveError`."""
    try:
        lock = path.open("a")
    except OSError as error:
        raise SaveError(f"{path.absolute().parent}: cannot be written: {error.strerror or error}", "run it where it may write") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _kernel(argv: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A kernel of that command line under our name, for as long as it is needed."""
    before = os.environ.get("JUPYTER_PATH")
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as place:
        spec = Path(place, "kernels", KERNEL, "kernel.json")
        spec.parent.mkdir(parents=True)
        spec.write_text(
            json.dumps({"argv": argv, "display_name": "Python 3", "language": "python", "env": dict(environment)}), encoding="utf-8"
        )
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [place, before]))
        try:
            yield
        finally:
            if before is None:
                del os.environ["JUPYTER_PATH"]
            else:
                os.environ["JUPYTER_PATH"] = before


def _forget_kernel(output: Path, source: Path) -> None:
    """The executed notebook names the kernel of its source again, not the one that is gone."""
    import nbformat  # late: papermill loads it too

    notebook, original = (nbformat.read(path, as_version=nbformat.NO_CONVERT) for path in (output, source))
    notebook.metadata.kernelspec = original.metadata.kernelspec
    write_whole(output, (nbformat.writes(notebook) + "\n").encode())


def _write_page(output: Path) -> None:
    """The executed notebook as a page, for whoever has no Jupyter at hand; scripts among its outputs are taken out."""
    from nbconvert import HTMLExporter  # late: a second

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a package hands over as data has no look
        text, _ = HTMLExporter(sanitize_html=True).from_filename(str(output))
    write_whole(output.with_suffix(".html"), text.encode())
