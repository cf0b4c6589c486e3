"""A project is saved whole or not at all, and never over somebody's work."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sample_nouns import PROJECT

from nb2prod.errors import SaveError
from nb2prod.model.project import File, Project
from nb2prod.saving import check_folder, rewrite, save, write_whole

OURS = Project("sales", (File("nb2prod.json", "{}\n"), File("README.md", "# Sales\n"), File("src/sales/data.py", "x = 1\n")))
NEXT = Project("sales", (File("nb2prod.json", "{}\n"), File("README.md", "# Sales 2\n"), File("src/sales/other.py", "y = 1\n")))


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder but the record of digests."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {path: content for path, content in found.items() if path != ".nb2prod/files.json"}


def test_all_files_are_written_as_they_are(tmp_path: Path) -> None:
    save(PROJECT, tmp_path / "sales")
    assert files(tmp_path / "sales") == {"README.md": b"# Sales\n", "data/in.bin": b"\x00\xff"}
    assert os.listdir(tmp_path) == ["sales"]


def test_a_missing_parent_is_made(tmp_path: Path) -> None:
    save(OURS, tmp_path / "a" / "b" / "sales")
    assert (tmp_path / "a" / "b" / "sales" / "README.md").read_text() == "# Sales\n"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    assert sorted(files(tmp_path)) == ["README.md", "nb2prod.json", "src/sales/data.py"]


def test_an_untouched_project_is_replaced_and_what_is_no_longer_ours_goes(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    save(NEXT, tmp_path)
    assert files(tmp_path) == {"README.md": b"# Sales 2\n", "nb2prod.json": b"{}\n", "src/sales/other.py": b"y = 1\n"}


def test_other_files_in_the_folder_stay(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / "src" / "sales" / "mine.py").write_text("z = 1\n")
    save(NEXT, tmp_path)
    assert files(tmp_path)["src/sales/mine.py"] == b"z = 1\n"


def test_an_edited_file_is_not_overwritten(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / "README.md").write_text("# My own words\n")
    before = files(tmp_path)
    with pytest.raises(SaveError) as caught:
        save(NEXT, tmp_path)
    assert caught.value.message == f"{tmp_path}: edited by hand since nb2prod wrote it: README.md"
    assert caught.value.hint == "commit or copy these files, then use --force; or choose another folder with -o"
    assert files(tmp_path) == before


def test_force_overwrites_an_edited_file(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / "README.md").write_text("# My own words\n")
    save(NEXT, tmp_path, force=True)
    assert files(tmp_path)["README.md"] == b"# Sales 2\n"


def test_a_deleted_file_comes_back(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / "README.md").unlink()
    save(OURS, tmp_path)
    assert files(tmp_path)["README.md"] == b"# Sales\n"


def test_a_file_added_by_hand_where_a_new_one_goes_is_not_overwritten(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / "src" / "sales" / "other.py").write_text("mine = 1\n")
    with pytest.raises(SaveError, match="edited by hand since nb2prod wrote it: src/sales/other.py"):
        save(NEXT, tmp_path)


def test_many_edited_files_are_not_all_listed(tmp_path: Path) -> None:
    many = Project("many", tuple(File(f"f{number:02}", "") for number in range(13)) + (File("nb2prod.json", ""),))
    save(many, tmp_path)
    for number in range(13):
        (tmp_path / f"f{number:02}").write_text("edited")
    with pytest.raises(SaveError, match="f08, f09 and 3 more$"):
        save(many, tmp_path)


def test_without_a_record_of_digests_only_equal_files_are_replaced(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / ".nb2prod" / "files.json").write_text("not json")
    save(OURS, tmp_path)
    (tmp_path / ".nb2prod" / "files.json").write_text("[]")
    with pytest.raises(SaveError, match="edited by hand since nb2prod wrote it: README.md"):
        save(NEXT, tmp_path)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_of_somebody_else_is_never_touched(tmp_path: Path, force: bool) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SaveError) as caught:
        save(OURS, tmp_path, force=force)
    assert caught.value.message == f"{tmp_path}: this folder is not empty and was not made by nb2prod"
    assert caught.value.hint == "choose another folder with -o; --force does not help here"
    assert files(tmp_path) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize("below", ["", "sales"])
def test_a_file_is_no_folder(tmp_path: Path, below: str) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SaveError) as caught:
        save(OURS, tmp_path / "out" / below)
    assert caught.value.message == f"{tmp_path / 'out'}: this is a file, so the folder {tmp_path / 'out' / below} cannot be made"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SaveError, match="this folder is read-only"):
        save(OURS, tmp_path / "sales")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where nobody may write, not even root")
def test_a_place_that_takes_no_folder_is_refused() -> None:
    with pytest.raises(SaveError, match="/proc/sales: cannot be written: .*; nothing was changed"):
        save(OURS, Path("/proc/sales"))


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    impossible = replace(OURS, files=(*OURS.files, File("n" * 300, "name too long")))
    with pytest.raises(SaveError) as caught:
        save(impossible, tmp_path / "sales")
    assert caught.value.message == f"{tmp_path / 'sales'}: cannot be written: File name too long; nothing was changed"
    assert os.listdir(tmp_path) == []


def test_a_write_that_fails_leaves_the_old_project_as_it_was(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    before = files(tmp_path)
    with pytest.raises(SaveError, match="nothing was changed"):
        save(replace(NEXT, files=(*NEXT.files, File("n" * 300, ""))), tmp_path)
    assert files(tmp_path) == before


def test_a_move_that_fails_half_way_is_undone(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / "src" / "sales" / "other.py").mkdir()  # a folder where a file must go: only the last move can see it
    before = files(tmp_path)
    with pytest.raises(SaveError, match="Is a directory; nothing was changed"):
        save(NEXT, tmp_path, force=True)
    assert files(tmp_path) == before
    assert sorted(os.listdir(tmp_path)) == [".nb2prod", "README.md", "nb2prod.json", "src"]


def test_a_rewritten_file_does_not_count_as_edited(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    rewrite(tmp_path, [File("README.md", "# New\n"), File("jobs/cron/crontab", "0 6 * * *\n")])
    assert files(tmp_path)["README.md"] == b"# New\n"
    check_folder(tmp_path)
    save(OURS, tmp_path)
    assert "jobs/cron/crontab" not in files(tmp_path)


def test_rewriting_refuses_a_file_edited_by_hand_and_changes_none(tmp_path: Path) -> None:
    save(OURS, tmp_path)
    (tmp_path / "README.md").write_text("# My own words\n")
    before = files(tmp_path)
    with pytest.raises(SaveError, match="edited by hand since nb2prod wrote it: README.md"):
        rewrite(tmp_path, [File("nb2prod.json", "[]"), File("README.md", "# New\n")])
    assert files(tmp_path) == before


def test_the_permissions_of_a_new_project_are_the_users_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()
    save(OURS, tmp_path / "sales")
    assert (tmp_path / "sales").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_written_whole_keeps_its_rights_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"new")
    assert ((tmp_path / "link").is_symlink(), files(tmp_path)) == (True, {"link": b"new", "real": b"new"})
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_take_its_place_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "folder", b"new")
    assert os.listdir(tmp_path) == ["folder"]
