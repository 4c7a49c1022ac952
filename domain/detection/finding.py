"""What a detector says about a text: a typed span with a score and the reason for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.detection.taxonomy import TYPES, Category
from domain.errors import InvalidValue

CUSTOM = "custom"
"""The detector of what a tenant's own policy describes."""

LABEL = "label"
ALSO = "also"
"""Attributes of an explanation: what masked text says in place of the type, and the rules, with
blanks between them, that found the same as the rule that is named."""


def custom_rule(detector_id: str) -> str:
    """Return the rule of what a tenant's policy describes under this id."""
    return f"{CUSTOM}/{detector_id}"


def is_custom_rule(rule: str) -> bool:
    """Tell whether a tenant's policy describes this rule."""
    return rule.startswith(f"{CUSTOM}/")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range `[start, end)` of Unicode code points of the text as it was given."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise InvalidValue(
                f"a span needs 0 <= start < end, not [{self.start}, {self.end})", field="span"
            )

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        """Tell whether both spans share a code point."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        """Tell whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def shifted(self, by: int) -> "Span":
        """Return the span moved by `by` code points."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextWord:
    """A word near the match that moved its score, and how many characters away it stood."""

    word: str
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a detector said what it said; never holds the match itself.

    `source` is the rule set or model with its version, `reason` a sentence for people,
    `validator` a check with its result (`luhn: valid`), `steps` the way of the score as
    `(what, score after it)`, `decoding` the chain under which the match was found
    (`("base64", "utf-8")`), `attributes` further facts such as `vector` or `target`.
    """

    source: str
    reason: str = ""
    validator: str | None = None
    context: tuple[ContextWord, ...] = ()
    steps: tuple[tuple[str, float], ...] = ()
    decoding: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One typed span of a text.

    `score` and `operating_point` are in [0, 1]; a finding below its operating point is reported
    only when somebody asks for everything, or a policy names a lower threshold.
    """

    category: Category
    type: str
    span: Span
    score: float
    detector: str
    rule: str
    explanation: Explanation
    operating_point: float = 0.5

    def __post_init__(self) -> None:
        if self.type not in TYPES[self.category]:
            raise InvalidValue(f"{self.category} has no type {self.type!r}", field="type")
        if not 0.0 <= self.score <= 1.0:
            raise _outside("score", self.score)
        if not 0.0 <= self.operating_point <= 1.0:
            raise _outside("operating_point", self.operating_point)

    @property
    def is_operative(self) -> bool:
        """Tell whether the score reaches the rule's own operating point."""
        return self.score >= self.operating_point

    @property
    def is_custom(self) -> bool:
        """Tell whether the tenant's own policy describes it."""
        return self.detector == CUSTOM

    @property
    def label(self) -> str:
        """Return what stands in place of the match in masked text."""
        return self.explanation.attributes.get(LABEL, self.type)

    @property
    def rules(self) -> frozenset[str]:
        """Return every rule that found exactly this, most often one."""
        return frozenset({self.rule, *self.explanation.attributes.get(ALSO, "").split()})

    @property
    def order(self) -> tuple[int, int, str, str, str]:
        """Return the key by which findings of one text are listed: place first, then kind."""
        return (self.span.start, self.span.end, self.category.value, self.type, self.rule)

    def shifted(self, by: int) -> "Finding":
        """Return the finding for a text in which this one's text begins at `by`."""
        return replace(self, span=self.span.shifted(by))


def _outside(name: str, value: float) -> InvalidValue:
    return InvalidValue(f"{name} must lie in [0, 1], not {value}", field=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What one detector, or all of them together, found in one text.

    `findings` holds everything above score 0 in `Finding.order`; `scores` one continuous number
    a category for the whole text, in [0, 1], present for each category that was looked for.
    """

    findings: tuple[Finding, ...] = ()
    scores: Mapping[Category, float] = field(default_factory=dict)

    def at_least(self, min_score: float | None) -> tuple[Finding, ...]:
        """Return the findings at or above `min_score`, or at their operating points for None."""
        if min_score is None:
            return tuple(finding for finding in self.findings if finding.is_operative)
        return tuple(finding for finding in self.findings if finding.score >= min_score)
