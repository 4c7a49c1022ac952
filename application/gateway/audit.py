"""Bring audit records from the journal to the tenant's storage, and anchor their chains."""

import logging
from collections.abc import Sequence

from application.audit_anchors import WriteAnchor
from application.audit_objects import CONTENT_TYPE, pack, parse_line, require_object, unpack
from application.gateway.judgement import RecordedFinding, violations_of
from application.ports.audit_journal import AuditJournal, JournalBatch, JournalSegment
from application.ports.object_events import ObjectEvents
from application.ports.object_storage import ObjectExists, ObjectStorage, ObjectStorages
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions
from application.violations import store_violations
from domain.audit import (
    AuditRecord,
    object_key,
)
from domain.errors import ConcurrentUpdate, Conflict, DomainError
from domain.identifiers import KeyId
from domain.job import ObjectRef
from domain.money import Cost
from domain.tenant import Tenant
from domain.usage import Tokens, UsageEntry
from domain.violation import Violation

_log = logging.getLogger(__name__)


class ShipAudit:
    """Write each sealed journal segment as audit objects, then forget it.

    A segment leaves the journal after every tenant's object is confirmed and what follows from it
    is stored (usage, in-line violations, chain heads, the event). Doing a segment again after a
    crash changes nothing: its objects have the same keys and bytes, its rows the same ids.
    """

    def __init__(
        self,
        *,
        journal: AuditJournal,
        transactions: Transactions,
        storages: ObjectStorages,
        events: ObjectEvents,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._journal = journal
        self._transactions = transactions
        self._storages = storages
        self._events = events
        self._clock = clock
        self._telemetry = telemetry

    async def __call__(self) -> int:
        """Ship what there is and return how many segments are left.

        A tenant whose storage is away keeps its segments in the journal; the others go on.
        """
        await self._journal.seal()
        left = 0
        for segment in await self._journal.segments():
            if await self._ship(segment):
                await self._journal.remove(segment)
            else:
                left += 1
        self._telemetry.gauge(Metric.AUDIT_SINK_SPOOL_BYTES, await self._journal.size())
        return left

    async def _ship(self, segment: JournalSegment) -> bool:
        is_complete = True
        for batch in await self._journal.read(segment):
            try:
                await self._ship_batch(segment, batch)
            except DomainError as error:
                is_complete = False
                self._telemetry.count(Metric.AUDIT_SINK_FAILURES)
                _log.warning(
                    "audit segment waits in the journal",
                    extra={"segment": segment.id, "code": error.code},
                )
        return is_complete

    async def _ship_batch(self, segment: JournalSegment, batch: JournalBatch) -> None:
        instance = self._journal.instance
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(batch.tenant_id)
            was_stored = (await uow.audit.head(tenant.id, instance)).count >= batch.head.count
        storage = tenant.storage
        key = object_key(
            prefix=storage.prefix,
            instance=instance,
            ulid=segment.id,
            at=segment.opened_at,
        )
        bucket = self._storages.of(storage)
        if was_stored and not await _is_there(bucket, key):
            # It is where the tenant's objects lay before, or its time was over already.
            return
        started = self._clock.monotonic()
        await _create_once(bucket, key, batch.lines)
        self._telemetry.observe(Metric.AUDIT_SINK_SECONDS, self._clock.monotonic() - started)
        records = [
            AuditRecord.from_document(require_object(parse_line(line))) for line in batch.lines
        ]
        async with self._transactions() as uow:
            if (await uow.tenants.get(tenant.id)).storage != storage:
                raise ConcurrentUpdate("the tenant's storage was changed meanwhile")
            await uow.audit.save_head(tenant.id, instance, batch.head)
            await uow.audit.add_usage(tenant.id, [_usage(tenant, record) for record in records])
            new = await store_violations(uow, tenant.id, self._violations(tenant, records, key))
            await uow.commit()
        for violation in new:
            self._telemetry.count(
                Metric.VIOLATIONS,
                category=violation.category.value,
                type=violation.type,
                severity=violation.severity.value,
            )
        await self._events.created(
            ObjectRef(provider=storage.provider.value, bucket=storage.bucket, key=key)
        )

    def _violations(
        self, tenant: Tenant, records: Sequence[AuditRecord], key: str
    ) -> list[Violation]:
        return [
            violation
            for record in records
            for violation in violations_of(
                [RecordedFinding.from_document(finding) for finding in record.findings],
                tenant_id=tenant.id,
                record_id=record.record_id,
                record_time=record.time,
                policy_version=record.policy_version,
                key_id=record.key_id,
                model=record.model,
                at=self._clock.now(),
                object_key=key,
            )
        ]


async def _is_there(storage: ObjectStorage, key: str) -> bool:
    return key in [item.key async for item in storage.list(key)]


async def _create_once(storage: ObjectStorage, key: str, lines: Sequence[bytes]) -> None:
    """Write an object; one that is there already must hold the same lines."""
    try:
        await storage.create(key, pack(lines), content_type=CONTENT_TYPE)
    except ObjectExists:
        there = [line async for line in unpack(storage.read(key))]
        if there != list(lines):
            raise Conflict(
                "an audit object of this name holds something else", code="audit.foreign_object"
            ) from None


def _usage(tenant: Tenant, record: AuditRecord) -> UsageEntry:
    tokens = record.tokens
    cost = record.cost
    return UsageEntry(
        tenant_id=tenant.id,
        record_id=record.record_id,
        key_id=KeyId(record.key_id),
        at=record.time,
        model=record.model,
        upstream=record.upstream or "",
        status=record.status,
        tokens=Tokens(
            input=int(str(tokens["input"])),
            output=int(str(tokens["output"])),
            estimated=bool(tokens["estimated"]),
        ),
        cost=None
        if cost is None
        else Cost(nano=int(str(cost["nano"])), currency=str(cost["currency"])),
        latency_ms=record.latency_ms,
    )


class AnchorChains:
    """Write a signed note of where each of this instance's chains ends, into the tenant's storage.

    With it a dropped tail shows, even to somebody who has nothing but the bucket and the key.
    """

    def __init__(
        self,
        *,
        journal: AuditJournal,
        transactions: Transactions,
        write_anchor: WriteAnchor,
    ) -> None:
        self._journal = journal
        self._transactions = transactions
        self._write_anchor = write_anchor
        self._anchored: dict[str, int] = {}

    async def __call__(self) -> int:
        """Anchor the chains that grew since their last anchor; return how many that were.

        Raises:
            Unavailable, AccessDenied: a tenant's storage; the chains of all others are anchored.
        """
        instance = self._journal.instance
        async with self._transactions() as uow:
            heads = await uow.audit.heads_of_instance(instance)
            tenants = {tenant_id: await uow.tenants.get(tenant_id) for tenant_id, _ in heads}
        written = 0
        trouble: DomainError | None = None
        for tenant_id, head in heads:
            if self._anchored.get(tenant_id) == head.count:
                continue
            try:
                await self._write_anchor(tenants[tenant_id], instance, head)
            except DomainError as error:
                trouble = trouble or error
                continue
            self._anchored[tenant_id] = head.count
            written += 1
        if trouble is not None:
            raise trouble
        return written
