"""Each module imports what its code reads, in ruff's order, and modules never import each other in a circle."""

from __future__ import annotations

from pathlib import Path

import pytest
from codegen.stage_building import everything, module_text, notebook, place, plan, run_package, stage

from nb2prod.codegen.imports import dotted_paths, import_block, import_line, references
from nb2prod.codegen.modules import write_modules
from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition, Import

REFERENCES = {
    "x = pd.read_csv(a)": {"pd", "a"},
    "def f(a):\n    b = a + c\n    return b": {"c"},
    "def f():\n    return [i for i in xs if (lambda y: y + z)(i)]": {"xs", "z"},
    "def f(a: pd.DataFrame) -> Any:\n    x: int = 1": {"pd", "Any", "int"},
    "class A(B):\n    x = C\n    def f(self):\n        return D": {"B", "C", "D"},
    "def f():\n    import re\n    return re.sub": set(),
    "def f(x):\n    def g():\n        return x, y\n    return g": {"y"},
}


@pytest.mark.parametrize(("text", "names"), REFERENCES.items())
def test_references_are_the_names_read_from_module_level(text: str, names: set[str]) -> None:
    assert references(text) == names


def test_dotted_paths_are_all_chains_of_attributes() -> None:
    assert dotted_paths("a.b.c(d)") == {"a", "a.b", "a.b.c", "d"}


def test_imports_stand_in_blocks_as_ruff_sorts_them() -> None:
    imports = [
        Import("pd", "pandas"),
        Import("accuracy_score", "sklearn.metrics", "accuracy_score"),
        Import("GRID", "sklearn.metrics", "GRID"),
        Import("Lasso", "sklearn.metrics", "Lasso"),
        Import("auc2", "sklearn.metrics", "auc"),
        Import("os", "os"),
        Import("os", "os.path"),
        Import("clean", "churn.data", "clean"),
        Import("helpers", "helpers"),
        Import("annotations", "__future__", "annotations"),
        Import("Path", "pathlib", "Path"),
    ]
    assert import_block(imports, ("churn", "helpers")) == (
        "from __future__ import annotations\n\nimport os\nimport os.path\nfrom pathlib import Path\n\nimport pandas as pd\n"
        "from sklearn.metrics import GRID, Lasso, accuracy_score\nfrom sklearn.metrics import auc as auc2\n\n"
        "import helpers\nfrom churn.data import clean"
    )


LINES = {
    Import("os", "os.path"): "import os.path",
    Import("plt", "matplotlib.pyplot"): "import matplotlib.pyplot as plt",
    Import("p", "math", "pi"): "from math import pi as p",
    Import("pi", "math", "pi"): "from math import pi",
}


@pytest.mark.parametrize(("imported", "line"), LINES.items())
def test_an_import_is_written_as_it_binds(imported: Import, line: str) -> None:
    assert import_line(imported) == line


def _head(code: str, *imports: Import) -> str:
    book = notebook(code, IMPORT_CELL)
    text = module_text(plan([stage("work", everything(book, 0))], (), imports), book)
    return text[text.index('"""\n') + 4 : text.index("\ndef work")].strip("\n")


HEADS = {
    "only what is read": ("print(np.pi)\n", "import numpy as np"),
    "the submodule that is read": ("print(xml.dom.Node)\n", "import xml.dom"),
    "a name inside a function": ("def f():\n    return np.pi\nf()\n", "import numpy as np"),
    "not what a stage binds itself": ("np = 1\nprint(np)\n", ""),
    "not a display that became print": ("display(1)\n", ""),
    "what a rewrite needs": ("get_ipython().system('ls')\n", "import subprocess"),
    "an import that acts on what is used": (
        "print(IterativeImputer)\n",
        "from sklearn.experimental import enable_iterative_imputer  # noqa: F401\nfrom sklearn.impute import IterativeImputer",
    ),
}
IMPORTS = (
    Import("np", "numpy"),
    Import("pd", "pandas"),
    Import("xml", "xml.etree"),
    Import("xml", "xml.dom"),
    Import("display", "IPython.display", "display"),
    Import("enable_iterative_imputer", "sklearn.experimental", "enable_iterative_imputer"),
    Import("IterativeImputer", "sklearn.impute", "IterativeImputer"),
)


IMPORT_CELL = "from sklearn.experimental import enable_iterative_imputer\n"


@pytest.mark.parametrize(("code", "head"), HEADS.values(), ids=HEADS.keys())
def test_a_module_imports_what_it_reads(code: str, head: str) -> None:
    assert _head(code, *IMPORTS) == head


