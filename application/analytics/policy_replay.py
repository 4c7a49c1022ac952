"""Replay a policy over stored audit records, to see what it would have changed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from application.analytics.judge import PoliciesOfThen
from application.analytics.parse import LogParser
from application.analytics.parsed_exchange import ParsedExchange
from application.audit_objects import UnpackLimits, UnreadableObject, unpack
from application.gateway.audit_log import AuditLog, RecordQuery
from application.gateway.exchange import REQUEST_PREFIX
from application.inspection import Inspector
from application.policy_drafts import PolicyDrafts
from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.errors import InvalidValue, NotFound
from domain.policy.comparison import Comparison, PolicyComparison, Subject
from domain.policy.evaluation import Candidate, Decision, EvaluationContext, evaluate
from domain.policy.rule import Policy
from domain.tenant import Tenant

MOST_RECORDS = 5_000
_BATCH_RECORDS = 64
_BATCH_CHARACTERS = 131_072


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedPolicy:
    """How a draft differs from the policies of then, over the records that were read.

    `first` and `last` are the times of those records. `without_text` is the number of records that
    keep no full text: for them the recorded findings are all there is, an exception by pattern or
    domain matches nothing, and a detector of the draft finds nothing. `skipped` lines and
    `unreadable` objects were left out, and so was what comes before `first` when `is_complete` is
    False: the limit, or the time, was used up.
    """

    comparison: Comparison
    first: datetime | None
    last: datetime | None
    without_text: int
    skipped: int
    unreadable: tuple[str, ...]
    missing_detectors: tuple[str, ...]
    is_complete: bool


class _Progress:
    def __init__(self) -> None:
        self.comparison = PolicyComparison()
        self.records = self.without_text = self.skipped = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.unreadable: list[str] = []
        self.missing: set[str] = set()

    def met(self, exchange: ParsedExchange) -> None:
        self.records += 1
        self.first = exchange.time if self.first is None else min(self.first, exchange.time)
        self.last = exchange.time if self.last is None else max(self.last, exchange.time)
        self.without_text += bool(exchange.recorded) and not exchange.parts


class PolicyReplay:
    """Judge stored exchanges by a draft and by the version that judged them, and compare.

    Objects are read from the newest on. Where the texts are kept, today's detectors read them and
    both policies judge the same findings, request and answer each by itself as the gateway does:
    what differs is due to the policies alone. Nothing is stored.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        storages: ObjectStorages,
        log: AuditLog,
        inspector: Inspector,
        drafts: PolicyDrafts,
        clock: Clock,
        limits: UnpackLimits,
        seconds: float,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._log = log
        self._inspector = inspector
        self._drafts = drafts
        self._clock = clock
        self._limits = limits
        self._seconds = seconds

    async def __call__(
        self, tenant: Tenant, draft: Policy, query: RecordQuery, *, limit: int
    ) -> ReplayedPolicy:
        """Return the differences over at most `limit` records.

        Raises:
            InvalidValue: the limit, or a pattern or detector of the draft.
            Unavailable, AccessDenied: the storage or the store.
        """
        if not 1 <= limit <= MOST_RECORDS:
            raise InvalidValue(f"1 to {MOST_RECORDS} records are replayed at once", field="limit")
        draft = await self._drafts.accepted(tenant.id, draft)
        policies = PoliciesOfThen(self._transactions, tenant, self._clock)
        progress, is_complete = _Progress(), True
        until = self._clock.monotonic() + self._seconds
        async with aclosing(self._batches(tenant, query, progress)) as batches:
            async for batch in batches:
                if progress.records >= limit or self._clock.monotonic() > until:
                    is_complete = False
                    break
                left = limit - progress.records
                is_complete = len(batch) <= left
                await self._compare(tenant, draft, batch[:left], policies, progress)
        return ReplayedPolicy(
            comparison=progress.comparison.result(),
            first=progress.first,
            last=progress.last,
            without_text=progress.without_text,
            skipped=progress.skipped,
            unreadable=tuple(progress.unreadable),
            missing_detectors=tuple(sorted(progress.missing)),
            is_complete=is_complete,
        )

    async def _batches(
        self, tenant: Tenant, query: RecordQuery, progress: _Progress
    ) -> AsyncGenerator[list[ParsedExchange], None]:
        batch: list[ParsedExchange] = []
        size = 0
        async for key in self._log.newest_first(tenant, query.since, query.until):
            async for exchange in self._exchanges(tenant, key, progress):
                if not _asks_for(query, exchange):
                    continue
                batch.append(exchange)
                size += exchange.size
                if len(batch) >= _BATCH_RECORDS or size >= _BATCH_CHARACTERS:
                    yield batch
                    batch, size = [], 0
        if batch:
            yield batch

    async def _exchanges(
        self, tenant: Tenant, key: str, progress: _Progress
    ) -> AsyncIterator[ParsedExchange]:
        storage = self._storages.of(tenant.storage)
        parser = LogParser(key=key, tenant=tenant.slug, written_at=self._clock.now())
        try:
            async for line in unpack(storage.read(key), self._limits):
                for exchange in parser.feed(line):
                    yield exchange
        except (UnreadableObject, NotFound):
            progress.unreadable.append(key)
        progress.skipped += parser.skipped.count

    async def _compare(
        self,
        tenant: Tenant,
        draft: Policy,
        batch: Sequence[ParsedExchange],
        policies: PoliciesOfThen,
        progress: _Progress,
    ) -> None:
        then = [(await policies.of(exchange)).policy for exchange in batch]
        texts = [exchange.parts for exchange in batch]
        # A text is read once, however often it is asked about: what is asked twice is the patterns
        # of each policy's exceptions and detectors.
        seen = await self._inspector.many(
            tenant.id,
            [
                *zip(then, texts, strict=True),
                *((draft, parts) for parts in texts),
            ],
            tier=tenant.entitlements.detectors,
        )

        def compared() -> None:
            for index, exchange in enumerate(batch):
                before, after = seen[index], seen[index + len(batch)]
                progress.missing.update(before.missing)
                progress.met(exchange)
                progress.comparison.add(
                    Subject(
                        record_id=exchange.record_id,
                        time=exchange.time,
                        key_id=exchange.key_id,
                        model=exchange.model,
                    ),
                    _judged(then[index], exchange, before.candidates),
                    _judged(draft, exchange, after.candidates),
                )

        await asyncio.to_thread(compared)


def _asks_for(query: RecordQuery, exchange: ParsedExchange) -> bool:
    return (
        query.since <= exchange.time < query.until
        and query.key_id in (None, exchange.key_id)
        and query.model in (None, exchange.model)
    )


def _judged(
    policy: Policy, exchange: ParsedExchange, seen: Sequence[Candidate]
) -> tuple[Decision, Decision]:
    """Return what a policy says about the request and about the answer."""
    candidates = seen
    if not exchange.parts:
        candidates = [one.verdict.candidate for one in exchange.recorded]
    context = EvaluationContext(at=exchange.time, key_id=exchange.key_id, model=exchange.model)
    asked = [one for one in candidates if one.part.startswith(REQUEST_PREFIX)]
    answered = [one for one in candidates if not one.part.startswith(REQUEST_PREFIX)]
    return evaluate(policy, asked, context), evaluate(policy, answered, context)
