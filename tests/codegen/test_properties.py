"""What the code of a stage shows of any rows it may be given, and what it does not show; the tests that are written of that."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from nb2prod.codegen.modules import formatted
from nb2prod.codegen.properties import Property, properties_of, with_properties
from nb2prod.codegen.templating import render
from nb2prod.merging.files import merge_file
from nb2prod.model.plan import Plan, Stage, Variable
from nb2prod.model.project import File, Project

FRAME = "pandas.DataFrame"
HEAD = "import numpy as np\nimport pandas as pd\nfrom sklearn.model_selection import train_test_split\n\n\ndef own(d):\n    return d\n\n\n"
ONCE, ALONE, ORDER, KEEPS, FEWER, PARTS = "twice_is_once", "rows_alone", "any_order", "keeps_rows", "no_new_rows", "parts_add_up"


def shown(body: str, outputs: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """The kinds of the properties that the code of a stage shows, by result; the stage takes `df`, another table and a number."""
    inputs = (Variable("df", FRAME), Variable("other", FRAME), Variable("limit", "float"))
    stage = Stage("clean", "data", (), inputs, tuple(Variable(name) for name in outputs), updates=() if outputs else ("df",))
    lines = [*body.splitlines(), *([f"return {outputs[0]}"] if len(outputs) == 1 else [])]
    lines += [f"return Result({', '.join(f'{name}={name}' for name in outputs)})"] if len(outputs) > 1 else []
    source = HEAD + "def clean(df, other, limit):\n" + "\n".join(f"    {line}" for line in lines) + "\n"
    if len(source) < 9000:
        ast.parse(source)  # nothing is shown of what is no Python
    plan = Plan("shop", "", "", (), (), (), (stage,), (), ())
    found: dict[str, tuple[str, ...]] = {}
    for one in properties_of(plan, Project("shop", (File("src/shop/data.py", source),))):
        name = "+".join(one.results)
        found[name] = (*found.get(name, ()), one.kind)
    return found


IN_PLACE = {
    # cleaning, which done twice is done once
    "df.drop_duplicates(inplace=True)": (ONCE, FEWER),
    "df.dropna(subset=['age'], inplace=True)": (ONCE, ALONE),
    "df.dropna(inplace=True)\ndf.reset_index(drop=True, inplace=True)": (ONCE, FEWER),
    "df['name'] = df['name'].str.strip().str.lower()": (ONCE, ALONE, KEEPS),
    "df['age'] = df['age'].clip(0, limit)": (ONCE, ALONE, KEEPS),
    "df['age'] = df['age'].fillna(0)": (ONCE, ALONE, KEEPS),
    "df['age'] = df['age'].fillna(df['age'].median())": (ONCE, ORDER, KEEPS),
    "df['age'] = df['age'].fillna(df['a'] * df['b'])": (ONCE, ALONE, KEEPS),
    "df['age'] = pd.to_numeric(df['age'], errors='coerce')\ndf['age'] = df['age'].fillna(0)": (ONCE, ALONE, KEEPS),
    "df.loc[df['age'] < 0, 'age'] = 0": (ONCE, ALONE, KEEPS),
    # not so: what a step did is undone by a later one, or done again
    "df['age'] = df['age'] + 1": (ALONE, KEEPS),
    "df['code'] = df['shop'].astype('category').cat.codes": (ORDER, KEEPS),
    "df[['first', 'last']] = df['name'].str.split(' ', expand=True)": (KEEPS,),
    "df['days'] = (pd.Timestamp.now() - df['when']).dt.days": (KEEPS,),
    "df['many'] = df['age'] >= df['age'].mean()": (KEEPS,),
    "df['name'] = df['name'].str.replace('a', 'aa')": (ALONE, KEEPS),
    "df.drop_duplicates(inplace=True)\ndf['name'] = df['name'].str.strip()": (FEWER,),
    "df.dropna(inplace=True)\ndf['share'] = df['a'] / df['b']": (ALONE,),
    "df['age'] = df['age'].fillna(df['a'])\ndf['a'] = df['a'].fillna(df['b'])": (ALONE, KEEPS),
    "df['age'] = df['age'].fillna(other['age'].mean())": (KEEPS,),
    # columns for every row
    "df['sum'] = df['a'] + df.b * limit": (ALONE, KEEPS),
    "df['old'] = df['age'].apply(lambda age: age > limit)": (ALONE, KEEPS),
    "df['when'] = pd.to_datetime(df['when'], format='%Y')": (ONCE, ALONE, KEEPS),
    "df['when'] = pd.to_datetime(df['when'])": (ONCE, KEEPS),
    "df['log'] = np.log1p(df['a'])\nfor at in [1, 2]:\n    df[f'x{at}'] = df['log'] * at": (ALONE, KEEPS),
    "df['part'] = df['a'] / df['a'].sum()": (ORDER, KEEPS),
    "df['mean'] = df.groupby('shop')['a'].transform('mean')": (ORDER, KEEPS),
    "df['before'] = df['a'].shift(1)": (KEEPS,),
    "df['mean'] = df['a'].rolling(3).mean()": (KEEPS,),
    "df['code'] = limit.fit(df)": (KEEPS,),
    # nothing that is known
    "own(df)": (),
    "df.loc[len(df)] = 0": (),
    "df = other": (),
    "for at in [1, 2]:\n    df = df.merge(other)": (),
    "with open('x') as file:\n    df['a'] = file.read()": (),
    "if limit > 3:\n    df.drop_duplicates(inplace=True)": (),
    "df['a'].sum()": (),
    # the table that was given is not the one that its name means later
    "df['sum'] = df['a'] + 1\ndf = df.dropna()": (ALONE, KEEPS),
}
MADE = {
    "made = df[df['age'] > limit]": (ONCE, ALONE),
    "made = df.loc[(df['age'] > 0) & df['name'].notna()].copy()": (ONCE, ALONE),
    "made = df.query('age > 3')": (ALONE,),
    "made = df[df['age'] > df['age'].mean()]": (FEWER,),
    "made = df.sort_values('age')": (ALONE, KEEPS),
    "made = df.sort_values(['age', 'name'])\nmade = made.drop_duplicates('name')": (ONCE, FEWER),
    "made = df.drop(['a', 'b'], axis=1)": (ALONE, KEEPS),
    "made = df.drop([3, 4])": (),
    "made = df.drop([3, 4], axis=0)": (),
    "made = df.iloc[:, [1, 2]]": (ALONE, KEEPS),
    "made = df.iloc[:20]": (),
    "made = df.iloc[::2, 1]": (),
    "made = df.head(5)": (FEWER,),
    "made = df.merge(other, on='id')": (),
    "made = pd.concat([df, other])": (),
    "made = pd.get_dummies(df)": (ORDER, KEEPS),
    "made = df.sample(5)": (),
    "made = df['age'].mean()": (ORDER,),
    "made = len(df[df['age'] > 3])": (ORDER,),
    "made = df.groupby('shop')['a'].agg(['sum', 'mean'])": (ORDER,),
    "made = df.groupby('shop').agg(total=('a', 'sum'))": (ORDER,),
    "made = df.groupby('shop')['a'].agg('first')": (),
    "made = df.groupby('shop')['a'].agg(own)": (),
    "made = df['shop'].value_counts()": (ORDER,),
    "made = df['shop'].value_counts().head(3)": (),
    "made = df['a'].cumsum().max()": (),
    "made = df['shop'].unique()": (),
    "made = limit.predict(df)": (),
    "made = df": (),
}


@pytest.mark.parametrize("body", IN_PLACE)
def test_of_a_table_that_is_changed_in_place_the_code_shows(body: str) -> None:
    assert shown(body).get("df", ()) == IN_PLACE[body]


@pytest.mark.parametrize("body", MADE)
def test_of_a_result_the_code_shows(body: str) -> None:
    assert shown(body, ("made",)).get("made", ()) == MADE[body]


def test_the_parts_of_a_split_add_up_where_both_are_given_as_they_are() -> None:
    split = "a, b = train_test_split(df, test_size=limit)"
    assert shown(split, ("a", "b")) == {"a+b": (PARTS,)}
    assert shown(split, ("a",)) == {}
    assert shown(f"{split}\na = a.dropna()", ("a", "b")) == {}
    assert shown(f"df = df.dropna()\n{split}", ("a", "b")) == {}


def test_tables_of_which_the_same_is_shown_have_tests_of_their_own_names() -> None:
    assert shown("x = df[df['a'] > 0]\ny = other['b'].sum()", ("x", "y")) == {"x": (ALONE,), "y": (ORDER,)}


STAGE = Stage("clean", "data", (), (Variable("df", FRAME),), (), updates=("df",))
PLAN = Plan("shop", "", "", (), (), (), (STAGE,), (), ())
FILES = (File("pyproject.toml", 'test = ["pytest"]\n'), File("src/shop/data.py", "def clean(df): ...\n"))
HELD = (Property(ONCE, "clean", "data", "df", ("df",)), Property(KEEPS, "clean", "data", "df", ("df",)))


def test_nothing_is_written_of_a_stage_that_has_no_recorded_case() -> None:
    project = Project("shop", FILES)
    assert with_properties(project, PLAN, HELD) == project
    with_case = Project("shop", (*FILES, File("tests/recorded/clean.json", "{}")))
    assert with_properties(with_case, PLAN, ()) == with_case


def test_a_test_says_the_property_in_its_name_and_needs_hypothesis() -> None:
    made = with_properties(Project("shop", (*FILES, File("tests/recorded/clean.json", "{}"))), PLAN, HELD)
    files = {file.path: str(file.content) for file in made.files}
    tree = ast.parse(files["tests/test_properties.py"])
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert names == ["test_clean_twice_is_clean_once", "test_clean_keeps_every_row_of_df"]
    assert files["pyproject.toml"] == 'test = ["pytest", "hypothesis"]\n'
    assert files["tests/test_properties.py"] == formatted(files["tests/test_properties.py"])
    assert with_properties(Project("shop", (*FILES, File("tests/recorded/clean.json", "{}"))), PLAN, HELD) == made


def test_what_a_person_changed_in_the_tests_stays_when_the_notebook_is_converted_again() -> None:
    project = Project("shop", (*FILES, File("tests/recorded/clean.json", "{}")))
    base, new = (
        next(str(file.content) for file in with_properties(project, PLAN, held).files if file.path == "tests/test_properties.py")
        for held in (HELD, (*HELD, Property(ALONE, "clean", "data", "df", ("df",))))
    )
    hand = base.replace("max_examples=20", "max_examples=200")
    merged = merge_file("tests/test_properties.py", base.encode(), hand.encode(), new.encode())
    assert merged.conflicts == ()
    assert merged.content.decode("utf-8") == new.replace("max_examples=20", "max_examples=200")


def test_without_hypothesis_the_tests_are_skipped_with_a_reason(tmp_path: Path) -> None:
    made = with_properties(Project("shop", (*FILES, File("tests/recorded/clean.json", "{}"))), PLAN, HELD)
    text = next(str(file.content) for file in made.files if file.path == "tests/test_properties.py")
    (tmp_path / "hypothesis.py").write_text("raise ModuleNotFoundError('hypothesis')\n", encoding="utf-8")
    for name in ("snapshots/__init__.py", "snapshots/properties.py", "shop/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "snapshots/cases.py").write_text("alone = None\n", encoding="utf-8")
    (tmp_path / "shop/data.py").write_text("def clean(df): ...\n", encoding="utf-8")
    (tmp_path / "test_properties.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", "test_properties.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert "1 skipped" in done.stdout and "hypothesis draws the rows: pip install '.[test]'" in done.stdout, done.stdout + done.stderr


def test_the_checks_are_laid_out_as_the_project_asks() -> None:
    text = render("snapshots/properties.py.jinja")
    assert text == formatted(text)


def test_code_that_is_nested_too_deep_shows_nothing() -> None:
    deep = "df['a'] = " + "-(" * 80 + "df['a']" + ")" * 80  # as deep as Python parses
    assert shown(deep).get("df", ()) == (ALONE, KEEPS)
    assert shown(f"made = len(df){' + 1' * 3000}", ("made",)) == {}
