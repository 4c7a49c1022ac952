"""Chain heads, damage to chains, and usage in SQLite."""

from collections.abc import Mapping, Sequence

from adapters.documents.fields import column_text, dump, time_of, time_text
from adapters.documents.usage import usage_to_document
from adapters.sqlite.ownership import require_owner
from adapters.sqlite.session import Session
from application.ports.repositories import AuditTrail
from domain.audit import AuditDamage, ChainHead
from domain.identifiers import TenantId
from domain.usage import UsageEntry

_SAVE_HEAD = """
INSERT INTO chain_heads (tenant_id, instance, hash, count) VALUES (?, ?, ?, ?)
ON CONFLICT (tenant_id, instance) DO UPDATE SET hash = excluded.hash, count = excluded.count
WHERE excluded.count >= count
"""
_ADD_USAGE = """
INSERT INTO usage_entries (
    tenant_id, record_id, key_id, at, cost_nano, document, model, upstream, status, input_tokens,
    output_tokens, is_estimated, currency, latency_ms
) VALUES (
    :tenant_id, :record_id, :key_id, :at, :cost_nano, :document, :model, :upstream, :status,
    :input_tokens, :output_tokens, :is_estimated, :currency, :latency_ms
) ON CONFLICT (tenant_id, record_id) DO NOTHING
"""
_ADD_DAMAGE = """
INSERT INTO audit_damages (tenant_id, id, object_key, line, reason, found_at)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, id) DO NOTHING
"""


class SqliteAuditTrail(AuditTrail):
    """Keep the ends of chains, which only grow, and usage by record."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def head(self, tenant_id: TenantId, instance: str) -> ChainHead:
        """Return the end of a chain as last stored."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT hash, count FROM chain_heads WHERE tenant_id = ? AND instance = ?",
                (tenant_id, instance),
            ).fetchone()
        )
        return ChainHead() if row is None else ChainHead(hash=row[0], count=row[1])

    async def save_head(self, tenant_id: TenantId, instance: str, head: ChainHead) -> None:
        """Store the end of a chain, unless a later one is stored."""
        row = (tenant_id, instance, head.hash, head.count)
        await self._session.run(lambda raw: raw.execute(_SAVE_HEAD, row).rowcount)

    async def heads(self, tenant_id: TenantId) -> Sequence[tuple[str, ChainHead]]:
        """Return (instance, head) of every chain of a tenant, by instance."""
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT instance, hash, count FROM chain_heads WHERE tenant_id = ? "
                "ORDER BY instance",
                (tenant_id,),
            ).fetchall()
        )
        return [(instance, ChainHead(hash=digest, count=count)) for instance, digest, count in rows]

    async def heads_of_instance(self, instance: str) -> Sequence[tuple[TenantId, ChainHead]]:
        """Return (tenant, head) of every chain that an instance wrote, by tenant."""
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT tenant_id, hash, count FROM chain_heads WHERE instance = ? "
                "ORDER BY tenant_id",
                (instance,),
            ).fetchall()
        )
        return [
            (TenantId(tenant_id), ChainHead(hash=digest, count=count))
            for tenant_id, digest, count in rows
        ]

    async def add_damages(
        self, tenant_id: TenantId, damages: Sequence[AuditDamage]
    ) -> Sequence[AuditDamage]:
        """Store those that are not known yet and return them."""
        rows = [
            (
                damage,
                (
                    tenant_id,
                    damage.id,
                    column_text(damage.object_key),
                    damage.line,
                    column_text(damage.reason),
                    time_text(damage.found_at),
                ),
            )
            for damage in damages
        ]
        return await self._session.run(
            lambda raw: [
                damage for damage, row in rows if raw.execute(_ADD_DAMAGE, row).rowcount == 1
            ]
        )

    async def damages(self, tenant_id: TenantId) -> Sequence[AuditDamage]:
        """Return every known damage of a tenant's audit log."""
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT object_key, line, reason, found_at FROM audit_damages "
                "WHERE tenant_id = ? ORDER BY object_key, line, reason",
                (tenant_id,),
            ).fetchall()
        )
        return [
            AuditDamage(object_key=key, line=line, reason=reason, found_at=time_of(found_at))
            for key, line, reason, found_at in rows
        ]

    async def add_usage(self, tenant_id: TenantId, entries: Sequence[UsageEntry]) -> None:
        """Store the usage of exchanges, each record's once."""
        for entry in entries:
            require_owner(tenant_id, entry.tenant_id)
        rows = [_usage_row(entry) for entry in entries]
        await self._session.run(lambda raw: raw.executemany(_ADD_USAGE, rows).rowcount)


def _usage_row(entry: UsageEntry) -> Mapping[str, object]:
    cost, tokens = entry.cost, entry.tokens
    return {
        "tenant_id": entry.tenant_id,
        "record_id": column_text(entry.record_id),
        "key_id": entry.key_id,
        "at": time_text(entry.at),
        "cost_nano": 0 if cost is None else cost.nano,
        "document": dump(usage_to_document(entry)),
        "model": column_text(entry.model),
        "upstream": column_text(entry.upstream),
        "status": entry.status,
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "is_estimated": tokens.estimated,
        "currency": None if cost is None else cost.currency,
        "latency_ms": entry.latency_ms,
    }
