"""Store violations so that each exists once and is told once."""

from collections.abc import Sequence

from application.ports.unit_of_work import UnitOfWork
from domain.detection.taxonomy import Severity
from domain.events import ViolationsRecorded
from domain.identifiers import TenantId
from domain.violation import Violation


async def store_violations(
    uow: UnitOfWork, tenant_id: TenantId, violations: Sequence[Violation]
) -> Sequence[Violation]:
    """Store those that are new, with one event that names them, and return them."""
    if not violations:
        return ()
    new = await uow.violations.add_new(tenant_id, violations)
    if new:
        uow.record(
            ViolationsRecorded(
                tenant_id=tenant_id,
                violation_ids=tuple(violation.id for violation in new),
                highest=max((one.severity for one in new), key=_rank),
            )
        )
    return new


def _rank(severity: Severity) -> int:
    return severity.rank
