"""Words in, exit code out: the door of nb2prod on the command line, and the only place where trouble becomes words.

    nb2prod convert missing.ipynb   ->   error: missing.ipynb: there is no such file          (exit code 2)
                                         hint: check the spelling of the path

The commands are in `commands/`, one file each; they print their data to stdout and return an exit code. This module loads nothing heavier
than click.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import click

from nb2prod.commands.analyze import analyze
from nb2prod.commands.check import check
from nb2prod.commands.convert import convert
from nb2prod.commands.diff import diff
from nb2prod.commands.explain import explain
from nb2prod.commands.mutate import mutate
from nb2prod.commands.options import loudness
from nb2prod.commands.run import run
from nb2prod.commands.schedule import schedule
from nb2prod.commands.sweep import sweep
from nb2prod.commands.targets import targets
from nb2prod.commands.terminal import DONE, INTERRUPTED, OUR_BUG, WRONG_USE, complain, show_findings
from nb2prod.commands.verify import verify
from nb2prod.errors import Nb2ProdError, NotebookError

DEPTH = 5000  # of calls: what `reading` lets pass is nested up to 300 levels, and a pass may take a dozen calls a level
EPILOG = """Exit codes: 0 done, 1 findings or a different result, 2 wrong use or unreadable input, 3 the results could not be compared,
70 a bug of nb2prod."""


def _version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # late: it reads the disk

        click.echo(f"nb2prod {version('nb2prod')}")
        context.exit()


@click.group(name="nb2prod", epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version and exit.")
@loudness
@click.pass_context
def group(context: click.Context) -> None:
    """Turn a messy Jupyter notebook into a tested, scheduled Python package, and prove that both give the same results."""
    if os.environ.get("NO_COLOR"):
        context.color = False


for command in (analyze, check, convert, diff, explain, verify, mutate, run, sweep, schedule, targets):
    group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; never raises."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), DEPTH))
    try:
        with _ended_by_signals():
            code = _answer(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:
        click.echo("error: this is a bug in nb2prod, sorry. Please report it with the lines below and the command you gave.", err=True)
        click.echo(traceback.format_exc(), err=True)
        return OUR_BUG
    return code


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A request to end is taken like Ctrl-C: everything that was started is stopped and cleared up."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _answer(arguments: Sequence[str] | None) -> int:
    try:
        code = group.main(arguments, prog_name="nb2prod", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "nb2prod"
        complain(error.format_message(), f"see `{where} --help`")
    except NotebookError as error:
        show_findings(error.diagnostics)
        complain(error.message, error.hint)
    except Nb2ProdError as error:
        complain(error.message, error.hint)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return WRONG_USE
