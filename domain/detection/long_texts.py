"""Texts too long to read at once: windows that overlap, and what was found in them put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.detection.finding import Detection, Finding, Span
from domain.detection.taxonomy import Category

LONGEST = 65_536
"""Code points that are read at once; nearly every text is shorter."""

OVERLAP = 8_192
"""Code points that two windows share at most, and at least half of it: longer than what needs to
be seen whole, such as a private key of 4096 bits in its armour (3.3 thousand characters)."""


def windows_of(text: str, *, longest: int = LONGEST, overlap: int = OVERLAP) -> tuple[Span, ...]:
    """Return windows that cover a text, in order; none for an empty text.

    A window is at most `longest` code points and begins and ends at white space where there is
    some near its edge. `overlap` is at most half of `longest`.
    """
    windows: list[Span] = []
    start, half = 0, overlap // 2
    while len(text) - start > longest:
        end = _edge(text, start + longest - half, start + longest)
        windows.append(Span(start, end))
        start = _edge(text, end - overlap, end - half)
    if text:
        windows.append(Span(start, len(text)))
    return tuple(windows)


def _edge(text: str, first: int, last: int) -> int:
    """Return a place in `[first, last]` to cut at: behind a line break, behind a space, `last`."""
    for mark in ("\n", " "):
        found = text.rfind(mark, first, last)
        if found >= first:
            return found + 1
    return last


@dataclass(frozen=True, slots=True)
class _Seen:
    """A finding in the whole text; whether an edge of its window may have cut it off."""

    finding: Finding
    is_cut_before: bool
    is_cut_after: bool


def joined(windows: Sequence[Span], detections: Sequence[Detection]) -> Detection:
    """Return what one detector found in a whole text from what it found in each window.

    What two windows saw alike is there once. What an edge cut is joined with what the other window
    saw of it, so that a match longer than a window comes out whole. Scores take the highest.
    """
    by_kind: dict[tuple[str, ...], list[_Seen]] = {}
    scores: dict[Category, float] = {}
    last = len(windows) - 1
    for number, (window, detection) in enumerate(zip(windows, detections, strict=True)):
        for category, score in detection.scores.items():
            scores[category] = max(score, scores.get(category, 0.0))
        for found in detection.findings:
            finding = found.shifted(window.start)
            kind = (finding.category.value, finding.type, finding.detector, finding.rule)
            by_kind.setdefault(kind, []).append(
                _Seen(
                    finding,
                    is_cut_before=number > 0 and finding.span.start == window.start,
                    is_cut_after=number < last and finding.span.end == window.end,
                )
            )
    findings = [finding for seen in by_kind.values() for finding in _merged(seen)]
    return Detection(findings=tuple(sorted(findings, key=lambda one: one.order)), scores=scores)


def _merged(seen: Iterable[_Seen]) -> list[Finding]:
    """Return the findings of one kind with each seen twice, or in two pieces, there once."""
    kept: list[_Seen] = []
    for one in sorted(seen, key=lambda one: one.finding.order):
        before = kept[-1] if kept else None
        if before is None or not _belong_together(before, one):
            kept.append(one)
            continue
        span, other = before.finding.span, one.finding.span
        better = max(before.finding, one.finding, key=lambda finding: finding.score)
        ends_later = one if other.end > span.end else before
        kept[-1] = _Seen(
            replace(better, span=Span(span.start, max(span.end, other.end))),
            is_cut_before=before.is_cut_before,
            is_cut_after=ends_later.is_cut_after,
        )
    return [one.finding for one in kept]


def _belong_together(before: _Seen, one: _Seen) -> bool:
    span, other = before.finding.span, one.finding.span
    return span == other or (
        span.overlaps(other) and (before.is_cut_after or one.is_cut_before or before.is_cut_before)
    )
