"""What holds for any three versions of a module: no line of the hand is lost, a side that changed nothing changes nothing, Python stays Python."""

from __future__ import annotations

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from nb2prod.merging.files import merge_file
from nb2prod.merging.lines import chunks, merged
from nb2prod.merging.python import merge_python
from nb2prod.merging.units import join, split

NAMES = st.sampled_from(["load", "clean", "train", "Model", "LIMIT"])
NUMBERS = st.integers(0, 9)
LETTERS = st.lists(st.sampled_from("abcde"), max_size=8)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    lines = draw(st.lists(st.sampled_from(["x = {}", "y = f({}, x)", "if x:\n        y = {}", "# note {}", '"""text {}"""']), max_size=4))
    written = "".join(f"    {line.format(draw(NUMBERS))}\n" for line in lines)
    return f"{written}    return {draw(NUMBERS)}\n"


@st.composite
def units(draw: st.DrawFn) -> str:
    name = draw(NAMES)
    comment = draw(st.sampled_from(["", f"# about {draw(NUMBERS)}\n", f"# apart {draw(NUMBERS)}\n\n"]))
    if name == "LIMIT":
        return f"{comment}LIMIT = {draw(NUMBERS)}\n"
    if name == "Model":
        fields = "".join(f"    field_{number}: int = {draw(NUMBERS)}\n" for number in draw(st.lists(NUMBERS, max_size=3, unique=True)))
        return f"{comment}class Model:\n    size = {draw(NUMBERS)}\n{fields}"
    decorator = draw(st.sampled_from(["", "@cache\n"]))
    return f"{comment}{decorator}def {name}(a, b={draw(NUMBERS)}):\n{draw(bodies())}"


@st.composite
def modules(draw: st.DrawFn) -> str:
    imports = draw(
        st.lists(st.sampled_from(["import os\n", "from m import a\n", "from m import a, b\n", "import numpy as np  # mine\n"]), max_size=2)
    )
    text = "".join(imports) + "\n\n".join(draw(st.lists(units(), max_size=4)))
    ast.parse(text)
    return text


def words(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n") if line.strip() and "import" not in line}


@settings(max_examples=300)
@given(modules(), modules(), modules())
def test_no_line_of_either_side_is_lost_and_python_stays_python(base: str, hand: str, new: str) -> None:
    made = merge_python(base, hand, new)
    ast.parse(made.text)
    told = words(made.text).union(*(words(conflict.hand) | words(conflict.new) for conflict in made.conflicts))
    assert words(hand) - words(base) - told == set()
    assert words(new) - words(base) - words(hand) - told == set()


@settings(max_examples=150)
@given(modules(), modules())
def test_a_side_that_changed_nothing_changes_nothing(base: str, other: str) -> None:
    path = "src/p/data.py"
    assert merge_file(path, base.encode(), other.encode(), base.encode()).content == other.encode()
    assert merge_file(path, base.encode(), base.encode(), other.encode()).content == other.encode()
    assert merge_file(path, base.encode(), other.encode(), other.encode()).content == other.encode()


@settings(max_examples=150)
@given(modules())
def test_units_joined_are_the_module(text: str) -> None:
    again = join(split(text))
    assert [line for line in again.split("\n") if line.strip()] == [line for line in text.split("\n") if line.strip()]


@given(LETTERS, LETTERS, LETTERS)
def test_the_stretches_of_a_merge_cover_all_three_sides(base: list[str], hand: list[str], new: list[str]) -> None:
    found = list(chunks(base, hand, new))
    for side, position in ((base, 1), (hand, 2), (new, 3)):
        assert [item for chunk in found for item in side[chunk[position]]] == side
    assert (merged(base, base, new), merged(base, hand, base), merged(base, hand, hand)) == (new, hand, hand)
