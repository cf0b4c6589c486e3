"""What later statements need of each name, beside the plain definition with a set for every border."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nb2prod.model.notebook import StatementId
from nb2prod.planning.borders import Need
from nb2prod.planning.demand import Demand

NAMES = st.frozensets(st.sampled_from("abcd"))
STEPS = st.lists(st.tuples(NAMES, NAMES), max_size=12)


def needs_of(steps: list[tuple[frozenset[str], frozenset[str]]]) -> list[Need]:
    nothing = frozenset[str]()
    return [Need(StatementId(rank, 0), needs, nothing, gives, nothing, nothing) for rank, (needs, gives) in enumerate(steps)]


@settings(max_examples=300, deadline=None)
@given(STEPS, NAMES)
def test_a_name_is_needed_exactly_where_the_sets_of_all_borders_have_it(
    steps: list[tuple[frozenset[str], frozenset[str]]], at_end: frozenset[str]
) -> None:
    needs = needs_of(steps)
    demand, wanted = Demand(needs, at_end), at_end
    for rank in range(len(needs) - 1, -1, -1):
        assert {name for name in "abcd" if demand.after(name, rank)} == wanted
        wanted = (wanted - needs[rank].gives) | needs[rank].needs


def test_what_is_given_anew_is_not_needed_before() -> None:
    a = frozenset("a")
    demand = Demand(needs_of([(frozenset(), a), (a, frozenset()), (frozenset(), a), (a, frozenset())]), frozenset())
    assert [demand.after("a", rank) for rank in range(4)] == [True, False, True, False]
