"""Violations in MongoDB."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.documents.fields import column_text, time_text
from adapters.documents.violations import violation_from_document, violation_to_document
from adapters.mongo.collection import OLDEST, Document
from adapters.mongo.session import Session
from adapters.mongo.values import load, of_tenant, stored
from adapters.mongo.writes import changed_meanwhile, insert_new, require_owner
from application.ports.repositories import Violations
from domain.errors import NotFound
from domain.identifiers import RecordId, TenantId, ViolationId
from domain.violation import Violation


class MongoViolations(Violations):
    """Keep violations; whoever meets one first stores it."""

    def __init__(self, session: Session) -> None:
        self._violations = session.collection("violations")

    async def add_new(
        self, tenant_id: TenantId, violations: Sequence[Violation]
    ) -> Sequence[Violation]:
        """Store those whose id is not there yet and return them."""
        for violation in violations:
            require_owner(tenant_id, violation.tenant_id)
        is_new = await insert_new(self._violations, [_row(violation) for violation in violations])
        return [violation for violation, new in zip(violations, is_new, strict=True) if new]

    async def get(self, tenant_id: TenantId, violation_id: ViolationId) -> Violation:
        """Return a violation."""
        row = await self._violations.find_one(
            {"_id": of_tenant(tenant_id, column_text(violation_id))}
        )
        if row is None:
            raise NotFound("there is no such violation", code="violation.not_found")
        return load(row["document"], violation_from_document)

    async def of_record(self, tenant_id: TenantId, record_id: RecordId) -> Sequence[Violation]:
        """Return the violations of one audit record, by id."""
        rows = await self._violations.find(
            {"tenant_id": tenant_id, "record_id": column_text(record_id)}, sort=[("_id", OLDEST)]
        )
        return [load(row["document"], violation_from_document) for row in rows]

    async def save(self, tenant_id: TenantId, violation: Violation) -> None:
        """Store a triaged violation."""
        require_owner(tenant_id, violation.tenant_id)
        changed = replace(violation, version=violation.version + 1)
        change = {
            "severity": changed.severity.value,
            "state": changed.state.value,
            "version": changed.version,
            "document": stored(violation_to_document(changed)),
        }
        if not await self._violations.update(
            {"_id": _row_id(violation), "version": violation.version}, {"$set": change}
        ):
            raise changed_meanwhile()


def _row_id(violation: Violation) -> str:
    return of_tenant(violation.tenant_id, column_text(violation.id))


def _row(violation: Violation) -> Document:
    return {
        "_id": _row_id(violation),
        "tenant_id": violation.tenant_id,
        "record_id": column_text(violation.record_id),
        "category": violation.category.value,
        "type": violation.type,
        "severity": violation.severity.value,
        "state": violation.state.value,
        "key_id": None if violation.key_id is None else column_text(violation.key_id),
        "model": None if violation.model is None else column_text(violation.model),
        "detected_at": time_text(violation.detected_at),
        "version": violation.version,
        "document": stored(violation_to_document(violation)),
    }
