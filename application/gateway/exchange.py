"""One exchange from admission to its audit record."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.gateway.judgement import Judgement, Redactor, finding_documents
from application.inspection import Inspector
from application.ports.audit_journal import AuditJournal
from application.ports.credentials import Digests
from application.ports.limits import Admission, RateLimiter
from application.ports.readers import Principal
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from domain.audit import AuditRecord, RecordTooLarge
from domain.chat import TextPart
from domain.identifiers import RecordId, ViolationId
from domain.money import Cost
from domain.policy.evaluation import EvaluationContext, evaluate
from domain.policy.presets import STARTER
from domain.policy.rule import AuditContent, FailureEffect, Mode, Policy, PolicyRevision
from domain.routing import Route
from domain.usage import Tokens, estimate_tokens

_log = logging.getLogger(__name__)

REQUEST_PREFIX = "request/"
RESPONSE_PREFIX = "response/"

Json = Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What is known of a running exchange; filled in as it goes on."""

    record_id: RecordId
    principal: Principal
    route_name: str
    body: Json
    model: str
    user: str | None
    started_at: datetime
    started: float
    redactor: Redactor
    admission: Admission
    request: Judgement = field(default=Judgement())
    response: Judgement = field(default=Judgement())
    response_body: Json | None = None
    route: Route | None = None
    status: int = 200
    tokens: Tokens | None = None
    upstream_seconds: float | None = None
    is_recorded: bool = False

    @property
    def policy(self) -> Policy:
        """Return the policy that judges the exchange."""
        return self.principal.policy.policy

    def violation_ids(self) -> tuple[ViolationId, ...]:
        """Return the ids of the violations found so far, in the request first."""
        about = {
            "tenant_id": self.principal.tenant.id,
            "record_id": self.record_id,
            "record_time": self.started_at,
        }
        return (
            *self.request.violations(REQUEST_PREFIX, **about),  # type: ignore[arg-type]
            *self.response.violations(RESPONSE_PREFIX, **about),  # type: ignore[arg-type]
        )


