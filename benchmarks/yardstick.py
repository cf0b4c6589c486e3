"""How much of a notebook's dead code is stripped, and whether anything that matters is: held against the notebook itself, by running it.

    python benchmarks/yardstick.py sample_notebooks/*.ipynb --json out

    notebook         statements  stripped  greedy  share  lost  no-op today
    customer_churn           92        47      49   96 %     0            1

The static analysis alone (nothing recorded) chooses results and statements. `inside/` then runs the notebook, runs only what is kept and
compares the results, and takes out of it every further statement it can do without. benchmarks/README.md says exactly what is counted.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from counting import Count, count, orders_for, table  # noqa: E402

from nb2prod.analysis import analyze  # noqa: E402
from nb2prod.knowledge import load_knowledge  # noqa: E402
from nb2prod.reading import read  # noqa: E402
from nb2prod.recording.orders import INSTALLED, common_orders, starter, write_probe  # noqa: E402
from nb2prod.recording.process import environment, kill_group  # noqa: E402
from nb2prod.recording.workspace import NoCopy, Workspace, open_workspace  # noqa: E402

INSIDE = Path(__file__).resolve().parent / "inside"


def main() -> int:
    """Measures every notebook named; 0 when nothing was lost, 1 when something was, 2 when a notebook could not be measured."""
    options = parsed()
    counts = []
    with progress(len(options.notebooks)) as tell:
        for path in options.notebooks:
            tell(path.stem, "reading", 0, 0)
            found = saved(options.json, path) if options.resume else None
            counts.append(found or measured(path, options, lambda *step, name=path.stem: tell(name, *step)))
            if options.json is not None and found is None:
                options.json.mkdir(parents=True, exist_ok=True)
                (options.json / f"{path.stem}.json").write_text(json.dumps(counts[-1].as_dict(), indent=1), encoding="utf-8")
    print(table(counts, options.brief))
    if any(one.lost or one.differences for one in counts):
        return 1
    return 2 if any(one.reason for one in counts) else 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--python", default=sys.executable, metavar="INTERPRETER", help="runs the notebooks (default: this one)")
    parser.add_argument(
        "--timeout", type=float, default=240.0, metavar="S", help="seconds for one notebook; what is not tested then is said"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="a folder for one JSON file per notebook")
    parser.add_argument("--resume", action="store_true", help="take what is in OUT already instead of measuring again")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where copies of the notebooks' folders go (default: the system's)")
    parser.add_argument("--lost-only", action="store_true", help="only run what is kept and compare; delete nothing")
    parser.add_argument("--brief", action="store_true", help="only the table, without the statements kept needlessly")
    return parser.parse_args()


def saved(folder: Path | None, path: Path) -> Count | None:
    """An earlier measurement."""
    file = folder / f"{path.stem}.json" if folder is not None else None
    return Count.from_dict(json.loads(file.read_text(encoding="utf-8"))) if file is not None and file.exists() else None


def measured(path: Path, options: argparse.Namespace, tell: Any) -> Count:
    """One notebook's count; whatever prevents it is its reason."""
    started = time.monotonic()
    notebook = read(path)
    analysis = analyze(notebook, load_knowledge())
    if options.work is not None:
        options.work.mkdir(parents=True, exist_ok=True)
        tempfile.tempdir = str(options.work.resolve())
    try:
        with open_workspace(notebook) as workspace:
            answer = run(orders_for(notebook, analysis), common_orders(notebook, workspace), workspace, options, tell)
    except NoCopy as error:
        answer = {"reason": str(error)}
    return count(path.stem, notebook, analysis, answer, time.monotonic() - started)


def run(own: dict[str, Any], common: dict[str, Any], workspace: Workspace, options: argparse.Namespace, tell: Any) -> dict[str, Any]:
    """Starts the measurement in the notebook's interpreter and waits for its answer."""
    private = workspace.private
    write_probe(private)
    for file in INSIDE.glob("*.py"):
        text = file.read_text(encoding="utf-8").replace("nb2prod.recording.probe", INSTALLED).replace("from inside.", f"from {INSTALLED}.")
        (private / INSTALLED / file.name).write_text(text, encoding="utf-8")
    paths = {"answer": private / "answer.json", "progress": private / "progress.jsonl"}
    orders = {
        **common,
        **own,
        **{name: str(path) for name, path in paths.items()},
        "seconds": options.timeout,
        "greedy": not options.lost_only,
    }
    command = [shutil.which(options.python) or options.python, "-u", "-c", starter("measure", "measure", workspace, orders)]
    env = environment(private, workspace.folder, LOKY_MAX_CPU_COUNT="1", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    with open(private / "errors.txt", "wb") as errors:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": errors, "start_new_session": True}
        process = subprocess.Popen(command, env=env, cwd=workspace.folder, **quiet)  # type: ignore[call-overload]
        try:
            watch(process, paths["progress"], options.timeout * 2 + 120, tell)
        finally:
            kill_group(process.pid)
            process.kill()
            process.wait()
    if paths["answer"].exists():
        return dict(json.loads(paths["answer"].read_text(encoding="utf-8")))
    return {"reason": "the measurement died: " + (private / "errors.txt").read_text(encoding="utf-8", errors="replace")[-500:]}


def watch(process: Any, file: Path, seconds: float, tell: Any) -> None:
    """Tells what the process says about its progress, until it ends or the time is over."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if file.exists():
            lines = file.read_text(encoding="utf-8").splitlines()
            if lines and lines[-1].endswith("]"):
                tell(*json.loads(lines[-1]))
        time.sleep(0.1)


@contextmanager
def progress(total: int) -> Iterator[Any]:
    """Two bars on a terminal, for the notebooks and for the one at hand; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda *step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        every, one = bars.add_task("notebooks", total=total), bars.add_task("", total=None)
        names: list[str] = []

        def tell(name: str, phase: str, done: int, of: int) -> None:
            if name not in names:
                names.append(name)
                bars.update(every, completed=len(names) - 1)
            bars.update(one, description=f"{name}: {phase}", completed=done, total=of or None)

        yield tell
        bars.update(every, completed=total)


if __name__ == "__main__":
    sys.exit(main())
