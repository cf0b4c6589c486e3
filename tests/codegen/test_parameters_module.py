from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from codegen.scaffold_example import PARAMETERS, PLAN, parameter
from hypothesis import given
from hypothesis import strategies as st

from nb2prod.codegen.literals import literal
from nb2prod.codegen.parameters_module import annotation_of, describe, render_parameters_module
from nb2prod.codegen.words import text_of
from nb2prod.model.plan import Parameter, Plan

NUMBERS = itertools.count()
DEFAULTS = {one.name: one.default for one in PARAMETERS}


def plan_of(*parameters: Parameter) -> Plan:
    return Plan("sales_report", "Sales", "", parameters, (), (), (), (), ())


def load(plan: Plan, folder: Path) -> Any:
    """The generated module, imported."""
    path = folder / "parameters.py"
    path.write_text(render_parameters_module(plan), encoding="utf-8")
    name = f"generated_parameters_{next(NUMBERS)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load(PLAN, tmp_path_factory.mktemp("generated"))


def values(parameters: Any) -> dict[str, object]:
    return dict(vars(parameters))


def test_without_changes_every_value_is_the_notebooks(module: Any) -> None:
    assert values(module.Parameters()) == DEFAULTS
    assert values(module.Parameters.of({})) == DEFAULTS


def test_a_default_that_can_be_changed_in_place_is_not_shared(module: Any) -> None:
    module.Parameters().ids.append(3)
    assert module.Parameters().ids == [1, 2]


def test_parameters_are_frozen_and_comparable(module: Any) -> None:
    assert module.Parameters() == module.Parameters()
    with pytest.raises(AttributeError):
        module.Parameters().factor = 1.0


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("factor", 3, 3.0),
        ("factor", np.float32(0.5), 0.5),
        ("region", "020", "020"),
        ("sales_path", Path("a/b.csv"), "a/b.csv"),
        ("ids", (3,), [3]),
        ("limits", [1, 2], (1, 2)),
        ("start", date(2025, 2, 3), "2025-02-03"),
        ("start", "2025-02-03 10:00", "2025-02-03 10:00"),
        ("sample", {"any": "thing"}, {"any": "thing"}),
    ],
)
def test_values_of_the_right_type_are_taken(module: Any, name: str, given: object, value: object) -> None:
    taken = getattr(module.Parameters.of({name: given}), name)
    assert (taken, type(taken)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("factor", "abc", "factor must be a float, got 'abc' (str)"),
        ("factor", "0.3", "factor must be a float, got '0.3' (str)"),
        ("factor", True, "factor must be a float, got True (bool)"),
        ("factor", None, "factor must be a float, got None (NoneType)"),
        ("region", 10, "region must be a str, got 10 (int)"),
        ("flag", 1, "flag must be a bool (true or false), got 1 (int)"),
        ("flag", "false", "flag must be a bool (true or false), got 'false' (str)"),
        ("ids", "[1]", 'ids must be a list such as ["a", "b"], got \'[1]\' (str)'),
        ("grid", [1], 'grid must be a dict such as {"a": 1}, got [1] (list)'),
        ("start", "someday", "start must be a date such as 2024-12-31, got 'someday' (str)"),
    ],
)
def test_values_of_the_wrong_type_are_refused(module: Any, name: str, given: object, message: str) -> None:
    for make in (lambda: module.Parameters.of({name: given}), lambda: module.Parameters(**{name: given})):
        with pytest.raises(module.ParameterError) as caught:
            make()
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("facter", "unknown parameter 'facter'; did you mean factor?"),
        ("zzz", "unknown parameter 'zzz'; known: sales_path, region, factor, flag, ids, limits, grid, start, sample"),
    ],
)
def test_an_unknown_name_is_refused_everywhere(module: Any, tmp_path: Path, name: str, message: str) -> None:
    config = tmp_path / "conf.json"
    config.write_text(f'{{"{name}": 1}}', encoding="utf-8")
    sources: dict[str, Callable[[], object]] = {
        message: lambda: module.Parameters.of({name: 1}),
        f"{message} ": lambda: module.Parameters.from_texts({name: "1"}),
        f"{message}  ": lambda: module.Parameters.from_notebook({name: 1}),
        f"environment variable SALES_REPORT_...: {message}": lambda: module.Parameters.from_sources(
            {}, (), {f"SALES_REPORT_{name.upper()}": "1"}
        ),
        f"config file {config}: {message}": lambda: module.Parameters.from_sources({}, [str(config)], {}),
    }
    for expected, make in sources.items():
        with pytest.raises(module.ParameterError) as caught:
            make()
        assert str(caught.value) == expected.rstrip()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("region", "010", "010"),
        ("region", "true", "true"),
        ("factor", "3", 3.0),
        ("flag", "false", False),
        ("flag", "Yes", True),
        ("flag", "0", False),
        ("ids", "[1, 2]", [1, 2]),
        ("ids", "['a', None]", ["a", None]),
        ("limits", "(1, 2)", (1, 2)),
        ("grid", '{"a": true}', {"a": True}),
        ("start", "2025-02-03", "2025-02-03"),
        ("sample", "5", 5),
        ("sample", "010", "010"),
        ("sample", "none", None),
        ("sample", "a b", "a b"),
    ],
)
def test_a_text_is_read_by_the_parameters_type(module: Any, name: str, text: str, value: object) -> None:
    for made in (
        module.Parameters.from_texts({name: text}),
        module.Parameters.from_sources({}, (), {f"SALES_REPORT_{name.upper()}": text, "OTHER": "1"}),
        module.Parameters.from_notebook({name: text}),
    ):
        assert (getattr(made, name), type(getattr(made, name))) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("factor", "abc", "factor must be a float, got 'abc' (str)"),
        ("flag", "maybe", "flag must be a bool (true or false), got 'maybe' (str)"),
        ("ids", "[1", 'ids must be a list such as ["a", "b"], got \'[1\' (str)'),
        ("ids", "5", 'ids must be a list such as ["a", "b"], got 5 (int)'),
    ],
)
def test_a_text_that_does_not_fit_is_refused(module: Any, name: str, text: str, message: str) -> None:
    with pytest.raises(module.ParameterError) as caught:
        module.Parameters.from_texts({name: text})
    assert str(caught.value) == message


