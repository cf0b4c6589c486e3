"""Names of parameters that are taken from calls."""

from __future__ import annotations

from planning.programs import make

CODE = """
from sklearn.svm import SVC
import pandas as pd
df = pd.read_csv('shop.csv')
model = SVC(C=3, gamma=0.5)
model.fit(df[['a']], df['b'])
"""


def test_a_single_letter_goes_with_the_name_of_what_takes_it() -> None:
    assert [parameter.name for parameter in make((("python", CODE),)).plan.parameters] == ["shop_path", "svc_c", "gamma"]


def test_a_second_call_of_the_same_kind_goes_with_the_variable_it_makes() -> None:
    again = f"{CODE}second = SVC(C=4, gamma=0.25)\nsecond.fit(df[['a']], df['b'])\n"
    names = ["shop_path", "svc_c", "gamma", "second_c", "svc_gamma"]
    assert [parameter.name for parameter in make((("python", again),)).plan.parameters] == names
