"""Ranges that are given out never overlap, and only an overlap is a reason to refuse."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.disjoint import DisjointRanges

ranges = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda pair: (pair[0], sum(pair)))
)


@given(ranges)
def test_a_range_is_given_out_exactly_if_it_overlaps_none_before(
    wanted: list[tuple[int, int]],
) -> None:
    given_out: list[tuple[int, int]] = []
    disjoint = DisjointRanges()

    for start, end in wanted:
        free = all(end <= other or last <= start for other, last in given_out)
        assert disjoint.claim(start, end) is free
        if free:
            given_out.append((start, end))
