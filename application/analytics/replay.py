"""Analyse stored objects once more: after a fix, with better detectors, or after a loss."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from application.administration import AdministrationLog
from application.analytics.judge import STARTER, PoliciesOfThen
from application.analytics.parse import LogParser
from application.analytics.parsed_exchange import ParsedExchange
from application.audit_objects import UnpackLimits, UnreadableObject, unpack
from application.authorisation import Authorise
from application.ports.job_queue import JobQueue, QueueFull
from application.ports.object_storage import (
    ObjectNotFound,
    ObjectStorage,
    ObjectStorages,
    StoredObject,
)
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.audit import canonical
from domain.authorisation import Action, Principal
from domain.errors import InvalidValue
from domain.identifiers import JobId, PolicyId
from domain.job import Job, ObjectRef
from domain.log_objects import HOUR, as_one_job, hour_of, is_log
from domain.tenant import Slug, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCommand:
    """Which objects of a tenant: below a prefix of the bucket, of a time, behind a key.

    `since` and `until` bound the hour of an audit object, and the time of writing of any other.
    `by` is None for the operator.
    `policy` is a version, `pol_…@3`: only objects with a record that it judged.
    """

    slug: Slug
    by: Principal | None = None
    prefix: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    policy: str | None = None

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
        limits: UnpackLimits,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._queue = queue
        self._clock = clock
        self._ids = ids
        self._authorise = authorise
        self._log = log
        self._limits = limits

    async def __call__(self, command: ReplayCommand) -> Replayed:
        """Queue the objects in the order of their keys.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            NotFound: no such tenant, or not the caller's; or it has no such policy version.
            InvalidValue: the policy is no version.
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
            if (
                is_log(item.key)
                and command.asks_for(item)
                and await self._was_judged_by(command.policy, tenant, storage, item)
            ):
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
                except QueueFull:
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
            await _require_version(uow, tenant, command.policy)
            if not command.after:
                target = command.prefix or tenant.storage.bucket
                await self._log.note(uow, tenant.id, by=by, deed=action, target=target)
                await uow.commit()
        return tenant

    async def _was_judged_by(
        self, policy: str | None, tenant: Tenant, storage: ObjectStorage, item: StoredObject
    ) -> bool:
        """Tell whether a record of an object was judged by a version; nothing else is done to it.

        An object that cannot be read was judged by nobody.
        """
        if policy is None:
            return True
        policies = PoliciesOfThen(self._transactions, tenant, self._clock)
        try:
            async with aclosing(self._exchanges(tenant, storage, item)) as exchanges:
                async for exchange in exchanges:
                    if (await policies.of(exchange)).reference == policy:
                        return True
        except (UnreadableObject, ObjectNotFound):
            return False
        return False

    async def _exchanges(
        self, tenant: Tenant, storage: ObjectStorage, item: StoredObject
    ) -> AsyncGenerator[ParsedExchange, None]:
        parser = LogParser(key=item.key, tenant=tenant.slug, written_at=item.modified_at)
        async for line in unpack(storage.read(item.key), self._limits):
            for exchange in parser.feed(line):
                yield exchange
        for exchange in parser.finish():
            yield exchange


async def _require_version(uow: UnitOfWork, tenant: Tenant, policy: str | None) -> None:
    if policy is None or policy == STARTER:
        return
    policy_id, _, number = policy.rpartition("@")
    if not policy_id or not number.isdecimal():
        raise InvalidValue("a policy version is a policy's id, @ and a number", field="policy")
    await uow.policies.get(tenant.id, PolicyId(policy_id), int(number))
