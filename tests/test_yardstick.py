"""benchmarks/yardstick.py on a notebook small enough that the truth is known by reading it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or not Path("/proc/self/fd").exists(), reason="the yardstick forks")

YARDSTICK = Path(__file__).parent.parent / "benchmarks" / "yardstick.py"
LIBRARY = "seen = []\n\n\ndef note(thing):\n    seen.append(thing)\n"
CELLS = (
    "import json\nimport library\nnumbers = [3, 1, 2]",
    "library.note('begin')",  # nobody knows this library: kept, and in truth idle
    "numbers = [n for n in numbers if n > 0]",  # cleans away nothing today
    "spare = sorted(numbers)",  # dead
    "with open('out.json', 'w') as file:\n    json.dump(numbers, file)",
    "numbers.append(4)\nprint('sum', sum(numbers))",
)


def measured(folder: Path, path: Path) -> dict[str, Any]:
    """What the yardstick says of a notebook."""
    (folder / "library.py").write_text(LIBRARY, encoding="utf-8")
    (folder / "out.json").write_text("[]", encoding="utf-8")
    command = [sys.executable, str(YARDSTICK), str(path), "--json", str(folder / "out"), "--timeout", "60"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert (folder / "out.json").read_text(encoding="utf-8") == "[]"  # the folder itself is not written to
    found: dict[str, Any] = json.loads((folder / "out" / f"{path.stem}.json").read_text(encoding="utf-8"))
    return found


def places(cases: list[dict[str, Any]]) -> list[tuple[int, int, str]]:
    return [(case["cell"], case["line"], case["source"]) for case in cases]


def test_each_statement_is_counted_for_what_it_is(tmp_path: Path) -> None:
    found = measured(tmp_path, write_notebook(tmp_path / "small.ipynb", *CELLS))
    assert places(found["needless"]) == [(0, 2, "import library"), (1, 1, "library.note('begin')")]
    assert places(found["noop"]) == [(2, 1, "numbers = [n for n in numbers if n > 0]")]
    assert (found["unread"], found["lost"], found["differences"]) == ([], [], [])
    assert (found["statements"], found["stripped"], found["untested"], found["reason"]) == (9, 1, 0, "")


def test_a_statement_that_mattered_is_named(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "small.ipynb", *CELLS)
    failed = json.loads(
        path.read_text(encoding="utf-8")
    )  # the saved notebook says that the append raised: it is stripped, and yet it works
    traceback = ["NameError", "Cell In[6], line 1\n----> 1 numbers.append(4)\n"]
    failed["cells"][5]["source"] = "numbers.append(4)"
    failed["cells"][5]["outputs"] = [{"output_type": "error", "ename": "NameError", "evalue": "", "traceback": traceback}]
    failed["cells"].append({**failed["cells"][0], "id": "cell-6", "source": "print('sum', sum(numbers))", "execution_count": 7})
    path.write_text(json.dumps(failed), encoding="utf-8")
    found = measured(tmp_path, path)
    assert places(found["lost"]) == [(5, 1, "numbers.append(4)")]
    assert found["differences"] == ["shown 6.0 0"]
