"""Tenants, users and alert settings in SQLite."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from adapters.documents.alerts import (
    alert_settings_from_document,
    alert_settings_to_document,
    alert_state_from_document,
    alert_state_to_document,
)
from adapters.documents.fields import column_text, dump, load
from adapters.documents.platform import (
    tenant_from_document,
    tenant_to_document,
    user_from_document,
    user_to_document,
)
from adapters.sqlite.ownership import require_changed, require_owner
from adapters.sqlite.session import Session
from application.ports.repositories import Settings, Tenants, Users
from domain.alert import AlertSettings, AlertState
from domain.errors import Conflict, NotFound
from domain.identifiers import TenantId, UserId
from domain.job import ObjectRef
from domain.tenant import Slug, Tenant
from domain.user import Email, User

_PLACE_TAKEN = """
SELECT 1 FROM tenants
WHERE provider = :provider AND bucket = :bucket AND id <> :id
AND (substr(prefix, 1, length(:prefix)) = :prefix OR substr(:prefix, 1, length(prefix)) = prefix)
"""
_TENANT_BY_OBJECT = """
SELECT document FROM tenants
WHERE provider = :provider AND bucket = :bucket AND substr(:key, 1, length(prefix)) = prefix
ORDER BY length(prefix) DESC LIMIT 1
"""
_OF_USER = """
SELECT document FROM memberships JOIN tenants ON tenants.id = memberships.tenant_id
WHERE memberships.user_id = ? ORDER BY tenants.slug
"""


class SqliteTenants(Tenants):
    """Keep tenants; no two of them may own the place of one audit object."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, tenant: Tenant) -> None:
        """Store a new tenant."""
        await self._session.run(lambda raw: _add_tenant(raw, tenant))

    async def get(self, tenant_id: TenantId) -> Tenant:
        """Return a tenant."""
        return await self._session.run(
            lambda raw: _one_tenant(raw, "SELECT document FROM tenants WHERE id = ?", tenant_id)
        )

    async def by_slug(self, slug: Slug) -> Tenant:
        """Return the tenant of this slug."""
        return await self._session.run(
            lambda raw: _one_tenant(raw, "SELECT document FROM tenants WHERE slug = ?", slug.value)
        )

    async def by_object(self, ref: ObjectRef) -> Tenant:
        """Return the tenant that owns the place of an object."""
        place = {
            "provider": column_text(ref.provider),
            "bucket": column_text(ref.bucket),
            "key": column_text(ref.key),
        }
        row = await self._session.run(lambda raw: raw.execute(_TENANT_BY_OBJECT, place).fetchone())
        if row is None:
            raise NotFound("this object is in no tenant's storage", code="tenant.not_found")
        return load(row[0], tenant_from_document)

    async def save(self, tenant: Tenant) -> None:
        """Store a changed tenant.

        Raises:
            Conflict: its new place is another tenant's (`tenant.storage_taken`).
            ConcurrentUpdate: it was changed since it was read.
        """
        await self._session.run(lambda raw: _save_tenant(raw, tenant))

    async def all(self) -> Sequence[Tenant]:
        """Return every tenant, by slug."""
        rows = await self._session.run(
            lambda raw: raw.execute("SELECT document FROM tenants ORDER BY slug").fetchall()
        )
        return [load(text, tenant_from_document) for (text,) in rows]

    async def of_user(self, user_id: UserId) -> Sequence[Tenant]:
        """Return the tenants that a user is a member of, by slug."""
        rows = await self._session.run(lambda raw: raw.execute(_OF_USER, (user_id,)).fetchall())
        return [load(text, tenant_from_document) for (text,) in rows]


def _one_tenant(raw: sqlite3.Connection, query: str, value: str) -> Tenant:
    row = raw.execute(query, (value,)).fetchone()
    if row is None:
        raise NotFound("there is no such tenant", code="tenant.not_found")
    return load(row[0], tenant_from_document)


def _tenant_row(tenant: Tenant) -> Mapping[str, object]:
    return {
        "id": tenant.id,
        "slug": tenant.slug.value,
        "provider": tenant.storage.provider.value,
        "bucket": tenant.storage.bucket,
        "prefix": tenant.storage.prefix,
        "version": tenant.version,
        "document": dump(tenant_to_document(tenant)),
    }


