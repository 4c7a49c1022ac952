"""Find stored objects that no event told of, and queue them."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from application.ports.job_queue import JobQueue, QueueFull
from application.ports.object_storage import ObjectStorage, ObjectStorages, StoredObject
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions
from domain.errors import DomainError
from domain.job import Job, ObjectRef
from domain.log_objects import HOUR, as_one_job, audit_day, audit_hour, is_log
from domain.tenant import Tenant, TenantState

_log = logging.getLogger(__name__)

GRACE = timedelta(minutes=10)
"""How long an event may take before its object counts as missed."""

_HOURS = 3
_LATE_DAYS = 3
"""Days whose audit objects are looked through for those that were written late."""


class SweepScope(StrEnum):
    """What a sweep looks at.

    `recent`: our own audit log of this hour and the two before it, which is cheap at any size.
    `foreign`: every other log, and of our own what was written late, as after the storage was away.
    `all`: everything.
    """

    RECENT = "recent"
    FOREIGN = "foreign"
    ALL = "all"


class Reconcile:
    """List the tenants' buckets against the jobs that are known, and queue what is missing.

    Objects younger than `grace` may still be announced; those older than `horizon` are left alone,
    since their jobs may be forgotten by now. A replay reads those again.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        storages: ObjectStorages,
        queue: JobQueue,
        clock: Clock,
        telemetry: Telemetry,
        horizon: timedelta,
        grace: timedelta = GRACE,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._queue = queue
        self._clock = clock
        self._telemetry = telemetry
        self._horizon = horizon
        self._grace = grace

    async def __call__(self, scope: SweepScope) -> int:
        """Return how many objects had been missed.

        Raises:
            QueueFull: the next sweep goes on.
            Unavailable, AccessDenied: a tenant's storage; all others were swept.
        """
        async with self._transactions() as uow:
            tenants = await uow.tenants.all()
        missing = 0
        trouble: DomainError | None = None
        for tenant in tenants:
            if tenant.state is TenantState.DELETED:
                continue
            try:
                missing += await self._sweep(tenant, scope)
            except QueueFull:
                raise
            except DomainError as error:
                _log.warning("a bucket could not be swept", extra={"code": error.code})
                trouble = trouble or error
        if trouble is not None:
            raise trouble
        return missing

    async def _sweep(self, tenant: Tenant, scope: SweepScope) -> int:
        now = self._clock.now()
        settings = tenant.storage
        missing = 0
        async for item in _listed(self._storages.of(settings), settings.prefix, scope, now):
            if not is_log(item.key) or not (
                now - self._horizon <= item.modified_at <= now - self._grace
            ):
                continue
            ref = as_one_job(
                ObjectRef(
                    provider=settings.provider.value,
                    bucket=settings.bucket,
                    key=item.key,
                    revision=item.revision,
                )
            )
            job = Job.accept(tenant_id=tenant.id, ref=ref, source="sweep", at=now)
            if await self._queue.put(job):
                missing += 1
                self._telemetry.count(Metric.RECONCILE_MISSING)
                _log.warning("an object had been missed", extra={"job": job.id})
        return missing


def _listed(
    storage: ObjectStorage, prefix: str, scope: SweepScope, now: datetime
) -> AsyncIterator[StoredObject]:
    match scope:
        case SweepScope.RECENT:
            return _recent(storage, prefix, now)
        case SweepScope.FOREIGN:
            return _foreign(storage, prefix, now)
        case SweepScope.ALL:
            return storage.list(prefix)


async def _recent(
    storage: ObjectStorage, prefix: str, now: datetime
) -> AsyncIterator[StoredObject]:
    for hours in range(_HOURS):
        async for item in storage.list(audit_hour(prefix, now - hours * HOUR)):
            yield item


async def _foreign(
    storage: ObjectStorage, prefix: str, now: datetime
) -> AsyncIterator[StoredObject]:
    own = f"{prefix}audit/v1/"
    async for item in storage.list(prefix):
        if item.key.startswith(own):
            break
        yield item
    # Behind everything below `audit/v1/`: the next character after a slash is a zero.
    async for item in storage.list(prefix, start_after=f"{prefix}audit/v10"):
        yield item
    for days in range(_LATE_DAYS):
        day = (now - timedelta(days=days)).astimezone(UTC).date()
        async for item in storage.list(audit_day(prefix, day)):
            if item.modified_at > now - _HOURS * HOUR:
                yield item
