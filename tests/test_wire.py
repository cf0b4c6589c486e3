"""Nouns as JSON and back: nothing is lost, equal nouns give equal data, and data that does not fit is refused with its place."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_nouns import ANALYSIS, EVERY_NOUN, TARGET, TOTAL

from nb2prod.errors import ReadError
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis, Edge, LiteralUse, Location
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.job import Schedule
from nb2prod.model.notebook import Place, Span, StatementId
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Comparison, Verdict
from nb2prod.show import show
from nb2prod.wire import from_data, to_data


@pytest.mark.parametrize("noun", [noun for noun in EVERY_NOUN if noun is not TARGET], ids=lambda noun: type(noun).__name__)
def test_a_noun_comes_back_as_it_went(noun: object) -> None:
    sent = json.dumps(to_data(noun), allow_nan=False)
    assert from_data(type(noun), json.loads(sent)) == noun


def test_a_verdict_as_data() -> None:
    verdict = Verdict("same", comparisons=(Comparison("score", "same", "float", "0.84", "0.84"),))
    comparison = {
        "name": "score",
        "outcome": "same",
        "how": "float",
        "notebook": "0.84",
        "package": "0.84",
        "difference": "",
        "views": None,
    }
    assert to_data(verdict) == {"outcome": "same", "reason": "", "comparisons": [comparison], "restored": [], "trials": []}


def test_statements_are_named_alike_as_values_and_as_keys() -> None:
    edge = Edge(StatementId(3, 0), StatementId(2, 1), Location("name", "df"))
    assert to_data(edge) == {"user": "3.0", "provider": "2.1", "location": {"kind": "name", "key": "df"}}
    assert to_data(Recording(True, stdout={TOTAL: "1\n"}))["stdout"] == {"3.0": "1\n"}
    assert to_data(ANALYSIS)["types"] == {"2.0 df": "pandas.DataFrame", "3.0 total": "float"}


def test_a_negative_cell_comes_back() -> None:
    assert from_data(StatementId, to_data(StatementId(-1, 0))) == StatementId(-1, 0)


def test_sets_come_sorted() -> None:
    effects = to_data(ANALYSIS)["graph"]["effects"][2]
    assert effects["uses"] == [{"kind": "file", "key": "in.csv"}, {"kind": "name", "key": "DATA"}, {"kind": "name", "key": "pd"}]


def test_enums_go_by_their_name() -> None:
    assert to_data(Diagnostic("NB1", Severity.error, "no"))["severity"] == "error"
    assert to_data(TARGET)["expresses"] == ["schedule", "timeout"]


def test_functions_stay_at_home() -> None:
    assert {name for name, value in vars(TARGET).items() if callable(value)} & set(to_data(TARGET)) == set()


def test_private_fields_are_neither_sent_nor_shown() -> None:
    choices = Choices(variables={"TOKEN": "s3cret-value"})
    assert "s3cret" not in json.dumps(to_data(choices)) + show(choices) + repr(choices)
    assert from_data(Choices, to_data(choices)) == Choices()


def test_an_optional_noun_may_be_missing_or_there() -> None:
    assert from_data(Choices, {"schedule": None}) == Choices()
    assert from_data(Choices, {"schedule": {"cron": "0 6 * * *"}}) == Choices(schedule=Schedule("0 6 * * *"))


def test_a_whole_number_may_stand_for_a_float() -> None:
    assert from_data(Choices, {"timeout": 5}) == Choices(timeout=5.0)


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.dates() | st.datetimes()
hashable = plain | st.tuples(plain, plain) | st.frozensets(st.integers() | st.text())
values = st.recursive(
    hashable | st.sets(hashable) | st.just(...),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(hashable, inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(values)
def test_any_literal_of_a_notebook_comes_back_with_its_type(value: Any) -> None:
    use = LiteralUse(value, StatementId(0, 0), Place(0, Span(1, 0, 1, 1)))
    back = from_data(LiteralUse, json.loads(json.dumps(to_data(use), allow_nan=False))).value
    assert back == value
    assert repr(type(back)) == repr(type(value))


def test_a_date_and_a_datetime_stay_apart() -> None:
    use = LiteralUse([date(2024, 1, 2), datetime(2024, 1, 2)], StatementId(0, 0), Place(0, Span(1, 0, 1, 1)))
    assert to_data(use)["value"] == [{"$date": "2024-01-02"}, {"$datetime": "2024-01-02T00:00:00"}]


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (Verdict, {"outcome": "fine"}, "Verdict.outcome should be one of same, different, unknown, not 'fine'"),
        (Verdict, {}, "Verdict has no outcome"),
        (Verdict, {"outcome": "same", "colour": "red"}, "Verdict has an unknown field colour"),
        (Verdict, {"outcome": "same", "comparisons": {}}, "Verdict.comparisons should be a list, not {}"),
        (Verdict, {"outcome": "same", "comparisons": [3]}, "Verdict.comparisons[0] should be an object, not 3"),
        (Diagnostic, {"code": 3, "severity": "error", "message": ""}, "Diagnostic.code should be a str, not 3"),
        (Diagnostic, {"code": "", "severity": "x", "message": ""}, "Diagnostic.severity should be one of error, warning, note, not 'x'"),
        (Choices, {"run": 1}, "Choices.run should be a bool, not 1"),
        (Choices, {"timeout": True}, "Choices.timeout should be a float, not True"),
        (Recording, {"ok": True, "stdout": {"x": ""}}, "Recording.stdout should be a statement such as 3.0, not 'x'"),
        (Recording, {"ok": True, "variables": []}, "Recording.variables should be an object, not []"),
        (
            Recording,
            {"ok": True, "environment": {"modules": {"a": [""]}}},
            "Recording.environment.modules['a'] should be a list of 2, not ['']",
        ),
    ],
)
def test_data_that_does_not_fit_is_refused_with_its_place(kind: type, data: Any, message: str) -> None:
    with pytest.raises(ReadError) as caught:
        from_data(kind, data)
    assert caught.value.message == message


def test_an_unknown_mark_is_refused() -> None:
    data = {"value": {"$new": 1}, "statement": "0.0", "place": to_data(Place(0, Span(1, 0, 1, 1)))}
    with pytest.raises(ReadError, match=r"LiteralUse.value has the unknown mark \$new"):
        from_data(LiteralUse, data)


def test_a_value_that_is_no_data_cannot_be_sent() -> None:
    with pytest.raises(TypeError, match="a object cannot go over the wire"):
        to_data(LiteralUse(object(), StatementId(0, 0), Place(0, Span(1, 0, 1, 1))))


def test_an_analysis_as_data_has_its_fields_in_order() -> None:
    assert list(to_data(ANALYSIS)) == list(Analysis.__dataclass_fields__)
