"""The pages for newcomers are true: the rule and the library they show are taken from the page and work as it says."""

from __future__ import annotations

import re
import types
from pathlib import Path

from analysis.test_rules import found_by

DOCS = Path(__file__).parent.parent / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_rule_on_the_page_says_what_its_examples_say() -> None:
    (text,) = blocks("adding-a-rule.md", "python")
    rule = types.ModuleType("unstable_sort")
    exec(compile(text, "adding-a-rule.md", "exec"), rule.__dict__)
    found = {example: found_by(rule, example) for example in rule.EXAMPLES}
    assert found == {example: [(example.cell, example.line)] if example.says else [] for example in rule.EXAMPLES}
    assert {bool(example.says) for example in rule.EXAMPLES} == {True, False}
