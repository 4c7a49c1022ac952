"""Everything that is stored under a tenant's name in MongoDB."""

from adapters.mongo.collection import OLDEST
from adapters.mongo.database import Database
from application.ports.tenant_data import TenantData
from domain.identifiers import TenantId

COLLECTIONS = (
    *("jobs", "violations", "usage_logs", "webhook_deliveries", "webhook_states"),
    *("audit_damages", "chain_heads", "alert_states", "alert_settings"),
    *("api_keys", "upstreams", "policy_activations", "policy_revisions"),
    *("invitations", "subscriptions", "administration_log"),
)
"""Every collection with a tenant's documents."""


class MongoTenantData(TenantData):
    """Delete from every collection that has documents of tenants and is this service's to write."""

    def __init__(self, database: Database) -> None:
        self._collections = [
            database.collection(name) for name in COLLECTIONS if database.may_write(name)
        ]

    async def purge(self, tenant_id: TenantId, *, limit: int) -> int:
        """Delete up to `limit` documents of a tenant for good."""
        deleted = 0
        for collection in self._collections:
            if deleted >= limit:
                break
            rows = await collection.find(
                {"tenant_id": tenant_id},
                sort=[("_id", OLDEST)],
                limit=limit - deleted,
                fields=["_id"],
            )
            if rows:
                deleted += await collection.delete(
                    {"tenant_id": tenant_id, "_id": {"$in": [row["_id"] for row in rows]}}
                )
        return deleted
