"""Hostile cells and bytes: each is analysed and written as files that load, or refused by name. `benchmarks/fuzz` has the same targets for hours."""

from __future__ import annotations

import random

import pytest
from fuzz.mutating import mutated, seeds
from fuzz.targets import cells, notebook_of, package, reader
from hypothesis import given, settings
from hypothesis import strategies as st

POOL = seeds()
LONG = "a" * 5000
NAMES = ("~nosuch/x.py", f"{LONG}.py", "a\0b.py", "/", ".", "..", "/dev/zero.py", "~nosuch", "\u2028.py", "'open")
MAGICS = (
    "%run {}",
    "%load {}",
    "%%writefile {}\nx = 1",
    "%cd {}",
    "!cat {}",
    "%pip install -r {}",
    "%%writefile {0}\nx = 1\n# %%\n%run {0}",
)
HOSTILE = (
    "a\0b",
    '"""',
    '\\"""',
    "a\\",
    'x"',
    "{{ 7*7 }}",
    "{% raw %}",
    "\u2028",
    "\x1b[31m",
    "\x85",
    "\x0c",
    "\ufeff",
    "$(rm)",
    "`rm`",
    "[tool]",
    "%s",
    "*/",
)
FOUND = {
    "a generator that is let go in a statement too complex to follow": """log = []
def g():
    try:
        yield 1
    except ValueError:
        log.append("thrown")
%run helpers.py
x = g()
exceptnext(x)
x.throw(ValueError)
x.close()
""",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("magic", MAGICS)
def test_a_file_that_cannot_be_is_refused_in_words(magic: str, name: str) -> None:
    cells(magic.format(name))


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_what_fuzzing_found_stays_mended(text: str) -> None:
    cells(text)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_every_file_of_a_package_loads_whatever_headings_names_and_values_say(text: str) -> None:
    comment = text if text.isprintable() or text == "\x1b[31m" else ""
    package(f"""# %% [markdown]
# {text}

Words of {text} and
# %%
import pandas as pd
limit = 3  # {comment}
region = {text!r}
df = pd.read_csv({"in " + text!r})
# %% [markdown]
## {text}
# %%
big = df[df["v"] > limit]
print(region, len(big))
big.to_csv({"out " + text!r})
""")


@given(st.sampled_from(POOL), st.integers(0, 2**32))
@settings(max_examples=60)
def test_cells_with_lines_of_others_in_them_are_analysed(text: str, seed: int) -> None:
    cells(mutated(text, POOL, random.Random(seed)))


@given(st.sampled_from(POOL), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3)), max_size=6))
@settings(max_examples=60)
def test_files_with_changed_bytes_are_read_or_refused(text: str, changes: list[tuple[float, bytes]]) -> None:
    data = notebook_of(text)
    for share, new in changes:
        at = int(share * len(data))
        data = data[:at] + new + data[at + len(new) :]
    reader(data)
