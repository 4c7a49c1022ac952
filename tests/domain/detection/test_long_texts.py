"""Long texts: windows that cover them, and findings that come out as if read in one piece."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.detection.finding import Detection, Explanation, Finding, Span
from domain.detection.long_texts import joined, windows_of
from domain.detection.taxonomy import Category

LONGEST, OVERLAP = 40, 16


def read(pattern: str, text: str, *, score: float = 0.9) -> Detection:
    """Find a pattern in a text, as a detector does."""
    return Detection(
        findings=tuple(
            Finding(
                category=Category.EXFIL,
                type="ENCODED_BLOB",
                span=Span(*found.span()),
                score=score,
                detector="letters",
                rule="letters",
                explanation=Explanation(source="letters@1"),
            )
            for found in re.finditer(pattern, text)
        ),
        scores={Category.EXFIL: score if re.search(pattern, text) else 0.0},
    )


def in_windows(pattern: str, text: str) -> Detection:
    windows = windows_of(text, longest=LONGEST, overlap=OVERLAP)
    return joined(windows, [read(pattern, text[one.start : one.end]) for one in windows])


def texts() -> st.SearchStrategy[str]:
    return st.text(alphabet="ab \n", max_size=300)


@given(texts())
def test_windows_cover_a_text_and_overlap(text: str) -> None:
    windows = windows_of(text, longest=LONGEST, overlap=OVERLAP)

    assert bool(windows) is bool(text)
    assert all(len(one) <= LONGEST for one in windows)
    for before, after in pairwise(windows):
        assert before.start < after.start
        assert OVERLAP // 2 <= before.end - after.start <= OVERLAP
    if windows:
        assert (windows[0].start, windows[-1].end) == (0, len(text))


def test_text_that_fits_is_one_window() -> None:
    assert windows_of("a" * LONGEST, longest=LONGEST, overlap=OVERLAP) == (Span(0, LONGEST),)


def test_windows_end_at_white_space_where_there_is_some() -> None:
    text = "word " * 40

    windows = windows_of(text, longest=LONGEST, overlap=OVERLAP)

    assert all(text[one.end - 1] == " " for one in windows)
    assert all(text[one.start] == "w" for one in windows)


@given(texts())
def test_short_matches_are_found_once_and_in_their_place(text: str) -> None:
    pattern = r"(?<![ab])[ab]{1,8}(?![ab])"

    assert in_windows(pattern, text).findings == read(pattern, text).findings


@given(st.text(alphabet="a ", max_size=300))
def test_matches_longer_than_a_window_come_out_whole(text: str) -> None:
    assert in_windows(r"a+", text).findings == read(r"a+", text).findings


@given(texts())
def test_scores_are_the_highest(text: str) -> None:
    whole = read("b", text)

    expected = whole.scores if text else {}
    assert in_windows("b", text).scores == expected


def test_what_two_windows_saw_with_different_scores_takes_the_higher() -> None:
    windows = (Span(0, 20), Span(10, 30))

    found = joined(windows, [read("b", " " * 12 + "b" + " " * 7), read("b", "  b", score=0.95)])

    (finding,) = found.findings
    assert (finding.span, finding.score) == (Span(12, 13), 0.95)
