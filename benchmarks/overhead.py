"""What recording costs: each notebook run in a plain kernel and recorded, with and without the start of the process.

    python benchmarks/overhead.py sample_notebooks/*.ipynb [--rounds 3]

Prints a table for `benchmarks/results-overhead.md`. The time without the start is the whole time less that of a notebook with nothing in it,
so that what is compared is the notebook's own work: the statements, and for the recorded run everything we look at and write down. Rounds take
turns, and the quickest of each kind counts: a busy machine only ever makes things slower.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from jupyter_client.manager import KernelManager

from nb2prod.model.choices import Choices
from nb2prod.model.notebook import Notebook
from nb2prod.reading import read
from nb2prod.recording import Runner
from nb2prod.recording.process import environment


def plain(notebook: Notebook) -> float:
    """Seconds from starting a kernel to its end, with every cell run and nothing watched."""
    with tempfile.TemporaryDirectory() as place:
        folder, private = Path(place, "work"), Path(place, "private")
        shutil.copytree(Path(notebook.path).parent, folder)
        private.mkdir()
        started = time.monotonic()
        manager = KernelManager(kernel_name="python3", transport="ipc", ip=str(private / "k"), connection_file=str(private / "k.json"))
        manager.start_kernel(cwd=str(folder), env=environment(private, folder), stderr=subprocess.DEVNULL)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=90)
        for cell in notebook.code_cells:
            if not cell.syntax_error:
                client.execute_interactive(cell.code, allow_stdin=False, stop_on_error=False, timeout=600, output_hook=lambda message: None)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        return time.monotonic() - started


def recorded(notebook: Notebook) -> float:
    """Seconds of a recording, the copy of the folder included."""
    started = time.monotonic()
    recording = Runner(Choices(timeout=600)).record(notebook)
    if not recording.ok:
        sys.exit(f"{notebook.path}: {recording.reason}")
    return time.monotonic() - started


def row(name: str, plain_times: list[float], recorded_times: list[float]) -> str:
    (plain_all, plain_start), (all, start) = plain_times, recorded_times
    own, ours = plain_all - plain_start, all - start
    return f"| {name} | {plain_all:.1f} | {all:.1f} | {all / plain_all:.2f} | {own:.1f} | {ours:.1f} | {ours / own:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    print("| notebook | plain s | recorded s | times | without start: plain s | recorded s | times |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for path in asked.notebooks:
        notebook = read(path)
        both = (notebook, replace(notebook, cells=()))
        rounds = [[(plain(one), recorded(one)) for one in both] for _ in range(asked.rounds)]
        best = [[min(times[which][kind] for times in rounds) for which in range(2)] for kind in range(2)]
        print(row(path.stem, *best), flush=True)


if __name__ == "__main__":
    main()
