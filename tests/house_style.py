"""The page about generated code, with the texts that the tool writes. `python tests/house_style.py` writes its examples anew."""

from __future__ import annotations

import ast
import re
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nb2prod.model.choices import Choices
from nb2prod.pipeline import convert
from nb2prod.reading import read

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "generated-code.md"
SAMPLES = ROOT / "sample_notebooks"
FENCED = re.compile(r"^```python (?P<what>[^\n]+)\n.*?^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = "bakery.py"


def page(text: str) -> str:
    """The page with each code block as it must be: the notebook of the example stays, all else is made from notebooks."""
    notebook = next(found.group(0) for found in FENCED.finditer(text) if found["what"] == EXAMPLE)
    source = notebook.split("\n", 1)[1].removesuffix("```")
    return FENCED.sub(lambda found: f"```python {found['what']}\n{block(found['what'], source)}```", text)


def block(what: str, example: str) -> str:
    """The text of one block: `bakery.py`, `src/...` of its package, `NAME.ipynb cells 4-10`, or `NAME/data.py: load, clean`."""
    if what == EXAMPLE:
        return example
    if what.startswith("src/"):
        return files_of_example(example)[what]
    if " cells " in what:
        name, _, cells = what.partition(" cells ")
        first, last = map(int, cells.split("-"))
        shown = [cell for cell in read(SAMPLES / name).code_cells if first <= cell.index <= last]
        return "\n".join(f"# %%\n{cell.source.rstrip()}\n" for cell in shown)
    path, _, names = what.partition(": ")
    package, _, module = path.partition("/")
    return definitions(files_of_sample(package)[f"src/{package}/{module}"], names.split(", "))


def definitions(text: str, names: list[str]) -> str:
    """Some functions of a module, two blank lines between them."""
    lines = text.split("\n")
    found = {node.name: node for node in ast.parse(text).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return "\n\n\n".join("\n".join(lines[found[name].lineno - 1 : found[name].end_lineno]) for name in names) + "\n"


@cache
def files_of_example(source: str) -> Mapping[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / EXAMPLE
        path.write_text(source, encoding="utf-8")
        return texts(path, "bakery")


@cache
def files_of_sample(name: str) -> Mapping[str, str]:
    return texts(SAMPLES / f"{name}.ipynb", name)


def texts(path: Path, package: str) -> Mapping[str, str]:
    project = convert(path, Choices(run=False, package=package)).project
    return {file.path: file.content for file in project.files if isinstance(file.content, str)}


if __name__ == "__main__":
    sys.exit(PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8") and 0)
