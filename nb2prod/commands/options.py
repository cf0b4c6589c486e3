"""Options that several commands share, and how they become `Choices`.

--keep auc --no-run --schedule "0 6 * * *"   ->   Choices(keep=("auc",), run=False, schedule=Schedule("0 6 * * *"))
"""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from nb2prod.errors import ChoiceError
from nb2prod.model.choices import Choices
from nb2prod.model.job import Schedule

Function = TypeVar("Function", bound=Callable[..., Any])

NOTEBOOK = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path)


def _remember(context: click.Context, parameter: click.Parameter, given: bool) -> None:
    if given:
        context.meta[f"nb2prod.{parameter.name}"] = True


def loudness(function: Function) -> Function:
    """`--quiet` and `--verbose`, understood before and after the command's name."""
    quiet = click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_remember, help="Say nothing but errors.")
    verbose = click.option("-v", "--verbose", is_flag=True, expose_value=False, callback=_remember, help="Say every step, and notes too.")
    return quiet(verbose(function))


def result_choices(function: Function) -> Function:
    """`--keep` and `--drop`."""
    keep = click.option("--keep", multiple=True, metavar="NAME", help="A variable or file that is a result. May be repeated.")
    drop = click.option("--drop", multiple=True, metavar="NAME", help="A variable or file that is not a result. May be repeated.")
    return keep(drop(function))


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


def choices_from(asked: dict[str, Any]) -> Choices:
    """The options of a command as `Choices`. Raises `ChoiceError` for options that do not go together."""
    if asked.get("kernel") and asked.get("python"):
        raise ChoiceError("--kernel and --python cannot both be given", "a kernel names its own interpreter")
    if asked.get("timezone") and not asked.get("schedule"):
        raise ChoiceError("--timezone says nothing without --schedule", 'give both: --schedule "30 6 * * 1-5" --timezone Europe/Berlin')
    check_package(asked.get("package") or "usable")
    given: dict[str, Any] = {
        name: asked[name] for name in ("keep", "drop", "package", "run", "kernel", "python", "timeout", "force", "seed") if name in asked
    }
    if asked.get("target"):
        given["targets"] = tuple(dict.fromkeys(asked["target"]))
    if asked.get("schedule"):
        given["schedule"] = Schedule(asked["schedule"], asked.get("timezone") or "")
    return Choices(**given)


def check_package(name: str) -> None:
    """Raises `ChoiceError` for a name that Python cannot import, or would take for a module of its own."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ChoiceError(f"--package {name}: this cannot be the name of a package", "use letters, digits and _, such as customer_churn")
    if name in sys.stdlib_module_names:
        raise ChoiceError(f"--package {name}: Python has a module of this name", f"choose another, such as {name}_job")
