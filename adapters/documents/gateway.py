"""Keys, upstreams and policy versions as documents."""

from typing import TypedDict

from adapters.documents.fields import (
    optional_time_of,
    optional_time_text,
    time_of,
    time_text,
)
from domain.api_key import ApiKey, KeyLimits, Scope
from domain.identifiers import KeyId, PolicyId, TenantId, UpstreamId
from domain.money import TokenPrice
from domain.policy.document import policy_from_document, policy_to_document
from domain.policy.rule import PolicyRevision
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind


class KeyLimitsDocument(TypedDict):
    """Upper bounds of a key; null is unlimited, budgets are nano-units."""

    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrent: int | None
    budget_per_day_nano: int | None
    budget_per_month_nano: int | None


class ApiKeyDocument(TypedDict):
    """A gateway key; `digest` is all that is kept of its secret."""

    id: str
    tenant_id: str
    name: str
    digest: str
    display_prefix: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    scopes: list[str]
    models: list[str]
    limits: KeyLimitsDocument
    replaced_by: str | None
    version: int


class TokenPriceDocument(TypedDict):
    """The price of one token in nano-units."""

    input_nano: int
    output_nano: int
    currency: str


class ServedModelDocument(TypedDict):
    """A model that an upstream serves."""

    name: str
    upstream_name: str
    price: TokenPriceDocument | None


class TimeoutsDocument(TypedDict):
    """Bounds of one call in seconds."""

    connect: float
    first_byte: float
    idle: float
    total: float


class UpstreamDocument(TypedDict):
    """A model provider that a tenant connected; `credential` is encrypted."""

    id: str
    tenant_id: str
    name: str
    kind: str
    base_url: str
    models: list[ServedModelDocument]
    created_at: str
    weight: int
    tier: int
    timeouts: TimeoutsDocument
    credential: str | None
    enabled: bool
    version: int


class PolicyRevisionDocument(TypedDict):
    """One version of a policy; `policy` is the document that tenants write."""

    tenant_id: str
    policy_id: str
    number: int
    policy: dict[str, object]
    created_at: str
    note: str


def api_key_to_document(key: ApiKey) -> ApiKeyDocument:
    """Return a key as plain data."""
    limits = key.limits
    return {
        "id": key.id,
        "tenant_id": key.tenant_id,
        "name": key.name,
        "digest": key.digest,
        "display_prefix": key.display_prefix,
        "created_at": time_text(key.created_at),
        "expires_at": optional_time_text(key.expires_at),
        "revoked_at": optional_time_text(key.revoked_at),
        "scopes": sorted(scope.value for scope in key.scopes),
        "models": sorted(key.models),
        "limits": {
            "requests_per_minute": limits.requests_per_minute,
            "tokens_per_minute": limits.tokens_per_minute,
            "concurrent": limits.concurrent,
            "budget_per_day_nano": limits.budget_per_day_nano,
            "budget_per_month_nano": limits.budget_per_month_nano,
        },
        "replaced_by": key.replaced_by,
        "version": key.version,
    }


def api_key_from_document(document: ApiKeyDocument) -> ApiKey:
    """Return the key that a document describes."""
    limits, replaced_by = document["limits"], document["replaced_by"]
    return ApiKey(
        id=KeyId(document["id"]),
        tenant_id=TenantId(document["tenant_id"]),
        name=document["name"],
        digest=document["digest"],
        display_prefix=document["display_prefix"],
        created_at=time_of(document["created_at"]),
        expires_at=optional_time_of(document["expires_at"]),
        revoked_at=optional_time_of(document["revoked_at"]),
        scopes=frozenset(Scope(scope) for scope in document["scopes"]),
        models=frozenset(document["models"]),
        limits=KeyLimits(
            requests_per_minute=limits["requests_per_minute"],
            tokens_per_minute=limits["tokens_per_minute"],
            concurrent=limits["concurrent"],
            budget_per_day_nano=limits["budget_per_day_nano"],
            budget_per_month_nano=limits["budget_per_month_nano"],
        ),
        replaced_by=None if replaced_by is None else KeyId(replaced_by),
        version=document["version"],
    )


def upstream_to_document(upstream: Upstream) -> UpstreamDocument:
    """Return an upstream as plain data."""
    timeouts = upstream.timeouts
    return {
        "id": upstream.id,
        "tenant_id": upstream.tenant_id,
        "name": upstream.name,
        "kind": upstream.kind.value,
        "base_url": upstream.base_url,
        "models": [_model_to_document(model) for model in upstream.models],
        "created_at": time_text(upstream.created_at),
        "weight": upstream.weight,
        "tier": upstream.tier,
        "timeouts": {
            "connect": timeouts.connect,
            "first_byte": timeouts.first_byte,
            "idle": timeouts.idle,
            "total": timeouts.total,
        },
        "credential": upstream.credential,
        "enabled": upstream.enabled,
        "version": upstream.version,
    }


def _model_to_document(model: ServedModel) -> ServedModelDocument:
    price = model.price
    return {
        "name": model.name,
        "upstream_name": model.upstream_name,
        "price": None
        if price is None
        else {
            "input_nano": price.input_nano,
            "output_nano": price.output_nano,
            "currency": price.currency,
        },
    }


def upstream_from_document(document: UpstreamDocument) -> Upstream:
    """Return the upstream that a document describes."""
    timeouts = document["timeouts"]
    return Upstream(
        id=UpstreamId(document["id"]),
        tenant_id=TenantId(document["tenant_id"]),
        name=document["name"],
        kind=UpstreamKind(document["kind"]),
        base_url=document["base_url"],
        models=tuple(_model_from_document(model) for model in document["models"]),
        created_at=time_of(document["created_at"]),
        weight=document["weight"],
        tier=document["tier"],
        timeouts=Timeouts(
            connect=timeouts["connect"],
            first_byte=timeouts["first_byte"],
            idle=timeouts["idle"],
            total=timeouts["total"],
        ),
        credential=document["credential"],
        enabled=document["enabled"],
        version=document["version"],
    )


def _model_from_document(document: ServedModelDocument) -> ServedModel:
    price = document["price"]
    return ServedModel(
        name=document["name"],
        upstream_name=document["upstream_name"],
        price=None
        if price is None
        else TokenPrice(
            input_nano=price["input_nano"],
            output_nano=price["output_nano"],
            currency=price["currency"],
        ),
    )


def policy_revision_to_document(revision: PolicyRevision) -> PolicyRevisionDocument:
    """Return a policy version as plain data."""
    return {
        "tenant_id": revision.tenant_id,
        "policy_id": revision.policy_id,
        "number": revision.number,
        "policy": policy_to_document(revision.policy),
        "created_at": time_text(revision.created_at),
        "note": revision.note,
    }


def policy_revision_from_document(document: PolicyRevisionDocument) -> PolicyRevision:
    """Return the policy version that a document describes."""
    return PolicyRevision(
        tenant_id=TenantId(document["tenant_id"]),
        policy_id=PolicyId(document["policy_id"]),
        number=document["number"],
        policy=policy_from_document(document["policy"]),
        created_at=time_of(document["created_at"]),
        note=document["note"],
    )