def test_the_command_line_goes_before_the_environment_and_that_before_config_files(module: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_text('{"factor": 1.0, "region": "a", "flag": false, "ids": [9]}', encoding="utf-8")
    second.write_text('{"factor": 2.5, "region": "b", "flag": true}', encoding="utf-8")
    environment = {"SALES_REPORT_FACTOR": "3", "SALES_REPORT_REGION": "c"}
    made = module.Parameters.from_sources({"factor": "4"}, [str(first), str(second)], environment)
    assert values(made) == {**DEFAULTS, "factor": 4.0, "region": "c", "flag": True, "ids": [9]}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")
def test_a_toml_file_is_read_with_its_own_types(module: Any, tmp_path: Path) -> None:
    config = tmp_path / "conf.toml"
    config.write_text('factor = 1\nstart = 2025-02-03\n[grid]\na = "b"\n', encoding="utf-8")
    made = module.Parameters.from_sources({}, [str(config)], {})
    assert (made.factor, made.start, made.grid) == (1.0, "2025-02-03", {"a": "b"})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("conf.json", "{", "config file {}: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("conf.json", "[1]", "config file {} must hold names and values"),
        ("conf.json", None, "config file {} cannot be read: No such file or directory"),
    ],
)
def test_a_bad_config_file_is_refused(module: Any, tmp_path: Path, name: str, content: str | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(module.ParameterError) as caught:
        module.Parameters.from_sources({}, [str(path)], {})
    assert str(caught.value) == message.format(path)


def test_toml_before_python_3_11_names_the_way_out(module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomllib", None)
    path = tmp_path / "conf.toml"
    path.write_text("factor = 1\n", encoding="utf-8")
    with pytest.raises(module.ParameterError) as caught:
        module.Parameters.from_sources({}, [str(path)], {})
    assert str(caught.value) == f"config file {path}: TOML needs Python 3.11; put the same names into a .json file"


def test_a_notebooks_namespace_gives_its_parameters_and_nothing_else(module: Any) -> None:
    namespace = {
        "factor": 3,
        "flag": "false",
        "_x": 1,
        "In": [],
        "Out": {},
        "np": np,
        "Parameters": module.Parameters,
        "PAPERMILL_INPUT_PATH": "x",
    }
    assert values(module.Parameters.from_notebook(namespace)) == {**DEFAULTS, "factor": 3.0, "flag": False}


def test_a_text_that_papermill_made_a_number_is_refused_with_the_way_out(module: Any) -> None:
    with pytest.raises(module.ParameterError) as caught:
        module.Parameters.from_notebook({"region": 10})
    assert str(caught.value) == "region must be a str, got 10 (int); papermill -p guesses types, -r NAME VALUE passes a text as it is"


def test_the_check_can_be_run_again_when_results_are_there(module: Any) -> None:
    first = module.Parameters.from_notebook({"factor": 3})
    assert module.Parameters.from_notebook({"factor": 3, "total": 8.0, "parameters": first}) == first


def test_a_secret_comes_from_the_environment_and_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(plan_of(parameter("api_key", "str", None, secret=True), parameter("port", "int", None, secret=True)), tmp_path)
    with pytest.raises(module.ParameterError) as caught:
        module.Parameters()
    assert str(caught.value) == "api_key is secret: set the environment variable SALES_REPORT_API_KEY or API_KEY"
    monkeypatch.setenv("API_KEY", "s3cret")
    monkeypatch.setenv("SALES_REPORT_PORT", "80")
    made = module.Parameters.from_sources({})
    assert (made.api_key, made.port, repr(made)) == ("s3cret", 80, "Parameters()")
    with pytest.raises(module.ParameterError) as caught:
        module.Parameters.from_texts({"port": "hunter2"})
    assert str(caught.value) == "port must be an int, got another value (str)"


def test_what_is_no_set_of_parameters_is_refused_with_the_way_out(module: Any) -> None:
    with pytest.raises(module.ParameterError, match=r"parameters must be Parameters, got 9; single values go by name: run\(NAME=VALUE\)"):
        module.Parameters.with_changes(9, {})
    assert module.Parameters.with_changes(None, {}) == module.Parameters()


def test_a_default_is_kept_as_it_is_even_where_its_type_was_declared_otherwise(tmp_path: Path) -> None:
    module = load(plan_of(parameter("size", "float", 1), parameter("limit", "int", None), parameter("day", "date", "01/02/2024")), tmp_path)
    made = module.Parameters.of({"size": 1})
    assert [(value, type(value)) for value in values(made).values()] == [(1, int), (None, type(None)), ("01/02/2024", str)]


def test_a_notebook_without_parameters_gives_an_empty_model(tmp_path: Path) -> None:
    module = load(plan_of(), tmp_path)
    assert values(module.Parameters()) == {}
    with pytest.raises(module.ParameterError, match="unknown parameter 'x'; known: none"):
        module.Parameters.of({"x": 1})


def test_the_module_stays_short_and_needs_the_standard_library_only() -> None:
    text = render_parameters_module(plan_of(*PARAMETERS[:6]))
    assert len(text.splitlines()) <= 210
    imported = {line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("help", "told"),
    [("", "Notebook cell 1, line 2."), ("Share", "Share. Notebook cell 1, line 2."), ("Why?\n", "Why? Notebook cell 1, line 2.")],
)
def test_the_help_of_a_parameter_says_where_it_came_from(help: str, told: str) -> None:
    assert describe(parameter("x", "int", 1, help, line=2)) == told


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)


@given(st.lists(PLAIN), st.text(), st.floats(allow_nan=False))
def test_every_value_survives_the_way_through_a_text(module: Any, ids: list[object], region: str, factor: float) -> None:
    texts = {"ids": text_of(ids), "region": text_of(region), "factor": text_of(factor), "limits": text_of(tuple(ids))}
    made = module.Parameters.from_texts(texts)
    assert (made.ids, made.region, made.factor, made.limits) == (ids, region, factor, tuple(ids)), literal(texts)


@pytest.mark.parametrize(
    ("kind", "default", "annotation"),
    [
        ("list", ["a", "b"], "list[str]"),
        ("list", [1, 2.5], "list[Any]"),
        ("list", [], "list[Any]"),
        ("list", [[1], [2]], "list[Any]"),
        ("list", (1, 2), "tuple[int, ...]"),
        ("dict", {"a": 1.5}, "dict[str, float]"),
        ("dict", {"a": True, "b": 1}, "dict[str, Any]"),
        ("none", None, "Any"),
        ("path", "a.csv", "str"),
    ],
)
def test_a_container_says_what_it_holds_where_that_is_all_of_one_plain_type(kind: str, default: object, annotation: str) -> None:
    assert annotation_of(parameter("value", kind, default)) == annotation
