"""Converting again after hand edits: what the tests of the project expect is what its functions do, and every difference is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nb2prod.commands.merged import merged_files
from nb2prod.model.choices import Choices
from nb2prod.pipeline import Conversion, convert
from nb2prod.renewing import find_earlier
from nb2prod.saving import save

NOTEBOOK = """\
# %% [markdown]
# ## Load orders

# %%
import csv
with open("orders.csv", encoding="utf-8") as file:
    orders = [{"day": row["day"], "price": float(row["price"])} for row in csv.DictReader(file)]

# %% [markdown]
# ## Count days

# %%
days = {}
for order in orders:
    if order["price"] > 0:
        days[order["day"]] = days.get(order["day"], 0) + 1

# %% [markdown]
# ## Write the best

# %%
best = sorted(days, key=days.get)[-2:]
with open("best.txt", "w", encoding="utf-8") as file:
    file.write("\\n".join(best))
"""
ORDERS = "day,price\nmon,3\ntue,4\nmon,0\nwed,5\nwed,6\n"


def converted(notebook: Path, folder: Path) -> Conversion:
    conversion = convert(notebook, Choices(package="shop", trial_seconds=0), look=lambda package: find_earlier(folder))
    save(conversion.project, folder, merged=merged_files(conversion))
    return conversion


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def outcome(folder: Path, case: str) -> object:
    return json.loads((folder / f"tests/recorded/{case}.json").read_text(encoding="utf-8"))["outcome"]


@pytest.mark.slow
def test_the_case_of_a_stage_that_was_edited_by_hand_is_made_anew_and_told(tmp_path: Path) -> None:
    notebook, folder = tmp_path / "orders.py", tmp_path / "shop"
    notebook.write_text(NOTEBOOK, encoding="utf-8")
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    converted(notebook, folder)
    edit(folder / "src/shop/data.py", 'float(row["price"])', 'float(row["price"]) + 0.5')
    for path in ("src/shop/analysis.py", "src/shop/pipeline.py", "tests/test_analysis.py"):
        edit(folder / path, "count_days", "tally_days")
    conversion = converted(notebook, folder)
    assert conversion.verdict.outcome == "different"
    assert conversion.renewal is not None
    assert [remark.path for remark in conversion.renewal.remarks if remark.always] == ["tests/recorded/load_orders.json"]
    assert sorted(path.name for path in (folder / "tests/recorded").iterdir()) == ["load_orders.json", "tally_days.json", "write_best.json"]
    assert outcome(folder, "tally_days") == {"days": {"kind": "dict", "pairs": [["mon", 2], ["tue", 1], ["wed", 2]]}}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_data.py", "tests/test_analysis.py", "tests/test_output.py"]
    done = subprocess.run(tests, cwd=folder, env=dict(os.environ), capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
