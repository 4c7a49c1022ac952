"""Analyse stored objects once more: after a fix, with better detectors, or after a loss."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from application.administration import AdministrationLog
from application.authorisation import Authorise
from application.ports.job_queue import JobQueue
from application.ports.object_storage import ObjectStorages, StoredObject
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions
from domain.audit import canonical
from domain.authorisation import Action, Principal
from domain.errors import Unavailable
from domain.identifiers import JobId
from domain.job import Job, ObjectRef
from domain.log_objects import HOUR, as_one_job, hour_of, is_log
from domain.tenant import Slug, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCommand:
    """Which objects of a tenant: below a prefix of the bucket, of a time, behind a key.

    `since` and `until` bound the hour of an audit object, and the time of writing of any other.
    `by` is None for the operator.
    """

    slug: Slug
    by: Principal | None = None
    prefix: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""

    def asks_for(self, item: StoredObject) -> bool:
        """Tell whether an object is one of them, by its time."""
        hour = hour_of(item.key)
        first, last = (item.modified_at, item.modified_at) if hour is None else (hour, hour + HOUR)
        is_late_enough = self.since is None or last > self.since or first >= self.since
        return is_late_enough and (self.until is None or first < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many objects were queued; `continue_after` where the queue had no room for the rest."""

    queued: int
    continue_after: str | None = None


class ReplayObjects:
    """Queue objects again as jobs of their own, whatever became of their former ones.

    Nothing is doubled by it: violations have the same ids, and those that stand stay as they are.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        storages: ObjectStorages,
        queue: JobQueue,
        clock: Clock,
        ids: IdFactory,
        authorise: Authorise,
        log: AdministrationLog,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._queue = queue
        self._clock = clock
        self._ids = ids
        self._authorise = authorise
        self._log = log

    async def __call__(self, command: ReplayCommand) -> Replayed:
        """Queue the objects in the order of their keys.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            NotFound: no such tenant, or not the caller's.
            Refused: the member's role does not cover this (`role.insufficient`).
            Unavailable, AccessDenied: the storage, or a queue that is away.
        """
        tenant = await self._tenant(command)
        settings = tenant.storage
        own = settings.prefix
        below = command.prefix if command.prefix.startswith(own) else own + command.prefix
        replay = self._ids.ulid()
        queued, done = 0, command.after
        storage = self._storages.of(settings)
        async for item in storage.list(below, start_after=command.after):
            if is_log(item.key) and command.asks_for(item):
                ref = as_one_job(
                    ObjectRef(
                        provider=settings.provider.value,
                        bucket=settings.bucket,
                        key=item.key,
                        revision=item.revision,
                    )
                )
                name = canonical([ref.job_id, replay])
                job = Job(
                    id=JobId("job_" + hashlib.sha256(name).hexdigest()[:32]),
                    tenant_id=tenant.id,
                    object=ref,
                    source="replay",
                    created_at=self._clock.now(),
                )
                try:
                    await self._queue.put(job)
                except Unavailable as error:
                    if error.code != "jobs.queue_full":
                        raise
                    return Replayed(queued=queued, continue_after=done)
                queued += 1
            done = item.key
        return Replayed(queued=queued)

    async def _tenant(self, command: ReplayCommand) -> Tenant:
        """Return the tenant if the caller may, with a note in its log of who had it replayed."""
        by, action = command.by, Action.REPLAY
        async with self._transactions() as uow:
            if by is None:
                tenant = await uow.tenants.by_slug(command.slug)
            else:
                tenant = (await self._authorise.within(uow, by, command.slug, action)).tenant
            if not command.after:
                target = command.prefix or tenant.storage.bucket
                await self._log.note(uow, tenant.id, by=by, deed=action, target=target)
                await uow.commit()
        return tenant
