"""Tenants and users as documents."""

from typing import TypedDict

from adapters.documents.billing import (
    EntitlementsDocument,
    entitlements_from_document,
    entitlements_to_document,
)
from adapters.documents.fields import (
    duration_of,
    microseconds,
    optional_time_of,
    optional_time_text,
    time_of,
    time_text,
)
from domain.identifiers import TenantId, UserId
from domain.rate_limit import FailMode, FailModes
from domain.tenant import Member, Slug, StorageProvider, StorageSettings, Tenant, TenantState
from domain.user import Email, Role, User


class StorageDocument(TypedDict):
    """Where audit objects lie."""

    provider: str
    bucket: str
    prefix: str
    credentials: str | None


class MemberDocument(TypedDict):
    """A user inside a tenant."""

    user_id: str
    role: str
    since: str


class FailModesDocument(TypedDict):
    """What limits do that cannot be decided."""

    rates: str
    budgets: str


class TenantDocument(TypedDict):
    """A tenant; `retention` in microseconds."""

    id: str
    slug: str
    name: str
    state: str
    created_at: str
    storage: StorageDocument
    retention: int
    members: list[MemberDocument]
    purge_after: str | None
    fail_modes: FailModesDocument
    entitlements: EntitlementsDocument
    version: int


class UserDocument(TypedDict):
    """Somebody who can sign in."""

    id: str
    email: str
    name: str
    created_at: str
    token_version: int
    version: int


def tenant_to_document(tenant: Tenant) -> TenantDocument:
    """Return a tenant as plain data."""
    storage = tenant.storage
    return {
        "id": tenant.id,
        "slug": tenant.slug.value,
        "name": tenant.name,
        "state": tenant.state.value,
        "created_at": time_text(tenant.created_at),
        "storage": {
            "provider": storage.provider.value,
            "bucket": storage.bucket,
            "prefix": storage.prefix,
            "credentials": storage.credentials,
        },
        "retention": microseconds(tenant.retention),
        "members": [
            {
                "user_id": member.user_id,
                "role": member.role.value,
                "since": time_text(member.since),
            }
            for member in tenant.members
        ],
        "purge_after": optional_time_text(tenant.purge_after),
        "fail_modes": {
            "rates": tenant.fail_modes.rates.value,
            "budgets": tenant.fail_modes.budgets.value,
        },
        "entitlements": entitlements_to_document(tenant.entitlements),
        "version": tenant.version,
    }


def tenant_from_document(document: TenantDocument) -> Tenant:
    """Return the tenant that a document describes."""
    storage = document["storage"]
    modes = document["fail_modes"]
    return Tenant(
        id=TenantId(document["id"]),
        slug=Slug(document["slug"]),
        name=document["name"],
        state=TenantState(document["state"]),
        created_at=time_of(document["created_at"]),
        storage=StorageSettings(
            provider=StorageProvider(storage["provider"]),
            bucket=storage["bucket"],
            prefix=storage["prefix"],
            credentials=storage["credentials"],
        ),
        retention=duration_of(document["retention"]),
        members=tuple(
            Member(
                user_id=UserId(member["user_id"]),
                role=Role(member["role"]),
                since=time_of(member["since"]),
            )
            for member in document["members"]
        ),
        purge_after=optional_time_of(document["purge_after"]),
        fail_modes=FailModes(rates=FailMode(modes["rates"]), budgets=FailMode(modes["budgets"])),
        entitlements=entitlements_from_document(document["entitlements"]),
        version=document["version"],
    )


def user_to_document(user: User) -> UserDocument:
    """Return a user as plain data."""
    return {
        "id": user.id,
        "email": user.email.value,
        "name": user.name,
        "created_at": time_text(user.created_at),
        "token_version": user.token_version,
        "version": user.version,
    }


def user_from_document(document: UserDocument) -> User:
    """Return the user that a document describes."""
    return User(
        id=UserId(document["id"]),
        email=Email(document["email"]),
        name=document["name"],
        created_at=time_of(document["created_at"]),
        token_version=document["token_version"],
        version=document["version"],
    )
