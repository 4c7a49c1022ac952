"""One detector of a policy, compiled: where it finds something, and why not elsewhere."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from adapters.detectors.custom.search import Place, places
from adapters.detectors.linear_time import Pattern, PatternError, Subject, escape
from adapters.detectors.word_edges import continues_word
from domain.detection.finding import CUSTOM, LABEL, ContextWord, Explanation, Finding, Span
from domain.detection.validators import is_valid
from domain.errors import InvalidValue
from domain.policy.custom_detector import CustomDetector

MOST_FINDINGS = 2000
"""Findings of one detector in one reading; the last one reaches to the end of the text, so that
nothing is passed on for being one too many."""

_PATTERN_MEMORY = 1 << 20
_LIST_MEMORY = 8 << 20
_MOST_INSTRUCTIONS = 1000

_WORD_ENDS = r"(?:\z|[^\pL\pN_]|[\p{Thai}\p{Lao}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Han}])"


class Miss(Enum):
    """Why a place that a pattern matches is no finding."""

    INSIDE_A_WORD = "a letter or digit goes on beside the match, and whole_words is true"
    INVALID = "the match does not pass the validator"
    WITHOUT_CONTEXT = "none of the words of context stands near the match"


class _Judged(NamedTuple):
    place: Place
    miss: Miss | None
    word: ContextWord | None = None


class CompiledDetector:
    """Find what a tenant described; safe to share between threads.

    Raises:
        InvalidValue: the pattern is not RE2, or too large; the field says which.
    """

    def __init__(self, detector: CustomDetector) -> None:
        self.detector = detector
        self._source = f"{detector.rule}@{detector.digest}"
        self._patterns = tuple(_patterns(detector))
        context = detector.context
        self._context = None if context is None else _any_of(context.words, ignore_case=True)

    @property
    def size(self) -> int:
        """Return the instructions of a pattern: the work that a character may make; 0 of a list."""
        if self.detector.pattern is None:
            return 0
        return sum(pattern.size for pattern in self._patterns)

    @property
    def can_be_empty(self) -> bool:
        """Tell whether the pattern matches the empty text."""
        return any(pattern.can_be_empty for pattern in self._patterns)

    def find(self, subject: Subject) -> list[Finding]:
        """Return the findings in a text, in order of place."""
        found: list[Finding] = []
        reached = 0
        for judged in self._judged(subject):
            start, end, _ = judged.place
            if judged.miss is not None or end <= reached:
                continue
            if len(found) == MOST_FINDINGS - 1:
                found.append(self._finding(judged, start, len(subject.text)))
                break
            found.append(self._finding(judged, start, end))
            reached = end
        return found

    def misses(self, subject: Subject) -> Sequence[Miss]:
        """Return why places that match are no findings."""
        return [judged.miss for judged in self._judged(subject) if judged.miss is not None]

    def _judged(self, subject: Subject) -> Iterator[_Judged]:
        bounded = self.detector.whole_words
        if len(self._patterns) == 1:
            found: Sequence[Place] | Iterator[Place] = places(
                self._patterns[0], subject, whole_words=bounded
            )
        else:
            both = (places(one, subject, whole_words=bounded) for one in self._patterns)
            found = sorted(
                (place for several in both for place in several),
                key=lambda place: (place.start, -place.end),
            )
        for place in found:
            yield self._judge(subject.text, place)

    def _judge(self, text: str, place: Place) -> _Judged:
        if not place.is_whole:
            return _Judged(place, Miss.INSIDE_A_WORD)
        validator = self.detector.validator
        if validator is not None and not is_valid(validator, text[place.start : place.end]):
            return _Judged(place, Miss.INVALID)
        if self._context is None:
            return _Judged(place, None)
        word = self._nearest(text, place)
        return _Judged(place, Miss.WITHOUT_CONTEXT if word is None else None, word)

    def _nearest(self, text: str, place: Place) -> ContextWord | None:
        context = self.detector.context
        if context is None or self._context is None:
            return None
        nearest: ContextWord | None = None
        # One more code point on the far sides shows whether a word begins or ends there.
        before = text[max(0, place.start - context.within - 1) : place.start]
        behind = text[place.end : place.end + context.within + 1]
        for side, is_before in ((before, True), (behind, False)):
            for start, end, is_whole in places(self._context, Subject(side), whole_words=True):
                distance = len(side) - end if is_before else start
                reach = len(side) - start if is_before else end
                if (
                    is_whole
                    and reach <= context.within
                    and (nearest is None or distance < nearest.distance)
                ):
                    nearest = ContextWord(word=side[start:end].lower(), distance=distance)
        return nearest

    def _finding(self, judged: _Judged, start: int, end: int) -> Finding:
        detector = self.detector
        validator = detector.validator
        return Finding(
            category=detector.category,
            type=detector.type,
            span=Span(start, end),
            score=detector.score,
            detector=CUSTOM,
            rule=detector.rule,
            explanation=Explanation(
                source=self._source,
                reason=detector.description or "described by a detector of the policy",
                validator=None if validator is None else f"{validator}: valid",
                context=() if judged.word is None else (judged.word,),
                steps=(("the score that the policy states", detector.score),),
                attributes={LABEL: detector.label} if detector.label else {},
            ),
            operating_point=detector.operating_point,
        )


def _patterns(detector: CustomDetector) -> Iterator[Pattern]:
    if detector.pattern is not None:
        yield _compiled(detector.pattern, ignore_case=detector.ignore_case)
        return
    if not detector.whole_words:
        yield _any_of(detector.values, ignore_case=detector.ignore_case)
        return
    # Which of several values is whole can only be told with what follows, and that only matters
    # for those that end in a letter or digit.
    bounded = [value for value in detector.values if continues_word(value[-1])]
    free = [value for value in detector.values if not continues_word(value[-1])]
    if bounded:
        yield _any_of(bounded, ignore_case=detector.ignore_case, behind=_WORD_ENDS)
    if free:
        yield _any_of(free, ignore_case=detector.ignore_case)


def _compiled(expression: str, *, ignore_case: bool) -> Pattern:
    try:
        pattern = Pattern(
            f"(?i){expression}" if ignore_case else expression, memory=_PATTERN_MEMORY
        )
    except (PatternError, UnicodeEncodeError) as error:
        reason = error.args[0] if isinstance(error, PatternError) and error.args else "no UTF-8"
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise InvalidValue(f"this is no RE2 pattern: {said}", field="pattern") from None
    if pattern.size > _MOST_INSTRUCTIONS:
        raise InvalidValue(
            f"this pattern compiles to {pattern.size} instructions, at most {_MOST_INSTRUCTIONS} "
            "are taken: write smaller repetitions and fewer classes of letters",
            field="pattern",
        )
    if pattern.groups > 1:
        raise InvalidValue(
            "a pattern has at most one group, which is what is reported; write (?:…) for others",
            field="pattern",
        )
    return pattern


def _any_of(phrases: Sequence[str], *, ignore_case: bool, behind: str = "") -> Pattern:
    """Return a pattern of phrases, the longest first, with any white space between their words."""
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    either = "|".join(r"\s+".join(map(escape, phrase.split())) for phrase in longest_first)
    try:
        return Pattern(f"{'(?i)' if ignore_case else ''}({either}){behind}", memory=_LIST_MEMORY)
    except (PatternError, UnicodeEncodeError):
        raise InvalidValue("these values are too much, or no text", field="values") from None
