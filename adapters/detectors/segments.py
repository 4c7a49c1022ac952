"""Sentences and windows of sentences of one text, scored by a linear model."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.detectors.linear import LinearModel, Reading, tokens
from domain.detection.finding import Span


@dataclass(frozen=True, slots=True)
class ScoredSegment:
    """A part of a text with its calibrated score on the deciding lane.

    `sentences` is the range of sentences that it is made of.
    """

    span: Span
    score: float
    reading: Reading
    sentences: range


def read_segments(
    model: LinearModel,
    score_of: Callable[[Reading], float],
    spans: Sequence[Span],
    found: Sequence[Sequence[str]],
    window: int,
) -> list[ScoredSegment]:
    """Return every sentence, then every window of up to `window` neighbouring sentences.

    `score_of` makes the calibrated score of a reading. `found` has the tokens of each sentence,
    which is read once: the reading of a window is the sum of its sentences' readings.
    """
    readings = [model.read_tokens(one) for one in found]
    segments = [
        ScoredSegment(span, score_of(reading), reading, range(at, at + 1))
        for at, (span, reading) in enumerate(zip(spans, readings, strict=True))
    ]
    if min(len(spans), window) > 1:
        for first in range(max(len(spans) - window, 0) + 1):
            last = min(first + window, len(spans))
            reading = sum(readings[first + 1 : last], readings[first])
            span = Span(spans[first].start, spans[last - 1].end)
            score = score_of(reading)
            segments.append(ScoredSegment(span, score, reading, range(first, last)))
    return segments


def tokens_of(text: str, spans: Sequence[Span]) -> list[list[str]]:
    """Return the tokens of each span."""
    return [tokens(text[span.start : span.end]) for span in spans]


def best_segments(segments: Sequence[ScoredSegment], floor: float) -> list[ScoredSegment]:
    """Return segments that do not overlap, the highest scores first, the shorter of equal ones."""
    kept: list[ScoredSegment] = []
    taken: set[int] = set()
    worth = [segment for segment in segments if segment.score >= floor]
    for segment in sorted(worth, key=lambda found: (-found.score, len(found.span), found.span)):
        if taken.isdisjoint(segment.sentences):
            taken.update(segment.sentences)
            kept.append(segment)
    return kept


def widened(span: Span, spans: Sequence[Span]) -> Span:
    """Return the sentences that a match touches, as one span."""
    first = bisect_right(spans, span.start, key=lambda sentence: sentence.end)
    last = bisect_left(spans, span.end, key=lambda sentence: sentence.start)
    return Span(spans[first].start, spans[last - 1].end) if first < last else span
