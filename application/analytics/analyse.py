"""Analyse a stored object: read it as exchanges, judge them, store each violation once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from application.analytics.claims import Claims
from application.analytics.judge import JudgeExchanges, PoliciesOfThen
from application.analytics.parse import LogParser
from application.analytics.parsed_exchange import ParsedExchange
from application.audit_objects import UnpackLimits, unpack
from application.inspection import Inspector
from application.overtaken import again_when_overtaken
from application.ports.object_storage import ObjectNotFound, ObjectStorage, ObjectStorages
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions, UnitOfWork
from application.violations import store_violations
from domain.audit import AuditDamage, instance_of
from domain.errors import ConcurrentUpdate, Unavailable
from domain.events import AuditDamaged
from domain.identifiers import RecordId
from domain.job import Job, ObjectRef
from domain.tenant import StorageProvider, StorageSettings, Tenant
from domain.violation import Violation

_log = logging.getLogger(__name__)

BATCH_RECORDS = 128
BATCH_CHARACTERS = 131_072
"""Exchanges, and code points of their texts, that go through the detectors together."""

FLUSH = 500
"""Violations that one transaction stores: others want to write as well."""

_LONG_LINE = 65_536
"""Bytes of a line from which on it is parsed on a thread."""

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What one object gave: its records, the lines that could not be read, new violations."""

    records: int
    skipped_lines: int
    new_violations: int


@dataclass(slots=True, kw_only=True)
class _Run:
    """One reading of an object: what was found and is not stored yet, and who was away."""

    job: Job
    tenant: Tenant
    parser: LogParser
    policies: PoliciesOfThen
    waiting: list[ParsedExchange] = field(default_factory=list)
    waiting_size: int = 0
    violations: list[Violation] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    known: tuple[RecordId, Claims] | None = None
    new: int = 0
    detecting: float = 0.0
    storing: float = 0.0

    @property
    def note(self) -> str:
        """Return what is wrong with the object itself."""
        texts = (str(self.parser.skipped), str(self.parser.chain or ""))
        return "; ".join(text for text in texts if text)

    @property
    def pending(self) -> set[str]:
        """Return the detectors that no reading of the whole object has heard yet."""
        before = set(self.job.pending_detectors)
        return self.missing & before if before else self.missing

    @property
    def is_repeated(self) -> bool:
        """Tell whether violations of the object may be stored already."""
        job = self.job
        return (
            job.attempts > 1
            or job.source != "event"
            or job.stalled_since is not None
            or bool(job.pending_detectors)
        )


