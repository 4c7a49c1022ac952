"""The arithmetic of limits: GCRA for rates, counters for concurrency and budgets.

The generic cell rate algorithm (ITU-T I.371, annex A) keeps one number for each limit: the
theoretical arrival time (TAT). All times are seconds on one clock that never runs backwards.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidValue

_ROUNDINGS = 4
"""Roundings between two readings of one limit: the sum, the difference, and both times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`count` units in `period` seconds, all of which may come at once (burst = count)."""

    count: int
    period: float = 60.0

    def __post_init__(self) -> None:
        if self.count < 1 or self.period <= 0:
            raise InvalidValue("a rate needs a count and a period above zero", field="rate")

    @property
    def interval(self) -> float:
        """Return the seconds that one unit takes to come back."""
        return self.period / self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDecision:
    """The answer to one request: `tat` is what to store, unchanged when refused.

    `remaining` units could be had at once, `retry_after` seconds until this request would pass
    (0 when it did; infinite when it never can), `reset_after` seconds until the limit is full.
    """

    allowed: bool
    tat: float
    remaining: int
    retry_after: float
    reset_after: float


def acquire(rate: Rate, *, tat: float | None, now: float, cost: int = 1) -> RateDecision:
    """Ask for `cost` units; `tat` is the stored state, None for a limit never used."""
    if cost < 0:
        raise InvalidValue("a cost is not negative", field="cost")
    stored = now if tat is None else max(tat, now)
    used = _whole_units(rate, stored, now)
    allowed = used + cost <= rate.count
    retry_after = 0.0
    if not allowed:
        missing = used + cost - rate.count
        retry_after = math.inf if cost > rate.count else missing * rate.interval
    if allowed:
        used += cost
        stored = now + used * rate.interval
    return RateDecision(
        allowed=allowed,
        tat=stored,
        remaining=max(0, math.floor(rate.count - used)),
        retry_after=retry_after,
        reset_after=stored - now,
    )


def _whole_units(rate: Rate, stored: float, now: float) -> float:
    """Return how many units are in use; a whole number that rounding missed is whole again.

    Seconds since 1970 have a resolution of 2.4e-7 as floats. Without this, a thousand small steps
    add up their errors, and the last unit of a burst is refused or one too many let in.
    """
    used = (stored - now) / rate.interval
    nearest = round(used)
    blur = _ROUNDINGS * math.ulp(stored)
    return nearest if abs(used - nearest) * rate.interval <= blur else used


def settle(rate: Rate, *, tat: float, now: float, reserved: int, actual: int) -> float:
    """Return the state after a reservation of `reserved` units turned out to be `actual`.

    A refund never gives more than the burst; an excess is charged, so that later requests wait.
    What is used stays within burst and refill for every window that holds both the reservation and
    its settlement; a refund that comes late can be had a second time in a window between them.
    """
    used = _whole_units(rate, max(tat, now), now) + actual - reserved
    return now + max(0.0, used) * rate.interval


class LimitKind(StrEnum):
    """Which of a key's limits decided."""

    REQUESTS = "requests"
    TOKENS = "tokens"
    CONCURRENT = "concurrent"
    BUDGET_DAY = "budget_day"
    BUDGET_MONTH = "budget_month"


class FailMode(StrEnum):
    """What a limit does that cannot be decided, because what counts it is away."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailModes:
    """What a tenant's limits do then.

    Open: each process grants its share of the rates, and budgets as far as it can see. Closed: no
    request passes that the limit concerns.
    """

    rates: FailMode = FailMode.OPEN
    budgets: FailMode = FailMode.CLOSED


def budget_window(kind: LimitKind, at: datetime) -> tuple[datetime, datetime]:
    """Return the UTC day or calendar month that holds `at`, as `[start, end)`."""
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if kind is LimitKind.BUDGET_DAY:
        return start, start + timedelta(days=1)
    if kind is LimitKind.BUDGET_MONTH:
        start = start.replace(day=1)
        return start, (start + timedelta(days=32)).replace(day=1)
    raise InvalidValue(f"{kind.value} is not a budget", field="kind")
