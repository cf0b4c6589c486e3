"""Two texts of columns (CSV, TSV) that differ -> the first row and column in which they do.

"id,x\\n1,0.5\\n2,1.5\\n", "id,x\\n1,0.5\\n2,1.7\\n"   ->   "column 'x', row 1: '1.5' in the notebook, '1.7' in the package"
"""

from __future__ import annotations

import csv
import io
from collections import Counter

from nb2prod.verification.texts import same_text

DELIMITERS = {".csv": ",", ".tsv": "\t", ".psv": "|"}


def first_cell(expected: str, actual: str, delimiter: str) -> str:
    """Where two tables part: a column only one has, the first cell that differs, or the number of rows; empty when none of it tells them apart."""
    left, right = (list(csv.reader(io.StringIO(text), delimiter=_used(text, delimiter))) for text in (expected, actual))
    if not left or not right:
        return ""
    head, other = left[0], right[0]
    for side, only in (("notebook", Counter(head) - Counter(other)), ("package", Counter(other) - Counter(head))):
        for name in only:
            return f"column {name!r}: only the {side} has it"
    if head != other:
        return f"columns in another order: {head} in the notebook, {other} in the package"
    for number, (one, two) in enumerate(zip(left[1:], right[1:], strict=False)):
        found = _cell(head, one, two)
        if found:
            return f"column {found[0]}, row {number}: {found[1]} in the notebook, {found[2]} in the package{_counts(left, right)}"
    return f"{len(left) - 1} rows in the notebook, {len(right) - 1} in the package" if len(left) != len(right) else ""


def _used(text: str, delimiter: str) -> str:
    """The delimiter of a file whose name promises another: half of Europe writes CSV with semicolons."""
    head = text.partition("\n")[0]
    return delimiter if delimiter in head or ";" not in head else ";"


def _cell(head: list[str], one: list[str], two: list[str]) -> tuple[str, str, str] | None:
    for number in range(max(len(one), len(two))):
        cells = [row[number] if number < len(row) else None for row in (one, two)]
        if None in cells or not same_text(str(cells[0]), str(cells[1])):
            name = repr(head[number]) if number < len(head) else str(number)
            return name, repr(cells[0]), repr(cells[1])
    return None


def _counts(left: list[list[str]], right: list[list[str]]) -> str:
    return f" ({len(left) - 1} rows in the notebook, {len(right) - 1} in the package)" if len(left) != len(right) else ""
