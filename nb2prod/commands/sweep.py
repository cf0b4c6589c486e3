"""`nb2prod sweep`: run a project's package once for every point of a grid of parameters, and put what came out into one table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import FOLDER
from nb2prod.commands.parameters import read_grid, read_parameters
from nb2prod.commands.projects import read_manifest
from nb2prod.commands.run import interpreter
from nb2prod.commands.terminal import DONE, FINDINGS, loudness, progress, say
from nb2prod.errors import ChoiceError

FILE = click.Path(path_type=Path)


@click.command(name="sweep")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--vary", multiple=True, metavar="NAME=VALUE", help="A value of a parameter that varies; once for each of its values.")
@click.option("--grid", "grids", multiple=True, type=FILE, metavar="FILE", help="Names and lists of values in a YAML, JSON or TOML file.")
@click.option("-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE", help="A parameter that is the same in all runs.")
@click.option("-f", "--parameters", "files", multiple=True, type=FILE, metavar="FILE", help="Such parameters in a file.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="How many runs go on at once.  [default: one a core]")
@click.option("--dask", default="", metavar="ADDRESS", help="Run on the Dask cluster at this address instead.")
@click.option("--timeout", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="End a run that takes longer (0: never).")
@click.option("--output", type=FILE, metavar="FOLDER", help="Where the table and each run's files go.  [default: DIR/runs/sweep]")
@click.option("--python", default="", metavar="INTERPRETER", help="The interpreter to run in, instead of the one of the conversion.")
@loudness
def sweep(folder: Path, vary: tuple[str, ...], grids: tuple[Path, ...], **asked: Any) -> int:
    """Run a project's package for every point of a grid of parameters; what is done already is not run again."""
    from nb2prod.commands.sweep_points import Sweep, check_values, combinations, write_table
    from nb2prod.commands.sweep_runs import finished, on_cluster, on_this_machine, only_one

    manifest = read_manifest(folder)
    fixed = read_parameters(manifest, asked["files"], asked["given"])
    grid = read_grid(manifest, grids, vary)
    twice = sorted(fixed.keys() & grid.keys())
    if twice:
        raise ChoiceError(f"`{twice[0]}` varies and has one value", "name it once")
    points = combinations(fixed, grid)
    program, variables = interpreter(folder, manifest, asked["python"])
    plan = Sweep(folder, manifest, asked["output"] or folder / "runs" / "sweep", program, variables, asked["timeout"])
    check_values(plan, points)
    with only_one(plan.output):
        orders = [plan.order(texts) for texts in points]
        left = [order for order in orders if not finished(order)]
        say(f"{len(orders)} runs, {len(orders) - len(left)} of them done before")
        ended = on_cluster(asked["dask"], left) if asked["dask"] else on_this_machine(asked["jobs"] or os.cpu_count() or 1, left)
        with progress("sweep") as step:
            for number, told in enumerate(ended, 1):
                step(f"{number} of {len(left)}: {told.get('status')}")
        failed = write_table(plan.output / "results.csv", list(grid), orders)
    say(f"{len(orders) - failed} runs done, {failed} failed")
    click.echo(str(plan.output / "results.csv"))
    return FINDINGS if failed else DONE
