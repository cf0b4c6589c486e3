"""Every merge of the case files."""

from __future__ import annotations

import ast
from collections import Counter

import pytest
from merging.case_files import Case, all_cases

from nb2prod.merging import decide, merge

CASES = all_cases()


def told(case: Case) -> tuple[str, ...]:
    """What the conflicts are about: the name, or the path for a whole file."""
    remarks = [remark for remark in case.merge().remarks if remark.conflict]
    return tuple(sorted(remark.told.split("`")[1] if remark.told.startswith("`") else remark.path for remark in remarks))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_merge_comes_out_as_its_case_says(case: Case) -> None:
    files = {path: content.decode("utf-8") for path, content in case.merge().files.items() if not path.startswith(".nb2prod/")}
    assert files == case.sides["merged"]
    assert told(case) == case.conflicts


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_line_of_the_hand_is_in_the_project_or_in_the_told_conflict(case: Case) -> None:
    renewal = case.merge()
    tables = [getattr(renewal.decisions, kind) for kind in ("functions", "modules", "parameters", "results")]
    renamed = {name for table in tables for pair in table.items() for name in pair}
    own = {path: content for path, content in case.side("hand").items() if path not in case.side("base")}
    kept = Counter(line.strip("+- ") for content in {**own, **renewal.files}.values() for line in content.decode("utf-8").split("\n"))
    written = {line for content in case.side("base").values() for line in content.decode("utf-8").split("\n")}
    lines = [line for content in case.side("hand").values() for line in content.decode("utf-8").split("\n") if line not in written]
    lost = [line for line in lines if line.strip() and not kept[line.strip("+- ")] and not any(name in line for name in renamed)]
    imported = [line for line in lost if "import" in line]  # names of one import may come together with others
    assert [line for line in lost if line not in imported] == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_second_conversion_changes_nothing(case: Case) -> None:
    first = case.merge()
    own = {path: content for path, content in case.side("hand").items() if path not in case.side("base")}
    there = {**own, **first.files}
    package, decisions = decide(first.ancestor, there)
    second = merge(first.ancestor, there, package, case.side("new"), (), decisions)
    untouched = {path: content for path, content in there.items() if path not in first.ancestor.digests}
    assert {**untouched, **second.files} == there
    assert second.ancestor == first.ancestor


@pytest.mark.parametrize("case", CASES, ids=str)
def test_merged_python_is_python_where_the_hands_was(case: Case) -> None:
    for path, content in case.merge().files.items():
        if path.endswith(".py") and "syntax error" not in case.title:
            ast.parse(content)
