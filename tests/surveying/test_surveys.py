"""`nb2prod analyze` of many notebooks: their order, what is remembered, and that one which is bad, slow or deadly stops none of the others."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import nbformat
import pytest

from nb2prod.cli import main
from nb2prod.model.choices import Choices
from nb2prod.model.survey import Needs, needs_of
from nb2prod.surveying import Terms, find_notebooks, survey
from nb2prod.surveying.seen import Seen

ONE = Terms(jobs=1, cached=False)


def write(path: Path, *cells: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id=f"c{at}") for at, code in enumerate(cells)])
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NB2PROD_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "share"
    write(folder / "a.ipynb", "x = 2\ny = 5\nprint(x * 3)")
    (folder / "b.ipynb").write_text("{", encoding="utf-8")
    write(folder / "deep" / "c.ipynb", "name = input('who? ')\nprint(name + '!')")
    write(folder / ".ipynb_checkpoints" / "a-checkpoint.ipynb", "x = 1")
    (folder / "notes.txt").write_text("no notebook", encoding="utf-8")
    return folder


def test_a_folder_gives_its_notebooks_by_name_without_hidden_ones(share: Path) -> None:
    os.symlink(share, share / "deep" / "circle")
    assert find_notebooks([share]) == [share / "a.ipynb", share / "b.ipynb", share / "deep" / "c.ipynb"]


def test_a_pattern_gives_what_it_matches_and_every_notebook_comes_once(share: Path) -> None:
    assert find_notebooks([share / "a.ipynb", f"{share}/**/*.ipynb", "gone.ipynb"]) == [
        share / "a.ipynb",
        share / "b.ipynb",
        share / "deep" / "c.ipynb",
        Path("gone.ipynb"),
    ]


def test_a_bad_notebook_stops_none_of_the_others(share: Path) -> None:
    found = list(survey(find_notebooks([share]), Terms(jobs=2, cached=False), Choices()))
    assert [(Path(one.path).name, one.outcome) for one in found] == [
        ("a.ipynb", "analysed"),
        ("b.ipynb", "refused"),
        ("c.ipynb", "analysed"),
    ]
    assert [needs_of(one).needs for one in found] == [(), (), (("NB201", "error", 1),)]


def test_the_numbers_of_a_notebook(share: Path) -> None:
    one = next(survey([share / "a.ipynb"], ONE, Choices()))
    assert needs_of(one) == Needs(str(share / "a.ipynb"), "analysed", cells=1, statements=3, dead=1, parameters=1, results=1)


def test_a_notebook_that_takes_too_long_is_stopped_and_the_next_one_is_analysed(tmp_path: Path) -> None:
    long = write(tmp_path / "long.ipynb", *[f"def f{n}(x):\n    return f{n - 1}(x) + f{n - 2}(x)\n" for n in range(2, 9000)])
    paths = [write(tmp_path / "short.ipynb", "print(1)"), long, write(tmp_path / "other.ipynb", "print(2)")]
    assert [one.outcome for one in survey(paths, Terms(jobs=1, seconds=3, cached=False), Choices())] == ["analysed", "stopped", "analysed"]


def test_a_notebook_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    path = write(tmp_path / "large.ipynb", "x = 1\n" * 200)
    [found] = survey([path], Terms(jobs=1, memory=1 << 25, cached=False), Choices())
    assert found.outcome == "stopped"


def test_what_did_not_change_is_remembered_and_what_changed_is_looked_at_again(share: Path) -> None:
    path = share / "a.ipynb"
    [first] = survey([path], Terms(), Choices())
    assert Seen(Choices()).find(path) == first
    assert Seen(Choices(keep=("y",))).find(path) is None
    write(path, "print(7)")
    assert Seen(Choices()).find(path) is None


def test_a_notebook_that_takes_in_other_files_is_never_remembered(share: Path) -> None:
    path = write(share / "runs.ipynb", "%run other.py\nprint(x)")
    (share / "other.py").write_text("x = 1\n", encoding="utf-8")
    list(survey([path], Terms(), Choices()))
    assert Seen(Choices()).find(path) is None


def test_a_spoiled_memory_counts_as_none(share: Path, tmp_path: Path) -> None:
    path = share / "a.ipynb"
    [first] = survey([path], Terms(), Choices())
    [file] = (tmp_path / "cache").rglob("*.gz")
    file.write_bytes(b"spoiled")
    [again] = survey([path], Terms(), Choices())
    assert (again.outcome, again.told) == (first.outcome, first.told)


def test_a_folder_is_told_a_line_each_and_summed_up(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(share)]) == 1
    told = capsys.readouterr()
    broken = "line 1, column 2: not valid JSON: Expecting property name enclosed in double quotes"
    assert told.out.splitlines() == [
        f"     3 statements, 1 dead    no findings  {share / 'a.ipynb'}",
        f"refused: {share / 'b.ipynb'}: {broken} (open it in Jupyter, or restore it from a backup)",
        f"     2 statements, 0 dead    1 error  {share / 'deep' / 'c.ipynb'}",
    ]
    assert told.err == "3 notebooks: 2 analysed, 1 refused; 5 statements, 20 % of them dead\n"


def test_rows_are_csv(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(share), "--format", "csv"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(Path(row["path"]).name, row["outcome"], row["dead_share"], row["needs"]) for row in rows] == [
        ("a.ipynb", "analysed", "0.333", ""),
        ("b.ipynb", "refused", "0.000", ""),
        ("c.ipynb", "analysed", "0.000", "NB201"),
    ]


def test_json_has_an_entry_for_each_also_for_the_refused(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(share), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(Path(one["notebook"]["path"]).name, one.get("outcome")) for one in told] == [
        ("a.ipynb", None),
        ("b.ipynb", "refused"),
        ("c.ipynb", None),
    ]


def test_the_page_ranks_the_nearest_first_and_escapes_what_it_shows(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(share / "<script>alert(1)<" / "z.ipynb", "print(1)")
    assert main(["analyze", str(share), "--format", "html"]) == 1
    page = capsys.readouterr().out
    assert "<script" not in page
    assert page.index("z.ipynb") < page.index("c.ipynb") < page.index("b.ipynb")


def test_a_folder_without_notebooks_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path}: there is no notebook\nhint: name a folder that has .ipynb files, or the files themselves\n"
    )


@pytest.mark.slow
def test_a_dask_cluster_gives_what_own_processes_give(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from dask.distributed import LocalCluster

    paths = [*find_notebooks([share]), share / "gone.ipynb"]
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = list(survey(paths, Terms(cluster=cluster.scheduler_address, cached=False), Choices()))
    here = list(survey(paths, ONE, Choices()))
    assert [(one.path, one.outcome, one.told) for one in there] == [(one.path, one.outcome, one.told) for one in here]


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_said(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(share), "--dask", "tcp://127.0.0.1:9", "--no-cache"]) == 2
    assert "no scheduler answers there" in capsys.readouterr().err
