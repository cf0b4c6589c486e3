"""What a notebook's code names is read before a second run starts in a thread: nothing is parsed there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.recording.mentions import Mentions, mentions_of

RECORD_AHEAD = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from recording.notebook_making import make_notebook
from nb2prod.model.choices import Choices
from nb2prod.recording import Runner

parsed = []

def watch(event, arguments):
    if event == "compile" and arguments[1] == "<unknown>":
        parsed.append(threading.current_thread() is threading.main_thread())

notebook = make_notebook(Path(sys.argv[2]), "import json", 'a = "../x.csv"', "b = json.dumps([a])")
runner = Runner(Choices(**{sys.argv[3]: sys.argv[4]}))
sys.addaudithook(watch)
with runner.recording_again(notebook, None, ahead=True) as again:
    assert again().variables["b"]["value"] == '["../x.csv"]'
print(sorted(set(parsed)))
"""


def test_a_notebook_names_texts_that_may_be_paths_and_modules(tmp_path: Path) -> None:
    first, again = (make_notebook(tmp_path / "nb.ipynb", 'import os.path, re\na = "../x.csv"', "b = 1") for _ in range(2))
    assert mentions_of(first) == Mentions(("../x.csv",), ("os", "re"))
    assert mentions_of(again) is mentions_of(first)


@pytest.mark.parametrize("engine", ["python", "kernel"])
def test_a_run_in_a_thread_parses_nothing(engine: str, plain_python: str, tmp_path: Path) -> None:
    chosen = plain_python if engine == "python" else "python3"
    words = [sys.executable, "-c", RECORD_AHEAD, str(Path(__file__).parents[1]), str(tmp_path / "nb.ipynb"), engine, chosen]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("[True]\n", 0), done.stderr
