"""Analyse a stored object: what the gateway saw stands, detectors add, the policy judges."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from application.audit_objects import UnpackLimits, UnreadableObject, parse_line, unpack
from application.gateway.exchange import REQUEST_PREFIX, RESPONSE_PREFIX
from application.gateway.judgement import RecordedFinding, violations_of
from application.inspection import Inspector, evidence, neighbours_by_part
from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from application.violations import store_violations
from domain.audit import AuditRecord
from domain.chat import TextPart, request_parts, response_parts
from domain.errors import InvalidValue, NotFound, Unavailable
from domain.identifiers import PolicyId
from domain.job import Job
from domain.policy.evaluation import EvaluationContext, evaluate
from domain.policy.presets import starter_policy
from domain.policy.rule import AuditContent, Effect, Policy
from domain.tenant import Tenant
from domain.violation import Violation

_log = logging.getLogger(__name__)

_BATCH = 32
"""Records whose texts go through the detectors together."""


_Read = tuple[AuditRecord, Sequence[RecordedFinding]]


class WrongTenant(UnreadableObject):
    """An object holds records of another tenant than the place it lies in."""

    code = "object.wrong_tenant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What one object gave: its records, the lines that could not be read, new violations."""

    records: int
    skipped_lines: int
    new_violations: int


class AnalyseObject:
    """Read an object of audit records and store the violations in it, each exactly once.

    Findings that the gateway recorded stand as they are; what detectors find beside them is judged
    by the policy version that was active then. Where the record keeps no full text, the recorded
    findings are all there is. Violations, their event and the end of the job are one transaction.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        storages: ObjectStorages,
        inspector: Inspector,
        clock: Clock,
        limits: UnpackLimits,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._inspector = inspector
        self._clock = clock
        self._limits = limits

    async def __call__(self, job: Job) -> Analysis:
        """Finish a leased job.

        Raises:
            UnreadableObject: the object is damaged for good.
            ObjectNotFound, AccessDenied, Unavailable: the storage, a detector or the store.
            Refused: the lease was lost meanwhile; nothing was stored.
        """
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(job.tenant_id)
        policies: dict[str, Policy] = {}
        violations: list[Violation] = []
        pending: list[_Read] = []
        records = skipped = 0
        storage = self._storages.of(tenant.storage)
        async for line in unpack(storage.read(job.object.key), self._limits):
            read = _record(line, tenant)
            if read is None:
                skipped += 1
                continue
            records += 1
            pending.append(read)
            if len(pending) >= _BATCH:
                violations += await self._judge(tenant, job, pending, policies)
                pending.clear()
        if pending:
            violations += await self._judge(tenant, job, pending, policies)
        if skipped:
            _log.warning(
                "lines of an object could not be read", extra={"job": job.id, "lines": skipped}
            )
        async with self._transactions() as uow:
            new = await store_violations(uow, tenant.id, violations)
            await uow.jobs.finish(tenant.id, job.id, lease=job.lease or "", at=self._clock.now())
            await uow.commit()
        return Analysis(records=records, skipped_lines=skipped, new_violations=len(new))

    async def _judge(
        self,
        tenant: Tenant,
        job: Job,
        records: Sequence[_Read],
        policies: dict[str, Policy],
    ) -> list[Violation]:
        violations: list[Violation] = []
        for record, recorded in records:
            if record.policy_version not in policies:
                policies[record.policy_version] = await self._policy(tenant, record)
            findings = list(recorded)
            if record.content == AuditContent.FULL:
                findings += await self._added(
                    tenant, record, findings, policies[record.policy_version]
                )
            violations += violations_of(
                findings,
                tenant_id=tenant.id,
                record_id=record.record_id,
                record_time=record.time,
                policy_version=record.policy_version,
                key_id=record.key_id,
                model=record.model,
                at=self._clock.now(),
                object_key=job.object.key,
            )
        return violations

    async def _added(
        self,
        tenant: Tenant,
        record: AuditRecord,
        recorded: Sequence[RecordedFinding],
        policy: Policy,
    ) -> list[RecordedFinding]:
        """Return what detectors find beside the recorded findings, judged together with them."""
        parts = (
            *_located(record.request, REQUEST_PREFIX),
            *_located(record.response, RESPONSE_PREFIX),
        )
        inspected = await self._inspector(tenant.id, policy, parts)
        if inspected.missing:
            raise Unavailable(
                "detector", f"detectors did not answer: {', '.join(inspected.missing)}"
            )
        added = [
            candidate
            for candidate in inspected.candidates
            if not any(one.is_rival_of(candidate) for one in recorded)
        ]
        decision = evaluate(
            policy,
            [*added, *(one.verdict.candidate for one in recorded)],
            EvaluationContext(at=record.time, key_id=record.key_id, model=record.model),
        )
        texts = {part.path: part.text for part in parts}
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
            if id(verdict.candidate) in kept
        ]

    async def _policy(self, tenant: Tenant, record: AuditRecord) -> Policy:
        policy_id, _, number = record.policy_version.rpartition("@")
        async with self._transactions() as uow:
            if number.isdecimal():
                try:
                    named = await uow.policies.get(tenant.id, PolicyId(policy_id), int(number))
                except NotFound:
                    named = None
                if named is not None:
                    return named.policy
            active = await uow.policies.active(tenant.id, at=record.time)
        return starter_policy() if active is None else active.policy


def _record(line: bytes, tenant: Tenant) -> _Read | None:
    document = parse_line(line)
    if document is None:
        return None
    try:
        record = AuditRecord.from_document(document)
        findings = [RecordedFinding.from_document(one) for one in record.findings]
    except InvalidValue:
        return None
    if record.tenant != tenant.slug.value:
        raise WrongTenant("the object holds records of another tenant")
    return record, findings


def _located(body: object, prefix: str) -> list[TextPart]:
    if not isinstance(body, Mapping):
        return []
    parts = request_parts(body) if prefix == REQUEST_PREFIX else response_parts(body)
    return [replace(part, path=prefix + part.path) for part in parts]
