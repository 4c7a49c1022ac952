"""Where invitations, the administration log and done calls live, inside a unit of work.

Every method may raise `Unavailable`.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.administration import AdministrationEntry
from domain.identifiers import AdministrationId, InvitationId, TenantId, UserId
from domain.invitation import Invitation
from domain.repeated_call import DoneCall


class Invitations(Protocol):
    """Keep invitations; only digests of their tokens are ever seen here."""

    @abstractmethod
    async def add(self, tenant_id: TenantId, invitation: Invitation) -> None:
        """Store a new invitation.

        Raises:
            Conflict: it exists.
        """

    @abstractmethod
    async def get(self, tenant_id: TenantId, invitation_id: InvitationId) -> Invitation:
        """Return an invitation.

        Raises:
            NotFound: this tenant has no such invitation.
        """

    @abstractmethod
    async def by_digest(
        self, digest: str
    ) -> Invitation:  # tenant-free: the token's digest leads to the tenant
        """Return the invitation whose token has this digest.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def save(self, tenant_id: TenantId, invitation: Invitation) -> None:
        """Store a changed invitation.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """

    @abstractmethod
    async def all(self, tenant_id: TenantId) -> Sequence[Invitation]:
        """Return the tenant's invitations, oldest first."""


class AdministrationEntries(Protocol):
    """Keep the administration log: entries are added and never changed."""

    @abstractmethod
    async def add(self, tenant_id: TenantId, entry: AdministrationEntry) -> None:
        """Store an entry.

        Raises:
            Conflict: it exists.
        """

    @abstractmethod
    async def latest(
        self, tenant_id: TenantId, *, limit: int, before: AdministrationId | None = None
    ) -> Sequence[AdministrationEntry]:
        """Return a tenant's entries by id, newest first, those before one where it is given."""


class DoneCalls(Protocol):  # tenant-free: a caller repeats the own calls, across tenants
    """Remember calls that must not be done twice."""

    @abstractmethod
    async def find(self, user_id: UserId, key: str) -> DoneCall | None:
        """Return a caller's call of this key, None when there is none; it may have expired."""

    @abstractmethod
    async def add(self, call: DoneCall, *, at: datetime) -> None:
        """Store a call in the place of one that has expired by this time.

        Raises:
            Conflict: the caller's call of this key is there and counts.
        """

    @abstractmethod
    async def forget_expired(self, at: datetime) -> int:
        """Remove the calls that expired by this time and return how many there were."""
