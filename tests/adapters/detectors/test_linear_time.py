"""The wrapper around RE2: offsets in code points for every script, gates, hostile patterns."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.linear_time import Gate, LazyPattern, Pattern, PatternError, Subject, escape

NEEDLE = "needle42"
PATTERN = Pattern("needle[0-9]+")


@given(before=st.text(), after=st.text())
def test_a_planted_match_has_code_point_offsets(before: str, after: str) -> None:
    text = f"{before} {NEEDLE} {after}"

    spans = [match.span() for match in PATTERN.finditer(Subject(text))]

    assert (len(before) + 1, len(before) + 1 + len(NEEDLE)) in spans
    assert all(text[start:end].startswith("needle") for start, end in spans)


@pytest.mark.parametrize("filler", ["a", "é", "漢", "😀", "a😀é"])
@pytest.mark.parametrize("length", [0, 1, 1023, 1024, 1025, 5000])
def test_offsets_are_exact_at_block_boundaries(filler: str, length: int) -> None:
    text = filler * length + NEEDLE + filler * length
    subject = Subject(text)

    (match,) = PATTERN.finditer(subject)

    start, end = match.span()
    assert text[start:end] == match.text() == NEEDLE
    assert subject.code_point(subject.byte(start)) == start


@given(st.text(), st.integers(0, 50))
def test_byte_and_code_point_offsets_undo_each_other(text: str, position: int) -> None:
    subject = Subject(text)
    place = min(position, len(text))

    assert subject.code_point(subject.byte(place)) == place


def test_lone_surrogates_keep_the_offsets() -> None:
    text = "\ud800é " + NEEDLE

    (match,) = PATTERN.finditer(Subject(text))

    assert text[slice(*match.span())] == NEEDLE


def test_a_search_can_go_on_before_the_delimiter_it_consumed() -> None:
    pattern = Pattern("(?:^|,)([a-z]+)(?:,|$)")

    words = [match.text(1) for match in pattern.finditer(Subject("ab,cd,ef"), resume_after=1)]

    assert words == ["ab", "cd", "ef"]


def test_a_range_sees_the_text_around_it() -> None:
    pattern = Pattern(r"\bcat\b")

    assert pattern.search(Subject("concat cat"), 3) is not None
    assert pattern.search(Subject("concat"), 3) is None
    assert pattern.match_at(Subject("a cat"), 2) is not None
    assert pattern.match_at(Subject("a cat"), 1) is None


def test_a_group_that_took_no_part_is_empty() -> None:
    match = Pattern("(a)|(b)").search(Subject("b"))

    assert match is not None
    assert not match.took_part(1)
    assert match.span(1) == (-1, -1)
    assert match.text(1) == ""


def test_empty_matches_are_passed_over() -> None:
    assert list(Pattern("x*").finditer(Subject("éa"))) == []


def test_a_gate_tells_which_expressions_occur() -> None:
    gate = Gate(["a+b", "c", escape("d.e")])

    assert gate.hits(Subject("xxaab d.e")) == [0, 2]
    assert gate.hits(Subject("dxe")) == []
    assert gate.hits(Subject("")) == []
    assert Gate([]).hits(Subject("abc")) == []


@pytest.mark.parametrize("expression", ["(", r"(a)\1", "(?=a)", "a{2000}"])
def test_what_is_outside_the_syntax_is_refused(expression: str) -> None:
    with pytest.raises(PatternError):
        Pattern(expression)


def test_nested_repetition_takes_linear_time() -> None:
    started = time.process_time()

    found = Pattern("(?:a+)+$").search(Subject("a" * 200_000 + "b"))

    assert found is None
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    ("expression", "can_be_empty"),
    [("a*", True), (r"\b", True), (r"\B", True), ("^", True), ("x|$", True), ("a+", False)],
)
def test_pattern_tells_whether_it_matches_nothing(expression: str, *, can_be_empty: bool) -> None:
    assert Pattern(expression).can_be_empty is can_be_empty


def test_size_follows_the_repetitions() -> None:
    assert Pattern("a{500}").size > 10 * Pattern("a{20}").size


def test_pattern_that_needs_more_memory_is_refused() -> None:
    with pytest.raises(PatternError):
        Pattern("(?:[a-z]{300}){3}", memory=1 << 10)


def test_lazy_pattern_is_compiled_when_it_is_first_asked() -> None:
    lazy = LazyPattern("needle([0-9]+)")
    wrong = LazyPattern("(")

    assert [match.text(1) for match in lazy.finditer(Subject("needle1 needle22"))] == ["1", "22"]
    assert lazy.groups == 1
    with pytest.raises(PatternError):
        wrong.search(Subject("a"))


@given(st.text())
def test_what_occurs_is_what_a_search_finds(text: str) -> None:
    pattern = Pattern("[a-m]+|é")

    assert pattern.occurs(text) == (pattern.search(Subject(text)) is not None)
