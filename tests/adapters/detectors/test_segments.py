"""Segments of a text and what the sentences around them add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.linear import NOTHING_READ, Context
from adapters.detectors.segments import in_context, segment_ranges

WINDOW = 3
raw_scores = st.lists(st.floats(-10, 10), min_size=1, max_size=20)


def alone(sentences: list[float]) -> list[float]:
    """Return raw scores of all segments: those of windows as the mean of their sentences."""
    ranges = segment_ranges(len(sentences), WINDOW)
    return [sum(sentences[part.start : part.stop]) / len(part) for part in ranges]


def moved(sentences: list[float], share: float = 0.5, limit: float = 100.0) -> list[float]:
    ranges = segment_ranges(len(sentences), WINDOW)
    return list(in_context(alone(sentences), ranges, {"share": share, "limit": limit}))


def test_a_text_has_its_sentences_and_windows_of_three() -> None:
    assert segment_ranges(1, WINDOW) == [range(1)]
    assert segment_ranges(2, WINDOW) == [range(1), range(1, 2), range(2)]
    windows = segment_ranges(5, WINDOW)[5:]
    assert windows == [range(3), range(1, 4), range(2, 5)]
    assert segment_ranges(0, WINDOW) == []


def test_a_harsh_sentence_among_friendly_ones_counts_less_and_among_harsh_ones_more() -> None:
    friendly = moved([-4.0, -4.0, 2.0, -4.0, -4.0])[2]
    harsh = moved([4.0, 4.0, 2.0, 4.0, 4.0])[2]
    assert friendly < 2.0 < harsh


def test_half_of_a_sentence_is_the_mean_of_up_to_seven() -> None:
    sentences = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 100.0]
    assert moved(sentences)[3] == pytest.approx((3.0 + 3.0) / 2)


@given(raw_scores, st.floats(0, 1))
def test_no_segment_leaves_the_range_of_its_text(sentences: list[float], share: float) -> None:
    lowest, highest = min(sentences) - 1e-6, max(sentences) + 1e-6
    assert all(lowest <= raw <= highest for raw in moved(sentences, share))


@given(raw_scores, st.lists(st.floats(-10, 10), max_size=30))
def test_what_stands_far_off_dilutes_no_passage(passage: list[float], tail: list[float]) -> None:
    near = [-5.0] * 4
    short, long = passage + near, passage + near + tail
    for at in range(len(passage)):
        assert moved(long)[at] == pytest.approx(moved(short)[at], abs=1e-6)


@given(raw_scores, st.floats(0, 5))
def test_nothing_is_lowered_by_more_than_the_limit(sentences: list[float], limit: float) -> None:
    pairs = zip(moved(sentences, limit=limit), alone(sentences), strict=True)
    assert all(raw >= before - limit - 1e-9 for raw, before in pairs)


@given(raw_scores)
def test_without_context_or_neighbours_nothing_moves(sentences: list[float]) -> None:
    ranges = segment_ranges(len(sentences), WINDOW)
    assert in_context(alone(sentences), ranges, None) == alone(sentences)
    assert moved(sentences[:1]) == sentences[:1]


def test_sentences_without_a_word_count_for_nothing() -> None:
    raws = [2.0, NOTHING_READ, 4.0, 3.0]
    ranges = [range(1), range(1, 2), range(2, 3), range(3)]
    context: Context = {"share": 0.5, "limit": 100.0}
    assert list(in_context(raws, ranges, context)) == [2.5, NOTHING_READ, 3.5, 3.0]
