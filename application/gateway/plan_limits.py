"""Admit requests within what the tenant's plan includes for a month."""

from application.ports.limits import Admission, RateLimiter, Reservation
from application.ports.quotas import RequestQuota
from domain.identifiers import TenantId
from domain.subscription import QuotaUsedUp


class PlanLimiter(RateLimiter):
    """Count a month's requests of the plan around the limits of keys: both admit, or none does."""

    def __init__(self, *, limiter: RateLimiter, quota: RequestQuota) -> None:
        self._limiter = limiter
        self._quota = quota

    async def acquire(self, tenant_id: TenantId, reservation: Reservation) -> Admission:
        """Let a request in and reserve what it asks for.

        Raises:
            AdmissionRefused: a limit of the key is used up; nothing was charged.
            QuotaUsedUp: the month's requests of the plan are used up; nothing was charged.
            Unavailable: limits cannot be decided.
        """
        included = reservation.entitlements
        if included is None or included.requests_per_month is None:
            return await self._limiter.acquire(tenant_id, reservation)
        limit, at = included.requests_per_month, reservation.at
        # The plan first: what it refuses charges no limit of the key, which may hold tokens back.
        if not await self._quota.take(tenant_id, limit=limit, at=at):
            raise QuotaUsedUp(limit, plan=included.plan, at=at)
        is_admitted = False
        try:
            admission = await self._limiter.acquire(tenant_id, reservation)
            is_admitted = True
        finally:
            if not is_admitted:
                await self._quota.give_back(tenant_id, at=at)
        return admission

    async def settle(self, admission: Admission, *, tokens: int, cost_nano: int) -> None:
        """Charge what the request really used."""
        await self._limiter.settle(admission, tokens=tokens, cost_nano=cost_nano)
