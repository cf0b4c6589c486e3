"""What every command says and how: exit codes, messages to stderr, colour and progress on a terminal only.

complain("a.ipynb: there is no such file", "check the path")   ->   error: a.ipynb: there is no such file
                                                                    hint: check the path
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from nb2prod.model.choices import Choices
    from nb2prod.model.diagnostic import Diagnostic
    from nb2prod.model.verdict import Verdict

Function = TypeVar("Function", bound=Callable[..., Any])

DONE, FINDINGS, WRONG_USE, UNKNOWN, OUR_BUG, INTERRUPTED = 0, 1, 2, 3, 70, 130

OUTCOMES = {"same": DONE, "different": FINDINGS, "unknown": UNKNOWN}

STYLES: dict[str, dict[str, Any]] = {
    "live": {"fg": "green"},
    "dead": {"dim": True},
    "mixed": {"fg": "yellow"},
    "reason": {"fg": "cyan", "dim": True},
    "heading": {"bold": True},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow"},
    "note": {"dim": True},
    "same": {"fg": "green", "bold": True},
    "different": {"fg": "red", "bold": True},
    "unknown": {"fg": "yellow", "bold": True},
}


def paint(text: str, what: str) -> str:
    """The text in the colour of what it is; click takes the colour away again where there is no terminal."""
    return click.style(text, **STYLES[what])


def loudness(function: Function) -> Function:
    """`--quiet` and `--verbose`, understood before and after the command's name."""
    quiet = click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_remember, help="Say nothing but errors.")
    verbose = click.option("-v", "--verbose", is_flag=True, expose_value=False, callback=_remember, help="Say every step, and notes too.")
    return quiet(verbose(function))


def _remember(context: click.Context, parameter: click.Parameter, given: bool) -> None:
    if given:
        context.meta[f"nb2prod.{parameter.name}"] = True


def is_quiet() -> bool:
    return _asked("quiet")


def is_verbose() -> bool:
    return _asked("verbose")


def _asked(name: str) -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(f"nb2prod.{name}"))


def say(text: str) -> None:
    """A message for people: to stderr, and not when they asked for quiet."""
    if not is_quiet():
        click.echo(text, err=True)


def complain(message: str, hint: str = "") -> None:
    """What went wrong and what to do next."""
    click.echo(f"{paint('error:', 'error')} {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)


def show_findings(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Diagnostics to stderr: errors always, warnings unless quiet, notes when verbose."""
    from nb2prod.model.diagnostic import Severity  # late: `nb2prod --help` has none to show
    from nb2prod.show import show_diagnostics

    shown = {Severity.error: True, Severity.warning: not is_quiet(), Severity.note: is_verbose()}
    for line in show_diagnostics(tuple(finding for finding in diagnostics if shown[finding.severity]), paint):
        click.echo(line, err=True)


def exit_code(verdict: Verdict, choices: Choices) -> int:
    """A verdict nobody asked for is no failure."""
    return OUTCOMES[verdict.outcome] if choices.run else DONE


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Gives the function to call with the name of each step: a spinner on a terminal, lines when verbose, nothing otherwise."""
    if is_verbose():
        yield lambda step: say(f"{title}: {step}")
    elif is_quiet() or not sys.stderr.isatty():
        yield lambda step: None
    else:
        from rich.console import Console  # late: only people at a terminal need it

        with Console(stderr=True).status(title) as status:
            yield lambda step: status.update(f"{title}: {step}")


@contextmanager
def counted_progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Gives the function to call after each of so many: a bar on a terminal, nothing otherwise."""
    if is_quiet() or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # late: only people at a terminal need it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
