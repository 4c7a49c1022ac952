"""One transaction over the store, with the events it causes."""

from abc import abstractmethod
from types import TracebackType
from typing import Protocol, Self

from application.ports.administration import AdministrationEntries, DoneCalls, Invitations
from application.ports.billing import Subscriptions
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
from domain.events import Event


class UnitOfWork(Protocol):
    """Everything done between entering and `commit` happens together or not at all.

    Leaving without `commit` rolls back. Reads see the unit's own writes. Two units that write run
    one after the other, or the later one fails with `ConcurrentUpdate`. A unit is entered once.
    """

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

    @abstractmethod
    def record(self, event: Event) -> None:
        """Put an event into the outbox of this unit; it is stored by `commit`, with an id."""

    @abstractmethod
    async def commit(self) -> None:
        """Make everything durable: it survives the death of the process.

        Raises:
            ConcurrentUpdate: somebody else got in between.
            Unavailable: the store did not confirm.
        """

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Begin."""

    @abstractmethod
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End; roll back what was not committed."""


class Transactions(Protocol):
    """Open units of work."""

    @abstractmethod
    def __call__(self) -> UnitOfWork:
        """Return a unit of work that was not entered yet."""
