"""Findings of a model that labels tokens: entities, put together from words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from adapters.detectors.neural.engine import Logits
from adapters.detectors.neural.reading import Reader, Reading
from adapters.detectors.neural.scores import FindingMaker, by_type, probabilities
from adapters.detectors.neural.tokens import TextTokenizer, TokenisedText, Window
from application.ports.detector import DetectorText
from domain.detection.finding import Detection, Finding, Span
from domain.detection.taxonomy import is_auxiliary

FLOOR = 0.2
"""What scores below it is no part of a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """Letters and digits that stand together, or a mark: what a finding is made of.

    `kind` is the type that is likeliest, as an index, and `score` how likely it is.
    """

    span: Span
    kind: int
    score: float
    begins: bool
    is_operative: bool

    def goes_on(self, before: "_Word") -> bool:
        """Tell whether this word belongs to the same entity as the one before."""
        return (
            self.kind == before.kind
            and self.is_operative == before.is_operative
            and not self.begins
        )


class EntityReader(Reader):
    """Cut texts into windows and read the logits of their tokens.

    A token in several windows counts as it stands in the one where it is farthest from the edge.
    Tokens of one word count together, so that no finding ends inside a word. Entities run over
    neighbouring words of one type, up to a label that says that another begins.
    """

    def __init__(self, maker: FindingMaker, tokenizer: TextTokenizer) -> None:
        self._maker = maker
        self._labels = maker.model.labels
        self._types = maker.model.slot.types
        self._tokenizer = tokenizer
        self._points = [self._labels.point(kind) for kind in self._labels.reported]

    def open(self, text: DetectorText) -> Reading:
        """Return the text cut into windows."""
        tokens = self._tokenizer.tokenise(text.text)
        windows = self._tokenizer.windows(tokens)
        return Reading(windows, lambda logits: self._detection(text, tokens, windows, logits))

    def _detection(
        self,
        text: DetectorText,
        tokens: TokenisedText,
        windows: Sequence[Window],
        logits: Sequence[Logits],
    ) -> Detection:
        found = probabilities(_joined(windows, logits, len(tokens.ids)), self._labels.activation)
        words = list(self._words(text.text, tokens, found))
        scores = dict.fromkeys((self._types[kind] for kind in self._labels.reported), 0.0)
        for word in words:
            kind = self._labels.reported[word.kind]
            category = self._types[kind]
            if not is_auxiliary(category, kind):
                scores[category] = max(scores[category], word.score)
        findings = [self._finding(run) for run in _runs(words)]
        return Detection(
            findings=tuple(sorted(findings, key=lambda finding: finding.order)),
            scores={category: round(score, 6) for category, score in scores.items()},
        )

    def _words(self, text: str, tokens: TokenisedText, found: Logits) -> Iterator[_Word]:
        if not len(found):
            return
        strengths = by_type(found, self._labels)
        starts = self._starts(found)
        for place in _word_places(text, tokens):
            mean = strengths[place.first : place.last].mean(axis=0)
            kind = int(mean.argmax())
            score = float(mean[kind])
            yield _Word(
                span=place.span,
                kind=kind,
                score=score,
                begins=bool(starts[place.first, kind] > strengths[place.first, kind] / 2),
                is_operative=score >= self._points[kind],
            )

    def _starts(self, found: Logits) -> Logits:
        """Return, for each token and type, how likely an entity of the type begins there."""
        places = list(zip(self._labels.types, self._labels.beginnings, strict=True))
        columns = [
            found[:, [at for at, one in enumerate(places) if one == (kind, True)]].sum(axis=1)
            for kind in self._labels.reported
        ]
        return np.stack(columns, axis=1)

    def _finding(self, run: Sequence[_Word]) -> Finding:
        kind = self._labels.reported[run[0].kind]
        score = sum(word.score for word in run) / len(run)
        steps = ((f"mean over {len(run)} words of being {kind}", score),)
        span = Span(run[0].span.start, run[-1].span.end)
        return self._maker.finding(kind, span, score, steps)


def _joined(windows: Sequence[Window], logits: Sequence[Logits], count: int) -> Logits:
    """Return the logits of each token of a text, from the window that shows most around it."""
    if not windows:
        return np.zeros((0, 1), dtype=np.float32)
    joined = np.zeros((count, logits[0].shape[1]), dtype=np.float32)
    room = np.full(count, -1)
    for window, rows in zip(windows, logits, strict=True):
        at = np.arange(window.count)
        around = np.minimum(at, window.count - 1 - at)
        place = slice(window.first, window.first + window.count)
        better = around > room[place]
        joined[place][better] = rows[window.lead : window.lead + window.count][better]
        room[place] = np.maximum(room[place], around)
    return joined


@dataclass(frozen=True, slots=True)
class _Place:
    """The tokens `[first, last)` that make a word, and where it stands."""

    first: int
    last: int
    span: Span

    def with_token(self, at: int, span: Span) -> "_Place":
        return _Place(self.first, at + 1, Span(self.span.start, max(self.span.end, span.end)))


def _word_places(text: str, tokens: TokenisedText) -> Iterator[_Place]:
    """Yield the words of a text; tokens of white space alone belong to none."""
    word: _Place | None = None
    for at, offsets in enumerate(tokens.offsets):
        start, end = _trimmed(text, *offsets)
        if start >= end:
            continue
        span = Span(start, end)
        if word is not None and _is_inside(text, word.span.end, start):
            word = word.with_token(at, span)
            continue
        if word is not None:
            yield word
        word = _Place(at, at + 1, span)
    if word is not None:
        yield word


def _is_inside(text: str, reached: int, start: int) -> bool:
    """Tell whether a token at `start` goes on with a word that has reached so far."""
    if start != reached:
        return start < reached
    return text[start - 1].isalnum() and text[start].isalnum()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a range without the white space at its edges, which some tokenizers count in."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _runs(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    run: list[_Word] = []
    for word in words:
        if word.score < FLOOR or (run and not word.goes_on(run[-1])):
            if run:
                yield run
            run = []
        if word.score >= FLOOR:
            run.append(word)
    if run:
        yield run
