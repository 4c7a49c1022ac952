"""Look at the texts of an exchange: from parts to candidates that a policy can judge."""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from application.detection import OFF_THE_LOOP, DetectionPipeline
from application.ports.credentials import Digests
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import Channel, Detector, DetectorText
from application.ports.pattern_matcher import PatternMatcher
from domain.chat import TextPart
from domain.detection.destinations import destinations
from domain.detection.finding import Detection, Finding, Span
from domain.detection.taxonomy import Category
from domain.identifiers import TenantId
from domain.policy.evaluation import Candidate
from domain.policy.redaction import Redaction, redact
from domain.policy.rule import AuditContent, Direction, Policy
from domain.subscription import DetectorTier

_EVIDENCE_MARGIN = 32
_NEAR = 64
"""Code points around a match within which other matches are hidden from its evidence."""

_WIDE = 1024
"""Code points from which a match is kept apart, so that the others can be found by their start."""

_ALWAYS_HIDDEN = frozenset({Category.PII, Category.SECRETS})
"""Categories of which even a weak finding may be a value that nobody should see."""
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
    """Run the detection pipeline over parts and prepare its findings for the policy.

    The policy's own detectors read beside the others.
    `basic` is the pipeline of tenants whose plan has the basic detectors alone; without one
    everybody has the same.
    """

    def __init__(
        self,
        *,
        pipeline: DetectionPipeline,
        digests: Digests,
        patterns: PatternMatcher,
        custom: CustomDetectors,
        basic: DetectionPipeline | None = None,
    ) -> None:
        self._pipelines = {
            DetectorTier.ALL: pipeline,
            DetectorTier.BASIC: pipeline if basic is None else basic,
        }
        self._digests = digests
        self._patterns = patterns
        self._custom = custom

    async def __call__(
        self,
        tenant_id: TenantId,
        policy: Policy,
        parts: Sequence[TextPart],
        *,
        tier: DetectorTier = DetectorTier.ALL,
        without: frozenset[str] = frozenset(),
    ) -> Inspected:
        """Return every finding in the parts as a candidate."""
        (inspected,) = await self.many(tenant_id, [(policy, parts)], tier=tier, without=without)
        return inspected

    async def many(
        self,
        tenant_id: TenantId,
        exchanges: Sequence[tuple[Policy, Sequence[TextPart]]],
        *,
        tier: DetectorTier = DetectorTier.ALL,
        without: frozenset[str] = frozenset(),
    ) -> list[Inspected]:
        """Return the same for several exchanges, whose texts go through the detectors together.

        A detector that did not answer is missing for all of them.
        """
        texts = [
            DetectorText(text=part.text, channel=_CHANNELS[part.direction])
            for _, parts in exchanges
            for part in parts
        ]
        if not texts:
            return [Inspected(candidates=()) for _ in exchanges]
        custom: list[Detector | None] = []
        for policy, parts in exchanges:
            own = self._custom.detector(policy.detectors) if policy.detectors else None
            custom += [own] * len(parts)
        outcome = await self._pipelines[tier](texts, without=without, custom=custom)

        def inspected() -> list[Inspected]:
            detections = iter(outcome.detections)
            return [
                Inspected(
                    candidates=tuple(
                        candidate
                        for part in parts
                        for candidate in self._candidates(tenant_id, policy, part, next(detections))
                    ),
                    missing=outcome.missing,
                )
                for policy, parts in exchanges
            ]

        is_long = sum(len(text.text) for text in texts) > OFF_THE_LOOP
        return await asyncio.to_thread(inspected) if is_long else inspected()

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
            domains=destinations(finding.category, finding.type, value)
            if any(exception.domains for exception in policy.exceptions)
            else frozenset(),
            patterns=frozenset(
                exception.id
                for exception in policy.exceptions
                if exception.pattern is not None
                and self._patterns.matches(exception.pattern, value)
            ),
        )


class Neighbours:
    """The matches of one text to hide from the evidence around another one.

    `ordered` are the candidates of the text in `Finding.order`.
    """

    def __init__(self, ordered: Sequence[Candidate]) -> None:
        hidden = [
            one
            for one in ordered
            if one.finding.category in _ALWAYS_HIDDEN or one.finding.is_operative
        ]
        self._wide = [one for one in hidden if len(one.finding.span) > _WIDE]
        self._narrow = [one for one in hidden if len(one.finding.span) <= _WIDE]
        self._starts = [one.finding.span.start for one in self._narrow]

    def of(self, candidate: Candidate) -> Sequence[Candidate]:
        """Return the matches near this one, each cut to what is near.

        Evidence reaches to the end of whatever it meets: the list of a thousand addresses must not
        become the evidence of each of them.
        """
        span = candidate.finding.span
        first, last = max(0, span.start - _NEAR), span.end + _NEAR
        narrow = self._narrow[
            bisect_left(self._starts, first - _WIDE) : bisect_left(self._starts, last)
        ]
        return [
            _cut(one, first, last)
            for one in (*narrow, *self._wide)
            if one is not candidate
            and one.finding.span.start < last
            and first < one.finding.span.end
        ]


def _cut(candidate: Candidate, first: int, last: int) -> Candidate:
    span = candidate.finding.span
    if first <= span.start and span.end <= last:
        return candidate
    cut = Span(max(span.start, first), min(span.end, last))
    return replace(candidate, finding=replace(candidate.finding, span=cut))


def neighbours_by_part(candidates: Iterable[Candidate]) -> dict[str, Neighbours]:
    """Return the neighbours in each part of an exchange."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda one: one.order):
        groups.setdefault(candidate.part, []).append(candidate)
    return {part: Neighbours(group) for part, group in groups.items()}


def evidence(
    text: str, candidate: Candidate, others: Sequence[Candidate], content: AuditContent
) -> str:
    """Return a snippet around a match that shows its type in its place.

    Whatever else of the text may be personal, secret or a violation is hidden as well. Where the
    policy keeps no text, the snippet has none either.
    """
    if content is AuditContent.NONE:
        return f"[{candidate.finding.label}]"
    match = candidate.finding.span
    hidden = [
        Redaction(span=span, type=other.finding.label)
        for other in others
        if other.finding.is_operative or other.finding.category in _ALWAYS_HIDDEN
        for span in _outside(other.finding.span, match)
    ]
    hidden.append(Redaction(span=match, type=candidate.finding.label))
    start, end = (
        max(0, match.start - _EVIDENCE_MARGIN),
        min(len(text), match.end + _EVIDENCE_MARGIN),
    )
    # A snippet that began or ended inside another match would show a part of it.
    start = min(
        [start, *(one.span.start for one in hidden if one.span.start < start < one.span.end)]
    )
    end = max([end, *(one.span.end for one in hidden if one.span.start < end < one.span.end)])
    redactions = [
        Redaction(
            span=Span(max(one.span.start, start) - start, min(one.span.end, end) - start),
            type=one.type,
        )
        for one in hidden
        if one.span.start < end and start < one.span.end
    ]
    snippet = redact(text[start:end], redactions, digest=_no_digest)
    return ("…" if start > 0 else "") + snippet + ("…" if end < len(text) else "")


def _outside(span: Span, match: Span) -> list[Span]:
    """Return what is left of a span without the match, so that the match shows its own type."""
    left = [(span.start, min(span.end, match.start)), (max(span.start, match.end), span.end)]
    return [Span(start, end) for start, end in left if start < end]


def _no_digest(entity_type: str, _value: str) -> str:
    return entity_type
