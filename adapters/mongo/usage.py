"""Sums over stored usage."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.documents.fields import time_text
from adapters.mongo.collection import Document
from adapters.mongo.database import Database
from adapters.mongo.values import restored, stored
from application.ports.readers import UsageReader
from domain.identifiers import KeyId, TenantId
from domain.usage_report import (
    COARSE,
    FINE,
    Dimension,
    Latencies,
    Step,
    UsageFigures,
    UsageGroup,
    UsageKey,
    UsageQuery,
    grouped,
)

_TIME_CHARACTERS = {Step.DAY: len("2026-11-24"), Step.HOUR: len("2026-11-24T02")}
"""How much of a stored time tells one piece of a period from another."""

_FIELDS = {
    Dimension.MODEL: "$document.model",
    Dimension.KEY: "$api_key",
    Dimension.UPSTREAM: "$document.upstream",
}
_LATENCY, _STATUS, _TOKENS = "$document.latency_ms", "$document.status", "$document.tokens"


def _rounded_up(unit: int) -> Mapping[str, Any]:
    return {"$multiply": [{"$ceil": {"$divide": [_LATENCY, unit]}}, unit]}


def _number_of(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"$sum": {"$cond": [condition, 1, 0]}}


# That of `latency_bucket`, counted by the server so that it sends groups and no exchanges.
_BUCKET = {
    "$cond": [
        {"$lte": [_LATENCY, FINE]},
        _LATENCY,
        {"$cond": [{"$lte": [_LATENCY, COARSE]}, _rounded_up(10), _rounded_up(100)]},
    ]
}
_IS_UNPRICED = {
    "$and": [
        {"$eq": ["$document.cost", None]},
        {"$gt": [{"$add": [f"{_TOKENS}.input", f"{_TOKENS}.output"]}, 0]},
    ]
}
_SUMS = {
    "requests": {"$sum": 1},
    "refused": _number_of({"$and": [{"$gte": [_STATUS, 400]}, {"$lte": [_STATUS, 499]}]}),
    "failed": _number_of({"$gte": [_STATUS, 500]}),
    "input_tokens": {"$sum": f"{_TOKENS}.input"},
    "output_tokens": {"$sum": f"{_TOKENS}.output"},
    "estimated": _number_of({"$eq": [f"{_TOKENS}.estimated", True]}),
    "unpriced": _number_of(_IS_UNPRICED),
    "cost_nano": {"$sum": "$cost_nano"},
}


class MongoUsageReader(UsageReader):
    """Sum usage up; a report may be some seconds behind, and spares the primary server."""

    def __init__(self, database: Database) -> None:
        self._usage = database.report("usage_logs")

    async def usage(self, tenant_id: TenantId, query: UsageQuery) -> Sequence[UsageGroup]:
        """Return the sums by group."""
        where: Document = {
            "tenant_id": tenant_id,
            "timestamp": {"$gte": time_text(query.since), "$lt": time_text(query.until)},
        }
        if query.key_id is not None:
            where["api_key"] = stored(query.key_id)
        if query.model is not None:
            where["document.model"] = stored(query.model)
        if query.upstream is not None:
            where["document.upstream"] = stored(query.upstream)
        group: Document = {"currency": "$document.cost.currency", "bucket": _BUCKET}
        if query.step is not None:
            group["piece"] = {"$substrCP": ["$timestamp", 0, _TIME_CHARACTERS[query.step]]}
        group |= {one.value: _FIELDS[one] for one in query.by}
        rows = await self._usage.aggregate([{"$match": where}, {"$group": {"_id": group, **_SUMS}}])
        return grouped(_row(row) for row in rows)


def _row(row: Document) -> tuple[UsageKey, UsageFigures]:
    group = restored(row["_id"])
    piece, key_id, currency = group.get("piece"), group.get("key"), group.get("currency")
    key = UsageKey(
        at=datetime.fromisoformat(piece).replace(tzinfo=UTC) if piece else None,
        model=group.get("model"),
        key_id=None if key_id is None else KeyId(key_id),
        upstream=group.get("upstream"),
    )
    return key, UsageFigures(
        requests=row["requests"],
        refused=row["refused"],
        failed=row["failed"],
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        estimated=row["estimated"],
        unpriced=row["unpriced"],
        costs={} if currency is None else {currency: int(row["cost_nano"])},
        latencies=Latencies(counts={int(group["bucket"]): row["requests"]}),
    )
