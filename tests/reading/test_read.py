"""The whole of reading: a file in, a notebook or a refusal out, and nothing heavy imported on the way."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nb2prod.errors import ReadError
from nb2prod.model.notebook import Cell, Directive, Notebook, Output, Span, Statement, StatementId
from nb2prod.reading import READERS, read
from nb2prod.reading.ipynb import read_ipynb

PYTHON = {"kernelspec": {"name": "python3", "language": "python"}, "language_info": {"name": "python", "version": "3.11.4"}}


def write(folder: Path, content: Any, name: str = "a.ipynb") -> Path:
    path = folder / name
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return path


def code(source: Any, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **fields}


def test_a_notebook_is_read_whole(tmp_path: Path) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": ["hi\n"]}
    cells = [
        {"cell_type": "markdown", "id": "top", "metadata": {}, "source": ["# Title\n", "text"]},
        code("%%time\ndf = load(); df", id="load", execution_count=3, outputs=[stream], metadata={"tags": ["keep"]}),
        {"cell_type": "raw", "source": "---"},
    ]
    path = write(tmp_path, {"nbformat": 4, "nbformat_minor": 5, "metadata": PYTHON, "cells": cells})
    statements = (Statement(StatementId(1, 0), Span(2, 0, 2, 11), "df = load()"), Statement(StatementId(1, 1), Span(2, 13, 2, 15), "df"))
    read_code = Cell(
        index=1,
        id="load",
        kind="code",
        source="%%time\ndf = load(); df",
        code="\ndf = load(); df",
        tags=("keep",),
        execution_count=3,
        outputs=(Output("stream", "hi\n", ("application/vnd.jupyter.stdout",)),),
        statements=statements,
        directives=(Directive("timing", 1, "%%time"),),
    )
    assert read(path) == Notebook(
        path=str(path),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        cells=(Cell(0, "top", "markdown", "# Title\ntext"), read_code, Cell(2, "cell-2", "raw", "---")),
        kernel="python3",
        language_version="3.11.4",
    )


def test_a_notebook_without_cells_is_read(tmp_path: Path) -> None:
    notebook = read(write(tmp_path, {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}))
    assert (notebook.cells, notebook.kernel, notebook.language_version) == ((), "", "")


def test_reading_changes_nothing_on_disk(tmp_path: Path) -> None:
    path = write(tmp_path, {"nbformat": 4, "cells": [code("x\r\ny", id="a"), code("x", id="a")]})
    before = path.read_bytes()
    read(str(path))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.ipynb"]


@pytest.mark.parametrize("version", [4, 5, None])
def test_versions_4_and_5_and_no_version_are_read_alike(tmp_path: Path, version: int | None) -> None:
    content = {"cells": [code("x = 1")]} | ({"nbformat": version} if version else {})
    assert [cell.source for cell in read(write(tmp_path, content)).cells] == ["x = 1"]


SHEET = [
    {"cell_type": "heading", "level": 2, "source": ["Data"]},
    {"cell_type": "heading", "source": "Top"},
    {"cell_type": "markdown", "source": ["text"]},
    {"cell_type": "html", "source": "<b>"},
    {
        "cell_type": "code",
        "input": ["1 + 1"],
        "language": "python",
        "prompt_number": 7,
        "outputs": [{"output_type": "pyout", "prompt_number": 7, "text": ["2"]}],
    },
    {"cell_type": "plaintext", "source": "as it is"},
]


def test_format_3_is_read_from_its_worksheets(tmp_path: Path) -> None:
    path = write(tmp_path, {"nbformat": 3, "metadata": {"name": ""}, "worksheets": [{"cells": SHEET[:4]}, {"cells": SHEET[4:]}]})
    statement = Statement(StatementId(4, 0), Span(1, 0, 1, 5), "1 + 1")
    assert read(path).cells == (
        Cell(0, "cell-0", "markdown", "## Data"),
        Cell(1, "cell-1", "markdown", "# Top"),
        Cell(2, "cell-2", "markdown", "text"),
        Cell(3, "cell-3", "markdown", "<b>"),
        Cell(
            4,
            "cell-4",
            "code",
            "1 + 1",
            code="1 + 1",
            execution_count=7,
            outputs=(Output("result", "2", ("text/plain",)),),
            statements=(statement,),
        ),
        Cell(5, "cell-5", "raw", "as it is"),
    )


def test_format_3_gives_the_cells_nbformat_upgrades_it_to(tmp_path: Path) -> None:
    path = write(tmp_path, {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": SHEET[:5], "metadata": {}}]})
    upgraded = nbformat.convert(nbformat.reads(path.read_text(), as_version=nbformat.NO_CONVERT), 4)
    theirs = [(cell.cell_type, cell.source, cell.get("execution_count")) for cell in upgraded.cells]
    assert [(cell.kind, cell.source, cell.execution_count) for cell in read(path).cells] == theirs


@pytest.mark.parametrize(
    ("given_ids", "ids"),
    [
        ([None, None], ["cell-0", "cell-1"]),
        (["a", "a", "a"], ["a", "a-2", "a-3"]),
        (["a", "a", "a-2"], ["a", "a-3", "a-2"]),
        ([None, "cell-0"], ["cell-0-2", "cell-0"]),
        ([7, ""], ["cell-0", "cell-1"]),
    ],
)
def test_missing_and_repeated_ids_are_made_up_the_same_way_each_time(tmp_path: Path, given_ids: list[Any], ids: list[str]) -> None:
    cells = [code("") | ({"id": id} if id is not None else {}) for id in given_ids]
    assert [cell.id for cell in read(write(tmp_path, {"nbformat": 4, "cells": cells})).cells] == ids


@pytest.mark.parametrize(
    ("metadata", "tags"), [({"tags": ["a", "b"]}, ("a", "b")), ({"tags": ["a", 1]}, ("a",)), ({"tags": "a"}, ()), ({}, ()), (None, ())]
)
def test_tags_are_texts_in_a_list(tmp_path: Path, metadata: Any, tags: tuple[str, ...]) -> None:
    assert read(write(tmp_path, {"nbformat": 4, "cells": [code("", metadata=metadata)]})).cells[0].tags == tags


@pytest.mark.parametrize(
    ("source", "text"), [("a\r\nb\rc", "a\nb\nc"), (["a\n", "b"], "a\nb"), (None, ""), ([], ""), ("ü = '😀'", "ü = '😀'")]
)
def test_a_source_is_read_as(tmp_path: Path, source: Any, text: str) -> None:
    assert read(write(tmp_path, {"nbformat": 4, "cells": [code(source)]})).cells[0].source == text


def test_half_a_surrogate_pair_stops_a_code_cell_and_is_replaced_in_text(tmp_path: Path) -> None:
    cells = [code("x = 1\ny = '\ud83d'"), {"cell_type": "markdown", "source": "cut \ud83d"}]
    notebook = read(write(tmp_path, {"nbformat": 4, "cells": cells}))
    reason = "line 2: half of a surrogate pair (U+D83D), which Python source cannot hold"
    broken = "x = 1\ny = '\ufffd'"
    assert notebook.cells == (
        Cell(0, "cell-0", "code", broken, code=broken, syntax_error=reason),
        Cell(1, "cell-1", "markdown", "cut \ufffd"),
    )


def test_a_cell_that_is_no_python_keeps_its_reason(tmp_path: Path) -> None:
    notebook = read(write(tmp_path, {"nbformat": 4, "cells": [code("%matplotlib inline\nx = = 1"), code("x = '\0'")]}))
    assert [cell.syntax_error for cell in notebook.cells] == [
        "line 2: invalid syntax",
        "line 1: a null byte, which Python source cannot hold",
    ]
    assert [cell.statements for cell in notebook.cells] == [(), ()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_or_wide_encoding_does_not_matter(tmp_path: Path, encoding: str) -> None:
    text = json.dumps({"nbformat": 4, "cells": [code("x = 'ü'")]}, ensure_ascii=False)
    assert read(write(tmp_path, text.encode(encoding))).cells[0].source == "x = 'ü'"


LANGUAGES = [
    ({"kernelspec": {"name": "ir", "language": "R"}}, "this notebook runs R (kernel 'ir'); nb2prod reads Python notebooks"),
    ({"kernelspec": {"name": "ir"}}, "this notebook runs R (kernel 'ir'); nb2prod reads Python notebooks"),
    ({"kernelspec": {"name": "julia-1.9"}}, "this notebook runs Julia (kernel 'julia-1.9'); nb2prod reads Python notebooks"),
    ({"language_info": {"name": "scala"}}, "this notebook runs scala; nb2prod reads Python notebooks"),
    (
        {"kernelspec": {"name": "sagemath", "language": "sage"}, "language_info": {"name": "python", "version": "3.10"}},
        "this notebook runs sage (kernel 'sagemath'); nb2prod reads Python notebooks",
    ),
]
OLD = [
    (
        {"kernelspec": {"name": "python2"}, "language_info": {"name": "python", "version": "2.7.12"}},
        "this notebook runs Python 2.7.12 (kernel 'python2'); nb2prod reads Python 3 notebooks",
    ),
    (
        {"kernelspec": {"name": "python2", "language": "python"}},
        "this notebook runs Python 2 (kernel 'python2'); nb2prod reads Python 3 notebooks",
    ),
]
NEST = b"[" * 100_000
BAD_FILES = [
    (b"", "the file is empty", "save the notebook again in Jupyter, or restore it from a backup"),
    (b" \n", "the file is empty", "save the notebook again in Jupyter, or restore it from a backup"),
    (b'{"cells": [\n  oops]}', "line 2, column 3: not valid JSON: Expecting value", "open it in Jupyter, or restore it from a backup"),
    (
        b'{"cells": [\n<<<<<<< HEAD\n',
        "line 2, column 1: not valid JSON: Expecting value",
        "it holds unresolved git merge conflicts: resolve them first",
    ),
    (
        b"version https://git-lfs.github.com/spec/v1\n",
        "line 1, column 1: not valid JSON: Expecting value",
        "this is a Git LFS pointer: run `git lfs pull` to get the notebook itself",
    ),
    (
        b"<!DOCTYPE html>",
        "line 1, column 1: not valid JSON: Expecting value",
        "this is a web page saved under a notebook's name: download the raw file",
    ),
    (b'{"a":\n"\xe9"}', "line 2: byte 0xe9 is not UTF-8", "save the file as UTF-8"),
    (b"[1]", "not a notebook: the JSON in it is not an object", "name a notebook that Jupyter can open"),
    (b'{"a": 1}', "not a notebook: it has no cells", "name a notebook that Jupyter can open"),
    (b'{"cells": 1}', "not a notebook: its cells are not a list", "name a notebook that Jupyter can open"),
    (b'{"cells": [1]}', "not a notebook: cell 0 is not an object", "name a notebook that Jupyter can open"),
    (b'{"cells": [{"source": 5}]}', "not a notebook: the source of cell 0 is not text", "name a notebook that Jupyter can open"),
    (b'{"cells": [], "nbformat": "4"}', "not a notebook: its nbformat is '4', not a number", "name a notebook that Jupyter can open"),
    (b'{"worksheets": [], "nbformat": 2}', "nbformat 2 is too old; nb2prod reads 3 to 5", "open it in Jupyter and save it again"),
    (b'{"cells": [], "nbformat": 6}', "nbformat 6 is too new; nb2prod reads 3 to 5", "update nb2prod, or save the notebook as format 4"),
]


@pytest.mark.parametrize(("metadata", "message"), LANGUAGES)
def test_another_language_is_refused_by_its_name(tmp_path: Path, metadata: dict[str, Any], message: str) -> None:
    path = write(tmp_path, {"nbformat": 4, "metadata": metadata, "cells": []})
    with pytest.raises(ReadError) as refused:
        read(path)
    assert refused.value.message == f"{path}: {message}"
    assert refused.value.hint


@pytest.mark.parametrize(("metadata", "message"), OLD)
def test_a_python_2_notebook_is_refused_only_when_it_does_not_parse_as_python_3(
    tmp_path: Path, metadata: dict[str, Any], message: str
) -> None:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in ("x = 1", "print x")]
    path = write(tmp_path, {"nbformat": 4, "metadata": metadata, "cells": cells})
    with pytest.raises(ReadError) as refused:
        read(path)
    assert refused.value.message == f"{path}: {message}"
    write(tmp_path, {"nbformat": 4, "metadata": metadata, "cells": cells[:1]})
    assert [cell.source for cell in read(path).cells] == ["x = 1"]


@pytest.mark.parametrize(
    "metadata",
    [
        PYTHON,
        None,
        {"kernelspec": None},
        {"kernelspec": {"name": "irkernel-env", "language": "python"}},
        {"kernelspec": {"name": "python2"}, "language_info": {"name": "python", "version": "3.8"}},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_python_3_is_read_whatever_its_kernel_is_called(tmp_path: Path, metadata: Any) -> None:
    assert read(write(tmp_path, {"nbformat": 4, "metadata": metadata, "cells": []})).cells == ()


@pytest.mark.parametrize(("data", "message", "hint"), BAD_FILES)
def test_a_bad_file_is_refused_with_what_where_and_what_next(tmp_path: Path, data: bytes, message: str, hint: str) -> None:
    path = write(tmp_path, data)
    with pytest.raises(ReadError) as refused:
        read(path)
    assert (refused.value.message, refused.value.hint) == (f"{path}: {message}", hint)


def test_json_nested_too_deep_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, NEST)
    with pytest.raises(ReadError, match="not readable as JSON: maximum recursion depth exceeded"):
        read(path)


def test_bad_paths_are_refused_with_what_where_and_what_next(tmp_path: Path) -> None:
    write(tmp_path, b"{}", "sales.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    write(tmp_path, b"x", "notes.txt")
    write(tmp_path, b"x", "notes")
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "loop.ipynb").symlink_to(tmp_path / "loop.ipynb")
    long = "x" * 300 + ".ipynb"
    expected = {
        "sale.ipynb": ("there is no such file", f"did you mean {tmp_path / 'sales.ipynb'}?"),
        "zzz.ipynb": ("there is no such file", "check the spelling of the path"),
        "no/where.ipynb": ("there is no such file", "check the spelling of the path"),
        "folder.ipynb": ("this is a folder, not a notebook", "name the .ipynb file inside it"),
        "notes.txt": ("nb2prod cannot read .txt", "it reads .ipynb and .py files"),
        "notes": ("nb2prod cannot read files without a suffix", "it reads .ipynb and .py files"),
        "pipe.ipynb": ("this is not a regular file", "save the notebook to a file first"),
        "loop.ipynb": ("cannot be read: Too many levels of symbolic links", "check the path and its permissions"),
        long: ("cannot be read: File name too long", "check the path and its permissions"),
    }
    seen = {}
    for name in expected:
        with pytest.raises(ReadError) as refused:
            read(tmp_path / name)
        seen[name] = (refused.value.message.removeprefix(f"{tmp_path / name}: "), refused.value.hint)
    assert seen == expected


def test_a_path_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read: .*embedded null"):
        read(tmp_path / "nul\0.ipynb")


def test_reading_plain_cells_imports_neither_ipython_nor_nbformat(tmp_path: Path) -> None:
    cells = [code(f"x{n} = '%s' % {n}\nx{n} != 3") for n in range(30)] + [code("%%time\ny = 1")]
    path = write(tmp_path, {"nbformat": 4, "cells": cells})
    script = (
        "import sys; from nb2prod.reading import read; read(sys.argv[1]); print({'IPython', 'nbformat', 'jsonschema'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_every_suffix_has_its_reader() -> None:
    assert list(READERS) == [".ipynb", ".py"]


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60)
MAKERS = st.sampled_from([nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell, nbformat.v4.new_raw_cell])


@given(st.lists(st.tuples(MAKERS, TEXT), max_size=4))
@settings(max_examples=100, deadline=None)
def test_what_nbformat_writes_is_read_back_with_the_same_cells(drawn: list[tuple[Any, str]]) -> None:
    written = nbformat.v4.new_notebook(cells=[make(source) for make, source in drawn])
    cells = read_ipynb(nbformat.writes(written).encode(), "a.ipynb").cells
    assert [(cell.id, cell.kind, cell.source) for cell in cells] == [(cell.id, cell.cell_type, cell.source) for cell in written.cells]
