"""Invitations, the administration log and done calls in SQLite."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.documents.administration import (
    done_call_from_document,
    done_call_to_document,
    entry_from_document,
    entry_to_document,
    invitation_from_document,
    invitation_to_document,
)
from adapters.documents.fields import dump, load, time_text
from adapters.sqlite.ownership import require_changed, require_owner
from adapters.sqlite.session import Session
from adapters.sqlite.sign_in import forget_expired
from application.ports.administration import AdministrationEntries, DoneCalls, Invitations
from domain.administration import AdministrationEntry
from domain.errors import Conflict, NotFound
from domain.identifiers import AdministrationId, InvitationId, TenantId, UserId
from domain.invitation import Invitation
from domain.repeated_call import DoneCall

_LATEST = """
SELECT document FROM administration_log WHERE tenant_id = ? AND id < ? ORDER BY id DESC LIMIT ?
"""
_ADD_ENTRY = "INSERT INTO administration_log (tenant_id, id, document) VALUES (?, ?, ?)"
_BEHIND_EVERY_ID = "~"
_ADD_CALL = """
INSERT INTO done_calls (user_id, key, expires_at, document) VALUES (?, ?, ?, ?)
ON CONFLICT (user_id, key) DO UPDATE SET
    expires_at = excluded.expires_at, document = excluded.document
WHERE done_calls.expires_at <= ?
"""


class SqliteInvitations(Invitations):
    """Keep invitations, the closed ones too."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, tenant_id: TenantId, invitation: Invitation) -> None:
        """Store a new invitation."""
        require_owner(tenant_id, invitation.tenant_id)
        document = dump(invitation_to_document(invitation))
        row = (tenant_id, invitation.id, invitation.digest, invitation.version, document)
        await self._session.run(
            lambda raw: _insert(
                raw,
                "INSERT INTO invitations (tenant_id, id, digest, version, document) "
                "VALUES (?, ?, ?, ?, ?)",
                row,
            )
        )

    async def get(self, tenant_id: TenantId, invitation_id: InvitationId) -> Invitation:
        """Return an invitation."""
        return await self._one("tenant_id = ? AND id = ?", (tenant_id, invitation_id))

    async def by_digest(self, digest: str) -> Invitation:
        """Return the invitation whose token has this digest."""
        return await self._one("digest = ?", (digest,))

    async def save(self, tenant_id: TenantId, invitation: Invitation) -> None:
        """Store a changed invitation."""
        require_owner(tenant_id, invitation.tenant_id)
        changed = replace(invitation, version=invitation.version + 1)
        document = dump(invitation_to_document(changed))
        row = (changed.version, document, tenant_id, invitation.id, invitation.version)
        await self._session.run(
            lambda raw: require_changed(
                raw.execute(
                    "UPDATE invitations SET version = ?, document = ? "
                    "WHERE tenant_id = ? AND id = ? AND version = ?",
                    row,
                )
            )
        )

    async def all(self, tenant_id: TenantId) -> Sequence[Invitation]:
        """Return the tenant's invitations, oldest first."""
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM invitations WHERE tenant_id = ? ORDER BY id", (tenant_id,)
            ).fetchall()
        )
        return [load(text, invitation_from_document) for (text,) in rows]

    async def _one(self, where: str, values: tuple[str, ...]) -> Invitation:
        row = await self._session.run(
            lambda raw: raw.execute(
                f"SELECT document FROM invitations WHERE {where}",  # noqa: S608 - our own words
                values,
            ).fetchone()
        )
        if row is None:
            raise NotFound("there is no such invitation", code="invitation.not_found")
        return load(row[0], invitation_from_document)


class SqliteAdministrationEntries(AdministrationEntries):
    """Keep the administration log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, tenant_id: TenantId, entry: AdministrationEntry) -> None:
        """Store an entry."""
        require_owner(tenant_id, entry.tenant_id)
        row = (tenant_id, entry.id, dump(entry_to_document(entry)))
        await self._session.run(lambda raw: _insert(raw, _ADD_ENTRY, row))

    async def latest(
        self, tenant_id: TenantId, *, limit: int, before: AdministrationId | None = None
    ) -> Sequence[AdministrationEntry]:
        """Return a tenant's entries, newest first."""
        row = (tenant_id, before or _BEHIND_EVERY_ID, limit)
        rows = await self._session.run(lambda raw: raw.execute(_LATEST, row).fetchall())
        return [load(text, entry_from_document) for (text,) in rows]


class SqliteDoneCalls(DoneCalls):
    """Remember done calls by their callers and keys."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, user_id: UserId, key: str) -> DoneCall | None:
        """Return a caller's call of this key."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM done_calls WHERE user_id = ? AND key = ?", (user_id, key)
            ).fetchone()
        )
        return None if row is None else load(row[0], done_call_from_document)

    async def add(self, call: DoneCall, *, at: datetime) -> None:
        """Store a call in the place of one that has expired."""
        document = dump(done_call_to_document(call))
        row = (call.user_id, call.key, time_text(call.expires_at), document, time_text(at))
        stored = await self._session.run(lambda raw: raw.execute(_ADD_CALL, row))
        if stored.rowcount != 1:
            raise Conflict(
                "a call of this idempotency key was done in the meantime; repeat it",
                code="idempotency.in_progress",
            )

    async def forget_expired(self, at: datetime) -> int:
        """Remove the calls that expired by this time."""
        return await self._session.run(lambda raw: forget_expired(raw, "done_calls", at))


def _insert(raw: sqlite3.Connection, statement: str, row: tuple[object, ...]) -> None:
    try:
        raw.execute(statement, row)
    except sqlite3.IntegrityError as error:
        raise Conflict("this exists already") from error
