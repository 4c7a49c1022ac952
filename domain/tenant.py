"""Tenants: customer organisations, their members and where their audit log lies."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidValue, NotFound, Refused
from domain.identifiers import TenantId, UserId
from domain.rate_limit import FailModes
from domain.subscription import FREE, Entitlements
from domain.user import Role, checked_name

_SLUG = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,50}[a-z0-9]")
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-", "goog")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", "-an")
_MISSPELT_GOOGLE = re.compile(r"g[o0][o0]g[l1i][e3]")
_MAX_SLUG = 52
_SHORTEST_RETENTION = timedelta(days=2)
DEFAULT_RETENTION = timedelta(days=30)
"""How long a tenant's audit objects are kept, and a deleted tenant itself."""

_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9!_.*'()=-]+/)*")


@dataclass(frozen=True, slots=True, order=True)
class Slug:
    """A tenant's short name, legal as a bucket and container name at every provider.

    The rule is the intersection of the naming rules of S3, Azure Blob Storage and Google Cloud
    Storage, short enough that `{slug}-audit-logs` stays within 63 characters.
    """

    value: str

    def __post_init__(self) -> None:
        if len(self.value) > _MAX_SLUG or not _SLUG.fullmatch(self.value):
            raise InvalidValue(
                "a slug has 3 to 52 characters: lower-case letters, digits and single hyphens, "
                "beginning with a letter and not ending with a hyphen",
                field="slug",
            )
        if self.value.startswith(_RESERVED_PREFIXES):
            raise InvalidValue("this slug begins with a name that a cloud reserves", field="slug")
        if _MISSPELT_GOOGLE.search(self.value):
            raise InvalidValue("a slug does not hold `google` in any spelling", field="slug")
        if self.value.endswith(_RESERVED_SUFFIXES):
            raise InvalidValue("this slug ends with a name that a cloud reserves", field="slug")

    @classmethod
    def parse(cls, text: str) -> "Slug":
        """Return the slug in `text`, trimmed and in lower case."""
        return cls(text.strip().lower())

    def __str__(self) -> str:
        return self.value


