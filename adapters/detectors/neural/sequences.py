"""Findings of a model that labels texts: sentence by sentence, and in windows of the whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adapters.detectors.groups import target_group
from adapters.detectors.neural.engine import Logits
from adapters.detectors.neural.labels import Activation
from adapters.detectors.neural.reading import Reader, Reading
from adapters.detectors.neural.scores import FindingMaker, by_type, probabilities
from adapters.detectors.neural.tokens import TextTokenizer, Window
from application.ports.detector import Channel, DetectorText
from domain.detection.finding import Detection, Finding, Span
from domain.detection.segmentation import sentences
from domain.detection.taxonomy import Category

FLOOR = 0.05
"""What scores below it is no finding."""

_MOST_SENTENCES = 256
_AT_LEAST = 8
_CHARACTERS = 32
"""A text has at most so many pieces beside its windows, and one a so many code points: without a
bound a text of very short sentences would cost more than the deadline allows."""

_INDIRECT = frozenset({Channel.DOCUMENT, Channel.TOOL_RESULT})


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text that is scored by itself: a sentence, or a window of the whole."""

    span: Span
    window: Window
    is_sentence: bool


class SequenceReader(Reader):
    """Cut texts into pieces and read the logits of each.

    An attack in a long document counts as much as one alone, since each sentence is scored; what
    only several sentences together say is seen by windows over the whole text.
    """

    def __init__(self, maker: FindingMaker, tokenizer: TextTokenizer) -> None:
        self._maker = maker
        self._labels = maker.model.labels
        self._types = maker.model.slot.types
        self._tokenizer = tokenizer

    def open(self, text: DetectorText) -> Reading:
        """Return the text cut into windows."""
        pieces = self._pieces(text.text)
        windows = [piece.window for piece in pieces]
        return Reading(windows, lambda logits: self._detection(text, pieces, logits))

    def _pieces(self, text: str) -> list[_Piece]:
        spans = grouped(sentences(text), text)
        found = [piece for span in spans for piece in self._cut(text, span, is_sentence=True)]
        if len(spans) > 1:
            whole = Span(spans[0].start, spans[-1].end)
            found += self._cut(text, whole, is_sentence=False)
        return found

    def _detection(
        self, text: DetectorText, pieces: Sequence[_Piece], logits: Sequence[Logits]
    ) -> Detection:
        scores = {self._types[kind]: 0.0 for kind in self._labels.reported}
        candidates: dict[str, list[tuple[_Piece, Finding]]] = {}
        for piece, row in zip(pieces, logits, strict=True):
            strengths = by_type(probabilities(row, self._labels.activation), self._labels)
            likely = dict(zip(self._labels.reported, strengths.tolist(), strict=True))
            for category, score in scores.items():
                scores[category] = max(score, self._of_category(category, likely))
            for finding in self._findings(text, piece, likely):
                candidates.setdefault(finding.type, []).append((piece, finding))
        findings = [one for found in candidates.values() for one in _apart(found)]
        return Detection(
            findings=tuple(sorted(findings, key=lambda finding: finding.order)),
            scores={category: round(score, 6) for category, score in scores.items()},
        )

    def _cut(self, text: str, span: Span, *, is_sentence: bool) -> Iterator[_Piece]:
        tokens = self._tokenizer.tokenise(text[span.start : span.end])
        windows = self._tokenizer.windows(tokens)
        for window in windows:
            covered = span if len(windows) == 1 else tokens.span(window)
            if covered is not None:
                place = covered if len(windows) == 1 else covered.shifted(span.start)
                yield _Piece(place, window, is_sentence)

    def _of_category(self, category: Category, likely: Mapping[str, float]) -> float:
        """Return how likely any type of a category is."""
        inside = [score for kind, score in likely.items() if self._types[kind] is category]
        if self._labels.activation is Activation.SOFTMAX:
            return float(min(np.sum(inside), 1.0))
        return max(inside)

    def _findings(
        self, text: DetectorText, piece: _Piece, likely: Mapping[str, float]
    ) -> Iterator[Finding]:
        if self._labels.activation is Activation.SIGMOID:
            for kind, score in likely.items():
                yield from self._finding(text, piece, kind, score, ((f"of type {kind}", score),))
            return
        # Labels exclude each other: the likeliest type of a category speaks for all of it.
        for category in dict.fromkeys(self._types[kind] for kind in likely):
            kinds = [kind for kind in likely if self._types[kind] is category]
            kind = max(kinds, key=lambda one: likely[one])
            score = self._of_category(category, likely)
            steps = ((f"of type {kind}", likely[kind]), (f"{category.value} of any type", score))
            yield from self._finding(text, piece, kind, score, steps)

    def _finding(
        self,
        text: DetectorText,
        piece: _Piece,
        kind: str,
        score: float,
        steps: tuple[tuple[str, float], ...],
    ) -> Iterator[Finding]:
        if score >= FLOOR:
            attributes = self._attributes(text, piece, self._types[kind])
            yield self._maker.finding(kind, piece.span, score, steps, attributes)

    def _attributes(self, text: DetectorText, piece: _Piece, category: Category) -> dict[str, str]:
        if category is Category.INJECTION:
            return {"vector": "indirect" if text.channel in _INDIRECT else "direct"}
        if category is Category.BIAS:
            target = target_group(text.text[piece.span.start : piece.span.end])
            return {} if target is None else {"target": target}
        return {}


def grouped(spans: Sequence[Span], text: str) -> Sequence[Span]:
    """Return the sentences of a text; where they are very many, neighbours together."""
    most = min(_MOST_SENTENCES, _AT_LEAST + len(text) // _CHARACTERS)
    if len(spans) <= most:
        return spans
    least = -(-(spans[-1].end - spans[0].start) // most)
    found: list[Span] = []
    start: int | None = None
    for span in spans:
        start = span.start if start is None else start
        if span.end - start >= least or span is spans[-1]:
            found.append(Span(start, span.end))
            start = None
    return found


def _apart(found: Sequence[tuple[_Piece, Finding]]) -> Iterator[Finding]:
    """Yield findings of one type that do not overlap.

    What is reported goes before what is not, a sentence before the window around it, and then the
    higher score.
    """
    ordered = sorted(
        found,
        key=lambda one: (
            not one[1].is_operative,
            not one[0].is_sentence,
            -one[1].score,
            one[1].span,
        ),
    )
    kept: list[Span] = []
    for _, finding in ordered:
        if not any(finding.span.overlaps(span) for span in kept):
            kept.append(finding.span)
            yield finding