class ExchangeRecorder:
    """Judge the sides of exchanges and write down how they ended."""

    def __init__(
        self,
        *,
        inspector: Inspector,
        journal: AuditJournal,
        limiter: RateLimiter,
        digests: Digests,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._inspector = inspector
        self._journal = journal
        self._limiter = limiter
        self._digests = digests
        self._clock = clock
        self._telemetry = telemetry

    def redactor(self, principal: Principal) -> Redactor:
        """Return a redactor for one exchange of a principal."""
        return Redactor(tenant_id=principal.tenant.id, digests=self._digests)

    async def judge(self, principal: Principal, model: str, parts: Sequence[TextPart]) -> Judgement:
        """Return what the principal's policy says about texts."""
        policy = principal.policy.policy
        tenant = principal.tenant
        inspected = await self._inspector(
            tenant.id, policy, parts, tier=tenant.entitlements.detectors
        )
        decision = evaluate(
            policy,
            inspected.candidates,
            EvaluationContext(at=self._clock.now(), key_id=principal.key.id, model=model),
        )
        return Judgement(parts=tuple(parts), decision=decision, missing=inspected.missing)

    async def record(self, exchange: Exchange) -> None:
        """Settle what the exchange used and write its audit record, once.

        Returns when the record survives a crash; only then may the last byte of the answer leave.

        Raises:
            Unavailable: the journal did not take it.
        """
        if exchange.is_recorded:
            return
        exchange.is_recorded = True
        tokens = exchange.tokens or self._estimated(exchange)
        cost = self._cost(exchange, tokens)
        reached_model = exchange.route is not None
        await self._limiter.settle(
            exchange.admission,
            tokens=tokens.total if reached_model else 0,
            cost_nano=cost.nano if cost is not None and reached_model else 0,
        )
        tenant_id, content = exchange.principal.tenant.id, exchange.policy.audit_content
        try:
            await self._journal.append(tenant_id, self._record(exchange, tokens, cost, content))
        except RecordTooLarge:
            # What cannot be kept whole is kept as what it was: its lengths and findings.
            _log.warning("an exchange is too large to be kept with its texts")
            record = self._record(exchange, tokens, cost, AuditContent.NONE)
            await self._journal.append(tenant_id, record)
        self._telemetry.count(Metric.AUDIT_RECORDS)
        if exchange.upstream_seconds is not None:
            self._telemetry.observe(Metric.UPSTREAM_SECONDS, exchange.upstream_seconds)
            self._telemetry.observe(
                Metric.GATEWAY_OVERHEAD,
                self._clock.monotonic() - exchange.started - exchange.upstream_seconds,
            )
        self._telemetry.count(
            Metric.POLICY_DECISIONS,
            policy=_kind_of(exchange.principal.policy),
            action=exchange.request.decision.enforced.value,
        )
        self._telemetry.count(Metric.TOKENS, tokens.input, dir="input")
        self._telemetry.count(Metric.TOKENS, tokens.output, dir="output")

    def _estimated(self, exchange: Exchange) -> Tokens:
        if exchange.route is None:
            return Tokens()
        return Tokens(
            input=estimate_tokens(sum(len(part.text) for part in exchange.request.parts)),
            output=estimate_tokens(sum(len(part.text) for part in exchange.response.parts)),
            estimated=True,
        )

    @staticmethod
    def _cost(exchange: Exchange, tokens: Tokens) -> Cost | None:
        if exchange.route is None or exchange.route.model.price is None:
            return None
        return exchange.route.model.price.cost(
            input_tokens=tokens.input, output_tokens=tokens.output
        )

    def _record(
        self, exchange: Exchange, tokens: Tokens, cost: Cost | None, content: AuditContent
    ) -> AuditRecord:
        redactor = exchange.redactor
        request, response = exchange.request, exchange.response
        return AuditRecord(
            record_id=exchange.record_id,
            tenant=exchange.principal.tenant.slug.value,
            time=exchange.started_at,
            key_id=exchange.principal.key.id,
            user=exchange.user,
            route=exchange.route_name,
            model=exchange.model,
            upstream=exchange.route.upstream.name if exchange.route else None,
            content=content.value,
            request=redactor.kept(exchange.body, request, content),
            response=redactor.kept(exchange.response_body, response, content),
            status=exchange.status,
            tokens={
                "input": tokens.input,
                "output": tokens.output,
                "estimated": tokens.estimated,
            },
            cost=None if cost is None else {"nano": cost.nano, "currency": cost.currency},
            latency_ms=round((self._clock.monotonic() - exchange.started) * 1000),
            decision={
                "request": request.decision.effect.value,
                "request_enforced": request.decision.enforced.value,
                "response": response.decision.effect.value,
                "response_enforced": response.decision.enforced.value,
                "mode": exchange.policy.mode.value,
                "rules": sorted({*request.decision.rules, *response.decision.rules}),
                "exceptions": sorted({*request.decision.exceptions, *response.decision.exceptions}),
                "violations": list(exchange.violation_ids()),
                "missing_detectors": sorted({*request.missing, *response.missing}),
            },
            policy_version=exchange.principal.policy.reference,
            findings=(
                *finding_documents(request, REQUEST_PREFIX, content),
                *finding_documents(response, RESPONSE_PREFIX, content),
            ),
        )


def refuses_blind(exchange: Exchange, judgement: Judgement) -> bool:
    """Tell whether a detector is away and the policy, enforced, refuses what it could not see."""
    policy = exchange.policy
    return (
        bool(judgement.missing)
        and policy.mode is Mode.ENFORCE
        and policy.on_detector_failure is FailureEffect.BLOCK
    )


def _kind_of(policy: PolicyRevision) -> str:
    """Return whether a policy is the starter, and else how it is applied: names are a tenant's."""
    return "starter" if policy.policy_id == STARTER else policy.policy.mode.value
