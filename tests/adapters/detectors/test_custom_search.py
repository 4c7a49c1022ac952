"""Tenants' patterns are looked for in stretches, and nobody can tell."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.custom.search import LONGEST_MATCH, places
from adapters.detectors.linear_time import Pattern, Subject

STAFF = Pattern(r"EMP-[0-9]{6}")
RUN = Pattern(r"x+")


def found(
    text: str, pattern: Pattern = STAFF, *, whole_words: bool = True
) -> list[tuple[int, int]]:
    places_found = places(pattern, Subject(text), whole_words=whole_words)
    return [(start, end) for start, end, is_whole in places_found if is_whole]


@given(
    filler=st.sampled_from(["a ", "é ", "漢", "😀", ". ", "EMP-1 "]),
    before=st.integers(0, 9000),
    behind=st.integers(0, 9000),
)
def test_match_is_found_wherever_it_stands(filler: str, before: int, behind: int) -> None:
    lead = (filler * before)[:before]
    text = f"{lead} EMP-123456 {(filler * behind)[:behind]}"

    assert found(text) == [(before + 1, before + 11)]


@given(st.lists(st.sampled_from(["EMP-123456", "XEMP-123456", "EMP-1234567", "-", " ", "é"])))
def test_whole_matches_are_those_that_look_around_would_find(pieces: list[str]) -> None:
    text = "".join(pieces)

    expected = [one.span() for one in re.finditer(r"(?<!\w)EMP-[0-9]{6}(?!\w)", text)]

    assert found(text) == expected


@pytest.mark.parametrize("before", [0, 1, 2999, 3000, 3001, 3999, 4000, 4001, 7000])
@pytest.mark.parametrize("length", [1, LONGEST_MATCH - 1, LONGEST_MATCH])
def test_match_of_the_longest_length_is_found_at_every_edge(before: int, length: int) -> None:
    text = "-" * before + "x" * length + "-" * 5000

    assert found(text, RUN) == [(before, before + length)]


def test_longer_match_is_none_and_what_follows_is_found() -> None:
    text = "x" * (LONGEST_MATCH + 1) + " x"

    assert found(text, RUN) == [(LONGEST_MATCH + 2, LONGEST_MATCH + 3)]


def test_group_is_what_is_reported_where_it_took_part() -> None:
    assert found("no. 12 no. 345", Pattern(r"no\. ([0-9]+)")) == [(4, 6), (11, 14)]
    assert found("none x", Pattern(r"none ([0-9]*)x")) == [(0, 6)]
