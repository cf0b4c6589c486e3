"""Options that several commands share, and how they become `Choices`.

--keep auc --no-run --schedule "0 6 * * *"   ->   Choices(keep=("auc",), run=False, schedule=Schedule("0 6 * * *"))
"""

from __future__ import annotations

import keyword
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nb2prod.errors import ChoiceError
from nb2prod.knowledge.load import OWN
from nb2prod.model.choices import Choices
from nb2prod.model.job import Schedule

if TYPE_CHECKING:
    from nb2prod.surveying import Terms

Function = TypeVar("Function", bound=Callable[..., Any])

NOTEBOOK = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path)


def result_choices(function: Function) -> Function:
    """`--keep`, `--drop` and `--knowledge`."""
    keep = click.option("--keep", multiple=True, metavar="NAME", help="A variable or file that is a result. May be repeated.")
    drop = click.option("--drop", multiple=True, metavar="NAME", help="A variable or file that is not a result. May be repeated.")
    knowledge = click.option(
        "--knowledge",
        multiple=True,
        metavar="FILE",
        type=click.Path(exists=True),
        expose_value=False,
        callback=_know,
        help="What a library of your own does, as TOML: a file or a folder of them. May be repeated.",
    )
    return keep(drop(knowledge(function)))


def _know(context: click.Context, parameter: click.Parameter, paths: tuple[str, ...]) -> None:
    """For this run and the processes it starts."""
    if paths:
        os.environ[OWN] = os.pathsep.join([*(os.path.abspath(path) for path in paths), *filter(None, [os.environ.get(OWN)])])


class Bytes(click.ParamType):
    """A size: 512M, 4G, 1.5GiB, or a number of bytes."""

    name = "size"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", value.strip(), re.IGNORECASE)
        if found is None or not float(found[1]):
            self.fail(f"{value!r} is no size; write it like 512M or 4G", parameter, context)
        return int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " "))


def run_choices(function: Function) -> Function:
    """What runs notebook and package, how far they may go, and what helps them to run."""
    for option in reversed(RUN_OPTIONS):
        function = option(function)
    return engine_choices(function)


RUN_OPTIONS = (
    click.option(
        "--memory", type=Bytes(), default=0, metavar="SIZE", help="How much memory one run may take: 512M, 4G.  [default: nine tenths]"
    ),
    click.option("--sandbox", is_flag=True, help="Run without network and with a read-only file system; needs bubblewrap."),
    click.option("--data", default="", metavar="DIR", help="A folder in which input files are looked up that are not where the code says."),
    click.option(
        "--env", multiple=True, metavar="NAME=VALUE", help="An environment variable of both runs; never written down. May be repeated."
    ),
    click.option("--sample", type=click.IntRange(min=0), default=0, metavar="N", help="Run on the first N rows of every table file only."),
)


def engine_choices(function: Function) -> Function:
    """`--kernel`, `--python` and `--timeout`."""
    kernel = click.option("--kernel", default="", metavar="NAME", help="The kernel to run in, instead of the notebook's own.")
    python = click.option("--python", default="", metavar="INTERPRETER", help="The interpreter to run in; it needs no ipykernel.")
    timeout = click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=Choices().timeout,
        metavar="SECONDS",
        show_default=True,
        help="How long one run may take.",
    )
    return kernel(python(timeout(function)))


def survey_choices(function: Function) -> Function:
    """How many notebooks are looked at: in how many processes, within which bounds, where."""
    for option in reversed(SURVEY_OPTIONS):
        function = option(function)
    return function


SURVEY_OPTIONS = (
    click.option(
        "-j", "--jobs", type=click.IntRange(min=0), default=0, metavar="N", help="Processes for several notebooks.  [default: one a core]"
    ),
    click.option(
        "--seconds", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, help="How long one of several may take."
    ),
    click.option("--memory", type=Bytes(), default=4 << 30, metavar="SIZE", help="How much memory a process may take.  [default: 4G]"),
    click.option("--dask", default="", metavar="ADDRESS", help="Send several notebooks to the Dask cluster at this address instead."),
    click.option("--cache/--no-cache", default=True, show_default=True, help="Whether to remember what did not change since."),
)


def terms_from(asked: dict[str, Any]) -> Terms:
    """The options of a survey."""
    from nb2prod.surveying import Terms

    return Terms(asked["jobs"] or os.cpu_count() or 1, asked["seconds"], asked["memory"], asked["dask"], asked["cache"])


def choices_from(asked: dict[str, Any]) -> Choices:
    """The options of a command as `Choices`. Raises `ChoiceError` for options that do not go together."""
    if asked.get("kernel") and asked.get("python"):
        raise ChoiceError("--kernel and --python cannot both be given", "a kernel names its own interpreter")
    if asked.get("timezone") and not asked.get("schedule"):
        raise ChoiceError("--timezone says nothing without --schedule", 'give both: --schedule "30 6 * * 1-5" --timezone Europe/Berlin')
    check_package(asked.get("package") or "usable")
    given: dict[str, Any] = {name: asked[name] for name in TAKEN if name in asked}
    given.update(_running(asked))
    if asked.get("target"):
        given["targets"] = tuple(dict.fromkeys(asked["target"]))
    if asked.get("schedule"):
        given["schedule"] = Schedule(asked["schedule"], asked.get("timezone") or "")
    return Choices(**given)


TAKEN = (
    *("keep", "drop", "package", "run", "kernel", "python", "timeout", "force", "seed", "attempts", "trial_seconds"),
    *("memory", "sandbox", "sample"),
)


def _running(asked: dict[str, Any]) -> dict[str, Any]:
    """What helps a notebook to run, checked before anything is done."""
    given: dict[str, Any] = {}
    if asked.get("data"):
        if not Path(asked["data"]).is_dir():
            raise ChoiceError(f"--data {asked['data']}: there is no such folder", "name the folder that holds the files the notebook reads")
        given["data"] = str(Path(asked["data"]).absolute())
    if asked.get("env"):
        given["variables"] = dict(_variable(text) for text in asked["env"])
    if asked.get("sandbox"):
        from nb2prod.recording.sandbox import check_sandbox  # late: only who asks for it needs it

        check_sandbox()
    return given


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ChoiceError(f"--env {name}: this is no NAME=VALUE", "write it like --env API_TOKEN=abc")
    return name, value


def check_package(name: str) -> None:
    """Raises `ChoiceError` for a name that Python cannot import, or would take for a module of its own."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ChoiceError(f"--package {name}: this cannot be the name of a package", "use letters, digits and _, such as customer_churn")
    if name in sys.stdlib_module_names:
        raise ChoiceError(f"--package {name}: Python has a module of this name", f"choose another, such as {name}_job")
