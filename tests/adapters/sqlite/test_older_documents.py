"""Tenants and users of an older database are read by this one, with what they lacked."""

import json
import sqlite3
from pathlib import Path

from adapters.documents.platform import tenant_to_document, user_to_document
from adapters.sqlite.migrations import migrate, shipped_migrations
from adapters.sqlite.store import SqliteStore
from domain.subscription import FREE
from domain.user import Role
from tests.contract.samples import a_tenant, a_user
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds

_BEFORE_TOKEN_VERSIONS = 6


async def test_tenants_and_users_of_before_sign_in_are_read(tmp_path: Path) -> None:
    tenant = a_tenant(1).with_member(user_id=a_user(2).id, role=Role.VIEWER, at=START)
    old_tenant, old_user = dict(tenant_to_document(tenant)), dict(user_to_document(a_user(2)))
    del old_tenant["fail_modes"], old_tenant["entitlements"], old_user["token_version"]
    raw = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    migrate(raw, shipped_migrations()[:_BEFORE_TOKEN_VERSIONS])
    raw.execute(
        "INSERT INTO tenants (id, slug, provider, bucket, prefix, version, document) "
        "VALUES (?, ?, 'LOCAL', ?, '', 0, ?)",
        (tenant.id, tenant.slug.value, tenant.storage.bucket, json.dumps(old_tenant)),
    )
    raw.execute(
        "INSERT INTO users (id, email, version, document) VALUES (?, ?, 0, ?)",
        (a_user(2).id, a_user(2).email.lookup, json.dumps(old_user)),
    )
    raw.close()

    store = SqliteStore(tmp_path / "old.db", FakeClock(), CountingIds())
    await store.open()
    async with store.transactions() as uow:
        read = [
            await uow.users.get(a_user(2).id),
            *await uow.tenants.of_user(a_user(2).id),
            *await uow.tenants.of_user(tenant.members[0].user_id),
        ]
    await store.close()

    on_free_plan = tenant.with_entitlements(FREE)
    assert read == [a_user(2), on_free_plan, on_free_plan]
