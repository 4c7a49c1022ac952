"""The usage of exchanges as documents."""

from typing import TypedDict

from adapters.documents.fields import time_of, time_text
from domain.identifiers import KeyId, RecordId, TenantId
from domain.money import Cost
from domain.usage import Tokens, UsageEntry


class TokensDocument(TypedDict):
    """Tokens in and out."""

    input: int
    output: int
    estimated: bool


class CostDocument(TypedDict):
    """What tokens cost, in nano-units."""

    nano: int
    currency: str


class UsageDocument(TypedDict):
    """The usage of one exchange; a null `cost` is "not priced"."""

    tenant_id: str
    record_id: str
    key_id: str
    at: str
    model: str
    upstream: str
    status: int
    tokens: TokensDocument
    cost: CostDocument | None
    latency_ms: int


def usage_to_document(entry: UsageEntry) -> UsageDocument:
    """Return a usage entry as plain data."""
    tokens, cost = entry.tokens, entry.cost
    return {
        "tenant_id": entry.tenant_id,
        "record_id": entry.record_id,
        "key_id": entry.key_id,
        "at": time_text(entry.at),
        "model": entry.model,
        "upstream": entry.upstream,
        "status": entry.status,
        "tokens": {
            "input": tokens.input,
            "output": tokens.output,
            "estimated": tokens.estimated,
        },
        "cost": None if cost is None else {"nano": cost.nano, "currency": cost.currency},
        "latency_ms": entry.latency_ms,
    }


def usage_from_document(document: UsageDocument) -> UsageEntry:
    """Return the usage entry that a document describes."""
    tokens, cost = document["tokens"], document["cost"]
    return UsageEntry(
        tenant_id=TenantId(document["tenant_id"]),
        record_id=RecordId(document["record_id"]),
        key_id=KeyId(document["key_id"]),
        at=time_of(document["at"]),
        model=document["model"],
        upstream=document["upstream"],
        status=document["status"],
        tokens=Tokens(
            input=tokens["input"], output=tokens["output"], estimated=tokens["estimated"]
        ),
        cost=None if cost is None else Cost(nano=cost["nano"], currency=cost["currency"]),
        latency_ms=document["latency_ms"],
    )
