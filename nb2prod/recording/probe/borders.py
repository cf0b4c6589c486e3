"""A table at the end of a stage -> what held for it, as JSON: a draft of what may be asked of the next one.

    DataFrame({"id": ["a", "b"], "age": [31.0, nan]})
      ->   {"rows": 2, "columns": [{"name": "id", "dtype": "str", "gaps": 0, "unique": true, ...}, {"name": "age", ...}]}

Looks at the whole table, changes nothing, and leaves out what cannot be told: columns without a text for a name, values that cannot be compared.
"""

from __future__ import annotations

import sys
from typing import Any, Dict, List, Optional

FEW, OFTEN = 12, 5  # different values of a column that is a set of them, and how often each comes on average
SURE = 50  # rows without a double that do not come about by chance
WIDE, LONG = 60, 2_000_000  # columns and rows of a table that is looked at
LONGEST = 60  # characters of a value that is told


def facts_of(value: Any) -> Optional[Dict[str, Any]]:
    """What held for a table; nothing for what is none, or too large."""
    pandas = sys.modules.get("pandas")
    if pandas is None or type(value) is not pandas.DataFrame or value.shape[1] > WIDE or len(value) > LONG or not value.columns.is_unique:
        return None
    columns = [_column(name, value[name]) for name in value.columns if type(name) is str]
    return {"rows": len(value), "columns": columns} if columns else None


def _column(name: str, column: Any) -> Dict[str, Any]:
    dtype = column.dtype
    told: Dict[str, Any] = {"name": name, "dtype": "category" if type(dtype).__name__ == "CategoricalDtype" else str(dtype)}
    told["gaps"] = int(column.isna().sum())
    try:
        told["unique"] = bool(dtype.kind not in "fcb" and len(column) >= SURE and not told["gaps"] and column.is_unique)
        told["values"] = _values(column)
        if dtype.kind in "iuf" and column.notna().any():
            told["least"], told["most"] = float(column.min()), float(column.max())
    except (TypeError, ValueError):  # lists within a column, objects that know no order
        told.setdefault("unique", False)
    return told


def _values(column: Any) -> Optional[List[str]]:
    """The few texts that a column consists of."""
    if column.dtype.kind != "O" and str(column.dtype) not in ("str", "string", "category"):
        return None
    known = column.dropna()
    found = list(known.unique()[: FEW + 1])
    if not found or len(found) > FEW or len(known) < OFTEN * len(found):
        return None
    return sorted(found) if all(type(one) is str and len(one) <= LONGEST for one in found) else None
