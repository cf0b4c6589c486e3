"""Contracts are a part of the package that is proved, and not put into it afterwards."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nb2prod.converting.stages import still_proved
from nb2prod.model.choices import Choices
from nb2prod.model.project import File
from nb2prod.pipeline import convert

NOTEBOOK = """# %% [markdown]
# ## Load the orders
# %%
import pandas as pd
orders = pd.read_csv("orders.csv")
orders = orders.dropna()
orders["gross"] = orders["price"] * 1.19
orders = orders[orders["gross"] > 1]
orders = orders.sort_values("day")
# %% [markdown]
# ## Sum up the days
# %%
days = orders.groupby("day")["gross"].sum()
best = days.idxmax()
share = days.max() / days.sum()
print(best, round(share, 3))
"""
ORDERS = "day,price\n" + "".join(f"d{number % 5},{number}.5\n" for number in range(30))


@pytest.mark.slow
def test_contracts_with_which_the_results_are_others_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "days.py").write_text(NOTEBOOK, encoding="utf-8")
    choices = Choices(timeout=120, python=sys.executable)
    conversion = convert(tmp_path / "days.py", choices)
    contracts = f"src/{conversion.plan.package}/contracts.py"
    assert (conversion.verdict.outcome, contracts in {file.path for file in conversion.project.files}) == ("same", True)

    def with_line(line: str) -> tuple[File, ...]:
        return tuple(
            replace(file, content=f"{file.content}\n{line}\n") if file.path == contracts else file for file in conversion.project.files
        )

    harmless = replace(conversion.project, files=with_line("NOTE = 1"))
    spoiling = replace(conversion.project, files=with_line('print("spoiled")'))
    assert still_proved(conversion, harmless, choices) is harmless
    assert still_proved(conversion, spoiling, choices) is conversion.project
