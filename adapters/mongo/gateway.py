"""Keys and upstreams in MongoDB."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.documents.fields import time_text
from adapters.documents.gateway import (
    api_key_from_document,
    api_key_to_document,
    upstream_from_document,
    upstream_to_document,
)
from adapters.mongo.collection import OLDEST, Document
from adapters.mongo.errors import Taken
from adapters.mongo.session import Session
from adapters.mongo.values import load, of_tenant, stored
from adapters.mongo.writes import GATES, changed_meanwhile, meet, require_owner
from application.ports.repositories import ApiKeys, Upstreams
from domain.api_key import ApiKey
from domain.errors import Conflict, NotFound
from domain.identifiers import KeyId, TenantId, UpstreamId
from domain.routing import Upstream


class MongoApiKeys(ApiKeys):
    """Keep gateway keys by tenant; a digest exists once in all of them."""

    def __init__(self, session: Session) -> None:
        self._keys = session.collection("api_keys")
        self._gates = session.collection(GATES)

    async def add(self, tenant_id: TenantId, key: ApiKey) -> None:
        """Store a new key."""
        require_owner(tenant_id, key.tenant_id)
        row = _key_row(key)
        # How many keys a tenant has may have been counted before.
        await meet(self._gates, f"api_keys:{tenant_id}")
        if await self._keys.count({"$or": [{"key": row["key"]}, {"_id": row["_id"]}]}, limit=1):
            raise _key_exists()
        try:
            await self._keys.insert(row)
        except Taken:
            raise _key_exists() from None

    async def get(self, tenant_id: TenantId, key_id: KeyId) -> ApiKey:
        """Return a key."""
        row = await self._keys.find_one({"_id": of_tenant(tenant_id, key_id)})
        if row is None:
            raise NotFound("there is no such key", code="key.not_found")
        return load(row["document"], api_key_from_document)

    async def save(self, tenant_id: TenantId, key: ApiKey) -> None:
        """Store a changed key."""
        require_owner(tenant_id, key.tenant_id)
        changed = replace(key, version=key.version + 1)
        document = stored(api_key_to_document(changed))
        if not await self._keys.update(
            {"_id": of_tenant(tenant_id, key.id), "version": key.version},
            {"$set": {"version": changed.version, "document": document}},
        ):
            raise changed_meanwhile()

    async def all(self, tenant_id: TenantId) -> Sequence[ApiKey]:
        """Return the tenant's keys, oldest first."""
        rows = await self._keys.find(
            {"tenant_id": tenant_id}, sort=[("created_at", OLDEST), ("_id", OLDEST)]
        )
        return [load(row["document"], api_key_from_document) for row in rows]


def _key_row(key: ApiKey) -> Document:
    return {
        "_id": of_tenant(key.tenant_id, key.id),
        "tenant_id": key.tenant_id,
        "key": key.digest,
        "created_at": time_text(key.created_at),
        "version": key.version,
        "document": stored(api_key_to_document(key)),
    }


def _key_exists() -> Conflict:
    return Conflict("this key exists already", code="key.exists")


class MongoUpstreams(Upstreams):
    """Keep upstreams by tenant and name."""

    def __init__(self, session: Session) -> None:
        self._upstreams = session.collection("upstreams")

    async def add(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Store a new upstream."""
        require_owner(tenant_id, upstream.tenant_id)
        row = _upstream_row(upstream)
        same = [{"name": upstream.name}, {"_id": row["_id"]}]
        if await self._upstreams.count({"tenant_id": tenant_id, "$or": same}, limit=1):
            raise _name_taken()
        try:
            await self._upstreams.insert(row)
        except Taken:
            raise _name_taken() from None

    async def get(self, tenant_id: TenantId, upstream_id: UpstreamId) -> Upstream:
        """Return an upstream."""
        row = await self._upstreams.find_one({"_id": of_tenant(tenant_id, upstream_id)})
        if row is None:
            raise NotFound("there is no such upstream", code="upstream.not_found")
        return load(row["document"], upstream_from_document)

    async def save(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Store a changed upstream.

        Raises:
            Conflict: another upstream of the tenant has its new name.
            ConcurrentUpdate: it was changed since it was read.
        """
        require_owner(tenant_id, upstream.tenant_id)
        row = _upstream_row(replace(upstream, version=upstream.version + 1))
        row_id = row.pop("_id")
        others = {"tenant_id": tenant_id, "name": upstream.name, "_id": {"$ne": row_id}}
        if await self._upstreams.count(others, limit=1):
            raise _name_taken()
        try:
            is_stored = await self._upstreams.update(
                {"_id": row_id, "version": upstream.version}, {"$set": row}
            )
        except Taken:
            raise _name_taken() from None
        if not is_stored:
            raise changed_meanwhile()

    async def remove(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Remove an upstream."""
        row = {"_id": of_tenant(tenant_id, upstream.id), "version": upstream.version}
        if not await self._upstreams.delete(row):
            raise changed_meanwhile()

    async def all(self, tenant_id: TenantId) -> Sequence[Upstream]:
        """Return the tenant's upstreams, by name."""
        rows = await self._upstreams.find({"tenant_id": tenant_id}, sort=[("name", OLDEST)])
        return [load(row["document"], upstream_from_document) for row in rows]


def _upstream_row(upstream: Upstream) -> Document:
    return {
        "_id": of_tenant(upstream.tenant_id, upstream.id),
        "tenant_id": upstream.tenant_id,
        "name": upstream.name,
        "version": upstream.version,
        "document": stored(upstream_to_document(upstream)),
    }


def _name_taken() -> Conflict:
    return Conflict("an upstream of this name exists", code="upstream.name_taken")
