"""Stands in for IPython where a notebook runs in a plain interpreter: `get_ipython()`, `display()` and figures shown at the end of a cell.

    get_ipython().system("ls")  display(df)  plt.show()   ->   a subprocess; two events of the tracer

What it cannot do it refuses with the magic's name.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import types
from typing import Any, Callable, Dict, NoReturn

NAMES = ("get_ipython", "display", "In", "Out")
PACKAGE = __name__.rpartition(".")[0]
BACKEND = "module://%s.figures" % PACKAGE
SILENT = frozenset({"matplotlib", "config", "load_ext", "autoreload", "precision", "reload_ext"})
OPTIONS = re.compile(r"^(?:\s*-(?:[nrp]\s*\d+|[tcoqv]+)(?=\s|$))*\s*")


class Shell:
    """The part of IPython's shell that notebook code calls by itself."""

    kernel = None  # pandas looks for it to learn that there is no terminal
    config: Dict[str, Any] = {}

    def __init__(self, tracer: Any, namespace: Dict[str, Any]) -> None:
        self.tracer = tracer
        self.user_ns = namespace
        self.events = types.SimpleNamespace(register=_ignore, unregister=_ignore)

    def run_line_magic(self, name: str, line: str = "", *args: object) -> None:
        """Carries out the line magics that reading leaves in the code and that make sense without IPython."""
        if name == "timeit":
            self._execute(OPTIONS.sub("", line))
        elif name in ("reset", "reset_selective"):
            pattern = line.split()[-1] if name == "reset_selective" else ""
            for key in [key for key in self.user_ns if not key.startswith("_") and key not in NAMES and re.search(pattern, key)]:
                del self.user_ns[key]
        elif name not in SILENT:
            _refuse("%" + name)

    magic = run_line_magic

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """Carries out the cell magics that reading leaves in the code and that make sense without IPython."""
        if name != "timeit":
            _refuse("%%" + name)
        self._execute(OPTIONS.sub("", line) + "\n" + cell)

    def system(self, command: str) -> None:
        """`!command`"""
        done = _run(command)
        sys.stdout.write(done.stdout)
        self.user_ns["_exit_code"] = done.returncode

    def enable_gui(self, gui: object = None) -> None:
        """There is no event loop to tie to."""

    system_raw = system_piped = system

    def getoutput(self, command: str, split: bool = True) -> object:
        """`x = !command`"""
        text = _run(command).stdout
        return text.splitlines() if split else text

    def _execute(self, source: str) -> None:
        exec(compile(source, "<magic>", "exec"), self.user_ns)

    def display(self, *values: object, **options: object) -> None:
        """`display(a, b)`"""
        for value in values:
            self.tracer.displayed_within(value)

    def flush_figures(self) -> None:
        """Shows every open figure and closes it, as the inline backend does at the end of a cell and for plt.show()."""
        plt = sys.modules.get("matplotlib.pyplot")
        if plt is None or PACKAGE + ".figures" not in sys.modules or PACKAGE not in str(plt.get_backend()):
            return
        for number in plt.get_fignums():
            self.tracer.drawn(plt.figure(number))
        plt.close("all")


def _ignore(*args: object) -> None:
    return None


def _refuse(magic: str) -> NoReturn:
    raise NotImplementedError("the magic %s needs IPython, and this interpreter runs the notebook without it" % magic)


def _run(command: str) -> Any:
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run(command, shell=True, universal_newlines=True, **pipes)  # type: ignore[call-overload]


def install(tracer: Any, namespace: Dict[str, Any]) -> Shell:
    """Puts the stand-ins where notebook code looks for them, and chooses a backend whose show() is ours."""
    shell = Shell(tracer, namespace)
    given: Dict[str, Callable[..., Any]] = {"get_ipython": lambda: shell, "display": shell.display}
    for name, thing in given.items():
        setattr(builtins, name, thing)
    _install_modules(given)
    os.environ["MPLBACKEND"] = BACKEND
    return shell


def _install_modules(given: Dict[str, Callable[..., Any]]) -> None:
    """`from IPython.display import display` finds ours, with IPython installed or not."""
    if importlib.util.find_spec("IPython") is not None:
        real = importlib.import_module("IPython.display")
        real.display = given["display"]  # type: ignore[attr-defined]
        sys.modules["IPython"].get_ipython = given["get_ipython"]  # type: ignore[attr-defined]
        return
    display = types.ModuleType("IPython.display")
    for name in ("HTML", "Markdown", "Image", "Math", "Latex", "Javascript", "SVG"):
        setattr(display, name, type(name, (), {"__init__": _keep, "__module__": "IPython.core.display"}))
    display.display = given["display"]  # type: ignore[attr-defined]
    display.clear_output = lambda *args, **options: None  # type: ignore[attr-defined]
    package = types.ModuleType("IPython")
    package.version_info = (9, 0, 0)  # type: ignore[attr-defined]
    package.display, package.get_ipython = display, given["get_ipython"]  # type: ignore[attr-defined]
    sys.modules.update({"IPython": package, "IPython.display": display})


def _keep(self: Any, data: object = None, **options: object) -> None:
    self.data = data
