"""No table with rows of tenants is forgotten when one of them is purged."""

import sqlite3

from adapters.mongo.indexes import BARE, INDEXES, SCHEMA
from adapters.mongo.tenant_data import COLLECTIONS
from adapters.sqlite.migrations import migrate, shipped_migrations
from adapters.sqlite.tenant_data import TABLES

KEPT_BY_THE_TENANT = {"memberships"}
OF_NO_TENANT = {
    *("users", "tenants", "otps", "sessions", "done_calls", "sent_mails", "payment_events"),
    *("outbox", "gates", SCHEMA, "storage_places"),
}


def test_every_table_with_a_tenant_is_purged() -> None:
    raw = sqlite3.connect(":memory:", isolation_level=None)
    migrate(raw, shipped_migrations())
    tables = [
        name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]

    with_tenant = {
        table
        for table in tables
        if "tenant_id" in {column[1] for column in raw.execute(f"PRAGMA table_info({table})")}
    }
    raw.close()

    assert set(TABLES) == with_tenant - KEPT_BY_THE_TENANT


def test_every_collection_with_a_tenant_is_purged() -> None:
    known = {index.collection for index in INDEXES} | set(BARE)

    assert set(COLLECTIONS) == known - OF_NO_TENANT
