"""Violations: findings that a policy calls one, with their triage."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.audit import canonical
from domain.detection.finding import Span
from domain.detection.taxonomy import Category, Severity
from domain.errors import InvalidValue, Refused
from domain.identifiers import RecordId, TenantId, ViolationId, encode_crockford
from domain.policy.evaluation import Verdict
from domain.policy.rule import Direction, Effect

_TIME_CHARACTERS = 10
_HASH_CHARACTERS = 24
_MAX_NOTE = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def violation_id(
    *,
    tenant_id: TenantId,
    record_id: RecordId,
    record_time: datetime,
    part: str,
    category: Category,
    entity_type: str,
    span: Span,
) -> ViolationId:
    """Return the stable id: `vio_`, the record's time in milliseconds, 120 bits of a SHA-256.

    Everybody who meets the same finding in the same record computes the same id.
    """
    name = canonical(
        [tenant_id, record_id, part, category.value, entity_type, span.start, span.end]
    )
    digest = int.from_bytes(hashlib.sha256(name).digest()[:15])
    # Whole milliseconds, cut off as the audit record's own time is: both must give the same id.
    milliseconds = (record_time - _EPOCH) // timedelta(milliseconds=1)
    return ViolationId(
        "vio_"
        + encode_crockford(milliseconds, _TIME_CHARACTERS)
        + encode_crockford(digest, _HASH_CHARACTERS)
    )


class TriageState(StrEnum):
    """What people decided about a violation."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"


_TRANSITIONS = {
    TriageState.OPEN: {
        TriageState.ACKNOWLEDGED,
        TriageState.RESOLVED,
        TriageState.FALSE_POSITIVE,
    },
    TriageState.ACKNOWLEDGED: {
        TriageState.OPEN,
        TriageState.RESOLVED,
        TriageState.FALSE_POSITIVE,
    },
    TriageState.RESOLVED: {TriageState.OPEN},
    TriageState.FALSE_POSITIVE: {TriageState.OPEN},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageStep:
    """One decision of a person, kept as history."""

    at: datetime
    by: str
    state: TriageState
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A finding that a policy calls a violation.

    `part` says where in the record the text stands, `evidence` is a redacted snippet around the
    match and never holds it, `fingerprint` the keyed fingerprint by which equal matches are
    recognised. `effect` is what the policy asks for, `enforced` what was really done: less in
    `observe` mode and for what was found after the fact. `occurred_at` is the record's time,
    `detected_at` when somebody first noticed.
    """

    id: ViolationId
    tenant_id: TenantId
    record_id: RecordId
    part: str
    category: Category
    type: str
    span: Span
    score: float
    detector: str
    rule: str
    direction: Direction
    effect: Effect
    enforced: Effect
    severity: Severity
    policy_rules: tuple[str, ...]
    policy_version: str
    evidence: str
    fingerprint: str
    occurred_at: datetime
    detected_at: datetime
    key_id: str | None = None
    model: str | None = None
    object_key: str | None = None
    state: TriageState = TriageState.OPEN
    history: tuple[TriageStep, ...] = field(default=())
    version: int = 0

    @classmethod
    def from_verdict(
        cls,
        verdict: Verdict,
        *,
        tenant_id: TenantId,
        record_id: RecordId,
        record_time: datetime,
        policy_version: str,
        evidence: str,
        at: datetime,
        enforced: Effect | None = None,
        key_id: str | None = None,
        model: str | None = None,
        object_key: str | None = None,
    ) -> "Violation":
        """Return the violation that a verdict calls one; `enforced` None means as it asks for."""
        if not verdict.is_violation:
            raise InvalidValue("the policy does not call this finding a violation")
        candidate = verdict.candidate
        finding = candidate.finding
        return cls(
            id=violation_id(
                tenant_id=tenant_id,
                record_id=record_id,
                record_time=record_time,
                part=candidate.part,
                category=finding.category,
                entity_type=finding.type,
                span=finding.span,
            ),
            tenant_id=tenant_id,
            record_id=record_id,
            part=candidate.part,
            category=finding.category,
            type=finding.type,
            span=finding.span,
            score=finding.score,
            detector=finding.detector,
            rule=finding.rule,
            direction=candidate.direction,
            effect=verdict.effect,
            enforced=verdict.effect if enforced is None else enforced,
            severity=verdict.severity,
            policy_rules=verdict.rules,
            policy_version=policy_version,
            evidence=evidence,
            fingerprint=candidate.fingerprint,
            occurred_at=record_time,
            detected_at=at,
            key_id=key_id,
            model=model,
            object_key=object_key,
        )

    def triage(self, state: TriageState, *, by: str, at: datetime, note: str = "") -> "Violation":
        """Return the violation after a person's decision; a note alone keeps the state.

        Raises:
            Refused: that state cannot follow this one; reopen it first.
        """
        if len(note) > _MAX_NOTE:
            raise InvalidValue(f"a note has at most {_MAX_NOTE} characters", field="note")
        if state is self.state:
            if not note:
                return self
        elif state not in _TRANSITIONS[self.state]:
            raise Refused(
                f"a violation that is {self.state.value} cannot become {state.value}; "
                "reopen it first",
                code="violation.transition",
            )
        step = TriageStep(at=at, by=by, state=state, note=note)
        return replace(self, state=state, history=(*self.history, step))
