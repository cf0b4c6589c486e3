"""A notebook of many constructs is proved SAME by a real run, in a kernel and in an interpreter without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from constructs.case_files import notebook_text
from notebook_files import write_notebook

from nb2prod.model.choices import Choices
from nb2prod.pipeline import convert

PRICES = '''import csv
RATE = 3


def price(n):
    """Price."""
    return n * RATE


unused = 5
'''
SETUP = [("", "import json\nlimit = 10\nprint('set up')"), ("", "%cd .\nrows = [1, 2, 3]\nrows")]
CELLS = (
    "x = 1\n%run prices.py\ny = price(x)\nprint(y)",
    "%run setup.ipynb",
    "%time total = sum(rows) * y\nprint('total', total)\n%env LEVEL={total}",
    "%%writefile made.py\ndef twice(n):\n    return 2 * n",
    "%%bash\necho hi > hi.txt",
    "got = !cat hi.txt\nprint(got.n)",
    "from IPython.display import display, Markdown\nfor i in range(2):\n    display(i, 'a')\n    display(Markdown(f'**{i}**'))\n    display(rows)",
    "%%capture said\nprint('quiet')",
    "total + 1",
    "from made import twice\nimport os\nprint(Out[9] * 2, twice(y), said.stdout.strip(), os.environ['LEVEL'])",
)


def written(folder: Path) -> Path:
    (folder / "prices.py").write_text(PRICES)
    (folder / "setup.ipynb").write_text(notebook_text(SETUP))
    return write_notebook(folder / "many.ipynb", *CELLS)


@pytest.mark.slow
@pytest.mark.parametrize("python", ["", "/usr/bin/python3"])
def test_many_constructs_are_proved_the_same(tmp_path: Path, python: str) -> None:
    if python and not Path(python).exists():
        pytest.skip("there is no second interpreter here")
    conversion = convert(written(tmp_path), Choices(python=python, timeout=120))
    assert (conversion.verdict.outcome, conversion.verdict.reason, conversion.verdict.restored) == ("same", "", ())


def test_statements_of_a_file_that_was_run_are_told_at_its_line(tmp_path: Path) -> None:
    conversion = convert(written(tmp_path), Choices(run=False))
    told = json.loads(next(str(file.content) for file in conversion.project.files if file.path == "nb2prod.json"))
    places = [(statement["start"], statement["end"]) for statement in told["cells"][0]["statements"]]
    rate = next(parameter for parameter in told["parameters"] if parameter["name"] == "rate")
    assert (places, rate["cell"], rate["line"]) == ([(1, 1), (2, 2), (2, 2), (2, 2), (2, 2), (3, 3), (4, 4)], 0, 2)
