"""The pages for newcomers are true: the rule and the library they show are taken from the page and work as it says."""

from __future__ import annotations

import json
import re
import types
from pathlib import Path

import pytest
from analysis.test_rules import found_by

from nb2prod.cli import main

DOCS = Path(__file__).parent.parent / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_rule_on_the_page_says_what_its_examples_say() -> None:
    (text,) = blocks("adding-a-rule.md", "python")
    rule = types.ModuleType("unstable_sort")
    exec(compile(text, "adding-a-rule.md", "exec"), rule.__dict__)
    found = {example: found_by(rule, example) for example in rule.EXAMPLES}
    assert found == {example: [(example.cell, example.line)] if example.says else [] for example in rule.EXAMPLES}
    assert {bool(example.says) for example in rule.EXAMPLES} == {True, False}


def library_notebook(folder: Path) -> Path:
    (text,) = blocks("adding-a-library.md", "python")
    path = folder / "orders.py"
    path.write_text(text, encoding="utf-8")
    return path


def dropped(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """What `analyze` drops, in the form of the page."""
    assert main(["analyze", str(library_notebook(folder)), "--format", "json", *options]) == 0
    cells = {cell["index"]: cell["statements"] for cell in json.loads(capsys.readouterr().out)["cells"]}
    sources = [cell.splitlines() for cell in library_notebook(folder).read_text(encoding="utf-8").split("# %%\n")[1:]]
    found = [(index, statement["start"]) for index, held in cells.items() for statement in held if not statement["live"]]
    return [f"- {f'cell {index} line {line}':<18}{sources[index][line - 1]}" for index, line in found]


def test_the_library_on_the_page_drops_what_the_page_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NB2PROD_KNOWLEDGE", "")
    (toml,) = blocks("adding-a-library.md", "toml")
    (promised,) = blocks("adding-a-library.md", "text")
    (tmp_path / "tidyrows.toml").write_text(toml, encoding="utf-8")
    assert dropped(tmp_path, capsys) == []
    assert dropped(tmp_path, capsys, "--knowledge", str(tmp_path / "tidyrows.toml")) == promised.splitlines()


def test_a_folder_named_in_the_environment_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (toml,) = blocks("adding-a-library.md", "toml")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tidyrows.toml").write_text(toml, encoding="utf-8")
    monkeypatch.setenv("NB2PROD_KNOWLEDGE", str(tmp_path / "mine"))
    assert len(dropped(tmp_path, capsys)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[functions]]\nnames = "tidyrows.load"', "names = 'tidyrows.load' is not a list of texts"),
        ('[[functions]]\nnames = ["tidyrows.load"]\nupdate = ["0"]', "tidyrows.load: unknown key 'update'"),
        ('[[methods]]\nof = ["pandas.DataFrme"]\nnames = ["x"]', "did you mean pandas.DataFrame?"),
        ('[[functions]]\nnames = ["tidyrows.load"]\nupdates = ["0 if x=f()"]', "'f()' is no value"),
        ('[[functions]]\nnames = ["tidyrows.load"]\nupdates = ["the first"]', "'the first' names no argument"),
        ('[[types]]\nname = "tidyrows.Rows"\nmutable = "no"', "mutable = 'no' is not true or false"),
        ('functions = "all"', "functions must be a list of tables"),
        ("names = [", "is not valid TOML"),
    ],
)
def test_a_library_that_breaks_the_schema_is_refused_with_the_place_and_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.setenv("NB2PROD_KNOWLEDGE", "")
    (tmp_path / "tidyrows.toml").write_text(text, encoding="utf-8")
    code = main(["analyze", str(library_notebook(tmp_path)), "--knowledge", str(tmp_path / "tidyrows.toml")])
    told = capsys.readouterr().err
    assert code == 2
    assert "tidyrows.toml" in told
    assert said in told
    assert "hint: " in told
