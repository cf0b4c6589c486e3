"""Names and modules of stages from what they do."""

from __future__ import annotations

from planning.programs import make


def stages(*cells: str) -> list[tuple[str, str]]:
    return [(stage.name, stage.module) for stage in make(tuple(("python", cell) for cell in cells)).plan.stages]


def test_what_is_saved_names_the_stage_that_saves_and_what_it_reads_does_not() -> None:
    filled = "\n".join(f"df['c{number}'] = df['a'] + {number}" for number in range(30))
    assert stages(
        "import pandas as pd\ndf = pd.read_csv('shop.csv')",
        filled,
        "known = pd.read_csv('known.csv')\ndf.to_csv('all_shops.csv')\nknown.to_csv('copy.csv')",
    )[-1] == ("save_all_shops_and_copy", "output")


def test_models_that_are_made_but_not_fitted_are_at_home_among_the_models() -> None:
    cells = (
        "from sklearn.linear_model import LinearRegression, Ridge\nimport pandas as pd",
        "\n".join(["models = {", *(f"    'ridge{number}': Ridge({number})," for number in range(24)), "}"]),
        "df = pd.read_csv('shop.csv')\n" + "\n".join(f"df['c{number}'] = df['a'] + {number}" for number in range(20)),
        "for name, model in models.items():\n    model.fit(df[['a']], df['b'])\n    print(name, model.score(df[['a']], df['b']))",
    )
    assert ("create_models", "model") in stages(*cells)


def test_models_that_a_loop_trains_have_the_name_of_all() -> None:
    filled = "\n".join(f"df['c{number}'] = df['a'] + {number}" for number in range(36))
    cells = (
        "from sklearn.linear_model import LinearRegression, Ridge\nimport pandas as pd\ndf = pd.read_csv('shop.csv')",
        f"models = {{'a': LinearRegression(), 'b': Ridge()}}\n{filled}",
        "for name, model in models.items():\n    model.fit(df[['a']], df['b'])\n    print(name, model.score(df[['a']], df['b']))",
        "\n".join(f"print({number}, model.coef_)" for number in range(20)),
    )
    assert ("train_models", "model") in stages(*cells)


def test_models_that_one_variable_holds_in_turn_are_all_named_and_parts_of_a_model_are_not() -> None:
    start = "from sklearn.linear_model import Lasso, LinearRegression\nfrom sklearn.ensemble import BaggingRegressor\nimport pandas as pd"
    fit = "model.fit(df[['a']], df['b'])\nprint(model.score(df[['a']], df['b']))"
    filled = "df = pd.read_csv('shop.csv')\n" + "\n".join(f"df['c{number}'] = df['a'] + {number}" for number in range(36))
    turn = stages(start, filled, f"model = LinearRegression()\n{fit}\nmodel = Lasso()\n{fit}")
    assert turn[-1] == ("train_linear_regression_and_lasso", "model")
    part = stages(start, filled, f"model = BaggingRegressor(LinearRegression())\n{fit}")
    assert part[-1] == ("train_bagging", "model")
