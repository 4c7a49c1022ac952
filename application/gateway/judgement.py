"""What inspection and policy say about one side of an exchange, and what becomes of its texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.inspection import evidence, neighbours_by_part
from application.ports.credentials import Digests
from domain.chat import TextPart, replace_texts, without_texts
from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import Category, Severity
from domain.errors import InvalidValue
from domain.identifiers import RecordId, TenantId, ViolationId
from domain.policy.evaluation import ALLOWED, Candidate, Decision, Verdict
from domain.policy.redaction import Pseudonyms, Redaction, redact
from domain.policy.rule import AuditContent, Direction, Effect, Replacement
from domain.violation import Violation, violation_id

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The decision about the parts of a request or an answer."""

    parts: tuple[TextPart, ...] = ()
    decision: Decision = ALLOWED
    missing: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Tell whether the policy, enforced, stops this."""
        return self.decision.enforced is Effect.BLOCK

    def stopped(self) -> "Judgement":
        """Return the judgement of something that is stopped, whatever was found in it."""
        return replace(self, decision=replace(self.decision, enforced=Effect.BLOCK))

    def violations(
        self, prefix: str, *, tenant_id: TenantId, record_id: RecordId, record_time: datetime
    ) -> tuple[ViolationId, ...]:
        """Return the ids of the violations that the decision names, in order."""
        return tuple(
            violation_id(
                tenant_id=tenant_id,
                record_id=record_id,
                record_time=record_time,
                part=prefix + verdict.candidate.part,
                category=verdict.candidate.finding.category,
                entity_type=verdict.candidate.finding.type,
                span=verdict.candidate.finding.span,
            )
            for verdict in self.decision.violations
        )


class Redactor:
    """Hide in texts what a decision masks, with pseudonyms that hold for one exchange."""

    def __init__(self, *, tenant_id: TenantId, digests: Digests) -> None:
        self._tenant_id = tenant_id
        self._digests = digests
        self._pseudonyms = Pseudonyms()

    def masked(self, body: Json, judgement: Judgement) -> dict[str, object]:
        """Return the body with everything hidden that the decision masks or blocks."""
        texts: dict[str, str] = {}
        for part in judgement.parts:
            verdicts = [v for v in judgement.decision.masking() if v.candidate.part == part.path]
            if verdicts:
                texts[part.path] = self.mask(part.text, verdicts)
        return replace_texts(body, texts)

    def mask(self, text: str, verdicts: Sequence[Verdict], *, shift: int = 0) -> str:
        """Return a text masked; `shift` is the place of the text in the one that was judged."""
        redactions = [
            Redaction(
                span=Span(max(0, span.start - shift), span.end - shift),
                type=verdict.candidate.finding.type,
                replacement=verdict.replacement,
                label=verdict.candidate.finding.label,
            )
            for verdict in verdicts
            if (span := verdict.candidate.finding.span).end > shift
        ]
        return redact(text, redactions, digest=self._digest, pseudonyms=self._pseudonyms)

    def kept(self, body: Json | None, judgement: Judgement, content: AuditContent) -> Json | None:
        """Return a body as the audit record keeps it."""
        if body is None or content is AuditContent.FULL:
            return body
        if content is AuditContent.MASKED:
            return self.masked(body, judgement)
        return without_texts(body, judgement.parts)

    def _digest(self, entity_type: str, value: str) -> str:
        return self._digests.fingerprint(self._tenant_id, entity_type, value).rpartition(":")[2]


def finding_documents(judgement: Judgement, prefix: str, content: AuditContent) -> tuple[Json, ...]:
    """Return the verdicts as an audit record keeps them: everything but the matches.

    What stays below its operating point and concerns no rule is not kept: detectors say it again.
    """
    texts = {part.path: part.text for part in judgement.parts}
    neighbours = neighbours_by_part([one.candidate for one in judgement.decision.verdicts])
    documents = []
    for verdict in judgement.decision.verdicts:
        candidate = verdict.candidate
        finding = candidate.finding
        if not (finding.is_operative or verdict.is_violation):
            continue
        documents.append(
            {
                "part": prefix + candidate.part,
                "direction": candidate.direction.value,
                "category": finding.category.value,
                "type": finding.type,
                "start": finding.span.start,
                "end": finding.span.end,
                "score": round(finding.score, 6),
                "operating_point": finding.operating_point,
                "detector": finding.detector,
                "rule": finding.rule,
                "source": finding.explanation.source,
                "attributes": dict(finding.explanation.attributes),
                "effect": verdict.effect.value,
                "enforced": min(
                    verdict.effect, judgement.decision.enforced, key=lambda one: one.rank
                ).value,
                "severity": verdict.severity.value,
                "rules": list(verdict.rules),
                "exceptions": list(verdict.exceptions),
                "fingerprint": candidate.fingerprint,
                "evidence": evidence(
                    texts[candidate.part],
                    candidate,
                    neighbours[candidate.part].of(candidate),
                    content,
                ),
            }
        )
    return tuple(documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFinding:
    """A finding with its verdict, what was really done about it, and its evidence."""

    verdict: Verdict
    enforced: Effect
    evidence: str

    @classmethod
    def from_document(cls, document: Json) -> "RecordedFinding":
        """Return what `finding_documents` wrote.

        Raises:
            InvalidValue: a field is missing or of another kind.
        """
        try:
            finding = Finding(
                category=Category(str(document["category"])),
                type=str(document["type"]),
                span=Span(int(str(document["start"])), int(str(document["end"]))),
                score=float(str(document["score"])),
                detector=str(document["detector"]),
                rule=str(document["rule"]),
                explanation=Explanation(
                    source=str(document.get("source", "")),
                    attributes=_attributes(document.get("attributes")),
                ),
                operating_point=float(str(document.get("operating_point", 0.5))),
            )
            verdict = Verdict(
                candidate=Candidate(
                    finding=finding,
                    part=str(document["part"]),
                    direction=Direction(str(document["direction"])),
                    fingerprint=str(document["fingerprint"]),
                ),
                effect=Effect(str(document["effect"])),
                severity=Severity(str(document["severity"])),
                replacement=Replacement.REPLACE,
                rules=_texts(document.get("rules")),
                exceptions=_texts(document.get("exceptions")),
            )
            enforced = Effect(str(document["enforced"]))
        except (KeyError, ValueError) as error:
            raise InvalidValue(
                "a recorded finding is not as this version writes them", field="findings"
            ) from error
        return cls(verdict=verdict, enforced=enforced, evidence=str(document.get("evidence", "")))


def _attributes(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): str(text) for name, text in value.items()}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def violations_of(
    findings: Sequence[RecordedFinding],
    *,
    tenant_id: TenantId,
    record_id: RecordId,
    record_time: datetime,
    policy_version: str,
    key_id: str | None,
    model: str | None,
    at: datetime,
    object_key: str | None = None,
) -> list[Violation]:
    """Return the violations among the findings of a record."""
    return [
        Violation.from_verdict(
            recorded.verdict,
            tenant_id=tenant_id,
            record_id=record_id,
            record_time=record_time,
            policy_version=policy_version,
            evidence=recorded.evidence,
            enforced=recorded.enforced,
            at=at,
            key_id=key_id,
            model=model,
            object_key=object_key,
        )
        for recorded in findings
        if recorded.verdict.is_violation
    ]
