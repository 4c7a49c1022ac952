"""Aggregates to store: valid, and different wherever uniqueness asks for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from application.ports.unit_of_work import Transactions
from domain.api_key import ApiKey, ApiKeySecret
from domain.detection.finding import Span
from domain.detection.taxonomy import Category, Severity
from domain.identifiers import (
    KeyId,
    PolicyId,
    RecordId,
    TenantId,
    UpstreamId,
    UserId,
    make_id,
)
from domain.job import Job, ObjectRef
from domain.money import Cost
from domain.policy.presets import starter_policy
from domain.policy.rule import Direction, Effect, PolicyRevision
from domain.routing import ServedModel, Upstream, UpstreamKind
from domain.subscription import UNLIMITED
from domain.tenant import Slug, StorageProvider, StorageSettings, Tenant
from domain.usage import Tokens, UsageEntry
from domain.user import Email, User
from domain.violation import Violation, violation_id
from tests.fakes.clock import START


def sample_id(prefix: str, number: int) -> str:
    return make_id(prefix, number.to_bytes(16))


ACME = TenantId(sample_id("ten", 1))
GLOBEX = TenantId(sample_id("ten", 2))
POLICY = PolicyId(sample_id("pol", 1))


def a_tenant(
    number: int = 1,
    *,
    slug: str | None = None,
    bucket: str | None = None,
    prefix: str = "",
    provider: StorageProvider = StorageProvider.LOCAL,
) -> Tenant:
    name = slug or f"tenant-{number}"
    return Tenant.found(
        tenant_id=TenantId(sample_id("ten", number)),
        slug=Slug(name),
        name=f"Tenant {number}",
        owner=UserId(sample_id("usr", number)),
        storage=StorageSettings(
            provider=provider, bucket=bucket or f"tenant-{number}-audit-logs", prefix=prefix
        ),
        at=START,
    ).with_entitlements(UNLIMITED)


def a_user(number: int = 1, *, email: str | None = None) -> User:
    return User.register(
        user_id=UserId(sample_id("usr", number)),
        email=Email.parse(email or f"user{number}@example.org"),
        name=f"User {number}",
        at=START,
    )


def a_key(
    number: int = 1, *, tenant_id: TenantId = ACME, digest: str | None = None, at: datetime = START
) -> ApiKey:
    return ApiKey.issue(
        key_id=KeyId(sample_id("key", number)),
        tenant_id=tenant_id,
        name=f"Key {number}",
        digest=digest or f"{number:064x}",
        secret=ApiKeySecret.from_random(number.to_bytes(32)),
        at=at,
    )


def an_upstream(number: int = 1, *, tenant_id: TenantId = ACME, name: str = "echo") -> Upstream:
    return Upstream(
        id=UpstreamId(sample_id("ups", number)),
        tenant_id=tenant_id,
        name=name,
        kind=UpstreamKind.ECHO,
        base_url="",
        models=(ServedModel(name="echo-1", upstream_name="echo-1"),),
        created_at=START,
    )


def a_revision(
    number: int = 1, *, tenant_id: TenantId = ACME, policy_id: PolicyId = POLICY, note: str = ""
) -> PolicyRevision:
    return PolicyRevision(
        tenant_id=tenant_id,
        policy_id=policy_id,
        number=number,
        policy=replace(starter_policy(), name=f"policy {number}"),
        created_at=START,
        note=note,
    )


def a_violation(
    number: int = 1,
    *,
    tenant_id: TenantId = ACME,
    record: int = 1,
    detected_at: datetime = START,
    category: Category = Category.PII,
    type: str = "EMAIL",  # noqa: A002
    severity: Severity = Severity.MEDIUM,
    key_id: str | None = None,
    model: str | None = None,
) -> Violation:
    record_id = RecordId(sample_id("req", record))
    span = Span(number, number + 5)
    return Violation(
        id=violation_id(
            tenant_id=tenant_id,
            record_id=record_id,
            record_time=START,
            part="messages/0/content",
            category=category,
            entity_type=type,
            span=span,
        ),
        tenant_id=tenant_id,
        record_id=record_id,
        part="messages/0/content",
        category=category,
        type=type,
        span=span,
        score=0.9,
        detector="patterns@1",
        rule="email",
        direction=Direction.REQUEST,
        effect=Effect.MASK,
        enforced=Effect.MASK,
        severity=severity,
        policy_rules=("mask-personal-data",),
        policy_version=f"{POLICY}@1",
        evidence="write to [EMAIL] today",
        fingerprint="tp1:" + "a1" * 16,
        occurred_at=START,
        detected_at=detected_at,
        key_id=key_id,
        model=model,
    )


def a_job(number: int = 1, *, tenant_id: TenantId = ACME, at: datetime = START) -> Job:
    ref = ObjectRef(
        provider="LOCAL", bucket="tenant-1-audit-logs", key=f"audit/v1/{number}.jsonl.gz"
    )
    return Job.accept(tenant_id=tenant_id, ref=ref, source="event", at=at)


def a_usage(
    number: int = 1,
    *,
    tenant_id: TenantId = ACME,
    key: int = 1,
    at: datetime = START,
    nano: int | None = 1000,
) -> UsageEntry:
    return UsageEntry(
        tenant_id=tenant_id,
        record_id=RecordId(sample_id("req", number)),
        key_id=KeyId(sample_id("key", key)),
        at=at,
        model="echo-1",
        upstream="echo",
        status=200,
        tokens=Tokens(input=3, output=4),
        cost=None if nano is None else Cost(nano=nano),
        latency_ms=12,
    )


async def store_tenants(transactions: Transactions, *tenants: Tenant) -> None:
    async with transactions() as uow:
        for tenant in tenants:
            await uow.tenants.add(tenant)
        await uow.commit()


async def store_violations(
    transactions: Transactions, violations: Sequence[Violation], tenant_id: TenantId = ACME
) -> Sequence[Violation]:
    async with transactions() as uow:
        new = await uow.violations.add_new(tenant_id, violations)
        await uow.commit()
    return new
