"""The nouns keep their promises: frozen, comparable, and all of them present in the samples the other tests use."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from enum import Enum
from typing import Any

import pytest
from sample_nouns import EVERY_NOUN, JOB

import nb2prod.model
from nb2prod.model.job import Feature, Job
from nb2prod.model.notebook import StatementId
from nb2prod.model.recording import unlike


def nouns() -> list[type]:
    modules = [importlib.import_module(f"nb2prod.model.{found.name}") for found in pkgutil.iter_modules(nb2prod.model.__path__)]
    things = {thing for module in modules for thing in vars(module).values() if isinstance(thing, type)}
    return sorted((thing for thing in things if thing.__module__.startswith("nb2prod.model")), key=lambda thing: thing.__qualname__)


DATACLASSES = [noun for noun in nouns() if dataclasses.is_dataclass(noun)]


def inside(value: Any) -> list[type]:
    """The types of a value and of everything in it."""
    kinds = [type(value)]
    if dataclasses.is_dataclass(value):
        children = [getattr(value, field.name) for field in dataclasses.fields(value)]
    elif isinstance(value, (tuple, frozenset, list)):
        children = list(value)
    elif isinstance(value, dict):
        children = [*value, *value.values()]
    else:
        children = []
    return kinds + [kind for child in children for kind in inside(child)]


@pytest.mark.parametrize("noun", DATACLASSES, ids=lambda noun: noun.__name__)
def test_every_dataclass_of_the_model_is_frozen(noun: type) -> None:
    assert noun.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_every_type_of_the_model_is_a_dataclass_a_named_tuple_or_an_enum() -> None:
    assert [noun for noun in nouns() if not (noun in DATACLASSES or issubclass(noun, (tuple, Enum)))] == []


def test_the_samples_hold_every_noun() -> None:
    missing = set(nouns()) - {kind for noun in EVERY_NOUN for kind in inside(noun)}
    assert {noun.__name__ for noun in missing} == set()


def test_digests_are_held_against_digests_of_their_own_kind_only() -> None:
    assert [unlike("a", "a"), unlike("a", "b"), unlike("a", None), unlike(None, None)] == [False, True, True, False]
    assert [unlike("~300:a", "~300:b"), unlike("~300:a", "~300:a"), unlike("~300:a", "~8000:b")] == [True, False, False]
    assert [unlike("~300:a", "b"), unlike("~", "~"), unlike("~", "b"), unlike("~300:a", None)] == [False, False, False, False]


def test_a_job_needs_only_what_it_does_not_leave_at_rest() -> None:
    assert Job("sales", ("python",), overlap="allow").needs() == frozenset()
    assert JOB.needs() == {
        *(Feature.schedule, Feature.timezone, Feature.retries, Feature.timeout, Feature.skip),
        *(Feature.owner, Feature.environment, Feature.tasks),
    }


def test_a_statement_is_found_by_its_id() -> None:
    notebook = EVERY_NOUN[0]
    assert notebook.statement(StatementId(2, 1)).source == "df.head()"


def test_live_statements_come_in_the_order_of_the_run() -> None:
    analysis = EVERY_NOUN[1]
    assert analysis.live == (StatementId(1, 0), StatementId(1, 1), StatementId(2, 0), StatementId(3, 0))
