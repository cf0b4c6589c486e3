"""Words in, exit code out: the door of nb2prod on the command line, and the only place where trouble becomes words.

    nb2prod convert missing.ipynb   ->   error: missing.ipynb: there is no such file          (exit code 2)
                                         hint: check the spelling of the path

The commands are in `commands/`, one file each; they print their data to stdout and return an exit code. This module loads nothing heavier
than click.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module

import click

from nb2prod.commands.terminal import DONE, INTERRUPTED, OUR_BUG, WRONG_USE, complain, loudness, show_findings
from nb2prod.errors import Nb2ProdError, NotebookError

# Each is the function of this name in the module of this name. Its first sentence stands here too, so that the list of commands loads none of them.
COMMANDS = {
    "analyze": "What lives and what is dropped, without running a line of it.",
    "check": "What production should not have in each notebook; exit code 1 where there is something.",
    "convert": "Make a package from a notebook, run both, and say whether they agree.",
    "diff": "What converting a project's notebook again would change in it; nothing is written.",
    "explain": "The analysis of a notebook laid open, without running a line of it.",
    "mutate": "Put small faults into a project's stages, one at a time, and see how many its own tests notice.",
    "run": "Run a project's package, or its notebook through papermill, with other parameters.",
    "schedule": "Write the job files of a scheduler from a project's jobs/job.toml, and say what the scheduler cannot express.",
    "sweep": "Run a project's package for every point of a grid of parameters; what is done already is not run again.",
    "targets": "What a job can be scheduled with, and what each of them cannot express.",
    "verify": "Run notebook and package again, compare, and write the new verdict into the project.",
}
DEPTH = 5000  # of calls: what `reading` lets pass is nested up to 300 levels, and a pass may take a dozen calls a level
EPILOG = """Exit codes: 0 done, 1 findings or a different result, 2 wrong use or unreadable input, 3 the results could not be compared,
70 a bug of nb2prod."""


def _version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # late: it reads the disk

        click.echo(f"nb2prod {version('nb2prod')}")
        context.exit()


class Late(click.Group):
    """Loads a command when it is used."""

    def resolve_command(self, context: click.Context, words: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if words[0] in COMMANDS:
            self.add_command(getattr(import_module(f"nb2prod.commands.{words[0]}"), words[0]))
        return super().resolve_command(context, words)


@click.group(name="nb2prod", cls=Late, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version and exit.")
@loudness
@click.pass_context
def group(context: click.Context) -> None:
    """Turn a messy Jupyter notebook into a tested, scheduled Python package, and prove that both give the same results."""
    if os.environ.get("NO_COLOR"):
        context.color = False


for name, sentence in COMMANDS.items():
    group.add_command(click.Command(name, help=sentence))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; never raises."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), DEPTH))
    gc.set_threshold(100_000, 50, 50)  # to look for cycles among the many objects of a large notebook is a third of an analysis
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
        import traceback  # late: hardly ever needed

        click.echo("error: this is a bug in nb2prod, sorry. Please report it with the lines below and the command you gave.", err=True)
        click.echo(traceback.format_exc(), err=True)
        return OUR_BUG
    return code


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A request to end is taken like Ctrl-C: everything that was started is stopped and cleared up."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {}
    with suppress(ValueError):  # only the main thread may say what a signal does
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
    except SystemExit as error:  # how click ends when the reader of what it writes is gone
        raise BrokenPipeError from error
    return WRONG_USE
