"""The unit of work: one session, every repository in it, and the events it causes."""

import sqlite3
from types import TracebackType
from typing import Self

from adapters.sqlite.administration import (
    SqliteAdministrationEntries,
    SqliteDoneCalls,
    SqliteInvitations,
)
from adapters.sqlite.audit_trail import SqliteAuditTrail
from adapters.sqlite.billing import SqliteSubscriptions
from adapters.sqlite.database import Database
from adapters.sqlite.gateway import SqliteApiKeys, SqliteUpstreams
from adapters.sqlite.jobs import SqliteJobLedger
from adapters.sqlite.outbox import add_event
from adapters.sqlite.platform import SqliteSettings, SqliteTenants, SqliteUsers
from adapters.sqlite.policies import SqlitePolicies
from adapters.sqlite.session import Session
from adapters.sqlite.sign_in import SqliteOneTimeCodes, SqliteSessions
from adapters.sqlite.violations import SqliteViolations
from adapters.sqlite.webhooks import SqliteWebhooks
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.events import Event
from domain.identifiers import EventId


class SqliteUnitOfWork(UnitOfWork):
    """A write transaction; while it is open, no other unit of work of this store begins."""

    def __init__(self, database: Database, clock: Clock, ids: IdFactory) -> None:
        self._session = session = Session(database)
        self._clock = clock
        self._ids = ids
        self._events: list[Event] = []
        self.tenants = SqliteTenants(session)
        self.users = SqliteUsers(session)
        self.api_keys = SqliteApiKeys(session)
        self.policies = SqlitePolicies(session)
        self.upstreams = SqliteUpstreams(session)
        self.violations = SqliteViolations(session)
        self.jobs = SqliteJobLedger(session)
        self.settings = SqliteSettings(session)
        self.webhooks = SqliteWebhooks(session)
        self.audit = SqliteAuditTrail(session)
        self.codes = SqliteOneTimeCodes(session)
        self.sessions = SqliteSessions(session)
        self.invitations = SqliteInvitations(session)
        self.administration = SqliteAdministrationEntries(session)
        self.done_calls = SqliteDoneCalls(session)
        self.subscriptions = SqliteSubscriptions(session)

    def record(self, event: Event) -> None:
        """Put an event into the outbox of this unit."""
        self._events.append(event)

    async def commit(self) -> None:
        """Make everything durable, with the events."""
        at = self._clock.now()
        events = [(EventId(self._ids.new("evt")), event) for event in self._events]

        def store_events(raw: sqlite3.Connection) -> None:
            for event_id, event in events:
                add_event(raw, event_id, event, at=at)

        await self._session.commit(store_events)

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._session.begin()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End; roll back what was not committed."""
        await self._session.end()


class SqliteTransactions(Transactions):
    """Open units of work over one database."""

    def __init__(self, database: Database, clock: Clock, ids: IdFactory) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def __call__(self) -> SqliteUnitOfWork:
        """Return a unit of work that was not entered yet."""
        return SqliteUnitOfWork(self._database, self._clock, self._ids)
