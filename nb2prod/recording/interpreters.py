"""What the user chose -> what will run the notebook: a kernel, or a plain interpreter.

    Choices()                          ->   Engine(argv=("/env/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"), python="/env/bin/python")
    Choices(python="/old/bin/python")  ->   the same with that interpreter where it has ipykernel, else Engine(argv=(), python="/old/bin/python")
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

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from nb2prod.errors import RunError
from nb2prod.model.choices import Choices

USUAL = "python3"
HINT = "choose another with --kernel NAME or --python INTERPRETER"
PROBE = "import sys; assert sys.version_info >= (3, 8), sys.version; import importlib.util as u; print(u.find_spec('ipykernel') is not None)"


@dataclass(frozen=True)
class Engine:
    """What runs the notebook: the kernel's command line (empty: no kernel, the interpreter runs the cells) and the interpreter behind it."""

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
        raise RunError(f"there is no interpreter `{python}`", "give --python the path of a Python executable")
    found = os.path.abspath(found)
    try:
        asked = subprocess.run([found, "-c", PROBE], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env=_clean(), check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunError(f"`{python}` cannot be started: {error}", "give --python the path of a Python executable") from error
    if asked.returncode or asked.stdout.strip() not in ("True", "False"):
        said = (asked.stderr.strip() or asked.stdout.strip() or "it said nothing").splitlines()[-1]
        raise RunError(f"`{python}` is not a Python 3.8 or later: {said}", "give --python the path of a Python executable")
    argv = (found, "-m", "ipykernel_launcher", "-f", "{connection_file}") if asked.stdout.strip() == "True" else ()
    return Engine(found, argv)


def _clean() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


def _from_kernel(name: str, asked: bool) -> Engine:
    """The kernel of that name; a notebook that names none, or only the usual one, may have the usual one of our own environment."""
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
    raise RunError(f"the kernel `{name}` starts `{program}`, and which Python that runs cannot be seen", "name it with --python INTERPRETER")
