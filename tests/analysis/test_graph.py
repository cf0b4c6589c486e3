"""Resources that may be the same: the index gives what asking every one would give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nb2prod.analysis.graph import Places
from nb2prod.analysis.resources import overlap
from nb2prod.model.dataflow import Location

PIECES = st.sampled_from(("a", "b", "c", "a.csv", "*", "..", "?"))
PATHS = st.one_of(st.lists(PIECES, min_size=1, max_size=3).map("/".join), st.sampled_from((".", "?", "/a/a.csv", "~/b", "C:/a", "/a")))
LOCATIONS = st.builds(Location, st.sampled_from(("file", "file", "file", "database", "network", "shell")), PATHS)


@given(st.lists(LOCATIONS, max_size=12), LOCATIONS)
def test_the_places_that_may_be_the_same_are_found_without_asking_all(written: list[Location], asked: Location) -> None:
    places = Places()
    for location in written:
        places.add(location)
    assert places.same(asked) == [location for location in dict.fromkeys(written) if overlap(asked, location)]
