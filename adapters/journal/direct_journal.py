"""The audit journal of a process without a disk: storage itself, before an answer leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from adapters.journal.instance_folder import next_id, time_of
from application.ports.audit_journal import AuditJournal, JournalBatch, JournalSegment
from application.ports.system import IdFactory, Randomness
from domain.audit import AuditRecord, ChainedLine, ChainHead, chain
from domain.errors import Unavailable
from domain.identifiers import TenantId

_NAME_BYTES = 8

Ship = Callable[[], Awaitable[object]]


class DirectAuditJournal(AuditJournal):
    """Hold records in memory only until `ship` has put them away, which `append` waits for.

    Records that come while others are on their way go together with the next ones. What storage
    does not take is refused, stays in its chain, and is shipped with what comes after it: who sent
    it was told that it was not kept. It is lost with the process, as its answer is.
    """

    def __init__(self, *, ids: IdFactory, randomness: Randomness, ship: Ship) -> None:
        self._ids = ids
        self._ship = ship
        self._name = randomness.token(_NAME_BYTES).hex()
        self._heads: dict[TenantId, ChainHead] | None = None
        self._lines: list[tuple[TenantId, ChainedLine]] = []
        self._segments: dict[JournalSegment, list[tuple[TenantId, ChainedLine]]] = {}
        self._last_id = ""
        self._shipping = asyncio.Lock()

    @property
    def instance(self) -> str:
        """Return the name of this writer, a new one for each process."""
        return self._name

    async def open(self, heads: Sequence[tuple[TenantId, ChainHead]]) -> None:
        """Go on with the chains of `heads`."""
        self._heads = dict(heads)

    async def append(self, tenant_id: TenantId, record: AuditRecord) -> str:
        """Bind a record into the tenant's chain and return its hash once storage has it.

        Raises:
            InvalidValue: the record has no canonical form.
            Unavailable: storage did not take it.
        """
        heads = self._open_heads()
        chained = chain(record, heads.get(tenant_id, ChainHead()))
        heads[tenant_id] = chained.head
        entry = (tenant_id, chained)
        self._lines.append(entry)
        # A caller that goes away does not take its record back: the exchange happened.
        await asyncio.shield(asyncio.ensure_future(self._put_away(entry)))
        return chained.head.hash

    async def seal(self) -> None:
        """Close what waits as one segment, so that it can be shipped."""
        self._open_heads()
        if not self._lines:
            return
        self._last_id = max(self._ids.ulid(), next_id(self._last_id))
        segment = JournalSegment(id=self._last_id, opened_at=time_of(self._last_id))
        self._segments[segment], self._lines = self._lines, []

    async def segments(self) -> Sequence[JournalSegment]:
        """Return the closed segments, oldest first."""
        self._open_heads()
        return list(self._segments)

    async def size(self) -> int:
        """Return how many bytes the closed segments have."""
        self._open_heads()
        return sum(len(chained.line) for lines in self._segments.values() for _, chained in lines)

    async def read(self, segment: JournalSegment) -> Sequence[JournalBatch]:
        """Return the content of a segment, by tenant; the same at every call."""
        self._open_heads()
        by_tenant: dict[TenantId, list[ChainedLine]] = {}
        for tenant_id, chained in self._segments.get(segment, ()):
            by_tenant.setdefault(tenant_id, []).append(chained)
        return [
            JournalBatch(
                tenant_id=tenant_id,
                lines=tuple(one.line for one in lines),
                head=lines[-1].head,
            )
            for tenant_id, lines in by_tenant.items()
        ]

    async def remove(self, segment: JournalSegment) -> None:
        """Forget a segment that storage has confirmed; one that is gone is fine."""
        self._segments.pop(segment, None)

    async def close(self) -> None:
        """Ship what waits and take no more.

        Raises:
            Unavailable: storage did not take it.
        """
        if self._heads is not None and (self._lines or self._segments):
            await self._ship()
        self._heads = None

    async def _put_away(self, entry: tuple[TenantId, ChainedLine]) -> None:
        async with self._shipping:
            if self._waits(entry):
                await self._ship()
            if self._waits(entry):
                raise Unavailable("audit storage", "the audit record could not be stored")

    def _waits(self, entry: tuple[TenantId, ChainedLine]) -> bool:
        waiting = [self._lines, *self._segments.values()]
        return any(one is entry for lines in waiting for one in lines)

    def _open_heads(self) -> dict[TenantId, ChainHead]:
        if self._heads is None:
            raise Unavailable("audit journal", "the audit journal is not open")
        return self._heads
