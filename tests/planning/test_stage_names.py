"""Names and modules of stages from what they do."""

from __future__ import annotations

from planning.programs import make

from nb2prod.planning.names import listed


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


def test_what_a_stage_takes_and_gives_is_in_the_order_of_the_code() -> None:
    start = "import pandas as pd\ndf = pd.read_csv('shop.csv')\nx_train, x_test, y_train, y_test = (df[n] for n in 'abcd')"
    filled = "\n".join(f"df['c{number}'] = df['a'] + {number}" for number in range(24))
    shown = "\n".join(f"print({number}, y_test + {number}, x_train, y_train, x_test)" for number in range(36))
    first, *_, last = make((("python", start), ("python", filled), ("python", shown))).plan.stages
    assert [output.name for output in first.outputs] == ["df", "x_train", "x_test", "y_train", "y_test"]
    assert [variable.name for variable in last.inputs] == ["y_test", "x_train", "y_train", "x_test"]


def test_what_stands_beside_a_block_that_is_too_long_by_itself_stays_with_it() -> None:
    body = "\n".join(f"    rows.append(number + {number})" for number in range(60))
    cell = f"rows = []\nbest = None\nfor number in range(3):\n{body}\n    best = number\nprint(best, len(rows))"
    assert [len(stage.statements) for stage in make((("python", cell),)).plan.stages] == [4]


def test_a_stage_that_makes_a_table_of_a_table_prepares_it() -> None:
    columns = "\n".join(f"df['c{number}'] = df['a'] + {number}" for number in range(30))
    cells = ("import pandas as pd\nraw = pd.read_csv('shop.csv')", f"df = raw.copy()\n{columns}", f"{columns}\nprint(df['a'].mean())")
    assert ("prepare_df", "data") in stages(*cells)


def test_headings_with_an_and_of_their_own_are_listed_apart() -> None:
    assert (listed(["Age", "Fare", "Cabin"]), listed(["Split and scale", "Models"])) == ("Age, fare and cabin", "Split and scale; models")


def test_a_stage_under_headings_that_cannot_be_one_name_is_called_by_what_it_does() -> None:
    book = make(
        (
            ("markdown", "# Study"),
            ("markdown", "## Split and scale"),
            ("python", "import pandas as pd\nfrom sklearn.linear_model import Ridge\ndf = pd.read_csv('a.csv')\nX, y = df[['a']], df['b']"),
            ("markdown", "## Models"),
            ("python", "model = Ridge()\nmodel.fit(X, y)"),
        )
    )
    (stage,) = book.plan.stages
    assert (stage.name, stage.title) == ("train_ridge", "Split and scale; models")
