"""Chain heads, damage to chains, and usage in MongoDB."""

from collections.abc import Sequence

from adapters.documents.fields import column_text, time_of, time_text
from adapters.documents.usage import usage_to_document
from adapters.mongo.collection import OLDEST, Document
from adapters.mongo.errors import Taken
from adapters.mongo.session import Session
from adapters.mongo.values import of_tenant, restored, stored
from adapters.mongo.writes import changed_meanwhile, insert_new, require_owner
from application.ports.repositories import AuditTrail
from domain.audit import AuditDamage, ChainHead
from domain.identifiers import TenantId
from domain.usage import UsageEntry


class MongoAuditTrail(AuditTrail):
    """Keep the ends of chains, which only grow, and usage by record."""

    def __init__(self, session: Session) -> None:
        self._heads = session.collection("chain_heads")
        self._damages = session.collection("audit_damages")
        self._usage = session.collection("usage_logs")

    async def head(self, tenant_id: TenantId, instance: str) -> ChainHead:
        """Return the end of a chain as last stored."""
        row = await self._heads.find_one({"_id": of_tenant(tenant_id, instance)})
        return ChainHead() if row is None else ChainHead(hash=row["hash"], count=row["count"])

    async def save_head(self, tenant_id: TenantId, instance: str, head: ChainHead) -> None:
        """Store the end of a chain, unless a later one is stored."""
        row_id = of_tenant(tenant_id, instance)
        change = {"hash": head.hash, "count": head.count}
        if await self._heads.update(
            {"_id": row_id, "count": {"$lte": head.count}}, {"$set": change}
        ) or await self._heads.count({"_id": row_id}, limit=1):
            return
        row = {"_id": row_id, "tenant_id": tenant_id, "instance": instance, **change}
        try:
            await self._heads.insert(row)
        except Taken:
            raise changed_meanwhile() from None

    async def heads(self, tenant_id: TenantId) -> Sequence[tuple[str, ChainHead]]:
        """Return (instance, head) of every chain of a tenant, by instance."""
        rows = await self._heads.find({"tenant_id": tenant_id}, sort=[("instance", OLDEST)])
        return [(row["instance"], ChainHead(hash=row["hash"], count=row["count"])) for row in rows]

    async def heads_of_instance(self, instance: str) -> Sequence[tuple[TenantId, ChainHead]]:
        """Return (tenant, head) of every chain that an instance wrote, by tenant."""
        rows = await self._heads.find({"instance": instance}, sort=[("tenant_id", OLDEST)])
        return [
            (TenantId(row["tenant_id"]), ChainHead(hash=row["hash"], count=row["count"]))
            for row in rows
        ]

    async def add_damages(
        self, tenant_id: TenantId, damages: Sequence[AuditDamage]
    ) -> Sequence[AuditDamage]:
        """Store those that are not known yet and return them."""
        rows = [_damage_row(tenant_id, damage) for damage in damages]
        is_new = await insert_new(self._damages, rows)
        return [damage for damage, new in zip(damages, is_new, strict=True) if new]

    async def damages(self, tenant_id: TenantId) -> Sequence[AuditDamage]:
        """Return every known damage of a tenant's audit log."""
        order = [("object_key", OLDEST), ("line", OLDEST), ("reason", OLDEST)]
        rows = await self._damages.find({"tenant_id": tenant_id}, sort=order)
        return [
            AuditDamage(
                object_key=restored(row["object_key"]),
                line=row["line"],
                reason=restored(row["reason"]),
                found_at=time_of(row["found_at"]),
            )
            for row in rows
        ]

    async def add_usage(self, tenant_id: TenantId, entries: Sequence[UsageEntry]) -> None:
        """Store the usage of exchanges, each record's once."""
        for entry in entries:
            require_owner(tenant_id, entry.tenant_id)
        await insert_new(self._usage, [_usage_row(entry) for entry in entries])


def _damage_row(tenant_id: TenantId, damage: AuditDamage) -> Document:
    return {
        "_id": of_tenant(tenant_id, damage.id),
        "tenant_id": tenant_id,
        "object_key": stored(damage.object_key),
        "line": damage.line,
        "reason": stored(damage.reason),
        "found_at": time_text(damage.found_at),
    }


def _usage_row(entry: UsageEntry) -> Document:
    return {
        "_id": of_tenant(entry.tenant_id, column_text(entry.record_id)),
        "tenant_id": entry.tenant_id,
        "api_key": entry.key_id,
        "timestamp": time_text(entry.at),
        "cost_nano": 0 if entry.cost is None else entry.cost.nano,
        "document": stored(usage_to_document(entry)),
    }
