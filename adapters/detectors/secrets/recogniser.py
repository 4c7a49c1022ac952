"""What the recognisers of secrets share: a candidate, and the recogniser of one token format."""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import IntEnum
from typing import Protocol

from adapters.detectors.disjoint import DisjointRanges
from adapters.detectors.linear_time import Match, Pattern, Subject
from adapters.detectors.secrets.assignment_syntax import BRIDGE, QUOTE
from adapters.detectors.secrets.placeholders import Standing, standing
from adapters.detectors.secrets.token_format import TokenFormat
from domain.detection.catalogue import RuleInfo
from domain.detection.entropy import randomness
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Category, Severity

EXAMPLE_SCORE = 0.6
"""Score of a key with a provider's shape that is plainly an example: reported, but low."""
OPERATING_POINT = 0.5
UNNAMED_EXAMPLE_SCORE = 0.4
"""Score of an obvious example that has no provider's shape: kept for who asks, not reported."""
_PLACEHOLDER_SCORE = 0.05
_BORING_SCORE = 0.2
_LEAST_BESIDE_NAME = 0.5
_LEAST_LIKE_NAMES = 0.5
_MOST_OF_ONE = 0.4
_LONG_ENOUGH = 24
_LEAST_PART = 6
_MARKS = re.compile(r"[^0-9A-Za-z]+")
_OPTIONAL_GROUP = re.compile(r"\(\?:[^()]*\)\?")
_GROUP = re.compile(r"\(\?:([^()|]*)(?:\|[^()]*)?\)(?!\?)")
_CLASS = re.compile(r"\[[^\]]*\]\??")

LEFT_EDGE = r"(?:^|[^0-9A-Za-z]|\\[nrt]|%[0-9A-Fa-f]{2})"
"""What may stand before a token; an escaped line break and a percent escape end in letters."""


class Specificity(IntEnum):
    """Which of two overlapping candidates of this category wins, before their scores are asked."""

    GENERIC = 0
    STRUCTURED = 1
    NAMED = 2
    FORMAT = 3
    CONTAINER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check says about a token: its own words, and the score the token deserves by it."""

    outcome: str
    score: float
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A span that may be a secret, before overlaps are resolved; offsets are code points."""

    rule: str
    type: str
    start: int
    end: int
    score: float
    reason: str
    specificity: Specificity
    validator: str | None = None
    context: tuple[ContextWord, ...] = ()
    steps: tuple[tuple[str, float], ...] = ()
    decoding: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


class Recogniser(Protocol):
    """Find the secrets of one kind."""

    @property
    @abstractmethod
    def gates(self) -> tuple[str, ...]:
        """Return expressions of which one occurs in every text with something to find.

        None at all means that `scan` decides for itself, quickly.
        """

    @property
    @abstractmethod
    def rules(self) -> tuple[RuleInfo, ...]:
        """Return the rules whose ids `scan` uses."""

    @abstractmethod
    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield candidates from left to right; they may overlap those of other recognisers."""


class LastRecogniser(Recogniser):
    """Find secrets that no issuer marked: whatever is more specific wins over them.

    Judging how random a value looks takes longest, and is spared where it would be in vain.
    """

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield candidates where nothing more specific was found."""
        return self.scan_around(subject, DisjointRanges())

    @abstractmethod
    def scan_around(self, subject: Subject, claimed: DisjointRanges) -> Iterator[Candidate]:
        """Yield candidates from left to right; what overlaps a claimed range may be left out."""


