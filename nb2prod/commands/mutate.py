"""`nb2prod mutate`: put small faults into a project's stages and see how many its own tests notice."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import FOLDER
from nb2prod.commands.projects import read_manifest
from nb2prod.commands.run import interpreter
from nb2prod.commands.terminal import DONE, FINDINGS, is_quiet, loudness, paint, progress, say
from nb2prod.model.project import File
from nb2prod.mutation import Bench, Function, Score, StageScore, measure, measured_again
from nb2prod.mutation.strengthening import failing_cases, strengthen
from nb2prod.saving import rewrite, write_whole

REPORT = "REPORT.html"
GOOD, WEAK = 80.0, 60.0
SURVIVORS = 5  # that are told for each stage


@click.command(name="mutate")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--seconds", type=click.FloatRange(min=1), default=120.0, metavar="S", show_default=True, help="How long mutants may be tried."
)
@click.option("--stage", "stages", multiple=True, metavar="NAME", help="Only this function. May be repeated.")
@click.option("--slow", is_flag=True, help="Use the tests that are marked slow as well.")
@click.option("--strengthen", is_flag=True, help="Add recorded cases for the faults that no test notices, and measure again.")
@click.option("--least", type=click.FloatRange(0, 100), default=0.0, metavar="PERCENT", help="Exit with 1 when a stage has a lower score.")
@click.option("--json", "as_json", is_flag=True, help="The scores and all survivors as JSON.")
@click.option("--python", default="", metavar="INTERPRETER", help="The interpreter to run in, instead of the one of the conversion.")
@loudness
def mutate(folder: Path, seconds: float, stages: tuple[str, ...], as_json: bool, **asked: Any) -> int:
    """Put small faults into a project's stages, one at a time, and see how many its own tests notice."""
    manifest = read_manifest(folder)
    functions = [Function(one["name"], f"{manifest['package']}.{one['module']}") for one in manifest["stages"]]
    unknown = sorted(set(stages) - {function.name for function in functions})
    if unknown:
        raise click.BadParameter(f"there is no stage `{unknown[0]}`; there are: {', '.join(function.name for function in functions)}")
    functions = [function for function in functions if not stages or function.name in stages]
    python, environment = interpreter(folder, manifest, asked["python"])
    bench = Bench(python, seconds, environment, () if asked["slow"] else Bench.words)
    added: tuple[str, ...] = ()
    with progress(f"mutating {folder}") as step:
        score = measure(folder, functions, bench, lambda done, of: step(f"{done} of {of} mutants"))
        if asked["strengthen"]:
            step("looking for further cases")
            score, added = strengthened(folder, str(manifest.get("source_root", "src")), score, bench)
    for path in added:
        say(f"added: {path}")
    if score.failing:
        say(f"note: {len(score.failing)} tests fail as they are and were left out: {', '.join(score.failing[:3])}")
    if not stages:
        rewrite(folder, _report(folder, score))
    if as_json:
        click.echo(json.dumps(as_data(score), indent=1))
    elif not is_quiet():
        click.echo("\n".join(table(score)))
    return FINDINGS if any(stage.percent < asked["least"] for stage in score.stages) else DONE


def strengthened(folder: Path, source_root: str, score: Score, bench: Bench) -> tuple[Score, tuple[str, ...]]:
    """The score with further cases, and their files: those whose own tests pass without any fault, until they raise the score no more or the
    time is over."""
    found: list[str] = []
    ended = time.monotonic() + bench.seconds
    while (left := ended - time.monotonic()) > 0:
        additions = strengthen(folder, source_root, score, replace(bench, seconds=left))
        for one in additions:
            write_whole(folder / one.path, one.text.encode("utf-8"))  # like a case by hand: converting again leaves it alone
        again = measured_again(folder, score, bench) if additions else score
        failing = failing_cases(again, additions)
        for one in additions if again.killed == score.killed else failing:
            (folder / one.path).unlink()
        if again.killed == score.killed:
            break
        score = replace(again, tests=again.tests - len(failing), failing=score.failing)
        found += [one.path for one in additions if one not in failing]
    return score, tuple(found)


def as_data(score: Score) -> dict[str, Any]:
    """The score as JSON."""
    return {
        "score": round(score.percent, 1),
        "killed": score.killed,
        "mutants": score.total,
        "tests": score.tests,
        "failing": list(score.failing),
        "stages": [
            {
                "stage": stage.stage,
                "module": stage.module,
                "score": round(stage.percent, 1) if stage.total else None,
                "killed": stage.killed,
                "mutants": stage.total,
                "untried": stage.untried,
                "survivors": [{"line": one.line, "what": one.what} for one in stage.survivors],
            }
            for stage in score.stages
        ],
    }


def table(score: Score) -> list[str]:
    """A line for each stage, its survivors below it, and the sum."""
    width = max((len(stage.stage) for stage in score.stages), default=5)
    lines = []
    for stage in score.stages:
        lines.append(f"{stage.stage:<{width}}  {_percent(stage)}  {stage.killed:>4} of {stage.total:<4} {_untried(stage)}".rstrip())
        lines += [f"  line {one.line}: {one.what}" for one in stage.survivors[:SURVIVORS]]
        more = len(stage.survivors) - SURVIVORS
        lines += [f"  and {more} more (--json tells all)"] if more > 0 else []
    total = f"{score.percent:.0f} % of {score.total} faults were noticed by {score.tests - len(score.failing)} tests"
    return [*lines, paint(total, "heading")]


def _percent(stage: StageScore) -> str:
    if not stage.total:
        return "   - "
    return paint(f"{stage.percent:>3.0f} %", "same" if stage.percent >= GOOD else "unknown" if stage.percent >= WEAK else "different")


def _untried(stage: StageScore) -> str:
    return f"({stage.untried} not tried: --seconds)" if stage.untried else ""


def _report(folder: Path, score: Score) -> list[File]:
    """The report with the score; none where somebody deleted it."""
    from nb2prod.codegen.report import with_score

    path = folder / REPORT
    rows = [(stage.stage, stage.killed, stage.total, [f"line {one.line}: {one.what}" for one in stage.survivors]) for stage in score.stages]
    return [File(REPORT, with_score(path.read_text(encoding="utf-8"), rows))] if path.is_file() else []
