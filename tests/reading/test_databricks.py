"""Databricks source files become cells."""

from __future__ import annotations

import pytest

from nb2prod.reading.databricks import databricks_cells, is_databricks

CASES = [
    ("x = 1", ("code", "x = 1")),
    ("# MAGIC %md\n# MAGIC # Title\n# MAGIC text", ("markdown", "# Title\ntext")),
    ("# MAGIC %sql\n# MAGIC select 1", ("code", "%%sql\nselect 1")),
    ("# MAGIC %run ./other", ("code", "%run ./other")),
    ("# MAGIC %pip install x", ("code", "%pip install x")),
    ("# MAGIC %python\n# MAGIC x = 1", ("code", "\nx = 1")),
    ("# DBTITLE 1,Load\nx = 1", ("code", "x = 1")),
]


@pytest.mark.parametrize(("piece", "expected"), CASES)
def test_a_piece_becomes_this_cell(piece: str, expected: tuple[str, str]) -> None:
    text = f"# Databricks notebook source\n{piece}\n\n# COMMAND ----------\n\ny = 2\n"
    first, second = databricks_cells(text.split("\n"))
    assert ((first.kind, first.source), (second.index, second.source)) == (expected, (1, "y = 2"))


def test_only_the_first_line_makes_it_one() -> None:
    assert is_databricks(["# Databricks notebook source", "x"])
    assert not is_databricks(["x = 1", "# Databricks notebook source"])