class Deferred(Recogniser):
    """A recogniser that compiles its expressions when its gate opens for the first time."""

    def __init__(
        self,
        gates: tuple[str, ...],
        rules: tuple[RuleInfo, ...],
        make: Callable[[], Recogniser],
    ) -> None:
        self._gates = gates
        self._rules = rules
        self._make = make
        self._made: Recogniser | None = None

    @property
    def gates(self) -> tuple[str, ...]:
        """Return the gates of the recogniser."""
        return self._gates

    @property
    def rules(self) -> tuple[RuleInfo, ...]:
        """Return the rules of the recogniser."""
        return self._rules

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield what the recogniser finds."""
        if self._made is None:
            self._made = self._make()
        return self._made.scan(subject)


@dataclass(frozen=True, slots=True)
class TokenRule:
    """One provider's token: its shape, and where the shape says too little, the names beside it.

    `names` are RE2 fragments without upper case; with them only the value of a name that contains
    one is asked for. `check` reads the token. `complete` makes a sample pass that check.
    """

    id: str
    title: str
    format: str
    source: str
    _: KW_ONLY
    type: str
    names: tuple[str, ...] = ()
    gate: str | None = None
    check: Callable[[str], Verdict] | None = None
    check_name: str | None = None
    complete: Callable[[str], str] | None = None
    score: float = 0.95
    least_randomness: float = 0.15
    severity: Severity = Severity.HIGH

    @property
    def sample(self) -> str:
        """Return a token of this shape that nobody issued."""
        token = TokenFormat(self.format).sample(self.id)
        return self.complete(token) if self.complete else token

    @property
    def near_miss(self) -> str:
        """Return what looks like the token and is none: two characters short."""
        return TokenFormat(self.format).sample(self.id, shortened=2)

    def in_context(self, token: str) -> str:
        """Return a line in which the rule expects the token."""
        if not self.names:
            return f"key = {token}"
        return f'{_plain_name(self.names[0])}_key = "{token}"'


class TokenRecogniser(Recogniser):
    """Find the tokens of one `TokenRule`."""

    def __init__(self, rule: TokenRule) -> None:
        self._rule = rule
        self._format = TokenFormat(rule.format)
        self._pattern: Pattern | None = None
        self._least_randomness = rule.least_randomness
        # Names of functions and files have such a shape too.
        self._is_like_names = bool(rule.least_randomness) and "_" in self._format.closing_class
        if rule.names and rule.least_randomness:
            self._least_randomness = max(rule.least_randomness, _LEAST_BESIDE_NAME)

    @property
    def gates(self) -> tuple[str, ...]:
        """Return the fixed head of the token, or the names beside it."""
        if self._rule.names:
            return ("(?i)" + "|".join(self._rule.names),)
        return (self._rule.gate or self._format.gate,)

    @property
    def rules(self) -> tuple[RuleInfo, ...]:
        """Return the one rule, its examples made on the spot."""
        rule = self._rule
        beside = f" beside a name such as {_plain_name(rule.names[0])}" if rule.names else ""
        return (
            RuleInfo(
                id=rule.id,
                category=Category.SECRETS,
                type=rule.type,
                title=rule.title,
                matches=f"{rule.title}: the shape {rule.format}{beside}",
                validator=rule.check_name,
                sources=(rule.source,),
                examples=(rule.in_context(rule.sample),),
                near_misses=(rule.in_context(rule.near_miss),),
                severity=rule.severity,
                operating_point=OPERATING_POINT,
            ),
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield the tokens of this shape with what speaks for and against each."""
        if self._pattern is None:
            self._pattern = Pattern(self._expression())
        for match in self._pattern.finditer(subject, resume_after=1):
            yield self._candidate(match)

    def _expression(self) -> str:
        token = f"({self._format.expression})(?:[^{self._format.closing_class}]|$)"
        if not self._rule.names:
            return LEFT_EDGE + token
        names = "|".join(self._rule.names)
        return f"(?:(?i:{names})[0-9A-Za-z_.-]{{0,40}}?){BRIDGE}{QUOTE}{token}"

    def _candidate(self, match: Match) -> Candidate:
        rule = self._rule
        token = match.text(1)
        start, end = match.span(1)
        score = rule.score
        steps: list[tuple[str, float]] = [("shape", score)]
        attributes: dict[str, str] = {}
        validator = None
        if rule.check is not None:
            verdict = rule.check(token)
            validator, score = verdict.outcome, verdict.score
            attributes.update(verdict.attributes)
            steps.append((verdict.outcome, score))
        body = self._format.body(token)
        kind = standing(body)
        if kind is Standing.PLACEHOLDER:
            score = _PLACEHOLDER_SCORE
            steps.append(("placeholder", score))
        elif kind is Standing.EXAMPLE:
            score = min(score, EXAMPLE_SCORE)
            attributes["example"] = "true"
            steps.append(("documented or obvious example", score))
        elif _randomness(body) < self._least_randomness or (
            self._is_like_names and randomness(_MARKS.sub("", body)) < _LEAST_LIKE_NAMES
        ):
            score = min(score, _BORING_SCORE)
            steps.append(("looks like words", score))
        return Candidate(
            rule=rule.id,
            type=rule.type,
            start=start,
            end=end,
            score=score,
            reason=f"{rule.title} by its shape" + (" and the name beside it" if rule.names else ""),
            specificity=Specificity.NAMED if rule.names else Specificity.FORMAT,
            validator=validator,
            steps=tuple(steps),
            attributes=attributes,
        )


def _randomness(body: str) -> float:
    """Return the randomness of the most random part between marks such as dots and dashes.

    A stretch of encoded numbers, mostly of one letter, is not random at all.
    """
    if len(body) >= _LONG_ENOUGH and max(map(body.count, set(body))) > _MOST_OF_ONE * len(body):
        return 0.0
    parts = [part for part in _MARKS.split(body) if len(part) >= _LEAST_PART]
    return max(map(randomness, parts or [body]))


def _plain_name(expression: str) -> str:
    """Return one name that a fragment of `TokenRule.names` matches."""
    plain = expression.replace(r"\b", "")
    while "(" in plain:
        plain = _OPTIONAL_GROUP.sub("", plain)
        plain = _GROUP.sub(r"\1", plain)
    return _CLASS.sub("_", plain).replace("\\", "")
