"""Which files a run wrote and what they hold."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from nb2prod.recording.probe.files import changed, content, snapshot
from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.pictures import Camera, picture_of

FRAME = pd.DataFrame({"a": [1, 2]})


def _database(path: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (a int, b text)")
        connection.execute("insert into t values (1, 'x')")
    connection.close()


def _zip(path: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hi")


WRITERS: dict[str, tuple[Any, Any]] = {
    "a.csv": (lambda path: FRAME.to_csv(path, index=False), "a\n1\n2\n"),
    "a.json": (lambda path: Path(path).write_text('{"a": [1]}'), {"a": [1]}),
    "a.npy": (lambda path: np.save(path, np.arange(3)), np.arange(3)),
    "a.npz": (lambda path: np.savez(path, x=np.arange(3)), {"x": np.arange(3)}),
    "a.pkl": (lambda path: Path(path).write_bytes(pickle.dumps({"m": 1})), {"m": 1}),
    "a.joblib": (lambda path: joblib.dump(np.arange(3), path), np.arange(3)),
    "a.parquet": (lambda path: FRAME.to_parquet(path), FRAME),
    "a.db": (_database, {"made by": [["table", "t", "CREATE TABLE t (a int, b text)"]], "tables": {"t": {"a": [1], "b": ["x"]}}}),
    "a.txt.gz": (lambda path: Path(path).write_bytes(gzip.compress(b"hi")), b"hi"),
    "a.zip": (_zip, {"a.txt": (2, 3633523372)}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_pictured_by_what_it_holds(name: str, tmp_path: Path) -> None:
    write, value = WRITERS[name]
    write(str(tmp_path / name))
    assert content(Camera(Home()), str(tmp_path / name)) == picture_of(value)


def test_a_workbook_and_an_image_are_pictured_without_their_dates(tmp_path: Path) -> None:
    FRAME.to_excel(tmp_path / "a.xlsx", index=False)
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    workbook, image = (content(Camera(Home()), str(tmp_path / name)) for name in ("a.xlsx", "a.png"))
    assert [picture["kind"] for picture in (workbook, image)] == ["dict", "list"]
    assert "opaque" not in json.dumps([workbook, image])


@pytest.mark.parametrize(
    ("name", "data"), [("a.bin", b"1"), ("a.txt", b"\xff\xfe\x00"), ("a.json", b"{"), ("a.pkl", b"no"), ("a.db", b"no")]
)
def test_what_is_not_known_or_not_what_its_name_says_has_no_content(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert content(Camera(Home()), str(tmp_path / name)) == {}


def test_changed_files_are_new_ones_and_those_written_again(tmp_path: Path) -> None:
    for name in ("same", "again", "sub/same", "__pycache__/x", "catboost_info/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    before = snapshot(str(tmp_path))
    (tmp_path / "new").write_text("1")
    (tmp_path / "__pycache__" / "new").write_text("1")
    (tmp_path / "again").write_text("1")
    os.utime(tmp_path / "again", (1, 1))
    assert changed(str(tmp_path), before) == ["again", "new"]
