"""What is kept of a knowledge file is what the file says, and nothing once the file says something else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nb2prod.knowledge.kept import keep, kept
from nb2prod.knowledge.load import FOLDER, parse, tomllib

DATA = {"functions": [{"names": ["json.load"], "reads": ["file:0"]}]}


@pytest.fixture(autouse=True)
def _may_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_what_was_kept_is_given_back_for_the_same_text_only(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    assert kept(path, "a") is None
    keep(path, "a", DATA)
    assert (kept(path, "a"), kept(path, "b")) == (DATA, None)
    keep(path, "b", {})
    assert (kept(path, "a"), kept(path, "b")) == (None, {})
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["some.toml.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"digest": 1}', "\x00", '"text"', "[" * 5000])
def test_what_cannot_be_read_counts_as_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "some.toml"
    keep(path, "a", DATA)
    next(tmp_path.rglob("*.json")).write_text(content, encoding="utf-8")
    assert kept(path, "a") is None


def test_nothing_is_kept_where_python_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    keep(tmp_path / "some.toml", "a", DATA)
    assert list(tmp_path.iterdir()) == []


def test_every_file_of_ours_says_the_same_when_it_was_kept() -> None:
    for path in sorted(FOLDER.glob("*.toml")):
        parse(path)
        assert parse(path) == tomllib.loads(path.read_text(encoding="utf-8"))
