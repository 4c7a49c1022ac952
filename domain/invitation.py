"""Invitations: a mail that lets one address into a tenant."""

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import NotFound, Refused
from domain.identifiers import InvitationId, TenantId, UserId
from domain.user import Email, Role

INVITATION_LIFE = timedelta(days=7)
INVITATION_BYTES = 32
"""Random bytes of an invitation's token."""

_TOKEN = re.compile(r"tpi_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class InvitationToken:
    """What stands in the mail: `tpi_` and 256 random bits; only its digest is kept."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.value):
            raise NotFound("there is no such invitation", code="invitation.not_found")

    @classmethod
    def from_random(cls, random: bytes) -> "InvitationToken":
        """Return the token that `INVITATION_BYTES` random bytes make."""
        return cls("tpi_" + base64.urlsafe_b64encode(random).decode().rstrip("="))


class InvitationState(StrEnum):
    """What became of an invitation."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A place in a tenant that waits for the owner of an address."""

    id: InvitationId
    tenant_id: TenantId
    email: Email
    role: Role
    invited_by: UserId
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    accepted_by: UserId | None = None
    closed_at: datetime | None = None
    version: int = 0

    @classmethod
    def issue(
        cls,
        *,
        invitation_id: InvitationId,
        tenant_id: TenantId,
        email: Email,
        role: Role,
        invited_by: UserId,
        digest: str,
        at: datetime,
    ) -> "Invitation":
        """Return an invitation that was made now."""
        return cls(
            id=invitation_id,
            tenant_id=tenant_id,
            email=email,
            role=role,
            invited_by=invited_by,
            digest=digest,
            created_at=at,
            expires_at=at + INVITATION_LIFE,
        )

    def state(self, at: datetime) -> InvitationState:
        """Return what has become of it by now."""
        if self.accepted_by is not None:
            return InvitationState.ACCEPTED
        if self.closed_at is not None:
            return InvitationState.REVOKED
        return InvitationState.PENDING if at < self.expires_at else InvitationState.EXPIRED

    def accept(self, *, user_id: UserId, email: Email, at: datetime) -> "Invitation":
        """Return the invitation accepted by the user of this address.

        Raises:
            NotFound: it is for another address; whoever found the mail learns nothing.
            Refused: it was accepted or revoked, or is over.
        """
        if email.lookup != self.email.lookup:
            raise NotFound("there is no such invitation", code="invitation.not_found")
        self._require_pending(at)
        return replace(self, accepted_by=user_id, closed_at=at)

    def revoke(self, *, at: datetime) -> "Invitation":
        """Return the invitation taken back.

        Raises:
            Refused: it was accepted or revoked, or is over.
        """
        self._require_pending(at)
        return replace(self, closed_at=at)

    def _require_pending(self, at: datetime) -> None:
        state = self.state(at)
        if state is not InvitationState.PENDING:
            raise Refused(
                f"this invitation is {state.value}; ask for a new one", code="invitation.closed"
            )
