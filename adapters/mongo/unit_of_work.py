"""The unit of work: one session, every repository in it, and the events it causes."""

from types import TracebackType
from typing import Self

from adapters.mongo.administration import (
    MongoAdministrationEntries,
    MongoDoneCalls,
    MongoInvitations,
)
from adapters.mongo.audit_trail import MongoAuditTrail
from adapters.mongo.billing import MongoSubscriptions
from adapters.mongo.database import Database
from adapters.mongo.gateway import MongoApiKeys, MongoUpstreams
from adapters.mongo.jobs import MongoJobLedger
from adapters.mongo.outbox import OUTBOX, event_rows
from adapters.mongo.platform import MongoTenants, MongoUsers
from adapters.mongo.policies import MongoPolicies
from adapters.mongo.session import Session
from adapters.mongo.settings import MongoSettings
from adapters.mongo.sign_in import MongoOneTimeCodes, MongoSessions
from adapters.mongo.violations import MongoViolations
from adapters.mongo.webhooks import MongoWebhooks
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.events import Event
from domain.identifiers import EventId


class MongoUnitOfWork(UnitOfWork):
    """A transaction over both databases; while it is open nothing else writes in this process."""

    def __init__(self, database: Database, clock: Clock, ids: IdFactory) -> None:
        self._session = session = Session(database)
        self._outbox = session.collection(OUTBOX)
        self._clock = clock
        self._ids = ids
        self._events: list[Event] = []
        self.tenants = MongoTenants(session)
        self.users = MongoUsers(session)
        self.api_keys = MongoApiKeys(session)
        self.policies = MongoPolicies(session)
        self.upstreams = MongoUpstreams(session)
        self.violations = MongoViolations(session)
        self.jobs = MongoJobLedger(session)
        self.settings = MongoSettings(session)
        self.webhooks = MongoWebhooks(session)
        self.audit = MongoAuditTrail(session)
        self.codes = MongoOneTimeCodes(session)
        self.sessions = MongoSessions(session)
        self.invitations = MongoInvitations(session)
        self.administration = MongoAdministrationEntries(session)
        self.done_calls = MongoDoneCalls(session)
        self.subscriptions = MongoSubscriptions(session)

    def record(self, event: Event) -> None:
        """Put an event into the outbox of this unit."""
        self._events.append(event)

    async def commit(self) -> None:
        """Make everything durable on a majority of the servers, with the events."""
        events = [(EventId(self._ids.new("evt")), event) for event in self._events]
        await self._outbox.insert_many(event_rows(events, at=self._clock.now()))
        await self._session.commit()

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


class MongoTransactions(Transactions):
    """Open units of work over both databases."""

    def __init__(self, database: Database, clock: Clock, ids: IdFactory) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def __call__(self) -> MongoUnitOfWork:
        """Return a unit of work that was not entered yet."""
        return MongoUnitOfWork(self._database, self._clock, self._ids)
