"""Sentences and windows of sentences of one text, scored by a linear model."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from adapters.detectors.linear import NOTHING_READ, Context, LinearModel, Reading, tokens
from domain.detection.finding import Span

_REACH = 3
_FEWEST = 2


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
    lane: int,
    spans: Sequence[Span],
    found: Sequence[Sequence[str]],
    *,
    window: int,
    direction: str = "",
) -> list[ScoredSegment]:
    """Return every sentence, then every window of up to `window` neighbouring sentences.

    Scores are those of one lane. `found` has the tokens of each sentence, which is read once: the
    reading of a window is the sum of its sentences' readings.
    """
    readings = [model.read_tokens(one) for one in found]
    ranges = segment_ranges(len(spans), window)
    for part in ranges[len(spans) :]:
        readings.append(sum(readings[part.start + 1 : part.stop], readings[part.start]))
    alone = [model.raw(reading, lane) for reading in readings]
    raws = in_context(alone, ranges, model.header.get("context"))
    return [
        ScoredSegment(
            Span(spans[part.start].start, spans[part.stop - 1].end),
            model.calibrated(raw, lane, direction),
            reading,
            part,
        )
        for part, raw, reading in zip(ranges, raws, readings, strict=True)
    ]


def segment_ranges(count: int, window: int) -> list[range]:
    """Return the sentences of each segment of a text of `count`: each, and each window of them."""
    ranges = [range(at, at + 1) for at in range(count)]
    if min(count, window) > 1:
        ranges += [range(at, min(at + window, count)) for at in range(max(count - window, 0) + 1)]
    return ranges


def in_context(
    raws: Sequence[float], ranges: Sequence[range], context: Context | None
) -> Sequence[float]:
    """Return raw scores of segments, moved towards those of the sentences around them.

    These are the sentences of which the middle is at most three from the segment's own, itself
    included. An insult among insults is one more surely than a harsh word in a friendly letter,
    and a long text, of which the best of many segments counts, gets a high score less easily. What
    stands further off tells nothing, and friendly sentences take no more than the limit: neither
    dilutes a passage.
    """
    if context is None or len(ranges) < _FEWEST:
        return raws
    share, limit = context["share"], context["limit"]
    count = ranges[-1].stop
    own = raws[:count]
    sums = list(accumulate((raw if raw > NOTHING_READ else 0.0 for raw in own), initial=0.0))
    counts = list(accumulate((raw > NOTHING_READ for raw in own), initial=0))
    moved = []
    for raw, part in zip(raws, ranges, strict=True):
        if raw > NOTHING_READ:
            middle = part.start + part.stop
            first = max((middle - 2 * _REACH) // 2, 0)
            last = min((middle + 2 * _REACH + 1) // 2, count)
            mean = (sums[last] - sums[first]) / (counts[last] - counts[first])
            moved.append(raw + max(share * (mean - raw), -limit))
        else:
            moved.append(raw)
    return moved


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
