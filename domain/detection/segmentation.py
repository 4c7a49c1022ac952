"""Where the sentences of a text lie, and the windows that join neighbouring ones."""

import re
from collections.abc import Iterator, Sequence

from domain.detection.finding import Span

LONGEST_SENTENCE = 600
"""Code points after which a run without any boundary is cut, at white space where there is some."""

_IDEOGRAPHIC_MARKS = "\u3002\uff01\uff1f"
_PIECE = re.compile(
    rf"[^.!?…{_IDEOGRAPHIC_MARKS}\n\r]+"
    r"|[.!?…]+[\"'”\u2019)\]»*]*"
    rf"|[{_IDEOGRAPHIC_MARKS}]+[\"”\u2019」』\uff09]*"
    r"|[\n\r]+"
)
"""Any text is a sequence of such pieces, so that one pass reads it in linear time."""

_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_LONGEST_ABBREVIATION = 8
_TITLES = ("mr", "mrs", "ms", "mme", "dr", "prof", "hr", "sr", "jr", "st")
_SHORTENED = ("vs", "approx", "fig", "nr", "inc", "ltd", "co", "corp", "dept", "bzw", "ca", "evtl")
_ABBREVIATIONS = frozenset({*_TITLES, *_SHORTENED})


def sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of a text, in order, without the white space around them.

    They do not overlap and cover every character that is not white space. A sentence ends after a
    terminal mark that white space follows, after an ideographic one, and at a line break, unless
    the next line goes on in lower case. No sentence is longer than `LONGEST_SENTENCE`. Linear
    time in the length of the text.
    """
    found: list[Span] = []
    start = 0
    for end in _boundaries(text):
        found.extend(_trimmed(text, start, end))
        start = end
    found.extend(_trimmed(text, start, len(text)))
    return tuple(found)


def windows(spans: Sequence[Span], size: int, stride: int) -> tuple[Span, ...]:
    """Return the spans of every `size` neighbouring spans, each `stride` further than the last.

    The last window ends with the last span; fewer than `size` spans make one window.
    """
    if not spans:
        return ()
    last = max(len(spans) - size, 0)
    firsts = [*range(0, last, stride), last]
    return tuple(
        Span(spans[first].start, spans[min(first + size, len(spans)) - 1].end) for first in firsts
    )


def _boundaries(text: str) -> Iterator[int]:
    for piece in _PIECE.finditer(text):
        first, at = text[piece.start()], piece.end()
        if first in "\n\r":
            if at - piece.start() > 1 or not text[at : at + 1].islower():
                yield at
        elif first in _IDEOGRAPHIC_MARKS or (
            first in ".!?…"
            and text[at : at + 1].isspace()
            and not (piece.group() == "." and _is_abbreviation(text, piece.start()))
        ):
            yield at


def _is_abbreviation(text: str, dot: int) -> bool:
    word = _LAST_WORD.search(text, max(0, dot - _LONGEST_ABBREVIATION), dot)
    if word is None:
        return False
    letters = word.group()
    return (len(letters) == 1 and letters != "I") or letters.lower() in _ABBREVIATIONS


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST_SENTENCE:
        cut = start + LONGEST_SENTENCE
        while cut > start + LONGEST_SENTENCE // 2 and not text[cut - 1].isspace():
            cut -= 1
        if cut == start + LONGEST_SENTENCE // 2:
            cut = start + LONGEST_SENTENCE
        yield from _trimmed(text, start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield Span(start, end)
