"""The lines of a Databricks source file -> cells as a notebook would hold them.

# Databricks notebook source
# MAGIC %md                            Cell(0, "cell-0", "markdown", "# Sales")
# MAGIC # Sales                 ->     Cell(1, "cell-1", "code", "%run ./setup")
# COMMAND ----------                   Cell(2, "cell-2", "code", "x = 1")
# MAGIC %run ./setup
# COMMAND ----------
x = 1
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nb2prod.model.notebook import Cell

FIRST = "# Databricks notebook source"
BORDER = re.compile(r"^# COMMAND -{5,}\s*$", re.MULTILINE)
MAGIC = re.compile(r"^# MAGIC ?")
# Databricks writes one `%` for a whole cell in another language.
LANGUAGES = ("sql", "scala", "r", "sh", "fs")
TITLE = re.compile(r"^# DBTITLE [^\n]*$", re.MULTILINE)


def is_databricks(lines: Sequence[str]) -> bool:
    return bool(lines) and lines[0].strip() == FIRST


def databricks_cells(lines: Sequence[str]) -> tuple[Cell, ...]:
    """The cells between the borders; empty ones are left out."""
    pieces = (TITLE.sub("", piece).strip("\n") for piece in BORDER.split("\n".join(lines[1:])))
    return tuple(_cell(piece, index) for index, piece in enumerate(piece for piece in pieces if piece.strip()))


def _cell(piece: str, index: int) -> Cell:
    lines = piece.split("\n")
    if not any(map(MAGIC.match, lines)):
        return Cell(index, f"cell-{index}", "code", piece)
    text = "\n".join(MAGIC.sub("", line) for line in lines).strip("\n")
    name, _, rest = text.partition("\n")[0].removeprefix("%").partition(" ")
    if not text.startswith("%"):
        return Cell(index, f"cell-{index}", "code", text)
    if name in ("md", "md-sandbox"):
        return Cell(index, f"cell-{index}", "markdown", text[len(name) + 1 :].lstrip())
    if name == "python":
        return Cell(index, f"cell-{index}", "code", f"{rest}\n{text.partition(chr(10))[2]}")
    return Cell(index, f"cell-{index}", "code", f"%{text}" if name in LANGUAGES else text)
