"""What a recogniser is: its rules, the gates that open it, and a search that yields hits."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from adapters.detectors.linear_time import Pattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.word_edges import is_whole
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Category, Severity

HIGHEST = 0.99
_LONGEST_GROUP = 12
_LONGEST_QUANTITY = 9
_NEXT_PARAMETER = re.compile(r"&(?:amp;)?[A-Za-z_][\w.\[\]-]{0,40}=")
_NUMBER_JOINTS = frozenset(".,-–/:_'’+*=$€£#%^\\&")


class Hit(NamedTuple):
    """A candidate span with its score and the reasons for it."""

    start: int
    end: int
    info: RuleInfo
    score: float
    validator: str | None = None
    context: tuple[ContextWord, ...] = ()
    steps: tuple[tuple[str, float], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    rank: int = 0


class Recogniser(Protocol):
    """Find the candidates of one or several rules; `gates` must all occur before it is asked."""

    @property
    def infos(self) -> tuple[RuleInfo, ...]:
        """Return the rules that it can report."""

    @property
    def gates(self) -> tuple[str, ...]:
        """Return names of context groups or RE2 expressions; each must occur in the text."""

    def find(self, document: Document) -> Iterable[Hit]:
        """Yield hits in any order; overlaps are settled later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """A recogniser whose search is a function."""

    infos: tuple[RuleInfo, ...]
    gates: tuple[str, ...]
    search: Callable[[Document], Iterable[Hit]]

    def find(self, document: Document) -> Iterable[Hit]:
        """Yield what the function finds."""
        return self.search(document)


@dataclass(frozen=True, kw_only=True)
class PatternRule:
    """One expression, perhaps with a validator and words of context.

    `pattern` is RE2; its last group, if it has one, is the span, and of its alternatives the
    longest match counts. `shape` opens the gate in its
    place where it is dear to run. `check` reads the value with `separators` removed and in upper
    case, or as it stands with `keeps_case`; None means that it cannot tell.

    Scores: `base` for the pattern, `valid` once the check passes; `labelled` when a context word
    labels the value directly, `near` when one is near by. With `needs_context` a hit without a
    word of context is dropped, with `needs_label` one without a direct label. `survives_invalid`
    is the score of a directly labelled value whose check fails, 0 to drop it.
    """

    info: RuleInfo
    pattern: str
    shape: str = ""
    check: Callable[[str], bool | None] | None = None
    check_name: str = ""
    separators: str = " -."
    keeps_case: bool = False
    context: tuple[str, ...] = ()
    needs_context: bool = False
    needs_label: bool = False
    before: int = 40
    after: int = 24
    base: float = 0.3
    valid: float = 0.0
    labelled: float = 0.0
    near: float = 0.0
    survives_invalid: float = 0.0
    number_like: bool = True
    rank: int = 0
    infos: tuple[RuleInfo, ...] = field(init=False)
    gates: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "infos", (self.info,))
        needed = self.needs_context or self.needs_label
        groups = ("|".join(self.context),) if needed and self.context else ()
        object.__setattr__(self, "gates", (self.shape or self.pattern, *groups))

    @cached_property
    def _compiled(self) -> Pattern:
        return Pattern(self.pattern, longest=True)

    def find(self, document: Document) -> Iterator[Hit]:
        """Yield the matches that boundaries, check and context let through."""
        compiled = self._compiled
        group = compiled.groups
        reach = None
        if self.needs_context or self.needs_label:
            # A dear pattern, such as one of mere letters and digits, matches all over a text.
            reach = document.reach(self.context, self.before, self.after)
        for match in compiled.finditer(document.subject, resume_after=group):
            start, end = match.span(group)
            if reach is not None:
                at = bisect_right(reach[0], end) - 1
                if at < 0 or reach[1][at] < start:
                    continue
            if self.number_like:
                is_apart = is_bounded(document, start, end)
            else:
                is_apart = is_whole(document.text, start, end)
            if is_apart:
                hit = self._judge(document, start, end)
                if hit is not None:
                    yield hit

    def _judge(self, document: Document, start: int, end: int) -> Hit | None:
        score, verdict, result = self.base, None, None
        steps = [("pattern", score)]
        if self.check is not None:
            value = document.text[start:end]
            result = self.check(value if self.keeps_case else bare(value, self.separators))
            if result:
                score = self.valid or score
            if result is not None:
                verdict = f"{self.check_name}: {'valid' if result else 'invalid'}"
                steps.append((verdict, score))
        if result is False and not self.survives_invalid:
            return None
        word, labels = self._context(document, start, end)
        if result is False and not labels:
            return None
        if word is None and (self.needs_context or self.needs_label):
            return None
        if self.needs_label and not labels:
            return None
        if result is False:
            score = self.survives_invalid
            steps.append(("kept by its label", score))
        elif word is not None:
            score = max(score, self.labelled if labels else self.near)
            steps.append((f"context {word.word!r}", score))
        return Hit(
            start, end, self.info, min(score, HIGHEST), verdict,
            () if word is None else (word,), tuple(steps), (), self.rank,
        )  # fmt: skip

    def _context(self, document: Document, start: int, end: int) -> tuple[ContextWord | None, bool]:
        best: tuple[ContextWord | None, bool] = (None, False)
        for group in self.context:
            found = document.nearest(group, start, end, before=self.before, after=self.after)
            if found is None:
                continue
            word, labels = found
            if best[0] is None or (labels, -word.distance) > (best[1], -best[0].distance):
                best = (word, labels)
        return best


