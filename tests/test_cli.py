"""The command line where nothing of a notebook needs to run: analysis, explanations, wrong use, and how trouble is told."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from notebook_files import write_notebook

from nb2prod.cli import group, main

R_KERNEL = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}, "language_info": {"name": "R"}}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test starts in an empty folder with one small notebook."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    write_notebook(tmp_path / "sums.ipynb", "# Sums", "limit = 3\nunused = 1", "total = sum(range(limit))\ntotal")
    return tmp_path


def test_analyze_shows_the_notebook_with_marks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "sums.ipynb"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sums.ipynb: a report; 2 of 4 statements live"
    assert [line[:20].rstrip() for line in lines[3:9]] == [
        "~ cell 1  partial",
        "  + 1   limit = 3",
        "  - 2   unused = 1",
        "~ cell 2  partial",
        "  + 1   total = sum(",
        "  - 2   total",
    ]


def test_analyze_as_json_gives_an_object_for_one_notebook_and_a_list_for_several(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "sums.ipynb", "--format", "json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert list(one) == ["notebook", "character", "cells", "parameters", "results", "diagnostics"]
    assert [(cell["index"], cell["verdict"]) for cell in one["cells"]] == [(1, "partial"), (2, "partial")]
    assert [parameter["name"] for parameter in one["parameters"]] == ["limit"]
    assert [result["name"] for result in one["results"]] == ["total"]
    write_notebook(Path("second.ipynb"), "1 + 1")
    assert main(["analyze", "sums.ipynb", "second.ipynb", "--format", "json"]) == 0
    assert [data["notebook"]["path"] for data in json.loads(capsys.readouterr().out)] == ["sums.ipynb", "second.ipynb"]


def test_analyze_as_html_gives_one_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "sums.ipynb", "--format", "html"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("<!doctype html>")
    assert "Nothing was run yet." in page


def test_analyze_obeys_keep_and_drop(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "sums.ipynb", "--keep", "unused"]) == 0
    assert "  + 2   unused = 1" in capsys.readouterr().out


def test_analyze_with_errors_in_the_notebook_exits_with_1_and_tells_them(capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(Path("broken.ipynb"), "x = = 1")
    assert main(["analyze", "broken.ipynb", "--format", "json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (finding["severity"], finding["cell"], finding["line"]) == ("error", 0, 1)


def test_one_bad_file_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "missing.ipynb", "sums.ipynb"]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "refused: missing.ipynb: there is no such file (check the spelling of the path)",
        "     4 statements, 2 dead    no findings  sums.ipynb",
    ]


def test_analyze_runs_nothing(here: Path) -> None:
    write_notebook(Path("writes.ipynb"), "open('trace.txt', 'w').write('ran')")
    assert main(["analyze", "writes.ipynb"]) == 0
    assert sorted(os.listdir(here)) == ["sums.ipynb", "writes.ipynb"]


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ([], "1.0 + limit = 3"),
        (["--effects"], "1.0 + limit = 3"),
        (["--graph"], "1.0 + limit = 3"),
        (["--graph", "--format", "mermaid"], "flowchart TD"),
        (["--graph", "--format", "dot"], "digraph notebook {"),
        (["--plan"], "package sums: Sums"),
        (["--slice", "total"], "what `total` depends on: 2 statements, from the end back"),
    ],
    ids=" ".join,
)
def test_explain_opens_the_analysis(options: list[str], first: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "sums.ipynb", *options]) == 0
    assert capsys.readouterr().out.splitlines()[0] == first


def test_targets_tells_what_each_cannot_express(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("cron: ")
    assert lines[1].startswith("  cannot express: a time zone, ")


WRONG: dict[str, tuple[list[str], str, str]] = {
    "no such file": (["convert", "missing.ipynb"], "missing.ipynb: there is no such file", "check the spelling of the path"),
    "a similar file": (["convert", "sum.ipynb"], "sum.ipynb: there is no such file", "did you mean sums.ipynb?"),
    "not JSON": (["convert", "text.ipynb"], "text.ipynb", ""),
    "not a notebook": (["convert", "list.ipynb"], "list.ipynb", ""),
    "another language": (["convert", "r.ipynb"], "R", ""),
    "an unknown ending": (["analyze", "a.txt"], "a.txt: nb2prod cannot read .txt", "it reads .ipynb and .py files"),
    "no such variable": (
        ["convert", "sums.ipynb", "--keep", "totl"],
        "the notebook has no variable 'totl' at its end",
        "did you mean total?",
    ),
    "no such target": (["convert", "sums.ipynb", "--target", "cronn"], "there is no target `cronn`", "one of cron"),
    "an impossible schedule": (
        ["convert", "sums.ipynb", "--schedule", "99 6 * * *"],
        "`99 6 * * *` is not a possible schedule",
        "five fields",
    ),
    "an unknown zone": (
        ["convert", "sums.ipynb", "--schedule", "0 6 * * *", "--timezone", "Mars/Base"],
        "unknown time zone `Mars/Base`",
        "use a name of the IANA list",
    ),
    "a zone without a schedule": (
        ["convert", "sums.ipynb", "--timezone", "UTC"],
        "--timezone says nothing without --schedule",
        "give both",
    ),
    "kernel and interpreter": (
        ["convert", "sums.ipynb", "--kernel", "python3", "--python", "python3"],
        "--kernel and --python cannot both be given",
        "a kernel names its own interpreter",
    ),
    "no such kernel": (
        ["convert", "sums.ipynb", "--kernel", "nope"],
        "the kernel `nope` is not installed here",
        "choose another with --kernel",
    ),
    "no such interpreter": (["convert", "sums.ipynb", "--python", "nope"], "there is no interpreter `nope`", "give --python the path"),
    "an impossible package": (
        ["convert", "sums.ipynb", "--package", "my-job"],
        "--package my-job: this cannot be the name of a package",
        "use letters",
    ),
    "a keyword as package": (["convert", "sums.ipynb", "--package", "class"], "--package class: this cannot be", "use letters"),
    "a package of Python": (
        ["convert", "sums.ipynb", "--package", "json"],
        "--package json: Python has a module of this name",
        "such as json_job",
    ),
    "a folder of somebody else": (
        ["convert", "sums.ipynb", "-o", "full"],
        "full: this folder is not empty and was not made by nb2prod",
        "--force does not",
    ),
    "a file as folder": (
        ["convert", "sums.ipynb", "-o", "text.ipynb"],
        "this is a file, so the folder text.ipynb cannot be made",
        "choose another",
    ),
    "a format without a graph": (["explain", "sums.ipynb", "--format", "dot"], "--format dot is for the graph", "add it to --graph"),
    "a slice of nothing": (
        ["explain", "sums.ipynb", "--slice", "totl"],
        "the notebook has no result or variable 'totl'",
        "did you mean total?",
    ),
    "an unknown option": (["analyze", "sums.ipynb", "--colour"], "No such option", "see `nb2prod analyze --help`"),
    "an unknown command": (["transform"], "No such command", "see `nb2prod --help`"),
    "a missing argument": (["convert"], "Missing argument", "see `nb2prod convert --help`"),
    "no time at all": (["convert", "sums.ipynb", "--timeout", "0"], "0 is not in the range x>0", "see `nb2prod convert --help`"),
    "no project": (["run", "full"], "full: this is not a project of nb2prod: it has no nb2prod.json", "name a folder that"),
    "no project to verify": (["verify", "nowhere"], "nowhere: this is not a project of nb2prod", "name a folder that"),
    "no project to schedule": (["schedule", "full", "--target", "cron"], "full: this is not a project of nb2prod", "name a folder that"),
    "output without notebook": (["run", "full", "--output", "x.ipynb"], "--output is for --notebook", "the package prints its results"),
    "a page without notebook": (["run", "full", "--html"], "--html is for --notebook", "the package prints its results"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_told_in_one_message_with_the_next_step_and_writes_nothing(
    case: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, message, hint = WRONG[case]
    Path("text.ipynb").write_text("not json")
    Path("list.ipynb").write_text("[1, 2]")
    Path("a.txt").write_text("")
    Path("full").mkdir()
    Path("full", "thesis.txt").write_text("work")
    write_notebook(Path("r.ipynb"), "x <- 1", metadata=R_KERNEL)
    before = sorted(str(path) for path in here.rglob("*"))
    assert main(arguments) == 2
    captured = capsys.readouterr()
    first, second = captured.err.splitlines()[:2]
    assert first.startswith("error: ") and message in first
    assert second.startswith("hint: ") and hint in second
    assert len(captured.err.splitlines()) == 2
    assert captured.out == ""
    assert sorted(str(path) for path in here.rglob("*")) == before


def test_a_notebook_that_cannot_be_converted_gets_every_reason_at_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(here / "broken.ipynb", "x = = 1", "import os", "def f(:\n    pass")
    assert main(["convert", "broken.ipynb"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines if line.startswith("NB")] == ["NB001 error cell 0 line 1", "NB001 error cell 2 line 1"]
    assert lines[-2:] == ["error: the notebook cannot be converted as it is", "hint: mend these cells, or tag them `drop`"]
    assert sorted(os.listdir(here)) == ["broken.ipynb", "sums.ipynb"]


@pytest.mark.parametrize("arguments", [["--quiet", "convert", "sums.ipynb", "--no-run"], ["convert", "sums.ipynb", "--no-run", "-q"]])
def test_quiet_says_nothing_before_or_after_the_command(arguments: list[str], here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr() == ("", "")
    assert (here / "sums" / "nb2prod.json").is_file()


def test_verbose_tells_every_step_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "sums.ipynb", "--no-run", "--verbose"]) == 0
    assert "converting sums.ipynb: reading" in capsys.readouterr().err.splitlines()


def test_without_a_terminal_there_is_neither_progress_nor_colour(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "sums.ipynb", "--no-run"]) == 0
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert captured.err == ""


def test_without_a_run_there_is_no_verdict_and_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "sums.ipynb", "--no-run", "-o", "out"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sums.ipynb -> out"
    assert "  verdict     not asked for (--no-run): whether the package gives the notebook's results is not known" in lines
    assert json.loads(Path("out/nb2prod.json").read_text())["verdict"] == "unknown"


def test_hand_edits_stay_until_they_are_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "sums.ipynb", "--no-run", "-o", "out"]) == 0
    Path("out/README.md").write_text("mine")
    assert main(["convert", "sums.ipynb", "--no-run", "-o", "out"]) == 0
    assert Path("out/README.md").read_text() == "mine"
    assert main(["convert", "sums.ipynb", "--no-run", "-o", "out", "--force"]) == 0
    assert Path("out/README.md").read_text() != "mine"


@pytest.mark.parametrize("record", [b"", b"no gzip", None], ids=["empty", "other bytes", "gone"])
def test_without_a_whole_record_of_what_was_written_nothing_is_overwritten(
    record: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", "sums.ipynb", "--no-run", "-o", "out", "-q"]) == 0
    Path("out/README.md").write_text("mine")
    base = Path("out/.nb2prod/base.gz")
    base.unlink() if record is None else base.write_bytes(record)
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    assert main(["convert", "sums.ipynb", "--no-run", "-o", "out"]) == 2
    told = "edited by hand since nb2prod wrote it: README.md" if record is None else ".nb2prod/base.gz is damaged"
    assert told in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()} == before


def boom() -> None:
    raise RuntimeError("wires crossed")


def test_our_own_bug_says_sorry_and_shows_where(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(group.commands, "boom", click.Command("boom", callback=boom))
    assert main(["boom"]) == 70
    told = capsys.readouterr().err
    assert told.startswith("error: this is a bug in nb2prod, sorry.")
    assert told.rstrip().endswith("RuntimeError: wires crossed")


def test_the_version_and_the_help_are_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert main(["-h"]) == 0
    assert capsys.readouterr().out.startswith("nb2prod ")


def command(*arguments: str, **environment: str) -> dict[str, Any]:
    """How to start the command in a process of its own."""
    usual = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return {"args": [sys.executable, "-m", "nb2prod", *arguments], "env": {**usual, "TERM": "xterm", **environment}}


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What the command prints where stdout is a terminal."""
    leader, follower = pty.openpty()
    with subprocess.Popen(**command(*arguments, **environment), stdout=follower, stderr=subprocess.DEVNULL) as process:
        os.close(follower)
        pieces = []
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # Linux's way of saying that the other end is closed
                break
            if not piece:
                break
            pieces.append(piece)
        assert process.wait() == 0
    os.close(leader)
    return b"".join(pieces).decode()


def test_there_is_colour_on_a_terminal() -> None:
    assert "\x1b[32m  + 1   limit = 3\x1b[0m" in on_a_terminal("analyze", "sums.ipynb")


def test_there_is_no_colour_where_it_is_not_wanted() -> None:
    assert "\x1b" not in on_a_terminal("analyze", "sums.ipynb", NO_COLOR="1")


def test_a_reader_that_goes_away_is_no_failure() -> None:
    write_notebook(Path("long.ipynb"), *(f"x{number} = {number}  {'#' * 200}" for number in range(900)))
    with subprocess.Popen(**command("analyze", "long.ipynb"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
