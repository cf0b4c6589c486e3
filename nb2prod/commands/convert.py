"""`nb2prod convert`: make a package from a notebook, run both, and say whether they agree."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nb2prod.commands.merged import conflicts_of, merged_files, show_remarks
from nb2prod.commands.options import NOTEBOOK, choices_from, result_choices, run_choices
from nb2prod.commands.terminal import FINDINGS, exit_code, is_quiet, loudness, paint, progress, show_findings
from nb2prod.model.choices import Choices
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Plan
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Trial, Verdict
from nb2prod.saving import check_folder, save
from nb2prod.show import show
from nb2prod.show.words import short

if TYPE_CHECKING:
    from nb2prod.pipeline import Conversion

MOST_REASONS = 4


@click.command(name="convert")
@click.argument("notebook", type=NOTEBOOK)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Where to write the project.  [default: ./PACKAGE]")
@result_choices
@click.option("--package", default="", metavar="NAME", help="The package's name, instead of one from the file's name.")
@click.option("--run/--no-run", default=True, help="Whether to run notebook and package and compare them.  [default: run]")
@run_choices
@click.option("--seed", type=int, metavar="N", help="Seed every random generator with this before both runs.")
@click.option(
    "--attempts",
    type=click.IntRange(min=0),
    default=Choices().attempts,
    metavar="N",
    show_default=True,
    help="How many runs may go into finding what a package that differs is missing.",
)
@click.option(
    "--trial-seconds",
    type=click.FloatRange(min=0),
    default=Choices().trial_seconds,
    metavar="S",
    show_default=True,
    help="How long parameters may be tried with other values in notebook and package; 0 tries none.",
)
@click.option("--target", multiple=True, metavar="NAME", help="A scheduler to write job files for. May be repeated.  [default: cron]")
@click.option("--schedule", metavar="CRON", help="When the job runs, in five fields: `30 6 * * 1-5`.")
@click.option("--timezone", metavar="ZONE", help="The zone the schedule is meant in: `Europe/Berlin`.")
@click.option("--force", is_flag=True, help="Do not merge: give up hand edits to generated files of an earlier conversion.")
@loudness
def convert(notebook: Path, output: Path | None, **asked: Any) -> int:
    """Make a package from a notebook, run both, and say whether they agree."""
    from nb2prod import pipeline
    from nb2prod.renewing import find_earlier
    from nb2prod.targets import checked, target_named

    choices = choices_from(asked)
    for name in choices.targets:  # what is wrong with the request is said before anything runs
        target_named(name)
    if choices.schedule:
        checked(choices.schedule)
    if output:
        check_folder(output, choices.force, merging=True)
    with progress(f"converting {notebook.name}") as step:
        conversion = pipeline.convert(notebook, choices, step, lambda package: find_earlier(output or Path(package), choices.force))
    folder = output or Path(conversion.plan.package)
    save(conversion.project, folder, choices.force, merged_files(conversion))
    show_findings(conversion.analysis.diagnostics)
    if not is_quiet():
        click.echo(summary(conversion, folder, choices))
    show_remarks(conversion, folder)
    return FINDINGS if conflicts_of(conversion) else exit_code(conversion.verdict, choices)


def summary(conversion: Conversion, folder: Path, choices: Choices) -> str:
    """What was made of the notebook, whether it is proved, and where to go from here."""
    plan, analysis = conversion.plan, conversion.analysis
    live = len(analysis.live)
    rows = [
        ("kept", f"{live} of {len(conversion.notebook.statements)} statements, in {_count(len(plan.stages), 'stage')}"),
        ("dropped", _dropped(conversion.notebook, plan)),
        ("parameters", ", ".join(parameter.name for parameter in plan.parameters) or "none"),
        *([("tried", tried(conversion.verdict.trials))] if conversion.verdict.trials else []),
        ("results", ", ".join(result.path or result.name for result in plan.results) or "none"),
    ]
    lines = [paint(f"{conversion.notebook.path} -> {folder}", "heading"), *(_row(name, told) for name, told in rows)]
    lines += [_row("untested", told) for told in untested(conversion)]
    lines += [f"  {'raised':<11} {told}" for told in raised(conversion.notebook, conversion.recording)]
    lines += [f"  {'verdict':<11} {verdict_line(conversion.verdict, choices.run)}", *unlike(conversion.verdict)]
    return "\n".join(
        [*lines, "", *_where_to_look(folder, plan), "", *_next_commands(folder, plan, choices, conversion.verdict.outcome == "unknown")]
    )


def tried(trials: Sequence[Trial]) -> str:
    """What came of giving parameters other values; those on which notebook and package do not agree stay in the code, and are told in full."""
    same, unknown = (sum(trial.outcome == outcome for trial in trials) for outcome in ("same", "unknown"))
    counted = f"{same} of {len(trials)} with another value, which does what it does in the notebook"
    untold = [f"{unknown} could not be tried"] if unknown else []
    unlike = [f"`{one.parameter}` is no parameter, with {one.value!r} {one.told}" for one in trials if one.outcome == "different"]
    return "; ".join([counted, *untold, *unlike])


def raised(notebook: Notebook, recording: Recording | None) -> list[str]:
    """The statements that raised in the run, which is often all there is to know about a verdict."""
    failures = recording.failures if recording else ()
    places = [(failure, first_line(notebook, failure.statement)) for failure in failures]
    return [short(f"cell {one.statement.cell} line {line}: {one.error}: {one.message}") for one, line in places]


def untested(conversion: Conversion) -> list[str]:
    """How many stages have no recorded case, and why."""
    from nb2prod.codegen.recorded import CODE

    return [finding.message for finding in conversion.analysis.diagnostics if finding.code == CODE]


def first_line(notebook: Notebook, id: StatementId) -> int:
    """The line a statement begins at; a cell that does not parse has no statements, and its trouble is at its first line."""
    return next((statement.span.start_line for statement in notebook.cells[id.cell].as_seen.statements if statement.id == id), 1)


def verdict_line(verdict: Verdict, asked: bool = True) -> str:
    """The verdict in a line: `SAME: all 4 results are equal`."""
    if not asked:
        return "not asked for (--no-run): whether the package gives the notebook's results is not known"
    chance = sum(comparison.outcome == "nondeterministic" for comparison in verdict.comparisons)
    equal = sum(comparison.outcome == "same" for comparison in verdict.comparisons)
    counted = f"{_count(equal, 'result')} equal"
    told = f"{counted}, {verdict.reason}" if verdict.outcome == "same" and verdict.reason else verdict.reason or counted
    if chance:
        told += f", {chance} differ between two runs of the notebook itself"
    if verdict.restored:
        told += ", after restoring what the analysis had dropped"
    return f"{paint(verdict.outcome.upper(), verdict.outcome)}: {told}"


def unlike(verdict: Verdict) -> list[str]:
    """What had to be restored, and every comparison that is not `same`."""
    restored = [f"    restored: {told}" for told in verdict.restored]
    return restored + [f"    {show(comparison)}" for comparison in verdict.comparisons if comparison.outcome != "same"]


def _row(name: str, told: str) -> str:
    """A name and what there is to say, wrapped under itself; names and paths stay whole."""
    return textwrap.fill(
        told, 120, initial_indent=f"  {name:<11} ", subsequent_indent=" " * 14, break_long_words=False, break_on_hyphens=False
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _dropped(notebook: Notebook, plan: Plan) -> str:
    """How many statements went, and the commonest reasons."""
    reasons = Counter(drop.reason for drop in plan.drops)
    told = [f"{number} x {reason}" if number > 1 else reason for reason, number in reasons.most_common(MOST_REASONS)]
    more = ["..."] if len(reasons) > MOST_REASONS else []
    return f"{_count(len(plan.drops), 'statement')}" + (f" ({'; '.join([*told, *more])})" if told else "")


def _where_to_look(folder: Path, plan: Plan) -> list[str]:
    places = (("REPORT.html", "what was kept and dropped, and why"), (f"src/{plan.package}/pipeline.py", "the stages in order"))
    return ["where to look", *(f"  {folder / path}  {what}" for path, what in places)]


def _next_commands(folder: Path, plan: Plan, choices: Choices, unproved: bool) -> list[str]:
    where = shlex.quote(str(folder))
    parameter = next((one for one in plan.parameters if one.type in ("int", "float", "bool", "str") and not one.secret), None)
    example = shlex.quote(f"{parameter.name}={_text(parameter.default)}") if parameter else ""
    commands = (
        f"nb2prod run {where}" + (f" -p {example}" if example else ""),
        f"cd {where} && python -m pytest",
        f'nb2prod schedule {where} --target {choices.targets[0]} --cron "30 6 * * 1-5"',
        *([f"nb2prod verify {where}    (where data, network and libraries are at hand)"] if unproved else []),
    )
    return ["next", *(f"  {command}" for command in commands)]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
