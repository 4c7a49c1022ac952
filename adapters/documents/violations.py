"""Violations as documents."""

from typing import TypedDict

from adapters.documents.fields import time_of, time_text
from domain.detection.finding import Span
from domain.detection.taxonomy import Category, Severity
from domain.identifiers import RecordId, TenantId, ViolationId
from domain.policy.rule import Direction, Effect
from domain.violation import TriageState, TriageStep, Violation


class TriageStepDocument(TypedDict):
    """One decision of a person."""

    at: str
    by: str
    state: str
    note: str


class ViolationDocument(TypedDict):
    """A violation; `start` and `end` are code points, half-open."""

    id: str
    tenant_id: str
    record_id: str
    part: str
    category: str
    type: str
    start: int
    end: int
    score: float
    detector: str
    rule: str
    direction: str
    effect: str
    enforced: str
    severity: str
    policy_rules: list[str]
    policy_version: str
    evidence: str
    fingerprint: str
    occurred_at: str
    detected_at: str
    key_id: str | None
    model: str | None
    object_key: str | None
    state: str
    history: list[TriageStepDocument]
    version: int


def violation_to_document(violation: Violation) -> ViolationDocument:
    """Return a violation as plain data."""
    return {
        "id": violation.id,
        "tenant_id": violation.tenant_id,
        "record_id": violation.record_id,
        "part": violation.part,
        "category": violation.category.value,
        "type": violation.type,
        "start": violation.span.start,
        "end": violation.span.end,
        "score": violation.score,
        "detector": violation.detector,
        "rule": violation.rule,
        "direction": violation.direction.value,
        "effect": violation.effect.value,
        "enforced": violation.enforced.value,
        "severity": violation.severity.value,
        "policy_rules": list(violation.policy_rules),
        "policy_version": violation.policy_version,
        "evidence": violation.evidence,
        "fingerprint": violation.fingerprint,
        "occurred_at": time_text(violation.occurred_at),
        "detected_at": time_text(violation.detected_at),
        "key_id": violation.key_id,
        "model": violation.model,
        "object_key": violation.object_key,
        "state": violation.state.value,
        "history": [
            {
                "at": time_text(step.at),
                "by": step.by,
                "state": step.state.value,
                "note": step.note,
            }
            for step in violation.history
        ],
        "version": violation.version,
    }


def violation_from_document(document: ViolationDocument) -> Violation:
    """Return the violation that a document describes."""
    return Violation(
        id=ViolationId(document["id"]),
        tenant_id=TenantId(document["tenant_id"]),
        record_id=RecordId(document["record_id"]),
        part=document["part"],
        category=Category(document["category"]),
        type=document["type"],
        span=Span(document["start"], document["end"]),
        score=document["score"],
        detector=document["detector"],
        rule=document["rule"],
        direction=Direction(document["direction"]),
        effect=Effect(document["effect"]),
        enforced=Effect(document["enforced"]),
        severity=Severity(document["severity"]),
        policy_rules=tuple(document["policy_rules"]),
        policy_version=document["policy_version"],
        evidence=document["evidence"],
        fingerprint=document["fingerprint"],
        occurred_at=time_of(document["occurred_at"]),
        detected_at=time_of(document["detected_at"]),
        key_id=document["key_id"],
        model=document["model"],
        object_key=document["object_key"],
        state=TriageState(document["state"]),
        history=tuple(
            TriageStep(
                at=time_of(step["at"]),
                by=step["by"],
                state=TriageState(step["state"]),
                note=step["note"],
            )
            for step in document["history"]
        ),
        version=document["version"],
    )
