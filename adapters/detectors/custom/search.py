"""Look for a tenant's pattern with work that is bounded, whatever the pattern and the text.

RE2 takes linear time for one search, but a search that reads to the end of a text and then matches
little can be repeated at every place. So a text is read in stretches: no search reads further than
one, and a match is at most `LONGEST_MATCH` code points.
"""

from collections.abc import Iterator
from typing import NamedTuple

from adapters.detectors.linear_time import Match, Pattern, Subject
from adapters.detectors.word_edges import continues_word

LONGEST_MATCH = 1000
"""Code points; what would be longer is not found."""

_STRETCH = 4 * LONGEST_MATCH


class Place(NamedTuple):
    """What is reported, and whether words end on both sides of it."""

    start: int
    end: int
    is_whole: bool


def places(pattern: Pattern, subject: Subject, *, whole_words: bool) -> Iterator[Place]:
    """Yield the matches of a pattern with at most one group, from left to right.

    What touches a letter or digit is yielded as not whole, and the search goes on behind the word
    that it begins in: nothing that begins in there can be whole.
    """
    text, size, at = subject.text, len(subject.text), 0
    while at < size:
        stop = min(size, at + _STRETCH)
        match = pattern.search(subject, at, stop)
        if match is None:
            at = size if stop == size else stop - LONGEST_MATCH
            continue
        first, last = match.span()
        if stop < size and first >= stop - LONGEST_MATCH:
            # What would follow may belong to it: look again from there, a whole stretch ahead.
            at = first
            continue
        if last - first > LONGEST_MATCH:
            at = last
            continue
        start, end = _reported(match, pattern.groups)
        is_whole = not whole_words or _is_whole(text, start, end)
        at = last if is_whole else _behind_word(text, first)
        yield Place(start, end, is_whole)


def _reported(match: Match, groups: int) -> tuple[int, int]:
    if groups and match.took_part(1):
        start, end = match.span(1)
        if start < end:
            return start, end
    return match.span()


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether no word that the span begins or ends in goes on outside of it."""
    goes_before = start > 0 and continues_word(text[start - 1]) and continues_word(text[start])
    goes_behind = end < len(text) and continues_word(text[end]) and continues_word(text[end - 1])
    return not (goes_before or goes_behind)


def _behind_word(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and continues_word(text[at - 1]) and continues_word(text[at]):
        at += 1
    return at
