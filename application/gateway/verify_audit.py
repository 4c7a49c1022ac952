"""Check a tenant's whole audit log against its hash chains and anchors."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from application.audit_anchors import Anchor, UnsoundAnchor, explained_before, stored_anchors
from application.audit_objects import UnreadableObject, parse_line, unpack
from application.deeds import Deeds
from application.gateway.instance_log import InstanceLog
from application.object_chain import ObjectChain
from application.ports.credentials import Signer
from application.ports.object_storage import ObjectStorage, ObjectStorages
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.audit import ChainHead, instance_of, objects_prefix
from domain.audit_chain import NOT_LINKED
from domain.authorisation import Action, Caller
from domain.errors import Unavailable
from domain.tenant import Slug, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What does not hold, and where: an object's key and line (0 for the object as a whole)."""

    key: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The outcome for one tenant.

    `expired` objects are older than the retention and about to go; they were not read.
    """

    tenant: str
    objects: int
    expired: int
    records: int
    anchors: int
    damages: tuple[Damage, ...]


class VerifyAudit:
    """Read every audit object of a tenant and check that nothing was changed, dropped or added.

    Objects stream through: memory holds a piece of one object, an entry for each anchor, and of
    the damages of an object the first few.
    """

    def __init__(
        self,
        *,
        deeds: Deeds,
        transactions: Transactions,
        storages: ObjectStorages,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self._deeds = deeds
        self._transactions = transactions
        self._storages = storages
        self._signer = signer
        self._clock = clock

    async def __call__(
        self, caller: Caller, slug: Slug, *, seconds: float | None = None
    ) -> AuditReport:
        """Return what was checked and every damage, within so many seconds, None for no bound.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
            Unavailable: the storage; or the log is too large for the time (`audit.too_large`).
            AccessDenied: the storage.
        """
        # The log grows while it is read: it ends somewhere between the heads before and after, and
        # what an anchor speaks of was stored before the anchor was.
        async with self._deeds.begin(caller, slug, Action.VERIFY_AUDIT) as deed:
            tenant = deed.tenant
            before = dict(await deed.uow.audit.heads(tenant.id))
        try:
            async with asyncio.timeout(seconds):
                return await self._report(tenant, before)
        except TimeoutError:
            raise Unavailable(
                "audit",
                "the audit log is too large to be read within a request: run "
                f"`trueport audit verify {slug}`",
                code="audit.too_large",
            ) from None

    async def _report(self, tenant: Tenant, before: Mapping[str, ChainHead]) -> AuditReport:
        storage, prefix = self._storages.of(tenant.storage), tenant.storage.prefix
        anchors, damages = await self._anchors(tenant, storage)
        count = len(damages) + sum(map(len, anchors.values()))
        expired_before = self._clock.now() - tenant.retention

        def log_of(instance: str) -> InstanceLog:
            return InstanceLog(
                before.get(instance, ChainHead()),
                anchors.get(instance, ()),
                expired_before=explained_before(self._clock.now(), tenant.retention),
            )

        logs = {instance: log_of(instance) for instance in {*before, *anchors}}
        objects = expired = 0
        async for item in storage.list(objects_prefix(prefix)):
            instance = instance_of(item.key)
            if instance is None:
                damages.append(Damage(key=item.key, line=0, reason="this is no audit object"))
                continue
            if instance not in logs:
                logs[instance] = log_of(instance)
            log = logs[instance]
            if item.modified_at <= expired_before and log.may_lack_what_expired:
                expired += 1
                continue
            objects += 1
            damages += await _read_object(storage, item.key, log)
        async with self._transactions() as uow:
            after = dict(await uow.audit.heads(tenant.id))
        for instance, log in sorted(logs.items()):
            damages += _ending_damages(
                log, after.get(instance, ChainHead()), place=objects_prefix(prefix)
            )
        return AuditReport(
            tenant=tenant.slug.value,
            objects=objects,
            expired=expired,
            records=sum(log.walk.head.count for log in logs.values()),
            anchors=count,
            damages=tuple(damages),
        )

    async def _anchors(
        self, tenant: Tenant, storage: ObjectStorage
    ) -> tuple[dict[str, list[Anchor]], list[Damage]]:
        """Return the sound anchors by instance, and what is wrong with the others."""
        anchors: dict[str, list[Anchor]] = {}
        damages: list[Damage] = []
        async for found in stored_anchors(storage, tenant, self._signer):
            if isinstance(found, UnsoundAnchor):
                damages.append(Damage(key=found.key, line=0, reason=found.reason))
            else:
                anchors.setdefault(found.instance, []).append(found)
        return anchors, damages


async def _read_object(storage: ObjectStorage, key: str, log: InstanceLog) -> list[Damage]:
    """Walk on over the records of one object and return what is wrong with it."""
    chain = ObjectChain(log.walk)
    log.last_key = key
    damages: list[Damage] = []
    try:
        async for line in unpack(storage.read(key)):
            document = parse_line(line)
            if not log.has_lines and document is not None:
                log.begin(document.get("prev"), key=key)
            chain.add(document, line)
            log.line_was_read(document)
    except UnreadableObject as error:
        log.walk.forget()
        damages.append(Damage(key=key, line=0, reason=error.message))
    damages += [Damage(key=key, line=one.line, reason=one.reason) for one in chain.breaks]
    if (others := chain.count - len(chain.breaks)) > 0:
        damages.append(Damage(key=key, line=0, reason=f"{others} more breaks in this object"))
    return damages


def _ending_damages(log: InstanceLog, after: ChainHead, *, place: str) -> list[Damage]:
    """Return what is wrong with a log that was read to its end; `after` is its head by then."""
    damages = []
    if log.has_lost_its_beginning:
        damages.append(Damage(key=log.first_key or place, line=1, reason=NOT_LINKED))
    reason = log.ending_damage(after)
    if reason is not None:
        damages.append(Damage(key=log.last_key or place, line=0, reason=reason))
    damages += [
        Damage(
            key=anchor,
            line=0,
            reason=f"record {position} of this instance is missing or another one",
        )
        for anchor, position in log.unmet_claims()
    ]
    return damages
