"""Percent scripts are notebooks too."""

from __future__ import annotations

from pathlib import Path

import pytest

from nb2prod.errors import ReadError
from nb2prod.reading import read
from nb2prod.reading.percent import read_percent

SCRIPT = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Sales
# by year
#
# end

# %% tags=["parameters"]
YEAR = 2024


# %% Load the data
# %matplotlib inline
# !pip install lightgbm
# %time df = load(YEAR)
# files = !ls
# a comment, 5 % of all
df.head()
# %%
"""


def cells(script: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(cell.kind, cell.source, cell.tags) for cell in read_percent(script.encode(), "a.py").cells]


def test_a_jupytext_script_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(SCRIPT)
    notebook = read(path)
    assert notebook.kernel == "python3"
    assert [(cell.id, cell.kind, cell.source, cell.code, cell.tags) for cell in notebook.cells] == [
        ("cell-0", "markdown", "# Sales\nby year\n\nend", "", ()),
        ("cell-1", "code", "YEAR = 2024", "YEAR = 2024", ("parameters",)),
        (
            "cell-2",
            "code",
            "%matplotlib inline\n!pip install lightgbm\n%time df = load(YEAR)\nfiles = !ls\n# a comment, 5 % of all\ndf.head()",
            "\n\ndf = load(YEAR)\nfiles = get_ipython().getoutput('ls')\n# a comment, 5 % of all\ndf.head()",
            (),
        ),
        ("cell-3", "code", "", "", ()),
    ]
    assert [directive.kind for directive in notebook.cells[2].directives] == ["display", "dependency", "timing", "shell"]


SCRIPTS = [
    ("x = 1\n", [("code", "x = 1", ())]),
    ("#!/usr/bin/env python\n# coding: utf-8\n\n# %%\nx = 1", [("code", "x = 1", ())]),
    ("import a\n\n# %%\nx = 1", [("code", "import a", ()), ("code", "x = 1", ())]),
    ("#%%\nx = 1\n#%% part two\ny = 2", [("code", "x = 1", ()), ("code", "y = 2", ())]),
    ("# %%\nx = 1\n# %%%\ny = 2", [("code", "x = 1", ()), ("code", "y = 2", ())]),
    ("# In[1]:\n\n\nx = 1\n\n# In[ ]:\ny", [("code", "\n\nx = 1", ()), ("code", "y", ())]),
    ('# %% [markdown]\n"""\n# Title\ntext\n"""', [("markdown", "# Title\ntext", ())]),
    ('# %% Heading [md] tags=["a"]\n#text', [("markdown", "text", ("a",))]),
    ("# %% [raw]\n# as it is", [("raw", "as it is", ())]),
    ('# %% {"tags": ["keep"]}\nx', [("code", "x", ("keep",))]),
    ("# %% tags=[oops]\nx", [("code", "x", ())]),
    ('# %% language="bash"\n# ls\n# pwd', [("code", "%%bash\nls\npwd", ())]),
    ("# %%\n# %%time\nx = 1", [("code", "%%time\nx = 1", ())]),
    ("# %%\n#!ls\n# ?df\n# ! not this, nor 5 % or %d", [("code", "!ls\n?df\n# ! not this, nor 5 % or %d", ())]),
    ("# %%\n# # %time x", [("code", "# # %time x", ())]),
    ('# %%\ns = """\n# %time x\n"""\n# %time x', [("code", 's = """\n# %time x\n"""\n%time x', ())]),
    ("# %%\nif x:\n    # %time f()\n    pass", [("code", "if x:\n    %time f()\n    pass", ())]),
    ("# %%\nprint 'old'\n# %time x", [("code", "print 'old'\n%time x", ())]),
    ("# %%\r\nx = 1\r\n", [("code", "x = 1", ())]),
    ("# ---\n# no end", [("code", "# ---\n# no end", ())]),
    ("def f():\n    # %% not a cell\n    pass", [("code", "def f():\n    # %% not a cell\n    pass", ())]),
]


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_a_script_is_read_as_these_cells(script: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert cells(script) == expected


def test_a_coding_line_is_followed() -> None:
    assert read_percent("# -*- coding: latin-1 -*-\n# %%\nx = 'ü'".encode("latin-1"), "a.py").cells[0].source == "x = 'ü'"


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read_percent("# %%\nx".encode("utf-8-sig"), "a.py").cells[0].source == "x"


HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: {format}
#   kernelspec:
#     language: {language}
#     name: {kernel}
# ---
"""
REFUSED = [
    (b"", "a.py: the file is empty"),
    (b"x = '\xfc'", "a.py: cannot be decoded: "),
    (b"# coding: nonsense\n", "a.py: cannot be decoded: unknown encoding: nonsense"),
    (
        HEADER.format(format="light", language="python", kernel="python3").encode(),
        "a.py: this script is in jupytext's 'light' format; nb2prod reads the percent format",
    ),
    (
        HEADER.format(format="percent", language="R", kernel="ir").encode(),
        "a.py: this notebook runs R (kernel 'ir'); nb2prod reads Python notebooks",
    ),
]


@pytest.mark.parametrize(("data", "message"), REFUSED)
def test_a_script_that_cannot_be_read_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_percent(data, "a.py")
    assert refused.value.message.startswith(message)
    assert refused.value.hint
