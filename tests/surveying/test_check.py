"""`nb2prod check`: what is found in which form, what a baseline knows, and which outputs may be taken away."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from nb2prod.cli import main

TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


def cell(code: str, count: int, *texts: str) -> nbformat.NotebookNode:
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in texts]
    return nbformat.v4.new_code_cell(code, execution_count=count, outputs=outputs, id=f"c{count}")


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NB2PROD_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "share"
    folder.mkdir()
    cells = [cell("import os", 1), cell("print(os.environ['KEY'])", 2, f"{TOKEN}\n"), cell("print('who?')", 3, "who?\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "keys.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell("import random\nprint(random.random())", 1)]), folder / "chance.ipynb")
    return folder


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["check", *words, "-q", "-j1"])
    return code, capsys.readouterr().out


def test_a_finding_is_told_with_its_place_and_what_to_do(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "share/chance.ipynb") == (
        1,
        "share/chance.ipynb cell 0 line 2: NB203 warning: draws random numbers from random before anything seeds it: "
        "`random_shown` may differ from run to run (set a seed in a cell above; it becomes a parameter)\n",
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--fail-on", "error", "--select", "NB203"), (0, ["NB203"])),
        (("--select", "NB203", "--select", "NB206"), (1, ["NB203", "NB206"])),
        (("--ignore", "NB"), (0, [])),
    ],
)
def test_what_counts_is_chosen(words: tuple[str, ...], expected: object, share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = told(capsys, "share", "--format", "json", *words)
    assert (code, [one["code"] for one in json.loads(out)]) == expected


def test_a_baseline_hides_what_it_knows_and_only_as_often(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "share", "--baseline", "known.json", "--write-baseline") == (0, "")
    assert told(capsys, "share", "--baseline", "known.json") == (0, "")
    path = share / "chance.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells.insert(0, cell("name = input('who? ')\nprint(name)", 7))
    nbformat.write(notebook, path)
    code, out = told(capsys, "share", "--baseline", "known.json", "--format", "json", "--fail-on", "error")
    assert (code, [one["code"] for one in json.loads(out) if one["severity"] == "error"]) == (1, ["NB201"])


@pytest.mark.parametrize("text", ["{", "[]", '{"notebooks": []}', '{"notebooks": {"a": 1}}'])
def test_a_file_that_is_no_baseline_is_wrong_use(text: str, share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("known.json").write_text(text, encoding="utf-8")
    assert told(capsys, "share", "--baseline", "known.json")[0] == 2


def test_annotations_of_github_escape_what_would_end_them(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (share / "chance.ipynb").rename(share / "a,b%.ipynb")
    code, out = told(capsys, "share", "--format", "github", "--select", "NB203")
    assert (code, out.partition("::cell")[0]) == (1, "::warning file=share/a%2Cb%25.ipynb,title=NB203")


def test_sarif_names_rule_file_and_cell(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = told(capsys, "share", "--format", "sarif", "--select", "NB203")
    data = json.loads(out)
    [run] = data["runs"]
    [result] = run["results"]
    assert (data["version"], [rule["id"] for rule in run["tool"]["driver"]["rules"]]) == ("2.1.0", ["NB203"])
    assert (result["ruleId"], result["level"], result["locations"]) == (
        "NB203",
        "warning",
        [
            {
                "physicalLocation": {"artifactLocation": {"uri": "share/chance.ipynb"}},
                "logicalLocations": [
                    {"name": "cell 0", "kind": "module", "fullyQualifiedName": "share/chance.ipynb#cell=0"},
                ],
            }
        ],
    )


def test_a_fix_takes_away_the_secret_and_nothing_else(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = share / "keys.ipynb"
    before = json.loads(path.read_text(encoding="utf-8"))
    assert told(capsys, "share", "--fix", "--select", "NB206") == (0, "")
    after = json.loads(path.read_text(encoding="utf-8"))
    before["cells"][1]["outputs"] = []
    assert after == before
    assert TOKEN not in path.read_text(encoding="utf-8")


def test_a_fix_leaves_a_notebook_without_such_outputs_as_it_is_byte_for_byte(share: Path) -> None:
    path = share / "chance.ipynb"
    path.write_bytes(path.read_bytes() + b"\n\n")
    before = path.read_bytes()
    main(["check", "share", "--fix", "-q", "-j1"])
    assert path.read_bytes() == before


def test_what_cannot_be_read_is_wrong_use_where_it_was_named(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (share / "broken.ipynb").write_text("{", encoding="utf-8")
    assert told(capsys, "share", "--ignore", "NB")[0] == 0
    assert told(capsys, "share/broken.ipynb", "--ignore", "NB")[0] == 2
