"""What is fuzzed, and what must hold whatever goes in.

reader(b"{...}")                    any bytes as a notebook file: read and analysed, or refused by a `ReadError`
cells("x = 1\\n# %%\\n%time f()")    any text as the cells of a notebook: analysed; what is dropped and kept are all its statements
package("x = 1\\n# %%\\nprint(x)")   the same, and planned and written: all Python in the package compiles, its TOML and JSON load; or refused by name

A refusal is an `Nb2ProdError`. Any other exception, and anything that takes longer than SLOW seconds, is a finding.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import time
import warnings
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from nb2prod.converting import attempt, finish
from nb2prod.errors import Nb2ProdError, NotebookError, ReadError
from nb2prod.model.choices import Choices
from nb2prod.model.project import Project
from nb2prod.reading import read_bytes
from nb2prod.understanding import read_and_analyze

NOWHERE = Path("/nonexistent/fuzzed.ipynb")
SLOW = 60.0  # seconds of processor time
BORDER = re.compile(r"^# %%[^\n]*\n?", re.MULTILINE)


class Finding(AssertionError):
    """Something that must not happen."""


def reader(data: bytes) -> None:
    """Any bytes as a notebook file. Raises what is wrong."""
    try:
        read_and_analyze(NOWHERE, Choices(), data)
    except ReadError:
        return


def cells(text: str) -> None:
    """Any text as cells. Raises what is wrong."""
    started = time.process_time()
    try:
        notebook, analysis = read_and_analyze(NOWHERE, Choices(), notebook_of(text))
    except ReadError:
        return
    decided = [decision.statement for decision in analysis.decisions]
    if sorted(decided) != sorted(statement.id for statement in notebook.statements):
        raise Finding("not every statement has one decision")
    if time.process_time() - started > SLOW:
        raise Finding(f"it took {time.process_time() - started:.0f} s")


def package(text: str) -> None:
    """Any text as cells, written as a package that nobody runs. Raises what is wrong."""
    try:
        conversion = attempt(read_bytes(notebook_of(text), NOWHERE), None, Choices(run=False), frozenset())
        check(finish(conversion, Choices(run=False)))
    except (ReadError, NotebookError):
        return
    except Nb2ProdError as error:
        raise Finding(f"refused in an unexpected way: {error.message}") from error


def check(project: Project) -> None:
    """Every file is what its name says. Raises Finding."""
    for file in project.files:
        text = file.content if isinstance(file.content, str) else ""
        kind = Path(file.path).suffix
        try:
            if kind == ".py":
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    compile(ast.parse(text), file.path, "exec", dont_inherit=True)
            elif kind == ".toml":
                tomllib.loads(text)
            elif kind in (".json", ".ipynb") and text:
                json.loads(text)
        except (ValueError, SyntaxError, RecursionError) as error:
            raise Finding(f"{file.path} is broken: {error}") from error


def notebook_of(text: str) -> bytes:
    """A notebook whose cells are the parts of a text between lines that begin with `# %%`; `# %% [markdown]` makes it markdown."""
    marks = [match.group() for match in BORDER.finditer(text)]
    parts = BORDER.split(text)
    listed = [
        {
            "cell_type": "markdown" if "[markdown]" in mark else "code",
            "metadata": {"tags": ["parameters"]} if "parameters" in mark else {},
            "source": part,
            **({} if "[markdown]" in mark else {"outputs": [], "execution_count": None}),
        }
        for mark, part in zip(["", *marks], parts, strict=True)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": listed}).encode("utf-8", "surrogatepass")


TARGETS = {"reader": reader, "cells": cells, "package": package}
