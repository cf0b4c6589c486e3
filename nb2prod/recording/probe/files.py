"""The files a run wrote -> their content as pictures, where the format is known, in the process that has the libraries to read them.

before = snapshot(root)  ...run...  changed(root, before)   ->   ["out/scores.csv"]
content(camera, "out/scores.csv")                           ->   {"kind": "str", "value": "id,score\\n..."}
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import sqlite3
import sys
import zipfile
from typing import Any, Callable, Dict, List, Tuple

from nb2prod.recording.probe.pictures import Camera

Snapshot = Dict[str, Tuple[int, int, int]]
IGNORED = frozenset({".ipynb_checkpoints", "__pycache__", ".git", "catboost_info", ".pytest_cache", "node_modules", ".venv", "venv"})
READABLE = 64 << 20  # larger files are compared by their digest only
ROWS = 100_000


def snapshot(root: str) -> Snapshot:
    """Size, time of change and identity of every file below a folder, by relative path with forward slashes."""
    found: Snapshot = {}
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in IGNORED)
        for name in sorted(files):
            path = os.path.join(folder, name)
            try:
                told = os.stat(path)
            except OSError:
                continue
            found[os.path.relpath(path, root).replace(os.sep, "/")] = (told.st_size, told.st_mtime_ns, told.st_ino)
    return found


def changed(root: str, before: Snapshot) -> List[str]:
    """The files that are new or were written again since."""
    return sorted(path for path, told in snapshot(root).items() if before.get(path) != told)


def digest(path: str) -> str:
    """The sha256 of a file's bytes."""
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha.update(block)
    return sha.hexdigest()


def content(camera: Camera, path: str) -> Dict[str, Any]:
    """What a file holds, as a picture; empty when its format is not known or it cannot be read as what its name says."""
    read = READERS.get(os.path.splitext(path)[1].lower())
    if read is None or os.path.getsize(path) > READABLE:
        return {}
    try:
        value = read(path)
    except Exception:
        return {}
    return {} if value is None else camera.of(value)


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="strict", newline="") as file:
        return file.read()


def _json(path: str) -> object:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _numpy(path: str) -> object:
    np = sys.modules.get("numpy")
    if np is None:
        return None
    loaded = np.load(path, allow_pickle=True)
    return {name: loaded[name] for name in loaded.files} if hasattr(loaded, "files") else loaded


def _pickle(path: str) -> object:
    """Only files this very run has written come here; they hold the notebook's own classes."""
    with open(path, "rb") as file:
        return pickle.load(file)


def _joblib(path: str) -> object:
    joblib = sys.modules.get("joblib")
    return joblib.load(path) if joblib is not None else None


def _either(path: str) -> object:
    try:
        return _pickle(path)
    except Exception:
        return _joblib(path)


def _pandas(reader: str, **options: object) -> Callable[[str], object]:
    def read(path: str) -> object:
        pd = sys.modules.get("pandas")
        return getattr(pd, reader)(path, **options) if pd is not None else None

    return read


def _database(path: str) -> object:
    connection = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    try:
        names = connection.execute("select name from sqlite_master where type='table' order by name").fetchall()
        return {name: _table(connection, name) for (name,) in names}
    finally:
        connection.close()


def _table(connection: sqlite3.Connection, name: str) -> object:
    cursor = connection.execute('select * from "%s"' % name.replace('"', '""'))
    columns = [column[0] for column in cursor.description]
    rows = cursor.fetchmany(ROWS + 1)
    return {"columns": columns, "rows": rows} if len(rows) <= ROWS else {"columns": columns, "rows": (row for row in rows)}


def _image(path: str) -> object:
    pil = sys.modules.get("PIL.Image")
    if pil is None:
        return None
    with pil.open(path) as image:
        return [image.mode, image.size, hashlib.sha256(image.tobytes()).hexdigest()]


def _unzipped(path: str) -> object:
    with gzip.open(path, "rb") as file:
        return file.read()


def _archive(path: str) -> object:
    with zipfile.ZipFile(path) as archive:
        return {item.filename: (item.file_size, item.CRC) for item in archive.infolist()}


READERS: Dict[str, Callable[[str], object]] = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".md", ".html", ".htm", ".log", ".yaml", ".yml", ".xml", ".toml", ".ini", ".py"), _text),
    **dict.fromkeys((".json", ".geojson"), _json),
    **dict.fromkeys((".npy", ".npz"), _numpy),
    **dict.fromkeys((".pkl", ".pickle", ".sav", ".joblib"), _either),
    ".parquet": _pandas("read_parquet"),
    ".feather": _pandas("read_feather"),
    ".xlsx": _pandas("read_excel", sheet_name=None, header=None),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db"), _database),
    **dict.fromkeys((".png", ".jpg", ".jpeg"), _image),
    ".gz": _unzipped,
    ".zip": _archive,
}
