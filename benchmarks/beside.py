"""nb2prod beside nbconvert, jupytext, marimo, soorgeon and LineaPy on the same notebooks, in one go.

    python benchmarks/beside.py                                                    the samples and the small cases; tables to stdout
    python benchmarks/beside.py --docs docs/benchmarks.md                          the tables in that document and the pictures beside it
    python benchmarks/beside.py --parts in_process,processes --json out.json       only those, added to what out.json has

Each peer gets an environment of its own below --envs, made once. What is counted and how is told in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from peers import profiles, scaling, tables, timing  # noqa: E402
from peers.environments import PEERS, Environment, made  # noqa: E402
from peers.quality import of_notebook  # noqa: E402

SAMPLES, CASES = ROOT / "sample_notebooks", ROOT / "benchmarks" / "peers" / "cases"
PARTS = ("in_process", "edit", "processes", "scaling", "quality", "profiles")
GROWN = {"nb2prod analyze": 20000, "nbconvert": 5000, "jupytext": 20000, "marimo convert": 2000}  # the largest that each is given
LIKE, TIMED = 30, 5  # whole processes are timed on so many notebooks, those that have about so many code cells


def main() -> int:
    options = parsed()
    found = json.loads(options.json.read_text(encoding="utf-8")) if options.json and options.json.exists() else {}
    environments = {"nb2prod": Environment("nb2prod", Path(sys.prefix), _version())}
    environments |= {name: made(peer, options.envs) for name, peer in PEERS.items()}
    found["environments"] = {name: {"version": one.version, "reason": one.reason} for name, one in environments.items()}
    found["machine"] = machine()
    for part in options.parts.split(","):
        _tell(part)
        MEASURES[part](found, options, environments)
        if options.json:
            options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    texts = {
        name: write(found)
        for name, write in TABLES.items()
        if name in ("machine", "versions") or all(part in found for part in NEEDS[name])
    }
    if options.docs:
        from peers.plots import draw

        filled(options.docs, texts)
        draw(found, options.docs.parent / "images")
    else:
        print("\n\n".join(f"## {name}\n\n{text}" for name, text in texts.items()))
    return 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "nb2prod-peers")
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="instead of the samples and the small cases")
    parser.add_argument("--envs", type=Path, default=cache, metavar="DIR", help="where the peers' environments are kept")
    parser.add_argument("--parts", default=",".join(PARTS), metavar="NAMES", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each time is taken; the best counts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keeps what was measured; notebooks it has are not judged again")
    parser.add_argument(
        "--docs", type=Path, metavar="FILE", help="a document whose marked places are filled, with pictures in images/ beside it"
    )
    return parser.parse_args()


def of(options: argparse.Namespace) -> list[Path]:
    return options.notebooks or sorted(SAMPLES.glob("*.ipynb"))


Measure = Callable[[dict[str, Any], argparse.Namespace, Mapping[str, Environment]], None]


def measure_in_process(found: dict[str, Any], options: argparse.Namespace, environments: Mapping[str, Environment]) -> None:
    found["in_process"] = timing.in_process(of(options), options.rounds)


def measure_edit(found: dict[str, Any], options: argparse.Namespace, environments: Mapping[str, Environment]) -> None:
    with tempfile.TemporaryDirectory() as place:
        found["edit"] = timing.after_an_edit(scaling.grown(of(options), 100, Path(place)), options.rounds)


def measure_processes(found: dict[str, Any], options: argparse.Namespace, environments: Mapping[str, Environment]) -> None:
    found["processes"] = timing.processes(nearest(of(options))[:TIMED], environments, options.rounds)


def measure_scaling(found: dict[str, Any], options: argparse.Namespace, environments: Mapping[str, Environment]) -> None:
    commands = timing.commands(environments)
    found["scaling"] = []
    for cells in scaling.SIZES:
        with tempfile.TemporaryDirectory() as place:
            path = scaling.grown(of(options), cells, Path(place))
            found["scaling"] += scaling.measured(
                path, {name: commands[name] for name, most in GROWN.items() if name in commands and cells <= most}
            )


def measure_quality(found: dict[str, Any], options: argparse.Namespace, environments: Mapping[str, Environment]) -> None:
    rows = found.setdefault("quality", [])
    for path in options.notebooks or [*of(options), *sorted(CASES.glob("*.ipynb"))]:
        if not any(row["notebook"] == path.stem for row in rows):
            _tell(f"quality: {path.stem}")
            rows += of_notebook(path, environments)
            if options.json:
                options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def measure_profiles(found: dict[str, Any], options: argparse.Namespace, environments: Mapping[str, Environment]) -> None:
    found["profiles"] = {"analysis": profiles.of_analysis(of(options)), "command": profiles.of_command(nearest(of(options))[0])}
    found["profiles"]["start"] = profiles.of_start()


MEASURES: dict[str, Measure] = {
    "in_process": measure_in_process,
    "edit": measure_edit,
    "processes": measure_processes,
    "scaling": measure_scaling,
    "quality": measure_quality,
    "profiles": measure_profiles,
}
TABLES: dict[str, Callable[[dict[str, Any]], str]] = {
    "machine": lambda found: found["machine"],
    "versions": tables.versions,
    "targets": tables.targets,
    "in process": tables.in_process,
    "processes": tables.processes,
    "quality": tables.quality,
    "outcomes": tables.outcomes,
    "profile of an analysis": lambda found: tables.profile(found["profiles"]["analysis"]),
    "profile of a command": lambda found: tables.profile(found["profiles"]["command"]),
    "profile of the start": lambda found: tables.profile(found["profiles"]["start"]),
}
NEEDS = {
    "targets": ("in_process", "edit", "processes", "scaling"),
    "in process": ("in_process",),
    "processes": ("processes",),
    "quality": ("quality",),
    "outcomes": ("quality",),
    "profile of an analysis": ("profiles",),
    "profile of a command": ("profiles",),
    "profile of the start": ("profiles",),
}


def filled(document: Path, texts: Mapping[str, str]) -> None:
    """Puts each text between `<!-- begin NAME -->` and `<!-- end NAME -->`; what stands around stays."""
    written = document.read_text(encoding="utf-8")
    for name, text in texts.items():
        between = re.compile(rf"(<!-- begin {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
        written = between.sub(lambda place, text=text: f"{place[1]}\n{text}\n\n{place[2]}", written)
    document.write_text(written, encoding="utf-8")


def machine() -> str:
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {load} when it began."


def _code_cells(path: Path) -> int:
    return sum(cell["cell_type"] == "code" for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])


def nearest(notebooks: list[Path]) -> list[Path]:
    """The notebooks, those of about thirty code cells first."""
    return sorted(notebooks, key=lambda path: abs(_code_cells(path) - LIKE))


def _version() -> str:
    from importlib.metadata import version

    return version("nb2prod")


def _tell(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
