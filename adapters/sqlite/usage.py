"""Sums over stored usage."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.documents.fields import column_text, time_text
from adapters.sqlite.database import Database
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

_TIME_CHARACTERS = {None: 0, Step.DAY: len("2026-11-24"), Step.HOUR: len("2026-11-24T02")}
"""How much of a stored time tells one piece of a period from another."""

# The buckets are those of `latency_bucket`, counted here so that a row is a group and no exchange.
_USAGE = f"""
SELECT
    substr(at, 1, :time) AS piece,
    CASE WHEN :by_model THEN model END AS model_of,
    CASE WHEN :by_key THEN key_id END AS key_of,
    CASE WHEN :by_upstream THEN upstream END AS upstream_of,
    currency,
    CASE
        WHEN latency_ms <= {FINE} THEN latency_ms
        WHEN latency_ms <= {COARSE} THEN (latency_ms + 9) / 10 * 10
        ELSE (latency_ms + 99) / 100 * 100
    END AS bucket,
    count(*),
    sum(status BETWEEN 400 AND 499),
    sum(status >= 500),
    sum(input_tokens),
    sum(output_tokens),
    sum(is_estimated),
    sum(currency IS NULL AND input_tokens + output_tokens > 0),
    sum(cost_nano)
FROM usage_entries
WHERE tenant_id = :tenant_id AND at >= :since AND at < :until
AND (:key_id IS NULL OR key_id = :key_id)
AND (:model IS NULL OR model = :model)
AND (:upstream IS NULL OR upstream = :upstream)
GROUP BY piece, model_of, key_of, upstream_of, currency, bucket
"""  # noqa: S608 - two numbers of the domain


class SqliteUsageReader(UsageReader):
    """Sum usage up, each time from the last commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, tenant_id: TenantId, query: UsageQuery) -> Sequence[UsageGroup]:
        """Return the sums by group."""
        values = {
            "tenant_id": tenant_id,
            "since": time_text(query.since),
            "until": time_text(query.until),
            "time": _TIME_CHARACTERS[query.step],
            "by_model": Dimension.MODEL in query.by,
            "by_key": Dimension.KEY in query.by,
            "by_upstream": Dimension.UPSTREAM in query.by,
            "key_id": None if query.key_id is None else column_text(query.key_id),
            "model": None if query.model is None else column_text(query.model),
            "upstream": None if query.upstream is None else column_text(query.upstream),
        }
        return await self._database.read(
            lambda raw: grouped(_row(row) for row in raw.execute(_USAGE, values))
        )


def _row(row: tuple[Any, ...]) -> tuple[UsageKey, UsageFigures]:
    piece, model, key_id, upstream, currency, bucket, requests, *sums = row
    refused, failed, given, made, estimated, unpriced, cost = sums
    key = UsageKey(
        at=_time(piece) if piece else None,
        model=model,
        key_id=None if key_id is None else KeyId(key_id),
        upstream=upstream,
    )
    return key, UsageFigures(
        requests=requests,
        refused=refused,
        failed=failed,
        input_tokens=given,
        output_tokens=made,
        estimated=estimated,
        unpriced=unpriced,
        costs={} if currency is None else {currency: cost},
        latencies=Latencies(counts={bucket: requests}),
    )


def _time(piece: str) -> datetime:
    return datetime.fromisoformat(piece).replace(tzinfo=UTC)
