"""Saved outputs of every format, and the line an error came from."""

from __future__ import annotations

from typing import Any

import pytest

from nb2prod.model.notebook import Output
from nb2prod.reading.outputs import error_line, read_outputs

PLAIN = ("text/plain",)
OUTPUTS = [
    ({"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]}, Output("stream", "a\nb", ("application/vnd.jupyter.stdout",))),
    ({"output_type": "stream", "name": "stderr", "text": "a"}, Output("stream", "a", ("application/vnd.jupyter.stderr",))),
    ({"output_type": "stream", "stream": "stderr", "text": "a"}, Output("stream", "a", ("application/vnd.jupyter.stderr",))),
    (
        {"output_type": "display_data", "data": {"text/plain": ["a"], "image/png": "AA"}},
        Output("display", "a", ("text/plain", "image/png")),
    ),
    ({"output_type": "execute_result", "data": {"text/plain": "1"}}, Output("result", "1", PLAIN)),
    ({"output_type": "execute_result", "data": {"text/html": "<b>"}}, Output("result", "", ("text/html",))),
    ({"output_type": "pyout", "text": ["1"], "png": "AA"}, Output("result", "1", ("text/plain", "image/png"))),
    ({"output_type": "display_data"}, Output("display")),
    (
        {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []},
        Output("error", "KeyError: 'x'", error_name="KeyError"),
    ),
    ({"output_type": "pyerr", "ename": "E", "evalue": "v"}, Output("error", "E: v", error_name="E")),
    ({"output_type": "error"}, Output("error", ": ")),
    ({"output_type": "stream", "text": "bad \ud83d"}, Output("stream", "bad \ufffd", ("application/vnd.jupyter.stdout",))),
    ({"output_type": "execute_result", "data": {"text/plain": {"not": "text"}}}, Output("result", "", PLAIN)),
]


@pytest.mark.parametrize(("saved", "output"), OUTPUTS)
def test_a_saved_output_is_read_as(saved: dict[str, Any], output: Output) -> None:
    assert read_outputs([saved], "") == (output,)


@pytest.mark.parametrize("saved", [None, {}, [None], [{"output_type": "new"}], [{"output_type": ["stream"]}], ["text"]])
def test_what_is_no_output_is_left_out(saved: Any) -> None:
    assert read_outputs(saved, "") == ()


def test_long_text_is_cut() -> None:
    saved = {"output_type": "stream", "name": "stdout", "text": "x" * 30_000}
    assert read_outputs([saved], "")[0].text == "x" * 20_000


SOURCE = "a = {}\nb = 1\na['x']\nf(a)"
FRAME = (
    "KeyError                Traceback (most recent call last)\n{head}\n      1 a = {{}}\n      2 b = 1\n----> 3 a['x']\n\nKeyError: 'x'"
)
HEADS = [
    "Cell In[4], line 3",
    "<ipython-input-4-abc> in <module>()",
    "Input In [4], in <cell line: 3>()",
    "/tmp/ipykernel_12/99.py in <module>",
]


@pytest.mark.parametrize("head", HEADS)
def test_an_error_knows_the_line_that_raised(head: str) -> None:
    coloured = FRAME.format(head=f"\x1b[0;32m{head}\x1b[0m").split("\n")
    saved = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": coloured}
    assert read_outputs([saved], SOURCE) == (Output("error", FRAME.format(head=head), error_name="KeyError", error_line=3),)


LIBRARY = "\n\n/lib/x.py in f(a)\n    211   if a:\n--> 212     raise KeyError\n\nKeyError: 'x'"
LINES = [
    ("the first frame is the cell's own", "Cell In[1], line 4\n      3 a['x']\n----> 4 f(a)" + LIBRARY, SOURCE, 4),
    ("a frame of a library alone tells nothing", LIBRARY, SOURCE, 0),
    ("two digits shorten the arrow", "Cell In[1], line 12\n---> 12 stop()", "\n".join(["pass"] * 11 + ["stop()"]), 12),
    ("blank lines on top are not counted by IPython", "Cell In[1], line 3\n----> 3 a['x']", "\n\n" + SOURCE, 5),
    ("the cell was edited: the line moved", "Cell In[1], line 1\n----> 1 a['x']", SOURCE, 3),
    ("the cell was edited: the line is gone", "Cell In[1], line 1\n----> 1 a['y']", SOURCE, 0),
    ("a magic is shown as what it became", "Cell In[1], line 2\n----> 2 get_ipython().system('ls')", "a\n!ls", 2),
    ("a magic beyond the cell's end", "Cell In[1], line 9\n----> 9 get_ipython().system('ls')", "a\n!ls", 0),
    (
        "a timed cell counts below its magic",
        "Cell In[1], line 1\n----> 1 get_ipython().run_cell_magic('time', '', 'a\\nb')\n\n<timed exec> in <module>, line 2",
        "%%time\na\nb",
        3,
    ),
    ("a timed cell that does not tell", "Cell In[1], line 1\n----> 1 get_ipython().run_cell_magic('time', '', 'a\\nb')", "%%time\na\nb", 0),
    (
        "a syntax error has no arrow",
        '  File "<ipython-input-2-abc>", line 2\n    x = = 1\n        ^\nSyntaxError: invalid syntax',
        "a\nx = = 1",
        2,
    ),
    ("a syntax error below blank lines", "  Cell In[2], line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax", "\nx = = 1", 2),
    ("no traceback", "", SOURCE, 0),
]


@pytest.mark.parametrize(("traceback", "source", "line"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_the_line_of_an_error(traceback: str, source: str, line: int) -> None:
    assert error_line(traceback, source) == line
