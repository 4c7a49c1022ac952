"""Keys and upstreams in SQLite."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.documents.fields import dump, load, time_text
from adapters.documents.gateway import (
    api_key_from_document,
    api_key_to_document,
    upstream_from_document,
    upstream_to_document,
)
from adapters.sqlite.ownership import require_changed, require_owner
from adapters.sqlite.session import Session
from application.ports.repositories import ApiKeys, Upstreams
from domain.api_key import ApiKey
from domain.errors import Conflict, NotFound
from domain.identifiers import KeyId, TenantId, UpstreamId
from domain.routing import Upstream


class SqliteApiKeys(ApiKeys):
    """Keep gateway keys by tenant; a digest exists once in all of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, tenant_id: TenantId, key: ApiKey) -> None:
        """Store a new key."""
        require_owner(tenant_id, key.tenant_id)
        row = _key_row(key)
        await self._session.run(lambda raw: _add_key(raw, row))

    async def get(self, tenant_id: TenantId, key_id: KeyId) -> ApiKey:
        """Return a key."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM api_keys WHERE tenant_id = ? AND id = ?", (tenant_id, key_id)
            ).fetchone()
        )
        if row is None:
            raise NotFound("there is no such key", code="key.not_found")
        return load(row[0], api_key_from_document)

    async def save(self, tenant_id: TenantId, key: ApiKey) -> None:
        """Store a changed key."""
        require_owner(tenant_id, key.tenant_id)
        row = {**_key_row(replace(key, version=key.version + 1)), "read": key.version}
        await self._session.run(lambda raw: _save_key(raw, row))

    async def all(self, tenant_id: TenantId) -> Sequence[ApiKey]:
        """Return the tenant's keys, oldest first."""
        rows = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM api_keys WHERE tenant_id = ? ORDER BY created_at, id",
                (tenant_id,),
            ).fetchall()
        )
        return [load(text, api_key_from_document) for (text,) in rows]


def _key_row(key: ApiKey) -> Mapping[str, object]:
    return {
        "tenant_id": key.tenant_id,
        "id": key.id,
        "digest": key.digest,
        "created_at": time_text(key.created_at),
        "version": key.version,
        "document": dump(api_key_to_document(key)),
    }


def _add_key(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    try:
        raw.execute(
            "INSERT INTO api_keys (tenant_id, id, digest, created_at, version, document) "
            "VALUES (:tenant_id, :id, :digest, :created_at, :version, :document)",
            row,
        )
    except sqlite3.IntegrityError as error:
        raise Conflict("this key exists already", code="key.exists") from error


def _save_key(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    changed = raw.execute(
        "UPDATE api_keys SET version = :version, document = :document "
        "WHERE tenant_id = :tenant_id AND id = :id AND version = :read",
        row,
    )
    require_changed(changed)


class SqliteUpstreams(Upstreams):
    """Keep upstreams by tenant and name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Store a new upstream."""
        require_owner(tenant_id, upstream.tenant_id)
        row = _upstream_row(upstream)
        await self._session.run(lambda raw: _add_upstream(raw, row))

    async def get(self, tenant_id: TenantId, upstream_id: UpstreamId) -> Upstream:
        """Return an upstream."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM upstreams WHERE tenant_id = ? AND id = ?",
                (tenant_id, upstream_id),
            ).fetchone()
        )
        if row is None:
            raise NotFound("there is no such upstream", code="upstream.not_found")
        return load(row[0], upstream_from_document)

    async def save(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Store a changed upstream.

        Raises:
            Conflict: another upstream of the tenant has its new name.
            ConcurrentUpdate: it was changed since it was read.
        """
        require_owner(tenant_id, upstream.tenant_id)
        changed = replace(upstream, version=upstream.version + 1)
        row = {**_upstream_row(changed), "read": upstream.version}
        await self._session.run(lambda raw: _save_upstream(raw, row))

    async def remove(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Remove an upstream."""
        row = (tenant_id, upstream.id, upstream.version)
        await self._session.run(
            lambda raw: require_changed(
                raw.execute(
                    "DELETE FROM upstreams WHERE tenant_id = ? AND id = ? AND version = ?", row
                )
            )
        )

    async def all(self, tenant_id: TenantId) -> Sequence[Upstream]:
        """Return the tenant's upstreams, by name."""
        return await self._session.run(lambda raw: upstreams_of(raw, tenant_id))


def upstreams_of(raw: sqlite3.Connection, tenant_id: TenantId) -> list[Upstream]:
    """Return the upstreams of a tenant, by name."""
    rows = raw.execute(
        "SELECT document FROM upstreams WHERE tenant_id = ? ORDER BY name", (tenant_id,)
    ).fetchall()
    return [load(text, upstream_from_document) for (text,) in rows]


def _upstream_row(upstream: Upstream) -> Mapping[str, object]:
    return {
        "tenant_id": upstream.tenant_id,
        "id": upstream.id,
        "name": upstream.name,
        "version": upstream.version,
        "document": dump(upstream_to_document(upstream)),
    }


def _add_upstream(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    try:
        raw.execute(
            "INSERT INTO upstreams (tenant_id, id, name, version, document) "
            "VALUES (:tenant_id, :id, :name, :version, :document)",
            row,
        )
    except sqlite3.IntegrityError as error:
        raise _name_taken() from error


def _save_upstream(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    try:
        changed = raw.execute(
            "UPDATE upstreams SET name = :name, version = :version, document = :document "
            "WHERE tenant_id = :tenant_id AND id = :id AND version = :read",
            row,
        )
    except sqlite3.IntegrityError as error:
        raise _name_taken() from error
    require_changed(changed)


def _name_taken() -> Conflict:
    return Conflict("an upstream of this name exists", code="upstream.name_taken")
