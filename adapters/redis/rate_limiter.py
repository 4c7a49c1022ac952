"""Limits of keys as Redis counts them for every process together.

One script decides all limits of a request and charges them, by the clock of Redis; a second one
settles. What Redis forgets costs little: rates begin anew, budgets with what the store says.
"""

import asyncio
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime

from adapters.redis.client import RedisUnavailable
from adapters.redis.limit_answer import LimitAnswer, SpentQuestion, read_answer
from adapters.redis.presence import NotAsked, RedisPresence
from application.ports.limits import (
    Admission,
    AdmissionRefused,
    LimitMode,
    LimitsUndecided,
    RateLimiter,
    Reservation,
)
from application.ports.readers import GatewayReader
from application.ports.system import Clock, IdFactory
from application.ports.telemetry import Metric, Telemetry
from domain.api_key import KeyLimits
from domain.errors import DomainError
from domain.identifiers import KeyId, TenantId
from domain.rate_limit import FailMode, LimitKind, budget_window

PREFIX = "trueport:"

LONGEST_REQUEST = 3600.0
"""Seconds after which a place that was never given back is free again."""

_MICROSECONDS = 1_000_000
_PERIOD = 60 * _MICROSECONDS
_SIGN_OF_LIFE_EVERY = 10.0
_ALIVE_FOR = 35 * _MICROSECONDS
_RETRY_AFTER = 1.0
_MAX_UNSETTLED = 10_000
_SETTLED_AT_ONCE = 50
_LOCAL = "local:"
_NO_LIMITS = KeyLimits()

_Seeds = dict[LimitKind, tuple[int, int]]
"""For a budget, the second that its window began and what was spent since."""


