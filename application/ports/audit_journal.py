"""The conversation with the journal that audit records pass on their way to storage."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.audit import AuditRecord, ChainHead
from domain.identifiers import TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalBatch:
    """The chained lines of one tenant in one segment, oldest first, and the head after them."""

    tenant_id: TenantId
    lines: tuple[bytes, ...]
    head: ChainHead


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSegment:
    """A closed piece of the journal: `id` is a ULID that never changes, in order of time."""

    id: str
    opened_at: datetime


class AuditJournal(Protocol):
    """Keep records durably, in their tenants' chains, until storage has confirmed them."""

    @property
    @abstractmethod
    def instance(self) -> str:
        """Return the name of this writer, `[a-z0-9]{4,32}`, the same after a restart."""

    @abstractmethod
    async def open(self, heads: Sequence[tuple[TenantId, ChainHead]]) -> None:
        """Recover what an earlier run left and go on with its chains; a torn last line is cut.

        `heads` are the ends of this instance's chains as the store knows them.

        Raises:
            Unavailable: the folder cannot be written.
        """

    @abstractmethod
    async def append(self, tenant_id: TenantId, record: AuditRecord) -> str:
        """Bind a record into the tenant's chain and return its hash once it survives a crash.

        Records of one tenant are in the order of their calls. Many calls share one fsync.

        Raises:
            Unavailable: the disk did not take it; the record is then in no chain.
        """

    @abstractmethod
    async def seal(self) -> None:
        """Close the open segment if it holds anything, so that it can be shipped."""

    @abstractmethod
    async def segments(self) -> Sequence[JournalSegment]:
        """Return the closed segments, oldest first."""

    @abstractmethod
    async def size(self) -> int:
        """Return how many bytes the closed segments have."""

    @abstractmethod
    async def read(self, segment: JournalSegment) -> Sequence[JournalBatch]:
        """Return the content of a segment, by tenant; the same at every call."""

    @abstractmethod
    async def remove(self, segment: JournalSegment) -> None:
        """Forget a segment that storage has confirmed; one that is gone is fine."""

    @abstractmethod
    async def close(self) -> None:
        """Seal, and free the files for another process."""
