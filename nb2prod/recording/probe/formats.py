"""A file -> what it holds, as a value to take a picture of, where its format is known and a library that reads it is loaded.

    read("out/scores.csv")   ->   "id,score\\n..."
    read("model.bin")        ->   None: its bytes are all there is

Left out is what every writing changes: the dates inside PDF, SVG and office files, and the names matplotlib makes up inside an SVG.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import os
import pickle
import re
import sqlite3
import sys
import tarfile
import zipfile
from typing import Any, Callable, Dict, Iterator, List, Tuple

from nb2prod.recording.probe import workbooks

ROWS = 100_000  # of a database table; of larger ones the first rows and a digest of all
FIRST = 1_000

PDF_DATES = re.compile(rb"/(CreationDate|ModDate)\s*\([^)]*\)|/ID\s*\[[^\]]*\]")
DRAWN_DATES = re.compile(r"(?<=<dc:date>)[^<]*|(?<=%%CreationDate:)[^\n]*")
DRAWN_NAMES = re.compile(r'(?<=id=")[a-zA-Z]?[0-9a-f]{10}(?=")')


def read(path: str) -> object:
    """What a file holds; None when its format is not known. Raises whatever a reader raises when the file is not what its name says."""
    reader = READERS.get(os.path.splitext(path)[1].lower())
    return reader(path) if reader is not None else None


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="strict", newline="") as file:
        return file.read()


def _drawing(path: str) -> str:
    """An SVG or PostScript drawing; names that matplotlib draws lots for are numbered in order of their appearance."""
    text = DRAWN_DATES.sub("", _text(path))
    if "matplotlib" not in text[:2000]:
        return text
    for rank, name in enumerate(dict.fromkeys(DRAWN_NAMES.findall(text))):
        text = text.replace(name, "name-%d" % rank)
    return text


def _pdf(path: str) -> bytes:
    with open(path, "rb") as file:
        return PDF_DATES.sub(rb"", file.read())


def _json(path: str) -> object:
    """The value in it; the text where a name stands twice, because then the value does not tell all."""
    text = _text(path)
    try:
        return json.loads(text, object_pairs_hook=_once)
    except _Twice:
        return text


class _Twice(Exception):
    pass


def _once(pairs: List[Tuple[str, object]]) -> Dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise _Twice
    return dict(pairs)


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


def _pandas(reader: str) -> Callable[[str], object]:
    def read_it(path: str) -> object:
        pd = sys.modules.get("pandas")
        return getattr(pd, reader)(path) if pd is not None else None

    return read_it


def _matlab(path: str) -> object:
    scipy = sys.modules.get("scipy.io")
    return {name: item for name, item in scipy.loadmat(path).items() if name != "__header__"} if scipy is not None else None


def _hdf(path: str) -> object:
    """Every group and dataset with its attributes, through h5py or PyTables, whichever is loaded."""
    for module, walk in (("h5py", _by_h5py), ("tables", _by_tables)):
        library = sys.modules.get(module)
        if library is not None:
            return walk(library, path)
    return None


def _by_h5py(h5py: Any, path: str) -> Dict[str, object]:
    found: Dict[str, object] = {}
    with h5py.File(path, "r") as file:
        found["/"] = [dict(file.attrs)]
        file.visititems(lambda name, item: found.update({name: [dict(item.attrs), item[()] if hasattr(item, "shape") else "group"]}))
    return found


def _by_tables(tables: Any, path: str) -> Dict[str, object]:
    with tables.open_file(path, "r") as file:
        return {node._v_pathname: [_attributes(node), node.read() if hasattr(node, "read") else "group"] for node in file.walk_nodes("/")}


def _attributes(node: Any) -> Dict[str, object]:
    return {name: node._v_attrs[name] for name in node._v_attrs._v_attrnames}


def _database(path: str) -> object:
    connection = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    try:
        made = connection.execute("select type, name, sql from sqlite_master order by type, name").fetchall()
        tables = {name: _table(connection, name) for kind, name, _ in made if kind == "table"}
        return {"made by": [list(one) for one in made], "tables": tables}
    finally:
        connection.close()


def _table(connection: sqlite3.Connection, name: str) -> object:
    """A table by columns; of a very long one the first rows and a digest of all."""
    cursor = connection.execute('select * from "%s"' % name.replace('"', '""'))
    columns = [column[0] for column in cursor.description]
    rows = cursor.fetchmany(ROWS + 1)
    if len(rows) <= ROWS:
        return {column: [row[at] for row in rows] for at, column in enumerate(columns)}
    digest, count = hashlib.sha256(repr(rows).encode("utf-8", "replace")), len(rows)
    for more in iter(lambda: cursor.fetchmany(ROWS), []):
        digest.update(repr(more).encode("utf-8", "replace"))
        count += len(more)
    return {"columns": columns, "rows": count, "digest": digest.hexdigest(), "first": [list(row) for row in rows[:FIRST]]}


def _image(path: str) -> object:
    pil = sys.modules.get("PIL.Image")
    if pil is None:
        return None
    with pil.open(path) as image:
        return [image.mode, image.size, *_frames(image)]


def _frames(image: Any) -> Iterator[str]:
    """A digest of the colours of each frame; what a number means lies in the palette."""
    for rank in range(getattr(image, "n_frames", 1)):
        image.seek(rank)
        colours = image.convert("RGBA") if image.mode in ("P", "PA") else image
        yield hashlib.sha256(colours.tobytes()).hexdigest()


def _unpacked(opener: Callable[..., Any]) -> Callable[[str], object]:
    def read_it(path: str) -> object:
        if tarfile.is_tarfile(path):
            return _tar(path)
        with opener(path, "rb") as file:
            return file.read()

    return read_it


def _tar(path: str) -> object:
    with tarfile.open(path) as archive:
        return {item.name: [item.size, item.type, item.linkname, _digest(archive, item)] for item in archive}


def _digest(archive: tarfile.TarFile, item: tarfile.TarInfo) -> str:
    file = archive.extractfile(item) if item.isfile() else None
    return hashlib.sha256(file.read()).hexdigest() if file is not None else ""


def _zip(path: str) -> object:
    with zipfile.ZipFile(path) as archive:
        return {item.filename: (item.file_size, item.CRC) for item in archive.infolist()}


TEXTS = "csv tsv psv txt md rst tex html htm log yaml yml xml kml toml ini cfg conf py sql dot jsonl ndjson css js r sh dat arff libsvm"
READERS: Dict[str, Callable[[str], object]] = {
    **{"." + ending: _text for ending in TEXTS.split()},
    **dict.fromkeys((".svg", ".eps", ".ps"), _drawing),
    ".pdf": _pdf,
    **dict.fromkeys((".json", ".geojson", ".ipynb"), _json),
    **dict.fromkeys((".npy", ".npz"), _numpy),
    **dict.fromkeys((".pkl", ".pickle", ".sav", ".joblib"), _either),
    ".parquet": _pandas("read_parquet"),
    ".feather": _pandas("read_feather"),
    ".dta": _pandas("read_stata"),
    ".mat": _matlab,
    **dict.fromkeys((".h5", ".hdf5", ".hdf"), _hdf),
    **dict.fromkeys((".xlsx", ".xlsm", ".docx", ".pptx"), workbooks.read),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db"), _database),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"), _image),
    ".gz": _unpacked(gzip.open),
    ".tgz": _unpacked(gzip.open),
    ".bz2": _unpacked(bz2.open),
    ".xz": _unpacked(lzma.open),
    ".tar": _tar,
    ".zip": _zip,
}