def _require_free_place(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    if raw.execute(_PLACE_TAKEN, row).fetchone():
        raise Conflict(
            "another tenant's audit objects lie in this place", code="tenant.storage_taken"
        )


def _add_tenant(raw: sqlite3.Connection, tenant: Tenant) -> None:
    row = _tenant_row(tenant)
    if raw.execute("SELECT 1 FROM tenants WHERE slug = :slug", row).fetchone():
        raise Conflict("this slug is taken", code="tenant.slug_taken")
    _require_free_place(raw, row)
    try:
        raw.execute(
            "INSERT INTO tenants (id, slug, provider, bucket, prefix, version, document) "
            "VALUES (:id, :slug, :provider, :bucket, :prefix, :version, :document)",
            row,
        )
    except sqlite3.IntegrityError as error:
        raise Conflict("this tenant exists already") from error
    _keep_memberships(raw, tenant)


def _save_tenant(raw: sqlite3.Connection, tenant: Tenant) -> None:
    row = {**_tenant_row(replace(tenant, version=tenant.version + 1)), "read": tenant.version}
    _require_free_place(raw, row)
    changed = raw.execute(
        "UPDATE tenants SET provider = :provider, bucket = :bucket, prefix = :prefix, "
        "version = :version, document = :document WHERE id = :id AND version = :read",
        row,
    )
    require_changed(changed)
    raw.execute("DELETE FROM memberships WHERE tenant_id = ?", (tenant.id,))
    _keep_memberships(raw, tenant)


def _keep_memberships(raw: sqlite3.Connection, tenant: Tenant) -> None:
    raw.executemany(
        "INSERT INTO memberships (user_id, tenant_id) VALUES (?, ?)",
        [(member.user_id, tenant.id) for member in tenant.members],
    )


class SqliteUsers(Users):
    """Keep users; an address belongs to one of them, whatever its case."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, user: User) -> None:
        """Store a new user."""
        row = (user.id, user.email.lookup, user.version, dump(user_to_document(user)))
        await self._session.run(lambda raw: _add_user(raw, row))

    async def get(self, user_id: UserId) -> User:
        """Return a user."""
        return await self._session.run(
            lambda raw: _one_user(raw, "SELECT document FROM users WHERE id = ?", user_id)
        )

    async def by_email(self, email: Email) -> User:
        """Return the user of an address."""
        return await self._session.run(
            lambda raw: _one_user(raw, "SELECT document FROM users WHERE email = ?", email.lookup)
        )

    async def some(self, user_ids: Iterable[UserId]) -> Sequence[User]:
        """Return those of these users that exist, by id."""
        wanted = json.dumps(list(user_ids))
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM users WHERE id IN (SELECT value FROM json_each(?)) "
                "ORDER BY id",
                (wanted,),
            ).fetchall()
        )
        return [load(text, user_from_document) for (text,) in rows]

    async def save(self, user: User) -> None:
        """Store a changed user."""
        changed = replace(user, version=user.version + 1)
        row = (changed.version, dump(user_to_document(changed)), user.id, user.version)
        await self._session.run(
            lambda raw: require_changed(
                raw.execute(
                    "UPDATE users SET version = ?, document = ? WHERE id = ? AND version = ?", row
                )
            )
        )


def _add_user(raw: sqlite3.Connection, row: tuple[object, ...]) -> None:
    try:
        raw.execute("INSERT INTO users (id, email, version, document) VALUES (?, ?, ?, ?)", row)
    except sqlite3.IntegrityError as error:
        raise Conflict("a user of this address exists", code="user.email_taken") from error


def _one_user(raw: sqlite3.Connection, query: str, value: str) -> User:
    row = raw.execute(query, (value,)).fetchone()
    if row is None:
        raise NotFound("there is no such user", code="user.not_found")
    return load(row[0], user_from_document)


class SqliteSettings(Settings):
    """Keep what tenants chose about alerts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def alerts(self, tenant_id: TenantId) -> AlertSettings:
        """Return the tenant's alert settings, or the defaults."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM alert_settings WHERE tenant_id = ?", (tenant_id,)
            ).fetchone()
        )
        if row is None:
            return AlertSettings(tenant_id=tenant_id)
        return load(row[0], alert_settings_from_document)

    async def save_alerts(self, tenant_id: TenantId, settings: AlertSettings) -> None:
        """Store alert settings."""
        require_owner(tenant_id, settings.tenant_id)
        row = {
            "tenant_id": tenant_id,
            "read": settings.version,
            "version": settings.version + 1,
            "document": dump(
                alert_settings_to_document(replace(settings, version=settings.version + 1))
            ),
        }
        await self._session.run(lambda raw: _save_versioned(raw, "alert_settings", row))

    async def alert_state(self, tenant_id: TenantId) -> AlertState:
        """Return how far the tenant's recipients were told."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM alert_states WHERE tenant_id = ?", (tenant_id,)
            ).fetchone()
        )
        if row is None:
            return AlertState(tenant_id=tenant_id)
        return load(row[0], alert_state_from_document)

    async def save_alert_state(self, tenant_id: TenantId, state: AlertState) -> None:
        """Store how far they were told."""
        require_owner(tenant_id, state.tenant_id)
        changed = replace(state, version=state.version + 1)
        row = {
            "tenant_id": tenant_id,
            "read": state.version,
            "version": changed.version,
            "document": dump(alert_state_to_document(changed)),
        }
        await self._session.run(lambda raw: _save_versioned(raw, "alert_states", row))


def _save_versioned(raw: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    if row["read"] == 0:
        # Version 0 is what holds while nothing is stored.
        changed = raw.execute(
            f"INSERT INTO {table} (tenant_id, version, document) "  # noqa: S608 - our own names
            "VALUES (:tenant_id, :version, :document) ON CONFLICT DO NOTHING",
            row,
        )
    else:
        changed = raw.execute(
            f"UPDATE {table} SET version = :version, document = :document "  # noqa: S608 - ours
            "WHERE tenant_id = :tenant_id AND version = :read",
            row,
        )
    require_changed(changed)
