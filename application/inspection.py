"""Look at the texts of an exchange: from parts to candidates that a policy can judge."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from application.detection import DetectionPipeline
from application.ports.credentials import Digests
from application.ports.detector import Channel, DetectorText
from application.ports.pattern_matcher import PatternMatcher
from domain.chat import TextPart
from domain.detection.finding import Detection, Finding, Span
from domain.detection.taxonomy import Category
from domain.identifiers import TenantId
from domain.policy.evaluation import Candidate
from domain.policy.redaction import Redaction, redact
from domain.policy.rule import AuditContent, Direction, Policy

_EVIDENCE_MARGIN = 32
_HOST = re.compile(r"(?:://(?:[^/\s@]*@)?|@)((?:[a-z0-9-]{1,63}\.)+[a-z]{2,63})", re.IGNORECASE)
_CHANNELS = {
    Direction.REQUEST: Channel.USER,
    Direction.TOOL_RESULT: Channel.TOOL_RESULT,
    Direction.RESPONSE: Channel.MODEL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """The candidates of some parts, and the names of detectors that did not answer."""

    candidates: tuple[Candidate, ...]
    missing: tuple[str, ...] = ()


class Inspector:
    """Run the detection pipeline over parts and prepare its findings for the policy."""

    def __init__(
        self, *, pipeline: DetectionPipeline, digests: Digests, patterns: PatternMatcher
    ) -> None:
        self._pipeline = pipeline
        self._digests = digests
        self._patterns = patterns

    async def __call__(
        self,
        tenant_id: TenantId,
        policy: Policy,
        parts: Sequence[TextPart],
        *,
        without: frozenset[str] = frozenset(),
    ) -> Inspected:
        """Return every finding in the parts as a candidate."""
        if not parts:
            return Inspected(candidates=())
        outcome = await self._pipeline(
            [DetectorText(text=part.text, channel=_CHANNELS[part.direction]) for part in parts],
            without=without,
        )
        return Inspected(
            candidates=tuple(
                candidate
                for part, detection in zip(parts, outcome.detections, strict=True)
                for candidate in self._candidates(tenant_id, policy, part, detection)
            ),
            missing=outcome.missing,
        )

    def _candidates(
        self, tenant_id: TenantId, policy: Policy, part: TextPart, detection: Detection
    ) -> list[Candidate]:
        return [
            self._candidate(tenant_id, policy, part, finding)
            for finding in detection.findings
            if not (part.is_trusted and finding.category is Category.INJECTION)
        ]

    def _candidate(
        self, tenant_id: TenantId, policy: Policy, part: TextPart, finding: Finding
    ) -> Candidate:
        value = part.text[finding.span.start : finding.span.end]
        return Candidate(
            finding=finding,
            part=part.path,
            direction=part.direction,
            fingerprint=self._digests.fingerprint(tenant_id, finding.type, value),
            domains=frozenset(host.lower() for host in _HOST.findall(value)),
            patterns=frozenset(
                exception.id
                for exception in policy.exceptions
                if exception.pattern is not None
                and self._patterns.matches(exception.pattern, value)
            ),
        )


def evidence(
    text: str, candidate: Candidate, others: Sequence[Candidate], content: AuditContent
) -> str:
    """Return a snippet around a match with every finding of the text hidden, the match first.

    Where the policy keeps no text, the snippet has none either.
    """
    if content is AuditContent.NONE:
        return f"[{candidate.finding.type}]"
    span = candidate.finding.span
    start, end = max(0, span.start - _EVIDENCE_MARGIN), min(len(text), span.end + _EVIDENCE_MARGIN)
    hidden = [span, *(other.finding.span for other in others)]
    # A snippet that began or ended inside another match would show a part of it.
    start = min([start, *(one.start for one in hidden if one.start < start < one.end)])
    end = max([end, *(one.end for one in hidden if one.start < end < one.end)])
    redactions = [
        Redaction(
            span=Span(max(one.span.start, start) - start, min(one.span.end, end) - start),
            type=one.type,
        )
        for one in (candidate.finding, *(other.finding for other in others))
        if one.span.start < end and start < one.span.end
    ]
    snippet = redact(text[start:end], redactions, digest=_no_digest)
    return ("…" if start > 0 else "") + snippet + ("…" if end < len(text) else "")


def _no_digest(entity_type: str, _value: str) -> str:
    return entity_type