def test_a_star_import_comes_along_where_a_name_is_unknown() -> None:
    star = Import("*", "math", "*")
    assert _head("print(sqrt(2))\n", star) == (
        '# mypy: disable-error-code="name-defined"\n# ruff: noqa: F405, I001\n\nfrom math import *  # noqa: F403'
    )
    assert _head("print(2)\n", star) == ""
    assert _head("print(sqrt(2), re)\nget_ipython().system('ls')\n", Import("re", "re"), star) == (
        '# mypy: disable-error-code="name-defined"\n# ruff: noqa: F405, I001\n\n'
        "from math import *  # noqa: F403\n\nimport re\nimport subprocess as subprocess_module"
    )


def test_definitions_and_stages_find_each_other_across_modules(tmp_path: Path) -> None:
    book = notebook("def a(x):\n    return x + 1\n", "def b(x):\n    return a(x) * 2\n", "y = b(1)\n")
    definitions = [Definition("a", StatementId(0, 0), "one"), Definition("b", StatementId(1, 0), "two")]
    made = plan([stage("work", everything(book, 2), (), ["y: int"])], (), (), definitions)
    assert "from churn.one import a\n" in module_text(made, book, "two")
    assert "from churn.two import b\n" in module_text(made, book)
    assert run_package(made, book, tmp_path) == {"y": 4}


def test_definitions_that_would_make_a_circle_get_a_module_of_their_own(tmp_path: Path) -> None:
    book = notebook(
        "def a(x):\n    return b(x - 1) if x else 0\n", "def b(x):\n    return a(x)\n\ndef c(x):\n    return x\n", "y = b(3)\nb = c(b)\n"
    )
    definitions = [
        Definition("a", StatementId(0, 0), "one"),
        Definition("b", StatementId(1, 0), "two"),
        Definition("c", StatementId(1, 1), "three"),
    ]
    stages = [stage("work", everything(book, 2), (), ["y: int", "b"], module="two")]
    made = plan(stages, (), (), definitions, [Result("y", "variable", "")])
    paths = [file.path for file in write_modules(made, book)]
    assert paths == [f"src/churn/{name}.py" for name in ("definitions", "pipeline", "three", "two")]
    assert "    from churn.definitions import b\n\n    y = b(3)\n" in module_text(made, book, "two")
    assert run_package(made, book, tmp_path) == {"y": 0}


def test_a_class_of_the_notebook_is_a_type(tmp_path: Path) -> None:
    book = notebook("class Box:\n    pass\n", "box = Box()\n", "full = [box]\n")
    stages = [
        stage("make", everything(book, 1), (), ["box: __main__.Box"], module="boxes"),
        stage("fill", everything(book, 2), ["box: __main__.Box"], ["full: list"]),
    ]
    made = plan(stages, (), (), [Definition("Box", StatementId(0, 0), "boxes")])
    assert "from churn.boxes import Box\n\n\ndef fill(box: Box) -> list[Any]:\n" in module_text(made, book)
    assert len(run_package(made, book, tmp_path)["full"]) == 1


def test_top_level_await_runs(tmp_path: Path) -> None:
    book = notebook(
        "async def get(x):\n    return x + n\n", "import asyncio\ny = await asyncio.sleep(0, 1)\nz = [await get(i) for i in (y, 2)]\n"
    )
    calls = (place(book, 1, "get(i)"),)
    definition = Definition("get", StatementId(0, 0), "data", ("n",), calls)
    made = plan([stage("fetch", everything(book, 1), ["n"], ["y: int", "z: list"])], (), (), [definition])
    first = notebook("n = 5\n", *(cell.code for cell in book.cells))
    stages = [stage("start", everything(first, 0), (), ["n: int"]), stage("fetch", everything(first, 2), ["n"], ["y: int", "z: list"])]
    definition = Definition("get", StatementId(1, 0), "data", ("n",), (place(first, 2, "get(i)"),))
    made = plan(stages, (), (), [definition])
    assert run_package(made, first, tmp_path) == {"y": 1, "z": [6, 7]}


def test_an_import_that_acts_on_nothing_used_goes_to_every_stage() -> None:
    book = notebook("import setup_all\nimport numpy as np, pandas as pd\n", "print(np)\n", "print(2)\n")
    stages = [stage("one", everything(book, 1), module="one"), stage("two", everything(book, 2), module="two")]
    made = plan(stages, (), [Import("setup_all", "setup_all"), Import("np", "numpy"), Import("pd", "pandas")])
    assert "\nimport numpy as np\nimport setup_all  # noqa: F401\n" in module_text(made, book, "one")
    assert "\nimport setup_all  # noqa: F401\n" in module_text(made, book, "two")
    assert "setup_all" not in module_text(made, book, "pipeline")
