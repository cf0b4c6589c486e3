"""Which stages wait for which."""

from __future__ import annotations

from codegen.stage_building import plan, stage

from nb2prod.codegen.waiting import UNKNOWN, stages_before, stages_sharing
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


def shared(one: Effects, other: Effects) -> tuple[Location, ...]:
    """What the second of two stages shares with the first."""
    analysis = Analysis((FIRST, SECOND), DataflowGraph((one, other), ()), (), (), (), ())
    made = plan([stage("first", [FIRST], (), ()), stage("second", [SECOND], (), ())], ())
    return stages_sharing(made, analysis)["second"].get("first", ())


def test_stages_share_what_one_of_them_changes() -> None:
    generator, file = Location("ambient", "rng:numpy"), Location("file", "?")
    assert shared(doing(FIRST, updates=(generator,)), doing(SECOND, uses=(generator,))) == (generator,)
    assert shared(doing(FIRST, uses=(generator,)), doing(SECOND, uses=(generator,))) == ()
    assert shared(doing(FIRST, updates=(Location("file", "a.csv"),)), doing(SECOND, uses=(file,))) == (Location("file", "a.csv"),)


def test_objects_that_a_stage_made_are_values_and_those_of_modules_are_shared() -> None:
    made, module = Location("object", "0.0:1"), Location("object", "module:helpers")
    assert shared(doing(FIRST, updates=(made, module)), doing(SECOND, uses=(made, module))) == (module,)


def test_code_that_is_not_understood_shares_all_state_and_more_with_other_such_code() -> None:
    options = Location("ambient", "pandas.options")
    assert shared(doing(FIRST, opaque="exec"), doing(SECOND, uses=(options,))) == (options,)
    assert shared(doing(FIRST, opaque="exec"), doing(SECOND, opaque="exec")) == (UNKNOWN,)