class AnalyseObject:
    """Read an object and store the violations in it, each exactly once.

    Memory is bounded, whatever the size of the object: exchanges go through the detectors in
    batches, and violations are stored in portions, each with its event in one transaction that the
    lease guards. The last portion ends the job. Whoever repeats a reading meets violations of the
    same ids: those that a former reading stored stay as they are, and so do those that it drew a
    little differently.

    When a detector was away, what the others found is stored all the same, the job keeps the name
    of the one that is missing, and fails as something that passes. The next reading asks all
    detectors again, since overlaps and counts are judged over all they say together.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        storages: ObjectStorages,
        inspector: Inspector,
        clock: Clock,
        telemetry: Telemetry,
        limits: UnpackLimits,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._judge = JudgeExchanges(inspector=inspector, clock=clock)
        self._clock = clock
        self._telemetry = telemetry
        self._limits = limits

    async def __call__(self, job: Job) -> Analysis:
        """Finish a leased job.

        Raises:
            UnreadableObject: the object is damaged for good, or nothing in it can be read.
            ObjectNotFound, AccessDenied, Unavailable: the storage, a detector or the store.
            Refused: the lease was lost meanwhile; from then on nothing was stored.
        """
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(job.tenant_id)
        storage = self._storages.of(_place_of(job.object, tenant.storage))
        key = job.object.key
        written_at = await _written_at(storage, key) if instance_of(key) is None else job.created_at
        run = _Run(
            job=job,
            tenant=tenant,
            parser=LogParser(key=key, tenant=tenant.slug, written_at=written_at),
            policies=PoliciesOfThen(self._transactions, tenant, self._clock),
        )
        started = self._clock.monotonic()
        try:
            return await self._read(run, storage)
        finally:
            spent = self._clock.monotonic() - started - run.detecting - run.storing
            for stage, seconds in (
                ("read", spent),
                ("detect", run.detecting),
                ("store", run.storing),
            ):
                self._telemetry.observe(Metric.JOB_SECONDS, seconds, stage=stage)

    async def _read(self, run: _Run, storage: ObjectStorage) -> Analysis:
        async for line in unpack(storage.read(run.job.object.key), self._limits):
            if len(line) > _LONG_LINE:
                exchanges = await asyncio.to_thread(run.parser.feed, line)
            else:
                exchanges = run.parser.feed(line)
            # A line may be as long as a record: it must not stay while its texts are judged.
            del line
            await self._take(run, exchanges)
        await self._take(run, await asyncio.to_thread(run.parser.finish))
        await self._judge_waiting(run)
        return await self._end(run)

    async def _take(self, run: _Run, exchanges: Sequence[ParsedExchange]) -> None:
        for exchange in exchanges:
            size = exchange.size
            if run.waiting and run.waiting_size + size > BATCH_CHARACTERS:
                await self._judge_waiting(run)
            run.waiting.append(exchange)
            run.waiting_size += size
            if len(run.waiting) >= BATCH_RECORDS or run.waiting_size >= BATCH_CHARACTERS:
                await self._judge_waiting(run)

    async def _judge_waiting(self, run: _Run) -> None:
        if not run.waiting:
            return
        started = self._clock.monotonic()
        judged = await self._judge(
            run.tenant, run.waiting, run.policies, object_key=run.job.object.key
        )
        run.detecting += self._clock.monotonic() - started
        run.waiting.clear()
        run.waiting_size = 0
        run.missing |= judged.missing
        run.violations += judged.violations
        while len(run.violations) > FLUSH:
            portion = run.violations[:FLUSH]
            del run.violations[:FLUSH]
            started = self._clock.monotonic()
            new = await again_when_overtaken(partial(self._flush, run, portion))
            run.storing += self._clock.monotonic() - started
            self._count(run, new)

    async def _flush(self, run: _Run, portion: Sequence[Violation]) -> Sequence[Violation]:
        """Store violations while the object is read on, and return those that are new."""
        async with _unit(self._transactions, run) as uow:
            # The lease is asked for, so that a worker that lost it stores nothing more.
            await self._note(uow, run, run.job.pending_detectors)
            new = await self._store(uow, run, portion)
            await uow.commit()
        return new

    async def _end(self, run: _Run) -> Analysis:
        """Store what is left, and finish the job unless a detector has to be heard yet."""
        pending = run.pending
        if run.note:
            _log.warning("an object is not as it should be", extra={"job": run.job.id})
        started = self._clock.monotonic()
        new, broken = await again_when_overtaken(partial(self._close, run, pending))
        run.storing += self._clock.monotonic() - started
        self._count(run, new)
        if broken:
            self._telemetry.count(Metric.AUDIT_DAMAGES, broken)
        if pending:
            names = ", ".join(sorted(pending))
            raise Unavailable("detector", f"detectors did not answer: {names}")
        return Analysis(
            records=run.parser.exchanges,
            skipped_lines=run.parser.skipped.count,
            new_violations=run.new,
        )

    async def _close(self, run: _Run, pending: set[str]) -> tuple[Sequence[Violation], int]:
        """Store what is left with the end of the job; return new violations and new breaks."""
        job, tenant = run.job, run.tenant
        async with _unit(self._transactions, run) as uow:
            await self._note(uow, run, pending)
            new = await self._store(uow, run, run.violations)
            broken = await self._store_damages(uow, run)
            if not pending:
                await uow.jobs.finish(
                    tenant.id, job.id, lease=job.lease or "", at=self._clock.now()
                )
            await uow.commit()
        return new, broken

    async def _note(self, uow: UnitOfWork, run: _Run, pending: Sequence[str] | set[str]) -> None:
        await uow.jobs.note(
            run.tenant.id,
            run.job.id,
            lease=run.job.lease or "",
            pending_detectors=pending,
            note=run.note,
        )

    async def _store(
        self, uow: UnitOfWork, run: _Run, violations: Sequence[Violation]
    ) -> Sequence[Violation]:
        at = self._clock.now()
        if run.is_repeated:
            violations = await _unknown(uow, run, violations)
        return await store_violations(
            uow, run.tenant.id, [replace(one, detected_at=at) for one in violations]
        )

    async def _store_damages(self, uow: UnitOfWork, run: _Run) -> int:
        """Store the breaks of the object's own chain, and say so once; return how many are new."""
        chain, key = run.parser.chain, run.job.object.key
        if chain is None or not chain.breaks:
            return 0
        at = self._clock.now()
        new = await uow.audit.add_damages(
            run.tenant.id,
            [
                AuditDamage(object_key=key, line=one.line, reason=one.reason, found_at=at)
                for one in chain.breaks
            ],
        )
        if new:
            uow.record(
                AuditDamaged(
                    tenant_id=run.tenant.id,
                    damage_ids=tuple(one.id for one in new),
                    breaks=chain.count,
                )
            )
        return len(new)

    def _count(self, run: _Run, new: Sequence[Violation]) -> None:
        run.new += len(new)
        for violation in new:
            self._telemetry.count(
                Metric.VIOLATIONS,
                category=violation.category.value,
                type=violation.type,
                severity=violation.severity.value,
            )


