"""What exchanges used together: sums that add up, and percentiles of how long they took."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidValue
from domain.identifiers import KeyId

FINE = 1_000
COARSE = 10_000
"""Milliseconds up to which latencies are counted by the millisecond, and by ten of them."""

MAX_GROUPS = 5_000
"""Groups of one report: more would be a table that nobody reads."""


class Step(StrEnum):
    """How long the pieces are that a period is cut into; they begin at whole hours or days, UTC."""

    HOUR = "hour"
    DAY = "day"

    @property
    def longest_period(self) -> timedelta:
        """Return the longest period that is cut into such pieces."""
        return timedelta(days=31) if self is Step.HOUR else timedelta(days=366)

    def begin(self, at: datetime) -> datetime:
        """Return the beginning of the piece that a time lies in."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        return hour if self is Step.HOUR else hour.replace(hour=0)


class Dimension(StrEnum):
    """By what else exchanges are told apart."""

    MODEL = "model"
    KEY = "key"
    UPSTREAM = "upstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    """Which exchanges are summed, from `since` up to, not including, `until`, and how.

    Without a step the period is one piece. The other parts keep the exchanges of one key, model or
    upstream.
    """

    since: datetime
    until: datetime
    step: Step | None = None
    by: frozenset[Dimension] = field(default=frozenset())
    key_id: KeyId | None = None
    model: str | None = None
    upstream: str | None = None

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise InvalidValue("a period ends after its beginning", field="until")
        longest = (self.step or Step.DAY).longest_period
        if self.until - self.since > longest:
            raise InvalidValue(
                f"a report by {(self.step or Step.DAY).value} covers at most {longest.days} days",
                field="since",
            )


def latency_bucket(milliseconds: int) -> int:
    """Return the latency under which one is counted: never less, and at most 1 % more.

    Up to `FINE` it is the latency itself, then the next multiple of 10 ms up to `COARSE`, and of
    100 ms beyond.
    """
    if milliseconds <= FINE:
        return milliseconds
    unit = 10 if milliseconds <= COARSE else 100
    return -(-milliseconds // unit) * unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """How many exchanges took how long: counts by `latency_bucket`."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many exchanges were counted."""
        return sum(self.counts.values())

    def percentile(self, rank: int) -> int | None:
        """Return the nearest-rank percentile in milliseconds, None where nothing was counted.

        It is a latency that was counted: the least one that at least `rank` per cent of all
        exchanges did not exceed. Nothing is interpolated.
        """
        wanted = -(-self.total * rank // 100)
        seen = 0
        for latency in sorted(self.counts):
            seen += self.counts[latency]
            if seen >= wanted:
                return latency
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFigures:
    """The sums over some exchanges.

    `refused` ended with a 4xx: by the policy, a limit or the upstream; `failed` with a 5xx.
    `estimated` is the number of exchanges whose tokens the upstream did not count, `unpriced` of
    those that used tokens for which no price is known: the `costs`, nano-units by currency, lack
    theirs.
    """

    requests: int = 0
    refused: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: int = 0
    unpriced: int = 0
    costs: Mapping[str, int] = field(default_factory=dict)
    latencies: Latencies = field(default_factory=Latencies)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageKey:
    """What the exchanges of a group have in common; None for what they are not told apart by."""

    at: datetime | None = None
    model: str | None = None
    key_id: KeyId | None = None
    upstream: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageGroup:
    """Some exchanges, and their sums."""

    key: UsageKey
    figures: UsageFigures


class _Sum:
    """Figures that are being added up."""

    def __init__(self) -> None:
        self._counts = [0] * len(_COUNTS)
        self._costs: Counter[str] = Counter()
        self._latencies: Counter[int] = Counter()

    def add(self, figures: UsageFigures) -> None:
        for index, name in enumerate(_COUNTS):
            self._counts[index] += getattr(figures, name)
        self._costs.update(figures.costs)
        self._latencies.update(figures.latencies.counts)

    def figures(self) -> UsageFigures:
        return UsageFigures(
            **dict(zip(_COUNTS, self._counts, strict=True)),
            costs=dict(self._costs),
            latencies=Latencies(counts=dict(self._latencies)),
        )


_COUNTS = (
    "requests",
    "refused",
    "failed",
    "input_tokens",
    "output_tokens",
    "estimated",
    "unpriced",
)


def total(groups: Iterable[UsageGroup]) -> UsageFigures:
    """Return the sums over all groups."""
    everything = _Sum()
    for group in groups:
        everything.add(group.figures)
    return everything.figures()


def grouped(rows: Iterable[tuple[UsageKey, UsageFigures]]) -> list[UsageGroup]:
    """Return the rows with those of one key added up, in order of time, model, key and upstream.

    Raises:
        InvalidValue: there are more than `MAX_GROUPS`.
    """
    sums: dict[UsageKey, _Sum] = {}
    for key, figures in rows:
        if key not in sums:
            if len(sums) >= MAX_GROUPS:
                raise InvalidValue(
                    f"this report has more than {MAX_GROUPS} groups: shorten the period, or tell "
                    "the exchanges apart by less",
                    field="by",
                )
            sums[key] = _Sum()
        sums[key].add(figures)
    return [UsageGroup(key=key, figures=sums[key].figures()) for key in sorted(sums, key=_order)]


def _order(key: UsageKey) -> tuple[str, str, str, str]:
    at = "" if key.at is None else key.at.isoformat()
    return at, key.model or "", key.key_id or "", key.upstream or ""
