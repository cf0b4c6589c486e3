"""What the user chose -> what will run the notebook: a kernel, or a plain interpreter.

Choices()                          ->   Engine("/env/bin/python", argv=("/env/bin/python", "-m", "ipykernel_launcher", ...))
Choices(python="/old/bin/python")  ->   the same with that interpreter where it has ipykernel, else Engine("/old/bin/python")
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nb2prod.errors import RunError
from nb2prod.model.choices import Choices

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

USUAL = "python3"
HINT = "choose another with --kernel NAME or --python INTERPRETER"
QUESTION = """
import sys, importlib.util
assert sys.version_info >= (3, 8), sys.version
print(importlib.util.find_spec("ipykernel") is not None)
"""
PATH_HINT = "give --python the path of a Python executable"


@dataclass(frozen=True)
class Engine:
    """What runs the notebook: the interpreter, and the kernel's command line (empty: no kernel, the interpreter itself runs the cells)."""

    python: str
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def choose_engine(choices: Choices, named: str) -> Engine:
    """The engine for a notebook whose metadata names the kernel `named`; raises `RunError` when there is no such kernel or interpreter."""
    if choices.python:
        return _from_interpreter(choices.python)
    return _from_kernel(choices.kernel or named, asked=bool(choices.kernel))


def _from_interpreter(python: str) -> Engine:
    found = shutil.which(python)
    if found is None:
        raise RunError(f"there is no interpreter `{python}`", PATH_HINT)
    found = os.path.abspath(found)
    try:
        asked = _ask(found)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunError(f"`{python}` cannot be started: {error}", PATH_HINT) from error
    if asked.returncode or asked.stdout.strip() not in ("True", "False"):
        said = (asked.stderr.strip() or asked.stdout.strip() or "it said nothing").splitlines()[-1]
        raise RunError(f"`{python}` is not a Python 3.8 or later: {said}", PATH_HINT)
    argv = (found, "-m", "ipykernel_launcher", "-f", "{connection_file}") if asked.stdout.strip() == "True" else ()
    return Engine(found, argv)


def _ask(python: str) -> subprocess.CompletedProcess[str]:
    """Asks an interpreter whether it is new enough and has ipykernel, without what our own environment tells Python."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [python, "-c", QUESTION], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env=env, check=False
    )


def _from_kernel(name: str, asked: bool) -> Engine:
    """The kernel of that name; a notebook that names none, or only the usual one, may have the usual one of our own environment."""
    from jupyter_client.kernelspec import KernelSpecManager  # late: it takes longer to load than a notebook takes to be read

    manager = KernelSpecManager()
    usual = name in ("", USUAL) and not asked
    spec = _spec(manager, name or USUAL)
    if spec is None and usual:
        return _from_interpreter(sys.executable)
    if spec is None:
        installed = ", ".join(sorted(manager.find_kernel_specs())) or "none"
        raise RunError(f"the kernel `{name}` is not installed here (installed: {installed})", HINT)
    if spec.language.lower() != "python":
        raise RunError(f"the kernel `{name}` runs {spec.language}, not Python", HINT)
    return Engine(_interpreter(name or USUAL, spec), tuple(spec.argv), dict(spec.env))


def _spec(manager: KernelSpecManager, name: str) -> KernelSpec | None:
    from jupyter_client.kernelspec import NoSuchKernel

    try:
        return manager.get_kernel_spec(name)
    except NoSuchKernel:
        return None


def _interpreter(name: str, spec: KernelSpec) -> str:
    """The interpreter a kernel's command line starts, needed to run the package in the very same one."""
    program = spec.argv[0]
    if re.fullmatch(r"python[\d.]*(\.exe)?", Path(program).name):
        found = sys.executable if program == Path(program).name else shutil.which(program)
        if found:
            return found
        raise RunError(f"the kernel `{name}` starts `{program}`, which is not there", HINT)
    pythons = [part for part in spec.argv[1:] if re.fullmatch(r"python[\d.]*(\.exe)?", Path(part).name) and shutil.which(part)]
    if pythons:
        return str(shutil.which(pythons[-1]))
    raise RunError(
        f"the kernel `{name}` starts `{program}`, and it cannot be seen which Python that is", "name it with --python INTERPRETER"
    )
