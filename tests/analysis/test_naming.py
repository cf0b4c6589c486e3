"""Names for what a notebook shows without a name."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest
from analysis.programs import notebook_of

from nb2prod.analysis.naming import Names
from nb2prod.model.notebook import Cell, Notebook


def names(*codes: str, taken: tuple[str, ...] = ()) -> Names:
    return Names(notebook_of(codes), taken)


def named(text: str) -> str:
    node = ast.parse(text, mode="eval").body
    return names("x = 1").of(node, 3)


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("accuracy_score(y, p)", "accuracy"),
        ("round(accuracy_score(y, p), 3)", "accuracy"),
        ('df["age"].mean()', "age_mean"),
        ("model.coef_", "model_coef"),
        ("model.coef_.round(3)", "coef"),
        ("df.age.mean()", "age_mean"),
        ("3 * 7", "shown_value"),
        ("df.groupby('city')['pay'].sum()", "city_pay_sum"),
        ("risk * total", "risk_times_total"),
        ("1 - alpha", "one_minus_alpha"),
        ("'ridge rmse %.4f' % best", "ridge_rmse"),
        ("f'total {n} of {m}'", "total_of"),
        ("df.describe()", "df_describe"),
        ("rows[0]", "rows_0"),
        ("rows[-1]", "rows_last"),
    ],
)
def test_a_value_is_named_after_what_computes_it(expression: str, name: str) -> None:
    assert named(expression) == name


@pytest.mark.parametrize("expression", ["sum(a)", "x.y", "f(g(h(1)))", "'text'", "lambda: 0", "class_", "a if b else c"])
def test_a_name_is_always_a_valid_new_name(expression: str) -> None:
    name = named(expression)
    assert name.isidentifier() and name not in ("x", "sum", "class")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("print(f'  AUC of logreg: {auc(y, p)}')", "auc_of_logreg"),
        ("print('area under curve', auc(y, p))", "area_under_curve"),
        ("print(auc(y, p))", "auc_shown"),
    ],
)
def test_where_the_computed_name_is_taken_the_text_before_the_value_names_it(code: str, name: str) -> None:
    statement = ast.parse(code).body[0]
    node = next(n for n in ast.walk(statement) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "auc")
    assert names("auc = 1").of(node, 3, statement) == name


def test_words_of_texts_are_free_unless_a_cell_may_run_them() -> None:
    node = ast.parse("f1_score(a, b)", mode="eval").body
    assert [names("print('f1')").of(node, 4), names("eval('f1')").of(node, 4)] == ["f1", "f1_shown"]


def test_a_name_is_given_only_once() -> None:
    given = names("x = 1")
    node = ast.parse("f1_score(a, b)", mode="eval").body
    assert [given.of(node, 4), given.of(node, 4), given.of(node, 5)] == ["f1", "b_f1", "f1_2"]


def test_of_two_that_are_computed_alike_the_second_says_from_what() -> None:
    given = names("x = 1")
    nodes = [ast.parse(f"{name}['age'].mean()", mode="eval").body for name in ("one", "other", "one")]
    assert [given.of(node, 4) for node in nodes] == ["age_mean", "other_age_mean", "one_age_mean"]
    scored = [ast.parse(f"accuracy_score(y_test, {name})", mode="eval").body for name in ("knn_pred", "svc_pred")]
    assert [given.of(node, 4) for node in scored] == ["accuracy", "svc_pred_accuracy"]


def test_words_of_the_notebook_are_never_given() -> None:
    given = names("accuracy = 3", taken=("other",))
    assert given.of(ast.parse("accuracy_score(a, b)", mode="eval").body, 2) == "accuracy_shown"


def markdown(index: int, source: str) -> Cell:
    return replace(notebook_of(["x = 1"]).cells[0], index=index, kind="markdown", source=source, code="", statements=())


def test_a_figure_is_named_after_the_heading_above_it() -> None:
    code = notebook_of(["plot()", "plot()"]).cells
    cells = (markdown(0, "## Sales by month\nand more"), replace(code[0], index=1), replace(code[1], index=2))
    given = Names(Notebook("n.ipynb", "0" * 64, cells), ())
    assert [given.figure(1), given.figure(2)] == ["figure_sales_by_month", "figure_sales_by_month_2"]


def test_figures_without_a_heading_are_counted() -> None:
    given = names("plot()")
    assert [given.figure(0), given.figure(0)] == ["figure", "figure_2"]


@pytest.mark.parametrize(("heading", "name"), [("## 1.3 Plotting a column", "figure_plotting_a_column"), ("# The model", "figure_model")])
def test_a_figure_is_named_after_the_words_of_its_heading(heading: str, name: str) -> None:
    (code,) = notebook_of(("plt.plot(x)",)).cells
    text = replace(code, index=0, kind="markdown", source=heading, statements=())
    made = Notebook("nb.ipynb", "0" * 64, (text, replace(code, index=1)), kernel="python3")
    assert Names(made, ()).figure(1) == name
