"""The page about generated code shows what the tool writes."""

from __future__ import annotations

import ast

import pytest
from house_style import FENCED, PAGE, definitions, page


@pytest.mark.slow
def test_every_example_on_the_page_is_what_the_tool_writes() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "write it anew: PYTHONPATH=tests python tests/house_style.py"


def test_the_page_has_an_example_and_two_pairs() -> None:
    blocks = [found["what"] for found in FENCED.finditer(PAGE.read_text(encoding="utf-8"))]
    assert blocks == [
        "bakery.py",
        "src/bakery/features.py",
        "src/bakery/model.py",
        "src/bakery/pipeline.py",
        "portfolio_risk.ipynb cells 4-10",
        "portfolio_risk/data.py: annual_vol, load_prices",
        "text_topics.ipynb cells 7-11",
        "text_topics/features.py: clean, clean_text",
    ]


def test_definitions_are_cut_out_whole() -> None:
    text = "import os\n\n\ndef f():\n    return 1\n\n\nclass C:\n    x = 2\n"
    assert definitions(text, ["C", "f"]) == "class C:\n    x = 2\n\n\ndef f():\n    return 1\n"
    ast.parse(definitions(text, ["C"]))
