"""Everything that is stored under a tenant's name in SQLite."""

import sqlite3

from adapters.sqlite.database import Database
from application.ports.tenant_data import TenantData
from domain.identifiers import TenantId

TABLES = (
    *("jobs", "violations", "usage_entries", "webhook_deliveries", "webhook_states"),
    *("audit_damages", "chain_heads", "alert_states", "alert_settings"),
    *("api_keys", "upstreams", "policy_activations", "policy_revisions"),
    *("invitations", "subscriptions", "administration_log"),
)
"""Every table with a tenant's rows; what points to another one comes before it.

Memberships are kept by the tenant's own row, which stays.
"""


class SqliteTenantData(TenantData):
    """Delete from every table that has rows of tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def purge(self, tenant_id: TenantId, *, limit: int) -> int:
        """Delete up to `limit` rows of a tenant for good."""

        def work(raw: sqlite3.Connection) -> int:
            deleted = 0
            for table in TABLES:
                if deleted >= limit:
                    break
                deleted += raw.execute(
                    f"DELETE FROM {table} WHERE rowid IN "  # noqa: S608 - our own names
                    f"(SELECT rowid FROM {table} WHERE tenant_id = ? LIMIT ?)",
                    (tenant_id, limit - deleted),
                ).rowcount
            return deleted

        return await self._database.write(work)
