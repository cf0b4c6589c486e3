"""The architecture as tests: which module may import which, where third parties live, who may touch the disk, how large a file may be."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "nb2prod"

# From top to bottom: a module may import what stands below it, and its own package.
LAYERS = (
    ("__main__",),
    ("cli", "server"),
    ("commands",),
    ("surveying",),
    ("pipeline", "saving"),
    ("converting",),
    ("proving", "renewing", "understanding"),
    ("reading", "analysis", "recording", "planning", "codegen", "merging", "mutation", "targets", "verification"),
    ("knowledge", "show", "wire", "leftovers"),
    ("model", "errors"),
)
SHARING = {("errors", "model")}  # an error carries diagnostics

# Where each third party lives; the values are prefixes of module names below nb2prod.
HOMES = {
    "black": ("codegen",),
    "click": ("cli", "commands"),
    "cronsim": ("targets",),
    "dask": ("commands.sweep_runs", "surveying.cluster"),
    "IPython": ("reading",),
    "jinja2": ("codegen",),
    "jsonschema": ("server",),
    "jupyter_client": ("recording",),
    "jupyter_server": ("server",),
    "libcst": ("codegen",),
    "markupsafe": ("codegen.report",),
    "nbconvert": ("commands.papermill_run",),
    "nbformat": ("commands.papermill_run",),
    "pytest": ("mutation.warm",),  # in the interpreter of the project under test
    "papermill": ("commands.papermill_run",),
    "rich": ("commands.terminal",),
    "tomli": ("knowledge", "targets", "commands.parameters"),
    "tomli_w": ("targets", "codegen"),
    "tomlkit": ("merging",),
    "tornado": ("server",),
    "traitlets": ("server",),
    "yaml": ("commands.parameters", "targets"),
}
# The probe runs inside the user's interpreter: it looks at whatever is loaded there and must not need anything.
PROBE = "recording.probe"

PURE = ("model", "errors", "show", "wire", "analysis", "planning", "codegen", "merging", "targets", "verification")
IMPURE_NAMES = {"open", "print", "input", "exec", "eval"}
IMPURE_METHODS = {"write_text", "write_bytes", "mkdir", "unlink", "rmdir", "touch", "rename"}
IMPURE_MODULES = {"subprocess", "shutil", "tempfile", "socket", "urllib", "requests"}
# Reading the package's own templates and schema is no look at the user's disk.
READS_ITS_OWN_DATA = {"codegen.templating", "codegen.manifest", "codegen.report", "targets"}

VAGUE = {"utils", "util", "common", "helpers", "helper", "manager", "misc", "tools", "base"}


def module_name(path: Path) -> str:
    """`nb2prod/codegen/report/cells.py` is `codegen.report.cells`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imports(name: str) -> list[tuple[int, str]]:
    """Line and full name of everything a module imports, wherever in the file."""
    found = []
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} line {node.lineno}: a relative import"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def layer_of(top: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if top in names)


def lies_in(name: str, homes: tuple[str, ...]) -> bool:
    return any(name == home or name.startswith(home + ".") for home in homes)


def test_every_module_has_a_layer() -> None:
    tops = {name.partition(".")[0] for name in MODULES} - {"__init__"}
    assert tops - {name for names in LAYERS for name in names} == set()


def test_imports_point_down() -> None:
    wrong = []
    for name in MODULES:
        top = name.partition(".")[0]
        for line, imported in imports(name):
            other = (imported.split(".") + [""])[1]
            if (
                not imported.startswith("nb2prod.")
                or other == top
                or top == "__init__"
                or other not in {n for names in LAYERS for n in names}
            ):
                continue
            if layer_of(top) >= layer_of(other) and (top, other) not in SHARING:
                wrong.append(f"{name} line {line}: imports {imported}")
    assert wrong == []


def test_every_third_party_lives_in_its_home() -> None:
    wrong = []
    for name in MODULES:
        if lies_in(name, (PROBE,)):
            continue
        for line, imported in imports(name):
            party = imported.partition(".")[0]
            if party not in sys.stdlib_module_names and party != "nb2prod" and not lies_in(name, HOMES.get(party, ())):
                wrong.append(f"{name} line {line}: imports {party}")
    assert wrong == []


def test_the_nouns_need_nothing_but_the_standard_library() -> None:
    foreign = [
        f"{name}: {imported}"
        for name in MODULES
        if lies_in(name, ("model", "errors"))
        for _, imported in imports(name)
        if imported.partition(".")[0] not in sys.stdlib_module_names and not imported.startswith(("nb2prod.model", "nb2prod.errors"))
    ]
    assert foreign == []


def impurities(name: str) -> list[str]:
    """What a module does to the world outside."""
    found = [f"{name} line {line}: imports {imported}" for line, imported in imports(name) if imported.partition(".")[0] in IMPURE_MODULES]
    for node in ast.walk(TREES[name]):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        on_name = isinstance(node.func, ast.Name)
        reads = called in ("read_text", "read_bytes") and name not in READS_ITS_OWN_DATA
        if (on_name and called in IMPURE_NAMES) or (not on_name and called in IMPURE_METHODS) or reads:
            found.append(f"{name} line {node.lineno}: calls {called}")
    return found


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_touches_neither_disk_nor_processes(package: str) -> None:
    assert [trouble for name in MODULES if lies_in(name, (package,)) for trouble in impurities(name)] == []


def test_every_file_is_under_400_lines() -> None:
    long = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: lines for name, lines in long.items() if lines >= 400} == {}


def test_no_module_has_a_vague_name() -> None:
    assert [name for name in MODULES if VAGUE & set(name.split("."))] == []


def test_every_module_says_what_it_is() -> None:
    assert [name for name in MODULES if TREES[name].body and not ast.get_docstring(TREES[name])] == []


def test_every_target_is_listed() -> None:
    from nb2prod.targets import TARGETS

    files = {
        name.partition(".")[2] for name in MODULES if name.startswith("targets.") and "\nTARGET = " in MODULES[name].read_text("utf-8")
    }
    assert {name.replace("-", "_") for name in TARGETS} == files


@pytest.mark.parametrize("command", [["-c", "import nb2prod"], ["-m", "nb2prod", "--help"]], ids=["import", "help"])
def test_what_is_quick_loads_nothing_heavy(command: list[str]) -> None:
    heavy = {
        "nbformat",
        "nbconvert",
        "nbclient",
        "jupyter_client",
        "libcst",
        "black",
        "papermill",
        "IPython",
        "jinja2",
        "rich",
        "yaml",
        "cronsim",
    }
    environment = {**os.environ, "PYTHONPATH": str(ROOT.parent)}
    done = subprocess.run([sys.executable, "-X", "importtime", *command], capture_output=True, text=True, env=environment, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert loaded & (heavy | {"pandas", "numpy", "sklearn", "matplotlib"}) == set()
