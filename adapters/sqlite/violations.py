"""Violations in SQLite."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.documents.fields import column_text, dump, load, time_text
from adapters.documents.violations import violation_from_document, violation_to_document
from adapters.sqlite.ownership import require_changed, require_owner
from adapters.sqlite.session import Session
from application.ports.repositories import Violations
from domain.errors import NotFound
from domain.identifiers import RecordId, TenantId, ViolationId
from domain.violation import Violation

_ADD = """
INSERT INTO violations (
    tenant_id, id, record_id, category, type, severity, state, key_id, model, detected_at, version,
    document
) VALUES (
    :tenant_id, :id, :record_id, :category, :type, :severity, :state, :key_id, :model,
    :detected_at, :version, :document
) ON CONFLICT (tenant_id, id) DO NOTHING
"""
_SAVE = """
UPDATE violations SET severity = :severity, state = :state, version = :version,
    document = :document
WHERE tenant_id = :tenant_id AND id = :id AND version = :read
"""


class SqliteViolations(Violations):
    """Keep violations; whoever meets one first stores it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add_new(
        self, tenant_id: TenantId, violations: Sequence[Violation]
    ) -> Sequence[Violation]:
        """Store those whose id is not there yet and return them."""
        for violation in violations:
            require_owner(tenant_id, violation.tenant_id)
        pairs = [(violation, _row(violation)) for violation in violations]
        return await self._session.run(
            lambda raw: [
                violation for violation, row in pairs if raw.execute(_ADD, row).rowcount == 1
            ]
        )

    async def get(self, tenant_id: TenantId, violation_id: ViolationId) -> Violation:
        """Return a violation."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM violations WHERE tenant_id = ? AND id = ?",
                (tenant_id, column_text(violation_id)),
            ).fetchone()
        )
        if row is None:
            raise NotFound("there is no such violation", code="violation.not_found")
        return load(row[0], violation_from_document)

    async def of_record(self, tenant_id: TenantId, record_id: RecordId) -> Sequence[Violation]:
        """Return the violations of one audit record, by id."""
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM violations WHERE tenant_id = ? AND record_id = ? ORDER BY id",
                (tenant_id, column_text(record_id)),
            ).fetchall()
        )
        return [load(text, violation_from_document) for (text,) in rows]

    async def save(self, tenant_id: TenantId, violation: Violation) -> None:
        """Store a triaged violation."""
        require_owner(tenant_id, violation.tenant_id)
        changed = replace(violation, version=violation.version + 1)
        row = {**_row(changed), "read": violation.version}
        await self._session.run(lambda raw: _save(raw, row))


def _row(violation: Violation) -> Mapping[str, object]:
    return {
        "tenant_id": violation.tenant_id,
        "id": violation.id,
        "record_id": column_text(violation.record_id),
        "category": violation.category.value,
        "type": violation.type,
        "severity": violation.severity.value,
        "state": violation.state.value,
        "key_id": None if violation.key_id is None else column_text(violation.key_id),
        "model": None if violation.model is None else column_text(violation.model),
        "detected_at": time_text(violation.detected_at),
        "version": violation.version,
        "document": dump(violation_to_document(violation)),
    }


def _save(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    require_changed(raw.execute(_SAVE, row))