class StorageProvider(StrEnum):
    """Who holds the tenant's audit objects."""

    S3 = "S3"
    AZURE = "AZURE"
    GCP = "GCP"
    LOCAL = "LOCAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """Where a tenant's audit objects lie.

    `bucket` is the bucket or container; `prefix` is empty or ends with a slash. `credentials`
    names a stored credential and never holds one; None means the deployment's own.
    """

    provider: StorageProvider
    bucket: str
    prefix: str = ""
    credentials: str | None = None

    def __post_init__(self) -> None:
        if not _BUCKET.fullmatch(self.bucket):
            raise InvalidValue(
                "a bucket name has 3 to 63 lower-case letters, digits, single dots and hyphens",
                field="storage.bucket",
            )
        segments = self.prefix.split("/")
        if not _PREFIX.fullmatch(self.prefix) or {".", ".."} & set(segments):
            raise InvalidValue(
                "a prefix is empty or path segments that each end with a slash",
                field="storage.prefix",
            )


class TenantState(StrEnum):
    """Whether a tenant is served; a deleted one is kept until its retention period ends."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user inside a tenant."""

    user_id: UserId
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A customer organisation with its members; one owner at least, always.

    `storage` is settled when the tenant is founded, so that a change of the deployment's default
    never moves an existing audit log. `purge_after` is when a deleted one is to be purged, None
    when it was. `fail_modes` say what the limits of its keys do while what
    counts them is away.
    """

    id: TenantId
    slug: Slug
    name: str
    state: TenantState
    created_at: datetime
    storage: StorageSettings
    retention: timedelta = DEFAULT_RETENTION
    members: tuple[Member, ...] = field(default=())
    purge_after: datetime | None = None
    fail_modes: FailModes = field(default=FailModes())
    entitlements: Entitlements = FREE
    version: int = 0

    @classmethod
    def found(
        cls,
        *,
        tenant_id: TenantId,
        slug: Slug,
        name: str,
        owner: UserId,
        storage: StorageSettings,
        at: datetime,
        retention: timedelta = DEFAULT_RETENTION,
    ) -> "Tenant":
        """Return a new tenant with its first owner."""
        return cls(
            id=tenant_id,
            slug=slug,
            name=checked_name(name),
            state=TenantState.ACTIVE,
            created_at=at,
            retention=retention,
            storage=storage,
            members=(Member(user_id=owner, role=Role.OWNER, since=at),),
        )

    @property
    def is_served(self) -> bool:
        """Tell whether the gateway answers this tenant's keys."""
        return self.state is TenantState.ACTIVE

    def role_of(self, user_id: UserId) -> Role | None:
        """Return the role of a user here, None for somebody who is not a member."""
        return next((member.role for member in self.members if member.user_id == user_id), None)

    def rename(self, name: str) -> "Tenant":
        """Return the tenant under another name."""
        self._refuse_deleted()
        return replace(self, name=checked_name(name))

    def suspend(self) -> "Tenant":
        """Return the tenant with its keys no longer served."""
        self._refuse_deleted()
        return replace(self, state=TenantState.SUSPENDED)

    def resume(self) -> "Tenant":
        """Return the tenant served again."""
        self._refuse_deleted()
        return replace(self, state=TenantState.ACTIVE)

    def delete(self, *, at: datetime) -> "Tenant":
        """Return the tenant marked as deleted, to be purged when its retention ends."""
        self._refuse_deleted()
        return replace(self, state=TenantState.DELETED, purge_after=at + self.retention)

    @property
    def is_purged(self) -> bool:
        """Tell whether nothing is left of a deleted tenant but its slug and its place."""
        return self.state is TenantState.DELETED and self.purge_after is None

    def is_over(self, at: datetime) -> bool:
        """Tell whether the retention of a deleted tenant has ended."""
        return self.state is TenantState.DELETED and (
            self.purge_after is None or self.purge_after <= at
        )

    def purged(self) -> "Tenant":
        """Return what stays of a deleted tenant, so that nobody else gets its slug or place."""
        if self.state is not TenantState.DELETED:
            raise Refused("this tenant is not deleted", code="tenant.not_deleted")
        return replace(self, name=self.slug.value, members=(), purge_after=None)

    def with_storage(self, storage: StorageSettings) -> "Tenant":
        """Return the tenant with its future audit objects elsewhere."""
        self._refuse_deleted()
        return replace(self, storage=storage)

    def with_retention(self, retention: timedelta) -> "Tenant":
        """Return the tenant with its audit objects kept for another time, two days at least.

        Raises:
            InvalidValue: shorter than that.
            NotInPlan: longer than the plan includes.
        """
        self._refuse_deleted()
        if retention < _SHORTEST_RETENTION:
            raise InvalidValue("an audit log is kept for two days at least", field="retention")
        self.entitlements.require_retention(retention)
        return replace(self, retention=retention)

    def with_entitlements(self, entitlements: Entitlements) -> "Tenant":
        """Return the tenant on another plan.

        What it has beyond that stays: a plan that ends deletes no key, member or audit object.
        """
        return replace(self, entitlements=entitlements)

    def with_fail_modes(self, fail_modes: FailModes) -> "Tenant":
        """Return the tenant with another choice for limits that cannot be decided."""
        self._refuse_deleted()
        return replace(self, fail_modes=fail_modes)

    def with_member(self, *, user_id: UserId, role: Role, at: datetime) -> "Tenant":
        """Return the tenant with a new member, or with another role of an existing one.

        Raises:
            NotInPlan: there are as many members as the plan includes.
        """
        self._refuse_deleted()
        if self.role_of(user_id) is None:
            self.entitlements.require_member(len(self.members))
        others = tuple(member for member in self.members if member.user_id != user_id)
        since = next((m.since for m in self.members if m.user_id == user_id), at)
        changed = replace(self, members=(*others, Member(user_id=user_id, role=role, since=since)))
        return _with_owner(changed)

    def without_member(self, user_id: UserId) -> "Tenant":
        """Return the tenant without this member."""
        self._refuse_deleted()
        if self.role_of(user_id) is None:
            raise NotFound("no such member", code="member.not_found")
        others = tuple(member for member in self.members if member.user_id != user_id)
        changed = replace(self, members=others)
        return _with_owner(changed)

    def _refuse_deleted(self) -> None:
        if self.state is TenantState.DELETED:
            raise Refused("this tenant is deleted", code="tenant.deleted")


def _with_owner(tenant: Tenant) -> Tenant:
    if not any(member.role is Role.OWNER for member in tenant.members):
        raise Refused("a tenant always keeps one owner", code="tenant.last_owner")
    return tenant


def bucket_name(template: str, slug: Slug) -> str:
    """Return the name of a tenant's log bucket; `template` holds `{slug}` (`{slug}-audit-logs`)."""
    return template.replace("{slug}", slug.value)
