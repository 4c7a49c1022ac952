"""Tenants and users in MongoDB."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from adapters.documents.fields import column_text
from adapters.documents.platform import (
    tenant_from_document,
    tenant_to_document,
    user_from_document,
    user_to_document,
)
from adapters.mongo.collection import NEWEST, OLDEST, Document, Filter
from adapters.mongo.errors import Taken
from adapters.mongo.session import Session
from adapters.mongo.values import load, stored
from adapters.mongo.writes import changed_meanwhile, meet
from application.ports.repositories import Tenants, Users
from domain.errors import Conflict, NotFound
from domain.identifiers import TenantId, UserId
from domain.job import ObjectRef
from domain.tenant import Slug, Tenant
from domain.user import Email, User


class MongoTenants(Tenants):
    """Keep tenants; no two of them may own the place of one audit object."""

    def __init__(self, session: Session) -> None:
        self._tenants = session.collection("tenants")
        self._places = session.collection("storage_places")

    async def add(self, tenant: Tenant) -> None:
        """Store a new tenant."""
        if await self._tenants.count({"slug": tenant.slug.value}, limit=1):
            raise _slug_taken()
        await self._require_free_place(tenant)
        if await self._tenants.count({"_id": tenant.id}, limit=1):
            raise Conflict("this tenant exists already")
        try:
            await self._tenants.insert(_tenant_row(tenant))
        except Taken:
            # Somebody else got in between: most likely with the same slug.
            raise _slug_taken() from None

    async def get(self, tenant_id: TenantId) -> Tenant:
        """Return a tenant."""
        return await self._one({"_id": tenant_id})

    async def by_slug(self, slug: Slug) -> Tenant:
        """Return the tenant of this slug."""
        return await self._one({"slug": slug.value})

    async def by_object(self, ref: ObjectRef) -> Tenant:
        """Return the tenant that owns the place of an object."""
        place = {"provider": column_text(ref.provider), "bucket": column_text(ref.bucket)}
        prefixes = _beginnings(column_text(ref.key))
        owner = await self._tenants.find_one(
            {**place, "prefix": {"$in": prefixes}}, sort=[("prefix", NEWEST)]
        )
        if owner is None:
            raise NotFound("this object is in no tenant's storage", code="tenant.not_found")
        return load(owner["document"], tenant_from_document)

    async def save(self, tenant: Tenant) -> None:
        """Store a changed tenant.

        Raises:
            Conflict: its new place is another tenant's (`tenant.storage_taken`).
            ConcurrentUpdate: it was changed since it was read.
        """
        row = _tenant_row(replace(tenant, version=tenant.version + 1))
        del row["slug"]
        place = {name: row[name] for name in ("provider", "bucket", "prefix")}
        if not await self._tenants.count({"_id": tenant.id, **place}, limit=1):
            await self._require_free_place(tenant)
        try:
            is_stored = await self._tenants.update(
                {"_id": tenant.id, "version": tenant.version}, {"$set": row}
            )
        except Taken:
            raise _place_taken() from None
        if not is_stored:
            raise changed_meanwhile()

    async def all(self) -> Sequence[Tenant]:
        """Return every tenant, by slug."""
        rows = await self._tenants.find({}, sort=[("slug", OLDEST)])
        return [load(row["document"], tenant_from_document) for row in rows]

    async def of_user(self, user_id: UserId) -> Sequence[Tenant]:
        """Return the tenants that a user is a member of, by slug."""
        rows = await self._tenants.find({"members": user_id}, sort=[("slug", OLDEST)])
        return [load(row["document"], tenant_from_document) for row in rows]

    async def _one(self, where: Filter) -> Tenant:
        row = await self._tenants.find_one(where)
        if row is None:
            raise NotFound("there is no such tenant", code="tenant.not_found")
        return load(row["document"], tenant_from_document)

    async def _require_free_place(self, tenant: Tenant) -> None:
        storage = tenant.storage
        place = {"provider": storage.provider.value, "bucket": storage.bucket}
        overlapping = {
            "$or": [
                {"prefix": {"$in": _beginnings(storage.prefix)}},
                {"prefix": {"$regex": f"^{re.escape(storage.prefix)}"}},
            ]
        }
        await meet(self._places, f"{storage.provider.value}:{storage.bucket}")
        if await self._tenants.count({**place, "_id": {"$ne": tenant.id}, **overlapping}, limit=1):
            raise _place_taken()


def _beginnings(text: str) -> list[str]:
    """Return every text that this one begins with, the empty one and itself included."""
    return [text[:length] for length in range(len(text) + 1)]


def _tenant_row(tenant: Tenant) -> Document:
    return {
        "_id": tenant.id,
        "slug": tenant.slug.value,
        "provider": tenant.storage.provider.value,
        "bucket": tenant.storage.bucket,
        "prefix": tenant.storage.prefix,
        "members": [member.user_id for member in tenant.members],
        "version": tenant.version,
        "document": stored(tenant_to_document(tenant)),
    }


def _slug_taken() -> Conflict:
    return Conflict("this slug is taken", code="tenant.slug_taken")


def _place_taken() -> Conflict:
    return Conflict("another tenant's audit objects lie in this place", code="tenant.storage_taken")


class MongoUsers(Users):
    """Keep users; an address belongs to one of them, whatever its case."""

    def __init__(self, session: Session) -> None:
        self._users = session.collection("users")

    async def add(self, user: User) -> None:
        """Store a new user."""
        row = {
            "_id": user.id,
            "email": user.email.lookup,
            "version": user.version,
            "document": stored(user_to_document(user)),
        }
        if await self._users.count({"$or": [{"email": row["email"]}, {"_id": user.id}]}, limit=1):
            raise _email_taken()
        try:
            await self._users.insert(row)
        except Taken:
            raise _email_taken() from None

    async def get(self, user_id: UserId) -> User:
        """Return a user."""
        return await self._one({"_id": user_id})

    async def by_email(self, email: Email) -> User:
        """Return the user of an address."""
        return await self._one({"email": email.lookup})

    async def some(self, user_ids: Iterable[UserId]) -> Sequence[User]:
        """Return those of these users that exist, by id."""
        rows = await self._users.find({"_id": {"$in": list(user_ids)}}, sort=[("_id", OLDEST)])
        return [load(row["document"], user_from_document) for row in rows]

    async def save(self, user: User) -> None:
        """Store a changed user."""
        changed = replace(user, version=user.version + 1)
        change = {"version": changed.version, "document": stored(user_to_document(changed))}
        if not await self._users.update(
            {"_id": user.id, "version": user.version}, {"$set": change}
        ):
            raise changed_meanwhile()

    async def _one(self, where: Filter) -> User:
        row = await self._users.find_one(where)
        if row is None:
            raise NotFound("there is no such user", code="user.not_found")
        return load(row["document"], user_from_document)


def _email_taken() -> Conflict:
    return Conflict("a user of this address exists", code="user.email_taken")
