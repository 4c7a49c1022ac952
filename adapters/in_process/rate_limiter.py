"""Limits of keys as one process counts them.

Rates are GCRA on the monotonic clock, budgets are sums over UTC days and months that begin with
what the store says was spent. Between looking and charging nothing is awaited, so that asyncio's
tasks cannot get in between.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.limits import (
    Admission,
    AdmissionRefused,
    RateLimiter,
    Reservation,
    Window,
    Windows,
)
from application.ports.readers import GatewayReader
from application.ports.system import Clock, IdFactory
from domain.api_key import KeyLimits
from domain.errors import DomainError
from domain.identifiers import KeyId, TenantId
from domain.rate_limit import LimitKind, Rate, RateDecision, acquire, budget_window, settle

MAX_KEYS = 20_000
IDLE_SECONDS = 600.0
"""After this long a key's rates are full again, and its usage is in the store."""

LONGEST_REQUEST = 3600.0
"""Seconds after which a place that was never given back is free again."""

_PERIOD = 60.0
_RETRY_CONCURRENT = 1.0
_SWEPT = 16
_RATES = (LimitKind.REQUESTS, LimitKind.TOKENS)


@dataclass(slots=True, kw_only=True)
class _Budget:
    start: datetime
    spent: int


@dataclass(slots=True)
class _KeyState:
    """What is known of one key; `open` are its admissions and when each place lapses."""

    used_at: float
    tats: dict[LimitKind, float] = field(default_factory=dict)
    budgets: dict[LimitKind, _Budget] = field(default_factory=dict)
    open: dict[str, float] = field(default_factory=dict)
    seeding: "asyncio.Future[None] | None" = None


