"""Judge exchanges of a log: what the gateway saw stands, detectors add, the policy decides."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.analytics.claims import Claims
from application.analytics.parsed_exchange import ParsedExchange
from application.analytics.room import Room
from application.detection import OFF_THE_LOOP
from application.gateway.judgement import RecordedFinding, violations_of
from application.inspection import Inspected, Inspector, evidence, neighbours_by_part
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.errors import NotFound
from domain.identifiers import PolicyId
from domain.policy.evaluation import EvaluationContext, evaluate
from domain.policy.presets import starter_policy
from domain.policy.rule import Effect, Policy
from domain.tenant import Tenant
from domain.violation import Violation

STARTER = "pol_starter@0"
"""The reference of what judges where a tenant never had a policy."""

_AT_ONCE = 524_288
"""Code points that all workers of a process have judged at once: enough to fill a model server, and
few enough that no batch waits for its detectors as long as their deadline."""

_MAX_POLICIES = 256
"""Answers that are remembered: one for each version, or moment of a foreign record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The violations of some exchanges, and the names of detectors that did not answer."""

    violations: tuple[Violation, ...]
    missing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOfThen:
    """A policy and the reference of its version."""

    reference: str
    policy: Policy


class PoliciesOfThen:
    """The policy version that judges each exchange of one tenant; some are remembered."""

    def __init__(self, transactions: Transactions, tenant: Tenant, clock: Clock) -> None:
        self._transactions = transactions
        self._tenant = tenant
        self._clock = clock
        self._known: dict[str, PolicyOfThen] = {}

    async def of(self, exchange: ParsedExchange) -> PolicyOfThen:
        """Return the version that the record names, else the one that was active then.

        An exchange from before the tenant's first policy is judged by the one of today, and where
        there is none by the starter policy.
        """
        name = exchange.policy_version or exchange.time.isoformat()
        if name not in self._known:
            if len(self._known) >= _MAX_POLICIES:
                self._known.clear()
            self._known[name] = await self._find(exchange)
        return self._known[name]

    async def _find(self, exchange: ParsedExchange) -> PolicyOfThen:
        named = exchange.policy_version
        policy_id, _, number = (named or "").rpartition("@")
        tenant_id = self._tenant.id
        async with self._transactions() as uow:
            revision = None
            if number.isdecimal():
                try:
                    revision = await uow.policies.get(tenant_id, PolicyId(policy_id), int(number))
                except NotFound:
                    revision = None
            if revision is None:
                revision = await uow.policies.active(tenant_id, at=exchange.time)
            if revision is None and named is None:
                revision = await uow.policies.active(tenant_id, at=self._clock.now())
        if revision is None:
            return PolicyOfThen(reference=named or STARTER, policy=starter_policy())
        return PolicyOfThen(reference=named or revision.reference, policy=revision.policy)


class JudgeExchanges:
    """Send the texts of exchanges through the detectors together, and judge each by its policy.

    Findings that the gateway recorded stand as they are. What detectors find beside them is judged
    together with them. Where a record keeps no full text, the recorded findings are all there is.
    """

    def __init__(self, *, inspector: Inspector, clock: Clock) -> None:
        self._inspector = inspector
        self._clock = clock
        self._room = Room(_AT_ONCE)

    async def __call__(
        self,
        tenant: Tenant,
        exchanges: Sequence[ParsedExchange],
        policies: PoliciesOfThen,
        *,
        object_key: str,
    ) -> Judged:
        """Return the violations of the exchanges.

        Raises:
            Unavailable: the store.
        """
        versions = [await policies.of(exchange) for exchange in exchanges]
        size = sum(exchange.size for exchange in exchanges)
        async with self._room.taken(size):
            return await self._judged(tenant, exchanges, versions, size, object_key)

    async def _judged(
        self,
        tenant: Tenant,
        exchanges: Sequence[ParsedExchange],
        versions: Sequence[PolicyOfThen],
        size: int,
        object_key: str,
    ) -> Judged:
        inspected = await self._inspector.many(
            tenant.id,
            [
                (version.policy, exchange.parts)
                for version, exchange in zip(versions, exchanges, strict=True)
            ],
            tier=tenant.entitlements.detectors,
        )

        def judged() -> tuple[Violation, ...]:
            return tuple(
                violation
                for exchange, version, seen in zip(exchanges, versions, inspected, strict=True)
                for violation in violations_of(
                    [*exchange.recorded, *_added(exchange, version.policy, seen)],
                    tenant_id=tenant.id,
                    record_id=exchange.record_id,
                    record_time=exchange.time,
                    policy_version=version.reference,
                    key_id=exchange.key_id,
                    model=exchange.model,
                    at=self._clock.now(),
                    object_key=object_key,
                )
            )

        return Judged(
            violations=await asyncio.to_thread(judged) if size > OFF_THE_LOOP else judged(),
            missing=frozenset(name for one in inspected for name in one.missing),
        )


def _added(exchange: ParsedExchange, policy: Policy, seen: Inspected) -> list[RecordedFinding]:
    """Return what detectors found beside the recorded findings, judged together with them."""
    claims = Claims()
    recorded = [one.verdict.candidate for one in exchange.recorded]
    for one in recorded:
        found = one.finding
        claims.add(one.part, found.category, found.type, found.rule, found.span)
    added = [
        one
        for one in seen.candidates
        for found in [one.finding]
        if not claims.holds(one.part, found.category, found.type, found.rule, found.span)
    ]
    if not added:
        return []
    decision = evaluate(
        policy,
        [*added, *recorded],
        EvaluationContext(at=exchange.time, key_id=exchange.key_id, model=exchange.model),
    )
    texts = {part.path: part.text for part in exchange.parts}
    kept = {id(candidate) for candidate in added}
    neighbours = neighbours_by_part([one.candidate for one in decision.verdicts])
    return [
        RecordedFinding(
            verdict=verdict,
            # Seen after the fact: whatever the policy says, nothing was held up.
            enforced=min(verdict.effect, Effect.FLAG, key=lambda one: one.rank),
            evidence=evidence(
                texts[verdict.candidate.part],
                verdict.candidate,
                neighbours[verdict.candidate.part].of(verdict.candidate),
                policy.audit_content,
            ),
        )
        for verdict in decision.verdicts
        if verdict.is_violation and id(verdict.candidate) in kept
    ]
