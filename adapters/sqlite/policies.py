"""Policy versions and their activations in SQLite."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from adapters.documents.fields import dump, load, time_text
from adapters.documents.gateway import (
    policy_revision_from_document,
    policy_revision_to_document,
)
from adapters.sqlite.ownership import require_owner
from adapters.sqlite.session import Session
from application.ports.repositories import Policies
from domain.errors import Conflict, NotFound
from domain.identifiers import PolicyId, TenantId
from domain.policy.rule import PolicyRevision

_ACTIVE = """
SELECT document FROM policy_revisions NATURAL JOIN (
    SELECT tenant_id, policy_id, number FROM policy_activations
    WHERE tenant_id = ? AND activated_at <= ?
    ORDER BY activated_at DESC, seq DESC LIMIT 1
)
"""


_FORMER = """
SELECT document FROM policy_revisions NATURAL JOIN (
    SELECT tenant_id, policy_id, number FROM policy_activations
    WHERE tenant_id = :tenant_id AND activated_at <= :at AND (policy_id, number) <> (
        SELECT policy_id, number FROM policy_activations
        WHERE tenant_id = :tenant_id AND activated_at <= :at
        ORDER BY activated_at DESC, seq DESC LIMIT 1
    )
    ORDER BY activated_at DESC, seq DESC LIMIT 1
)
"""


class SqlitePolicies(Policies):
    """Keep policy versions; activations are a history, of which the latest counts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, tenant_id: TenantId, revision: PolicyRevision) -> None:
        """Store a new version."""
        require_owner(tenant_id, revision.tenant_id)
        row = (
            tenant_id,
            revision.policy_id,
            revision.number,
            dump(policy_revision_to_document(revision)),
        )
        await self._session.run(lambda raw: _add(raw, row))

    async def get(self, tenant_id: TenantId, policy_id: PolicyId, number: int) -> PolicyRevision:
        """Return one version."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM policy_revisions "
                "WHERE tenant_id = ? AND policy_id = ? AND number = ?",
                (tenant_id, policy_id, number),
            ).fetchone()
        )
        if row is None:
            raise _not_found()
        return load(row[0], policy_revision_from_document)

    async def activate(
        self, tenant_id: TenantId, policy_id: PolicyId, number: int, *, at: datetime
    ) -> None:
        """Make a version the active one from `at` on."""
        row = (tenant_id, time_text(at), policy_id, number)
        await self._session.run(lambda raw: _activate(raw, row))

    async def active(self, tenant_id: TenantId, *, at: datetime) -> PolicyRevision | None:
        """Return the version that was active at this time."""
        return await self._session.run(lambda raw: active_policy(raw, tenant_id, at))

    async def former(self, tenant_id: TenantId, *, at: datetime) -> PolicyRevision | None:
        """Return the version that was active before the one of this time."""
        values = {"tenant_id": tenant_id, "at": time_text(at)}
        row = await self._session.run(lambda raw: raw.execute(_FORMER, values).fetchone())
        return None if row is None else load(row[0], policy_revision_from_document)

    async def all(self, tenant_id: TenantId) -> Sequence[PolicyRevision]:
        """Return every version, by policy and number."""
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM policy_revisions WHERE tenant_id = ? "
                "ORDER BY policy_id, number",
                (tenant_id,),
            ).fetchall()
        )
        return [load(text, policy_revision_from_document) for (text,) in rows]


def active_policy(
    raw: sqlite3.Connection, tenant_id: TenantId, at: datetime
) -> PolicyRevision | None:
    """Return the version that was active at this time, None before the first."""
    row = raw.execute(_ACTIVE, (tenant_id, time_text(at))).fetchone()
    return None if row is None else load(row[0], policy_revision_from_document)


def _add(raw: sqlite3.Connection, row: tuple[object, ...]) -> None:
    try:
        raw.execute(
            "INSERT INTO policy_revisions (tenant_id, policy_id, number, document) "
            "VALUES (?, ?, ?, ?)",
            row,
        )
    except sqlite3.IntegrityError as error:
        raise Conflict("this version of the policy exists", code="policy.exists") from error


def _activate(raw: sqlite3.Connection, row: tuple[object, ...]) -> None:
    try:
        raw.execute(
            "INSERT INTO policy_activations (tenant_id, activated_at, policy_id, number) "
            "VALUES (?, ?, ?, ?)",
            row,
        )
    except sqlite3.IntegrityError as error:
        raise _not_found() from error


def _not_found() -> NotFound:
    return NotFound("there is no such version of a policy", code="policy.not_found")