class InProcessRateLimiter(RateLimiter):
    """Decide all limits of a request together, exactly within this process.

    At most `max_keys` keys are remembered: idle ones go first, then those used longest ago, which
    begin anew with full rates. Keys with open requests stay.
    """

    def __init__(
        self, *, reader: GatewayReader, clock: Clock, ids: IdFactory, max_keys: int = MAX_KEYS
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._ids = ids
        self._max_keys = max_keys
        self._keys: OrderedDict[tuple[TenantId, KeyId], _KeyState] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    async def acquire(self, tenant_id: TenantId, reservation: Reservation) -> Admission:
        """Let a request in and reserve what it asks for.

        A request that asks for more tokens than the limit ever holds is refused as well, with the
        limit's whole period to wait.

        Raises:
            AdmissionRefused: a limit is used up; nothing was charged.
            Unavailable: the store cannot say what the key has spent.
        """
        state = self._touch(tenant_id, reservation.key_id)
        while missing := _unseeded(state, reservation):
            await self._seed(state, tenant_id, reservation, missing)
            state = self._touch(tenant_id, reservation.key_id)
        now = self._clock.monotonic()
        _free_lapsed(state, now)
        rates = _ask_rates(state, reservation.limits, now, requests=1, tokens=reservation.tokens)
        waits = _waits(state, reservation, rates)
        if waits:
            as_it_stands = _ask_rates(state, reservation.limits, now, requests=0, tokens=0)
            raise AdmissionRefused(
                reservation, waits=waits, windows=_windows(state, reservation, as_it_stands)
            )
        admission_id = self._ids.ulid()
        state.tats.update({kind: decision.tat for kind, decision in rates.items()})
        state.open[admission_id] = now + LONGEST_REQUEST
        for budget in _budgets(state, reservation.limits).values():
            budget.spent += reservation.cost_nano
        return Admission(
            id=admission_id,
            tenant_id=tenant_id,
            reservation=reservation,
            windows=_windows(state, reservation, rates),
        )

    async def settle(self, admission: Admission, *, tokens: int, cost_nano: int) -> None:
        """Charge what the request really used instead of the reservation, and free its place.

        A request that never reached a model settles with zeros. A second settlement is ignored.
        """
        reservation = admission.reservation
        state = self._keys.get((admission.tenant_id, reservation.key_id))
        if state is None or state.open.pop(admission.id, None) is None:
            return
        now = self._clock.monotonic()
        state.used_at = now
        rate = _rate(reservation.limits, LimitKind.TOKENS)
        tat = state.tats.get(LimitKind.TOKENS)
        if rate is not None and tat is not None:
            # From a bucket that is full again, an excess is taken as of now.
            state.tats[LimitKind.TOKENS] = settle(
                rate, tat=max(tat, now), now=now, reserved=reservation.tokens, actual=tokens
            )
        for kind, budget in _budgets(state, reservation.limits).items():
            # A window that ended meanwhile took the reservation with it.
            if budget_window(kind, reservation.at)[0] == budget.start:
                budget.spent += cost_nano - reservation.cost_nano

    def _touch(self, tenant_id: TenantId, key_id: KeyId) -> _KeyState:
        """Return the state of a key as the one used last, and forget others where it is time."""
        now = self._clock.monotonic()
        key = (tenant_id, key_id)
        state = self._keys.get(key)
        if state is None:
            self._keys[key] = state = _KeyState(now)
        state.used_at = now
        self._keys.move_to_end(key)
        for _ in range(_SWEPT):
            oldest_key, oldest = next(iter(self._keys.items()))
            is_idle = oldest.used_at + IDLE_SECONDS <= now
            if oldest is state or not (is_idle or len(self._keys) > self._max_keys):
                break
            _free_lapsed(oldest, now)
            if oldest.open or oldest.seeding is not None:
                self._keys.move_to_end(oldest_key)
            else:
                del self._keys[oldest_key]
        return state

    async def _seed(
        self,
        state: _KeyState,
        tenant_id: TenantId,
        reservation: Reservation,
        missing: Sequence[tuple[LimitKind, datetime]],
    ) -> None:
        """Ask the store what was spent; requests that come meanwhile wait for the same answer."""
        if state.seeding is not None:
            # The shield keeps a waiter that goes away from cancelling the others.
            await asyncio.shield(state.seeding)
            return
        state.seeding = seeding = asyncio.get_running_loop().create_future()
        try:
            for kind, start in missing:
                spent = await self._reader.spent(tenant_id, reservation.key_id, since=start)
                state.budgets[kind] = _Budget(start=start, spent=spent)
        except DomainError as error:
            seeding.set_exception(error)
            seeding.exception()  # Nobody may be waiting: then it is not "never retrieved".
            raise
        finally:
            state.seeding = None
            if not seeding.done():
                seeding.set_result(None)


def _rate(limits: KeyLimits, kind: LimitKind) -> Rate | None:
    count = limits.requests_per_minute if kind is LimitKind.REQUESTS else limits.tokens_per_minute
    return None if count is None else Rate(count=count, period=_PERIOD)


def _budget_limits(limits: KeyLimits) -> dict[LimitKind, int]:
    both = {
        LimitKind.BUDGET_DAY: limits.budget_per_day_nano,
        LimitKind.BUDGET_MONTH: limits.budget_per_month_nano,
    }
    return {kind: limit for kind, limit in both.items() if limit is not None}


def _budgets(state: _KeyState, limits: KeyLimits) -> dict[LimitKind, _Budget]:
    return {kind: state.budgets[kind] for kind in _budget_limits(limits) if kind in state.budgets}


def _unseeded(state: _KeyState, reservation: Reservation) -> list[tuple[LimitKind, datetime]]:
    """Return the budget windows that begin; a request of an older window is charged to the new."""
    missing = []
    for kind in _budget_limits(reservation.limits):
        start, _ = budget_window(kind, reservation.at)
        known = state.budgets.get(kind)
        if known is None or known.start < start:
            missing.append((kind, start))
    return missing


def _free_lapsed(state: _KeyState, now: float) -> None:
    while state.open:
        admission_id, lapses_at = next(iter(state.open.items()))
        if lapses_at > now:
            break
        del state.open[admission_id]


def _ask_rates(
    state: _KeyState, limits: KeyLimits, now: float, *, requests: int, tokens: int
) -> dict[LimitKind, RateDecision]:
    costs = {LimitKind.REQUESTS: requests, LimitKind.TOKENS: tokens}
    return {
        kind: acquire(rate, tat=state.tats.get(kind), now=now, cost=costs[kind])
        for kind in _RATES
        if (rate := _rate(limits, kind)) is not None
    }


def _waits(
    state: _KeyState, reservation: Reservation, rates: dict[LimitKind, RateDecision]
) -> dict[LimitKind, float]:
    """Return the limits that refuse, with the seconds until each would admit."""
    waits = {kind: decision.retry_after for kind, decision in rates.items() if not decision.allowed}
    if waits.get(LimitKind.TOKENS) == float("inf"):
        waits[LimitKind.TOKENS] = _PERIOD
    limits = reservation.limits
    if limits.concurrent is not None and len(state.open) >= limits.concurrent:
        waits[LimitKind.CONCURRENT] = _RETRY_CONCURRENT
    for kind, limit in _budget_limits(limits).items():
        budget = state.budgets[kind]
        # A request without a price passes until the budget is gone; any other one must fit.
        if budget.spent >= limit or budget.spent + reservation.cost_nano > limit:
            waits[kind] = _seconds_left(kind, budget, reservation.at)
    return waits


def _windows(
    state: _KeyState, reservation: Reservation, rates: dict[LimitKind, RateDecision]
) -> Windows:
    limits = reservation.limits
    windows = {}
    for kind, decision in rates.items():
        rate = _rate(limits, kind)
        if rate is not None:
            windows[kind] = Window(
                limit=rate.count, remaining=decision.remaining, reset=decision.reset_after
            )
    if limits.concurrent is not None:
        windows[LimitKind.CONCURRENT] = Window(
            limit=limits.concurrent,
            remaining=max(0, limits.concurrent - len(state.open)),
            reset=0.0,
        )
    for kind, limit in _budget_limits(limits).items():
        budget = state.budgets[kind]
        windows[kind] = Window(
            limit=limit,
            remaining=max(0, limit - budget.spent),
            reset=_seconds_left(kind, budget, reservation.at),
        )
    return windows


def _seconds_left(kind: LimitKind, budget: _Budget, at: datetime) -> float:
    return (budget_window(kind, budget.start)[1] - at).total_seconds()