class RedisRateLimiter(RateLimiter):
    """Decide all limits of a request together, exactly across processes.

    While Redis is away each limit goes by its fail mode: open, and `fallback` decides within this
    process over its share of the rates; closed, and the request is refused. The share is a part of
    as many as gave Redis a sign of life before it went, or of `instances`.
    """

    def __init__(
        self,
        *,
        redis: RedisPresence,
        fallback: RateLimiter,
        reader: GatewayReader,
        clock: Clock,
        ids: IdFactory,
        telemetry: Telemetry,
        instances: int = 1,
        prefix: str = PREFIX,
    ) -> None:
        self._redis = redis
        self._fallback = fallback
        self._reader = reader
        self._clock = clock
        self._ids = ids
        self._telemetry = telemetry
        self._prefix = prefix
        self._acquire = redis.script("limits_acquire")
        self._settle = redis.script("limits_settle")
        self._count_instances = redis.script("instances")
        self._name = ids.ulid()
        self._instances = instances
        self._alive_again_at = 0.0
        self._unsettled: deque[tuple[Admission, int, int]] = deque(maxlen=_MAX_UNSETTLED)
        self._spent_questions: dict[tuple[KeyId, int, int], asyncio.Future[_Seeds]] = {}

    async def acquire(self, tenant_id: TenantId, reservation: Reservation) -> Admission:
        """Let a request in and reserve what it asks for.

        Raises:
            AdmissionRefused: a limit is used up; nothing was charged.
            LimitsUndecided: Redis is away and a limit of the key fails closed.
            Unavailable: the store cannot say what the key has spent.
        """
        admission = Admission(id=self._ids.ulid(), tenant_id=tenant_id, reservation=reservation)
        if reservation.limits == _NO_LIMITS:
            return admission
        try:
            await self._catch_up()
            answer = await self._ask(admission)
        except RedisUnavailable as error:
            if not isinstance(error, NotAsked):
                # Redis may have let it in and its answer be lost.
                self._unsettled.append((admission, 0, 0))
            return await self._acquire_here(tenant_id, reservation, error)
        windows = answer.windows(reservation)
        if not answer.is_admitted:
            raise AdmissionRefused(reservation, waits=answer.waits, windows=windows)
        return replace(admission, reservation=replace(reservation, at=answer.at), windows=windows)

    async def settle(self, admission: Admission, *, tokens: int, cost_nano: int) -> None:
        """Charge what the request really used instead of the reservation, and free its place.

        A second settlement is ignored; what Redis cannot be told now, it is told when it is back.
        """
        if admission.id.startswith(_LOCAL):
            local = replace(admission, id=admission.id.removeprefix(_LOCAL))
            await self._fallback.settle(local, tokens=tokens, cost_nano=cost_nano)
            return
        if admission.reservation.limits == _NO_LIMITS:
            return
        try:
            await self._settle_in_redis(admission, tokens, cost_nano)
        except RedisUnavailable:
            self._unsettled.append((admission, tokens, cost_nano))

    async def _ask(self, admission: Admission) -> LimitAnswer:
        """Let Redis decide; where it lacks what was spent, tell it and ask again."""
        await self._give_sign_of_life()
        reservation = admission.reservation
        limits = reservation.limits
        seeds: _Seeds = {}
        while True:
            answer = read_answer(
                await self._redis.ask(
                    self._acquire,
                    self._keys(admission),
                    admission.id,
                    limits.requests_per_minute or 0,
                    limits.tokens_per_minute or 0,
                    _PERIOD,
                    limits.concurrent or 0,
                    limits.budget_per_day_nano or 0,
                    limits.budget_per_month_nano or 0,
                    reservation.tokens,
                    reservation.cost_nano,
                    int(LONGEST_REQUEST * _MICROSECONDS),
                    *seeds.get(LimitKind.BUDGET_DAY, ("", "")),
                    *seeds.get(LimitKind.BUDGET_MONTH, ("", "")),
                )
            )
            if isinstance(answer, LimitAnswer):
                return answer
            seeds = await self._spent(admission.tenant_id, reservation, answer)

    async def _spent(
        self, tenant_id: TenantId, reservation: Reservation, asked: SpentQuestion
    ) -> _Seeds:
        """Ask the store what was spent; requests that come meanwhile wait for the same answer."""
        question = (reservation.key_id, asked.day, asked.month)
        under_way = self._spent_questions.get(question)
        if under_way is not None:
            # The shield keeps a waiter that goes away from cancelling the others.
            return await asyncio.shield(under_way)
        future: asyncio.Future[_Seeds] = asyncio.get_running_loop().create_future()
        self._spent_questions[question] = future
        limits = reservation.limits
        try:
            seeds: _Seeds = {}
            for kind, limit, start in (
                (LimitKind.BUDGET_DAY, limits.budget_per_day_nano, asked.day),
                (LimitKind.BUDGET_MONTH, limits.budget_per_month_nano, asked.month),
            ):
                if limit is not None:
                    since = datetime.fromtimestamp(start, UTC)
                    spent = await self._reader.spent(tenant_id, reservation.key_id, since=since)
                    seeds[kind] = (start, spent)
            future.set_result(seeds)
        except DomainError as error:
            future.set_exception(error)
            future.exception()  # Nobody may be waiting: then it is not "never retrieved".
            raise
        finally:
            del self._spent_questions[question]
            if not future.done():
                future.set_result({})  # Who waited asks again.
        return seeds

    async def _acquire_here(
        self, tenant_id: TenantId, reservation: Reservation, error: RedisUnavailable
    ) -> Admission:
        limits, modes = reservation.limits, reservation.fail_modes
        rates = (limits.requests_per_minute, limits.tokens_per_minute, limits.concurrent)
        budgets = (limits.budget_per_day_nano, limits.budget_per_month_nano)
        if (modes.rates is FailMode.CLOSED and rates != (None, None, None)) or (
            modes.budgets is FailMode.CLOSED and budgets != (None, None)
        ):
            self._telemetry.count(Metric.LIMITS_UNDECIDED, result="refused")
            raise LimitsUndecided("redis", retry_after=_RETRY_AFTER) from error
        self._telemetry.count(Metric.LIMITS_UNDECIDED, result="local")
        local = replace(reservation, limits=self._share(limits))
        try:
            admission = await self._fallback.acquire(tenant_id, local)
        except AdmissionRefused as refusal:
            refusal.mode = LimitMode.OPEN
            raise
        return replace(admission, id=_LOCAL + admission.id, mode=LimitMode.OPEN)

    def _share(self, limits: KeyLimits) -> KeyLimits:
        def part(limit: int | None) -> int | None:
            return None if limit is None else max(1, limit // self._instances)

        return replace(
            limits,
            requests_per_minute=part(limits.requests_per_minute),
            tokens_per_minute=part(limits.tokens_per_minute),
            concurrent=part(limits.concurrent),
        )

    async def _settle_in_redis(self, admission: Admission, tokens: int, cost_nano: int) -> None:
        reservation = admission.reservation
        day, month = (
            int(budget_window(kind, reservation.at)[0].timestamp())
            for kind in (LimitKind.BUDGET_DAY, LimitKind.BUDGET_MONTH)
        )
        limits = reservation.limits
        await self._redis.ask(
            self._settle,
            self._keys(admission),
            admission.id,
            limits.tokens_per_minute or 0,
            _PERIOD,
            reservation.tokens,
            tokens,
            "" if limits.budget_per_day_nano is None else day,
            "" if limits.budget_per_month_nano is None else month,
            cost_nano - reservation.cost_nano,
        )

    async def _catch_up(self) -> None:
        """Tell Redis what it could not be told while it was away."""
        for _ in range(min(len(self._unsettled), _SETTLED_AT_ONCE)):
            if not self._unsettled:
                return
            waiting = self._unsettled.popleft()
            try:
                await self._settle_in_redis(*waiting)
            except RedisUnavailable:
                self._unsettled.append(waiting)
                return

    async def _give_sign_of_life(self) -> None:
        now = self._clock.monotonic()
        if now < self._alive_again_at:
            return
        count = await self._redis.ask(
            self._count_instances, [f"{self._prefix}instances"], self._name, _ALIVE_FOR
        )
        self._alive_again_at = now + _SIGN_OF_LIFE_EVERY
        if isinstance(count, int):
            self._instances = count

    def _keys(self, admission: Admission) -> list[str]:
        # The braces keep what belongs together on one node of a cluster.
        key = f"{self._prefix}{{{admission.tenant_id}}}:limits:{admission.reservation.key_id}"
        return [key, f"{key}:open"]
