"""What the script of the limits answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adapters.redis.client import RedisUnavailable
from application.ports.limits import Reservation, Window, Windows
from domain.rate_limit import LimitKind, budget_window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000
_NEVER = -1
_LONGEST_WAIT = 60.0
"""Told for a request that asks for more than a rate ever holds: its whole period."""

_RETRY_CONCURRENT = 1.0


@dataclass(frozen=True, slots=True)
class SpentQuestion:
    """What was spent since these seconds must be known first: in the day, in the month."""

    day: int
    month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAnswer:
    """How a rate stands: units that could be had at once, microseconds until it is full again.

    `wait` is microseconds until the request would pass, 0 where it does, -1 where it never will.
    """

    remaining: int
    full_in: int
    wait: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitAnswer:
    """Whether a request was admitted, when by the clock of Redis, and how every limit stands.

    `starts` and `spent` are of the windows of budgets; `refusing` are the limits other than rates
    that refuse.
    """

    is_admitted: bool
    at: datetime
    rates: dict[LimitKind, RateAnswer]
    open: int
    starts: dict[LimitKind, datetime]
    spent: dict[LimitKind, int]
    refusing: frozenset[LimitKind]

    def windows(self, reservation: Reservation) -> Windows:
        """Return the window of each limit that there is."""
        limits = reservation.limits
        windows = {}
        for kind, count in (
            (LimitKind.REQUESTS, limits.requests_per_minute),
            (LimitKind.TOKENS, limits.tokens_per_minute),
        ):
            if count is not None:
                rate = self.rates[kind]
                windows[kind] = Window(
                    limit=count, remaining=rate.remaining, reset=rate.full_in / _MICROSECONDS
                )
        if limits.concurrent is not None:
            windows[LimitKind.CONCURRENT] = Window(
                limit=limits.concurrent, remaining=max(0, limits.concurrent - self.open), reset=0.0
            )
        for kind, limit in _budgets(reservation).items():
            windows[kind] = Window(
                limit=limit,
                remaining=max(0, limit - self.spent[kind]),
                reset=self._seconds_left(kind),
            )
        return windows

    @property
    def waits(self) -> dict[LimitKind, float]:
        """Return the limits that refuse, with the seconds until each would admit."""
        waits = {
            kind: _LONGEST_WAIT if rate.wait == _NEVER else rate.wait / _MICROSECONDS
            for kind, rate in self.rates.items()
            if rate.wait != 0
        }
        for kind in self.refusing:
            is_budget = kind in self.starts
            waits[kind] = self._seconds_left(kind) if is_budget else _RETRY_CONCURRENT
        return waits

    def _seconds_left(self, kind: LimitKind) -> float:
        return (budget_window(kind, self.starts[kind])[1] - self.at).total_seconds()


def read_answer(answer: object) -> LimitAnswer | SpentQuestion:
    """Return what the script said.

    Raises:
        RedisUnavailable: it is not what the script says.
    """
    match answer:
        case ["spent?", int(day), int(month)]:
            return SpentQuestion(day, month)
        case [
            "admitted" | "refused" as verdict,
            int(now),
            int(day),
            int(month),
            [*requests],
            [*tokens],
            [int(held), int(held_refuses)],
            [int(day_spent), int(day_refuses)],
            [int(month_spent), int(month_refuses)],
        ]:
            refuses = {
                LimitKind.CONCURRENT: held_refuses,
                LimitKind.BUDGET_DAY: day_refuses,
                LimitKind.BUDGET_MONTH: month_refuses,
            }
            return LimitAnswer(
                is_admitted=verdict == "admitted",
                at=_EPOCH + timedelta(microseconds=now),
                rates={LimitKind.REQUESTS: _rate(requests), LimitKind.TOKENS: _rate(tokens)},
                open=held,
                starts={
                    LimitKind.BUDGET_DAY: datetime.fromtimestamp(day, UTC),
                    LimitKind.BUDGET_MONTH: datetime.fromtimestamp(month, UTC),
                },
                spent={LimitKind.BUDGET_DAY: day_spent, LimitKind.BUDGET_MONTH: month_spent},
                refusing=frozenset(kind for kind, refused in refuses.items() if refused),
            )
    raise RedisUnavailable("redis gave an answer that is none")


def _rate(numbers: Sequence[object]) -> RateAnswer:
    match numbers:
        case [int(remaining), int(full_in), int(wait)]:
            return RateAnswer(remaining=remaining, full_in=full_in, wait=wait)
    raise RedisUnavailable("redis gave an answer that is none")


def _budgets(reservation: Reservation) -> dict[LimitKind, int]:
    limits = reservation.limits
    both = {
        LimitKind.BUDGET_DAY: limits.budget_per_day_nano,
        LimitKind.BUDGET_MONTH: limits.budget_per_month_nano,
    }
    return {kind: limit for kind, limit in both.items() if limit is not None}
