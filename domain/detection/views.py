"""Other readings of a text: decoded, normalised, put back in order; with where each letter stood.

Whoever hides something from plain patterns writes it so that a person, a program or a model still
reads it. Every such reading that can be told by looking becomes a piece of a view, which detectors
read like any text; what they find there is then said of the original.

Bounds: decodings nest `MAX_DEPTH` deep, and all pieces of a text together are at most twice as long
as the text and a little more, so that reading them costs no more than a few times the text itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.detection.decoding import carriers_in
from domain.detection.finding import Detection, Finding, Span
from domain.detection.normalisation import Rewriting, disguised_words, rewritings_of
from domain.detection.taxonomy import Category

MAX_DEPTH = 3
"""How deep decodings nest: base64 in JSON in base64 is two."""

_ROOM = 4096
_AROUND = 64
"""Code points beside a finding in which a word of its context may stand."""
_BREAK = "\n\n"

_SENTENCES = frozenset({Category.INJECTION, Category.TOXICITY, Category.BIAS})
"""Categories that are told from words: a word with digits for letters is no identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text that can be read in place of a stretch of the original.

    `carrier` is what it was decoded from as a whole. Without one, code point i was written as
    `[starts[i], ends[i])` in the original, and `changed[i]` says whether it was written otherwise.
    """

    text: str
    chain: tuple[str, ...]
    carrier: Span | None = None
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    changed: Sequence[bool] = ()
    categories: frozenset[Category] | None = None
    """What may be found in it, None for everything."""

    def origin(self, start: int, end: int) -> Span | None:
        """Return the stretch of the original behind `[start, end)`.

        None where it and what is around it are written there as they are here, so that it is no
        news: a number may be told by a word before it that only this reading shows.
        """
        if self.carrier is not None:
            return self.carrier
        if not any(self.changed[max(0, start - _AROUND) : end + _AROUND]):
            return None
        return Span(min(self.starts[start:end]), max(self.ends[start:end]))


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All pieces of one text, behind one another with empty lines between them."""

    pieces: Sequence[Piece]

    @property
    def text(self) -> str:
        """Return what detectors read."""
        return _BREAK.join(piece.text for piece in self.pieces)

    def translated(self, detection: Detection) -> Detection:
        """Return what was found in the view as findings of the original.

        A score counts only with a finding: what a piece scores as a text says nothing of the
        original, and what was written in the clear was scored there.
        """
        findings = list(self._findings(detection.findings))
        scores: dict[Category, float] = {}
        for finding in findings:
            scores[finding.category] = max(finding.score, scores.get(finding.category, 0.0))
        findings.sort(key=lambda finding: finding.order)
        return Detection(findings=tuple(findings), scores=scores)

    def _findings(self, findings: Sequence[Finding]) -> Iterator[Finding]:
        """Yield the findings that lie in one piece, from left to right as they come."""
        pieces = iter(self.pieces)
        piece, begin = next(pieces), 0
        for finding in sorted(findings, key=lambda one: one.span):
            while finding.span.start >= begin + len(piece.text) + len(_BREAK):
                begin += len(piece.text) + len(_BREAK)
                piece = next(pieces)
            start = finding.span.start - begin
            end = min(finding.span.end - begin, len(piece.text))
            if start >= end or finding.span.end - begin > len(piece.text) + len(_BREAK):
                continue
            if piece.categories is not None and finding.category not in piece.categories:
                continue
            origin = piece.origin(start, end)
            if origin is not None:
                chain = (*piece.chain, *finding.explanation.decoding)
                explanation = replace(finding.explanation, decoding=chain)
                yield replace(finding, span=origin, explanation=explanation)


def view_of(text: str) -> View | None:
    """Return the other readings of a text, None for the many texts that have none."""
    room = 2 * len(text) + _ROOM
    pieces: list[Piece] = []
    level: Sequence[Piece | None] = (None,)
    for _ in range(MAX_DEPTH):
        found: list[Piece] = []
        for parent in level:
            for child in _readings(text, parent):
                room -= len(child.text) + len(_BREAK)
                if room < 0:
                    return View(pieces=(*pieces, *found)) if pieces or found else None
                found.append(child)
        if not found:
            break
        pieces += found
        level = [piece for piece in found if piece.categories is None]
    return View(pieces=tuple(pieces)) if pieces else None


def _readings(original: str, parent: Piece | None) -> Iterator[Piece]:
    """Yield the readings of a piece, or of the original itself."""
    text, chain = (original, ()) if parent is None else (parent.text, parent.chain)
    for carrier in carriers_in(text):
        if carrier.chain == chain[-1:]:
            # Rot13 of rot13, and backwards twice, is where it began.
            continue
        yield Piece(
            text=carrier.text, chain=(*chain, *carrier.chain), carrier=_whole(parent, carrier.span)
        )
    for rewriting in rewritings_of(text):
        yield _composed(parent, rewriting)
    for rewriting in disguised_words(text):
        yield replace(_composed(parent, rewriting), categories=_SENTENCES)


def _whole(parent: Piece | None, span: Span) -> Span:
    if parent is None:
        return span
    if parent.carrier is not None:
        return parent.carrier
    inside = slice(span.start, span.end)
    return Span(min(parent.starts[inside]), max(parent.ends[inside]))


def _composed(parent: Piece | None, rewriting: Rewriting) -> Piece:
    """Return a rewriting of a piece as one of the original."""
    starts, ends, changed = rewriting.starts, rewriting.ends, rewriting.changed
    chain = rewriting.chain
    if parent is not None:
        chain = (*parent.chain, *chain)
        if parent.carrier is not None:
            return Piece(text=rewriting.text, chain=chain, carrier=parent.carrier)
        changed = [
            is_changed or any(parent.changed[start:end])
            for start, end, is_changed in zip(starts, ends, changed, strict=True)
        ]
        ends = [parent.ends[end - 1] for end in ends]
        starts = [parent.starts[start] for start in starts]
    return Piece(text=rewriting.text, chain=chain, starts=starts, ends=ends, changed=changed)
