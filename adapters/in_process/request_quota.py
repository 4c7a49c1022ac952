"""Requests of a month in this process's memory, with what the store knows of others'."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.quotas import RequestQuota
from application.ports.readers import UsageReader
from application.ports.system import Clock
from domain.identifiers import TenantId
from domain.subscription import month_of
from domain.usage_report import UsageQuery

LOOK_EVERY = 60.0
"""Seconds after which the store is asked again what other processes have served."""


@dataclass(slots=True)
class _Month:
    begin: datetime
    used: int
    looked_at: float


class InProcessRequestQuota(RequestQuota):
    """Count here, and never below what is stored of the month.

    One process counts exactly, from its start on. Several see each other's requests once they are
    stored, within about a minute, and may exceed a limit by what they serve in that time.
    """

    def __init__(self, *, reader: UsageReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._months: dict[TenantId, _Month] = {}

    async def take(self, tenant_id: TenantId, *, limit: int, at: datetime) -> bool:
        """Count one more request, unless the limit is reached."""
        month = await self._month(tenant_id, at)
        if month.used >= limit:
            return False
        month.used += 1
        return True

    async def give_back(self, tenant_id: TenantId, *, at: datetime) -> None:
        """Take one request back."""
        month = self._months.get(tenant_id)
        if month is not None and month.begin == month_of(at)[0] and month.used > 0:
            month.used -= 1

    async def used(self, tenant_id: TenantId, *, at: datetime) -> int:
        """Return how many requests are counted."""
        return (await self._month(tenant_id, at)).used

    async def _month(self, tenant_id: TenantId, at: datetime) -> _Month:
        begin, _ = month_of(at)
        month = self._months.get(tenant_id)
        now = self._clock.monotonic()
        if month is not None and month.begin == begin and now - month.looked_at < LOOK_EVERY:
            return month
        stored = await self._stored(tenant_id, begin, at)
        # Others may have been here while the store was asked: what they counted stays counted.
        month = self._months.get(tenant_id)
        if month is None or month.begin != begin:
            month = self._months[tenant_id] = _Month(begin=begin, used=stored, looked_at=now)
        month.used = max(month.used, stored)
        month.looked_at = now
        return month

    async def _stored(self, tenant_id: TenantId, begin: datetime, at: datetime) -> int:
        if at <= begin:
            return 0
        groups = await self._reader.usage(tenant_id, UsageQuery(since=begin, until=at))
        return sum(group.figures.requests for group in groups)
