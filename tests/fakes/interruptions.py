"""Adapters that stop in the middle, as a process does that is killed, or that are away."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

from application.ports.administration import AdministrationEntries, DoneCalls, Invitations
from application.ports.audit_journal import AuditJournal, JournalBatch, JournalSegment
from application.ports.billing import Subscriptions
from application.ports.mailer import Mail, Mailer
from application.ports.object_events import ObjectEvents
from application.ports.object_storage import ObjectStorage, ObjectStorages, StoredObject
from application.ports.repositories import (
    ApiKeys,
    AuditTrail,
    JobLedger,
    Policies,
    Settings,
    Tenants,
    Upstreams,
    Users,
    Violations,
    Webhooks,
)
from application.ports.sign_in import OneTimeCodes, Sessions
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.audit import AuditRecord, ChainHead
from domain.errors import ConcurrentUpdate, DomainError, Unavailable
from domain.events import Event
from domain.identifiers import TenantId
from domain.job import ObjectRef
from domain.tenant import StorageSettings


class Killed(Exception):
    """The process ends here."""


@dataclass
class Fuse:
    """End the process before or after the named step, the first time it comes there."""

    step: str = ""
    is_blown: bool = False

    def before(self, name: str) -> None:
        self._blow(f"before {name}")

    def after(self, name: str) -> None:
        self._blow(f"after {name}")

    def _blow(self, name: str) -> None:
        if name == self.step and not self.is_blown:
            self.is_blown = True
            raise Killed(name)


class FusedStorage(ObjectStorage):
    """A bucket that may be away, and around whose writes the process may end."""

    def __init__(self, storage: ObjectStorage, fuse: Fuse, trouble: DomainError | None) -> None:
        self._storage = storage
        self._fuse = fuse
        self._trouble = trouble

    async def prepare(self) -> None:
        await self._storage.prepare()

    async def expire(self, prefix: str, *, after: timedelta) -> bool:
        if self._trouble is not None:
            raise self._trouble
        return await self._storage.expire(prefix, after=after)

    async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        if self._trouble is not None:
            raise self._trouble
        self._fuse.before("put")
        stored = await self._storage.create(key, data, content_type=content_type)
        self._fuse.after("put")
        return stored

    def read(self, key: str) -> AsyncIterator[bytes]:
        return self._storage.read(key)

    def list(self, prefix: str, *, start_after: str = "") -> AsyncIterator[StoredObject]:
        return self._storage.list(prefix, start_after=start_after)

    async def delete(self, key: str) -> None:
        await self._storage.delete(key)


@dataclass
class FusedStorages(ObjectStorages):
    """Storages with a fuse; `troubles` holds what the buckets named in it raise."""

    storages: ObjectStorages
    fuse: Fuse = field(default_factory=Fuse)
    troubles: dict[str, DomainError] = field(default_factory=dict)

    def of(self, settings: StorageSettings) -> ObjectStorage:
        trouble = self.troubles.get(settings.bucket)
        return FusedStorage(self.storages.of(settings), self.fuse, trouble)


class FusedUnitOfWork(UnitOfWork):
    """A unit of work around whose commit the process may end."""

    tenants: Tenants
    users: Users
    api_keys: ApiKeys
    policies: Policies
    upstreams: Upstreams
    violations: Violations
    jobs: JobLedger
    settings: Settings
    webhooks: Webhooks
    audit: AuditTrail
    codes: OneTimeCodes
    sessions: Sessions
    invitations: Invitations
    administration: AdministrationEntries
    done_calls: DoneCalls
    subscriptions: Subscriptions

    def __init__(self, uow: UnitOfWork, fuse: Fuse) -> None:
        self._uow = uow
        self._fuse = fuse

    def record(self, event: Event) -> None:
        self._uow.record(event)

    async def commit(self) -> None:
        self._fuse.before("commit")
        await self._uow.commit()
        self._fuse.after("commit")

    async def __aenter__(self) -> Self:
        uow = await self._uow.__aenter__()
        self.tenants, self.users, self.api_keys = uow.tenants, uow.users, uow.api_keys
        self.policies, self.upstreams, self.settings = uow.policies, uow.upstreams, uow.settings
        self.violations, self.jobs, self.audit = uow.violations, uow.jobs, uow.audit
        self.webhooks = uow.webhooks
        self.codes, self.sessions, self.invitations = uow.codes, uow.sessions, uow.invitations
        self.administration, self.done_calls = uow.administration, uow.done_calls
        self.subscriptions = uow.subscriptions
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._uow.__aexit__(exc_type, exc, traceback)


@dataclass
class FusedTransactions(Transactions):
    """Units of work with a fuse."""

    transactions: Transactions
    fuse: Fuse

    def __call__(self) -> UnitOfWork:
        return FusedUnitOfWork(self.transactions(), self.fuse)


@dataclass
class OvertakenTransactions(Transactions):
    """Units of work of which others get ahead of the next `times` that commit."""

    transactions: Transactions
    times: int = 0

    def __call__(self) -> UnitOfWork:
        return _OvertakenUnitOfWork(self.transactions(), self)


class _OvertakenUnitOfWork(FusedUnitOfWork):
    def __init__(self, uow: UnitOfWork, others: OvertakenTransactions) -> None:
        super().__init__(uow, Fuse())
        self._others = others

    async def commit(self) -> None:
        if self._others.times:
            self._others.times -= 1
            raise ConcurrentUpdate("this was changed in the meantime: read it again")
        await super().commit()


@dataclass
class FusedEvents(ObjectEvents):
    """Announcements with a fuse."""

    events: ObjectEvents
    fuse: Fuse

    async def created(self, ref: ObjectRef) -> None:
        self.fuse.before("event")
        await self.events.created(ref)
        self.fuse.after("event")


class FusedJournal(AuditJournal):
    """A journal around whose removals the process may end, or that takes no record."""

    def __init__(self, journal: AuditJournal, fuse: Fuse | None = None) -> None:
        self._journal = journal
        self._fuse = fuse or Fuse()
        self.is_full = False

    @property
    def instance(self) -> str:
        return self._journal.instance

    async def open(self, heads: Sequence[tuple[TenantId, ChainHead]]) -> None:
        await self._journal.open(heads)

    async def append(self, tenant_id: TenantId, record: AuditRecord) -> str:
        if self.is_full:
            raise Unavailable("audit journal")
        return await self._journal.append(tenant_id, record)

    async def seal(self) -> None:
        await self._journal.seal()

    async def segments(self) -> Sequence[JournalSegment]:
        return await self._journal.segments()

    async def size(self) -> int:
        return await self._journal.size()

    async def read(self, segment: JournalSegment) -> Sequence[JournalBatch]:
        return await self._journal.read(segment)

    async def remove(self, segment: JournalSegment) -> None:
        self._fuse.before("remove")
        await self._journal.remove(segment)
        self._fuse.after("remove")

    async def close(self) -> None:
        await self._journal.close()


class FlakyMailer(Mailer):
    """A mailer that is away for a while, or refuses some addresses."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self.trouble: DomainError | None = None
        self.refused: dict[str, DomainError] = {}
        self.sent: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        trouble = self.refused.get(mail.to.value, self.trouble)
        if trouble is not None:
            raise trouble
        self.sent.append(mail)
        await self._mailer.send(mail)
