"""Which stages wait for which."""

from __future__ import annotations

from codegen.stage_building import plan, stage

from nb2prod.codegen.waiting import stages_before
from nb2prod.model.dataflow import Analysis, DataflowGraph, Effects, Location
from nb2prod.model.notebook import StatementId

FIRST, SECOND = StatementId(0, 0), StatementId(1, 0)


def before(one: Effects, other: Effects, outputs: tuple[str, ...] = (), inputs: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What the second of two stages waits for."""
    analysis = Analysis((FIRST, SECOND), DataflowGraph((one, other), ()), (), (), (), ())
    made = plan([stage("first", [FIRST], (), outputs), stage("second", [SECOND], inputs, ())], ())
    return stages_before(made, analysis)["second"]


def doing(id: StatementId, uses: tuple[Location, ...] = (), updates: tuple[Location, ...] = (), opaque: str = "") -> Effects:
    return Effects(id, uses=frozenset(uses), updates=frozenset(updates), opaque=opaque)


def test_stages_with_nothing_in_common_may_run_side_by_side() -> None:
    same_name = (Location("name", "x"),)
    assert before(doing(FIRST, updates=same_name), doing(SECOND, updates=same_name)) == ()


def test_a_stage_waits_for_what_gives_it_a_value() -> None:
    assert before(doing(FIRST), doing(SECOND), ("df: int",), ("df: int",)) == ("first",)


def test_reading_may_be_shared_and_changing_not() -> None:
    file = (Location("file", "a.csv"),)
    assert before(doing(FIRST, uses=file), doing(SECOND, uses=file)) == ()
    assert before(doing(FIRST, updates=file), doing(SECOND, uses=file)) == ("first",)
    assert before(doing(FIRST, uses=file), doing(SECOND, updates=file)) == ("first",)


def test_any_of_a_kind_is_each_of_them() -> None:
    any_file, one_file, generator = Location("file", "?"), Location("file", "a.csv"), Location("ambient", "rng:numpy")
    assert before(doing(FIRST, updates=(any_file,)), doing(SECOND, uses=(one_file,))) == ("first",)
    assert before(doing(FIRST, updates=(any_file,)), doing(SECOND, updates=(generator,))) == ()


def test_what_was_not_understood_keeps_its_place() -> None:
    assert before(doing(FIRST, opaque="exec"), doing(SECOND)) == ("first",)
    assert before(doing(FIRST), doing(SECOND, opaque="exec")) == ("first",)