def bare(value: str, separators: str) -> str:
    """Return a value in upper case without its separators."""
    for separator in separators:
        value = value.replace(separator, "")
    return value.upper()


def is_bounded(document: Document, start: int, end: int) -> bool:
    """Tell whether a number stands alone in its text or in its cell of a table.

    In `7,123-45-6789,1985-12-10` commas part what elsewhere they would join.
    """
    return stands_alone(document.text, start, end) or document.tables.fills_cell(start, end)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a number is no part of a longer number, identifier or hash.

    A joint such as `-` or `.` continues it when a letter or digit follows on its other side. A
    comma parts what no quantity looks like from its neighbours: `7,123-45-6789,42`.
    """
    if not is_whole(text, start, end):
        return False
    if (
        start >= 2
        and text[start - 1] in _NUMBER_JOINTS
        and _joins(text, start - 1, -1)
        and (text[start - 1] != "," or _is_quantity(text[start:end]))
        and text[max(0, start - 3) : start].lower() not in {"no.", "nr."}
    ):
        return False
    if text[end : end + 1] == "&" and _NEXT_PARAMETER.match(text, end):
        return True
    if end + 1 < len(text) and text[end] in _NUMBER_JOINTS and text[end + 1].isalnum():
        return text[end] in ",:'" and (
            not text[end + 1].isdigit() or (text[end] == "," and not _is_quantity(text[start:end]))
        )
    return not (start >= 2 and text[start - 1] == " " and _spaced(text, start, end))


def _is_quantity(value: str) -> bool:
    """Tell whether digits could be part of a number with commas in it."""
    return len(value) < _LONGEST_QUANTITY and all(char.isdigit() or char in " .'" for char in value)


def _joins(text: str, joint: int, step: int) -> bool:
    neighbour = text[joint + step]
    if text[joint] in ":=#'":
        return text[joint] == ":" and neighbour.isdigit()
    if text[joint] in "$€£":
        return True
    return neighbour.isalnum() if text[joint] in "-.–_/\\+" else neighbour.isdigit()


def _spaced(text: str, start: int, end: int) -> bool:
    """Tell whether a value grouped by blanks goes on to its left with another short group."""
    if " " not in text[start:end] or not text[start - 2].isdigit():
        return False
    first = start - 2
    while first > 0 and start - first < _LONGEST_GROUP and text[first - 1].isalnum():
        first -= 1
    group = text[first : start - 1]
    return group.isdigit() or (len(group) <= 4 and group.isupper())


def pii(
    rule_id: str,
    entity_type: str,
    title: str,
    matches: str,
    *,
    validator: str | None = None,
    sources: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    near_misses: tuple[str, ...] = (),
    severity: Severity = Severity.MEDIUM,
    operating_point: float = 0.5,
) -> RuleInfo:
    """Describe a rule about personal data."""
    return RuleInfo(
        id=rule_id,
        category=Category.PII,
        type=entity_type,
        title=title,
        matches=matches,
        validator=validator,
        sources=sources,
        examples=examples,
        near_misses=near_misses,
        severity=severity,
        operating_point=operating_point,
    )