@asynccontextmanager
async def _unit(transactions: Transactions, run: _Run) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work; what it claimed to store is forgotten where it comes to nothing."""
    try:
        async with transactions() as uow:
            yield uow
    except ConcurrentUpdate:
        run.known = None
        raise


async def _unknown(uow: UnitOfWork, run: _Run, violations: Sequence[Violation]) -> list[Violation]:
    """Return the violations in places where none of the same record is stored."""
    unknown: list[Violation] = []
    for record_id, group in groupby(violations, key=lambda one: one.record_id):
        if run.known is None or run.known[0] != record_id:
            claims = Claims()
            for one in await uow.violations.of_record(run.tenant.id, record_id):
                claims.add(one.part, one.category, one.type, one.rule, one.span)
            run.known = (record_id, claims)
        claims = run.known[1]
        new = [
            one
            for one in group
            if not claims.holds(one.part, one.category, one.type, one.rule, one.span)
        ]
        # A record may go on in the next portion: what is stored now need not be read then.
        for one in new:
            claims.add(one.part, one.category, one.type, one.rule, one.span)
        unknown += new
    return unknown


def _place_of(ref: ObjectRef, now: StorageSettings) -> StorageSettings:
    """Return where an object lies: the tenant may have changed its storage since it was written."""
    provider = StorageProvider(ref.provider)
    if (provider, ref.bucket) == (now.provider, now.bucket):
        return now
    credentials = now.credentials if provider is now.provider else None
    return StorageSettings(provider=provider, bucket=ref.bucket, credentials=credentials)


async def _written_at(storage: ObjectStorage, key: str) -> datetime:
    """Return when an object was written, in whole milliseconds.

    Raises:
        ObjectNotFound: it is not there.
    """
    async for item in storage.list(key):
        if item.key != key:
            break
        past = timedelta(microseconds=item.modified_at.microsecond)
        return item.modified_at - past % _MILLISECOND
    raise ObjectNotFound("there is no such object")
