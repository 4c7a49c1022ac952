"""Where aggregates live; every method runs inside the unit of work it was reached through.

Saving needs the version that was read: `save` stores the aggregate with its version raised by one.
Methods named `add` raise `Conflict` for what exists already. Every method may raise `Unavailable`.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from domain.alert import AlertSettings, AlertState
from domain.api_key import ApiKey
from domain.audit import AuditDamage, ChainHead
from domain.identifiers import (
    JobId,
    KeyId,
    PolicyId,
    RecordId,
    TenantId,
    UpstreamId,
    UserId,
    ViolationId,
    WebhookId,
)
from domain.job import Job, ObjectRef
from domain.policy.rule import PolicyRevision
from domain.routing import Upstream
from domain.tenant import Slug, Tenant
from domain.usage import UsageEntry
from domain.user import Email, User
from domain.violation import Violation
from domain.webhook_delivery import WebhookDelivery


class Tenants(Protocol):
    """Keep tenants with their members."""

    @abstractmethod
    async def add(self, tenant: Tenant) -> None:  # tenant-free: the tenant is the argument
        """Store a new tenant.

        Raises:
            Conflict: the slug is taken (`tenant.slug_taken`), or the place of its audit objects.
        """

    @abstractmethod
    async def get(self, tenant_id: TenantId) -> Tenant:
        """Return a tenant.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def by_slug(self, slug: Slug) -> Tenant:  # tenant-free: the slug leads to the tenant
        """Return the tenant of this slug, deleted ones included.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def by_object(self, ref: ObjectRef) -> Tenant:  # tenant-free: the place leads to it
        """Return the tenant whose provider, bucket and prefix hold this object.

        Raises:
            NotFound: nobody's.
        """

    @abstractmethod
    async def save(self, tenant: Tenant) -> None:  # tenant-free: the tenant is the argument
        """Store a changed tenant.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """

    @abstractmethod
    async def all(self) -> Sequence[Tenant]:  # tenant-free: the operator's list
        """Return every tenant, by slug."""

    @abstractmethod
    async def of_user(self, user_id: UserId) -> Sequence[Tenant]:  # tenant-free: a person's list
        """Return the tenants that a user is a member of, by slug, deleted ones included."""


class Users(Protocol):
    """Keep the people who can sign in."""

    @abstractmethod
    async def add(self, user: User) -> None:  # tenant-free: people belong to many tenants
        """Store a new user.

        Raises:
            Conflict: the address is taken, whatever its case.
        """

    @abstractmethod
    async def get(self, user_id: UserId) -> User:  # tenant-free: people belong to many tenants
        """Return a user.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def by_email(self, email: Email) -> User:  # tenant-free: people belong to many tenants
        """Return the user of an address, whatever its case.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def some(
        self, user_ids: Iterable[UserId]
    ) -> Sequence[User]:  # tenant-free: people belong to many tenants
        """Return those of these users that exist, by id."""

    @abstractmethod
    async def save(self, user: User) -> None:  # tenant-free: people belong to many tenants
        """Store a changed user; the address stays what it was.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """


class ApiKeys(Protocol):
    """Keep gateway keys; only digests of their secrets are ever seen here."""

    @abstractmethod
    async def add(self, tenant_id: TenantId, key: ApiKey) -> None:
        """Store a new key.

        Raises:
            Conflict: its digest exists.
        """

    @abstractmethod
    async def get(self, tenant_id: TenantId, key_id: KeyId) -> ApiKey:
        """Return a key.

        Raises:
            NotFound: this tenant has no such key.
        """

    @abstractmethod
    async def save(self, tenant_id: TenantId, key: ApiKey) -> None:
        """Store a changed key.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """

    @abstractmethod
    async def all(self, tenant_id: TenantId) -> Sequence[ApiKey]:
        """Return the tenant's keys, oldest first."""


class Policies(Protocol):
    """Keep policy versions, which never change, and which one is active."""

    @abstractmethod
    async def add(self, tenant_id: TenantId, revision: PolicyRevision) -> None:
        """Store a new version.

        Raises:
            Conflict: this number of the policy exists.
        """

    @abstractmethod
    async def get(self, tenant_id: TenantId, policy_id: PolicyId, number: int) -> PolicyRevision:
        """Return one version.

        Raises:
            NotFound: this tenant has none such.
        """

    @abstractmethod
    async def activate(
        self, tenant_id: TenantId, policy_id: PolicyId, number: int, *, at: datetime
    ) -> None:
        """Make a version the tenant's active one from `at` on.

        Raises:
            NotFound: this tenant has none such.
        """

    @abstractmethod
    async def active(self, tenant_id: TenantId, *, at: datetime) -> PolicyRevision | None:
        """Return the version that was active at this time, None before the first."""

    @abstractmethod
    async def former(self, tenant_id: TenantId, *, at: datetime) -> PolicyRevision | None:
        """Return the version that was active before the one of this time, None before a second.

        A version that was activated twice in a row was not active before itself.
        """

    @abstractmethod
    async def all(self, tenant_id: TenantId) -> Sequence[PolicyRevision]:
        """Return every version, by policy and number."""


class Upstreams(Protocol):
    """Keep the model providers that tenants connected."""

    @abstractmethod
    async def add(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Store a new upstream.

        Raises:
            Conflict: the tenant has one of this name.
        """

    @abstractmethod
    async def get(self, tenant_id: TenantId, upstream_id: UpstreamId) -> Upstream:
        """Return an upstream.

        Raises:
            NotFound: this tenant has no such upstream.
        """

    @abstractmethod
    async def save(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Store a changed upstream.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """

    @abstractmethod
    async def remove(self, tenant_id: TenantId, upstream: Upstream) -> None:
        """Remove an upstream; its name is free again.

        Raises:
            ConcurrentUpdate: it was changed since it was read, or is gone.
        """

    @abstractmethod
    async def all(self, tenant_id: TenantId) -> Sequence[Upstream]:
        """Return the tenant's upstreams, by name."""


class Violations(Protocol):
    """Keep violations."""

    @abstractmethod
    async def add_new(
        self, tenant_id: TenantId, violations: Sequence[Violation]
    ) -> Sequence[Violation]:
        """Store those whose id is not there yet and return them; the others stay untouched."""

    @abstractmethod
    async def get(self, tenant_id: TenantId, violation_id: ViolationId) -> Violation:
        """Return a violation.

        Raises:
            NotFound: this tenant has no such violation.
        """

    @abstractmethod
    async def of_record(self, tenant_id: TenantId, record_id: RecordId) -> Sequence[Violation]:
        """Return the violations of one audit record, by id."""

    @abstractmethod
    async def save(self, tenant_id: TenantId, violation: Violation) -> None:
        """Store a triaged violation.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """


class JobLedger(Protocol):
    """Say how jobs get on in the same transaction as their violations."""

    @abstractmethod
    async def note(
        self,
        tenant_id: TenantId,
        job_id: JobId,
        *,
        lease: str,
        pending_detectors: Iterable[str],
        note: str,
    ) -> Job:
        """Write down what is known of a leased job and return it.

        Raises:
            Refused: the lease was lost to another worker (`job.lease_lost`).
        """

    @abstractmethod
    async def finish(self, tenant_id: TenantId, job_id: JobId, *, lease: str, at: datetime) -> Job:
        """Mark a leased job as done and return it.

        Raises:
            Refused: the lease was lost to another worker (`job.lease_lost`).
        """


class Settings(Protocol):
    """Keep what a tenant chose about alerts, and how far they got."""

    @abstractmethod
    async def alert_state(self, tenant_id: TenantId) -> AlertState:
        """Return how far the tenant's recipients were told; nobody was when nothing is stored."""

    @abstractmethod
    async def save_alert_state(self, tenant_id: TenantId, state: AlertState) -> None:
        """Store how far they were told.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """

    @abstractmethod
    async def alerts(self, tenant_id: TenantId) -> AlertSettings:
        """Return the tenant's alert settings; the defaults when nothing was chosen."""

    @abstractmethod
    async def save_alerts(self, tenant_id: TenantId, settings: AlertSettings) -> None:
        """Store alert settings.

        Raises:
            ConcurrentUpdate: they were changed since they were read.
        """


class Webhooks(Protocol):
    """Queue what webhooks are told, in the transaction that decides it."""

    @abstractmethod
    async def state(self, tenant_id: TenantId, webhook_id: WebhookId) -> AlertState:
        """Return how far a webhook was told; it was not when nothing is stored."""

    @abstractmethod
    async def save_state(
        self, tenant_id: TenantId, webhook_id: WebhookId, state: AlertState
    ) -> None:
        """Store how far it was told.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """

    @abstractmethod
    async def add(self, tenant_id: TenantId, delivery: WebhookDelivery) -> bool:
        """Store a delivery, and tell whether it is new: one of its id stays as it is."""


class AuditTrail(Protocol):
    """Keep what is known of audit chains, of damage to them, and of what exchanges used."""

    @abstractmethod
    async def add_damages(
        self, tenant_id: TenantId, damages: Sequence[AuditDamage]
    ) -> Sequence[AuditDamage]:
        """Store those whose id is not there yet and return them."""

    @abstractmethod
    async def damages(self, tenant_id: TenantId) -> Sequence[AuditDamage]:
        """Return every known damage of a tenant's audit log, by key, line and reason."""

    @abstractmethod
    async def head(self, tenant_id: TenantId, instance: str) -> ChainHead:
        """Return the end of a chain as last stored; `ChainHead()` for a new one."""

    @abstractmethod
    async def save_head(self, tenant_id: TenantId, instance: str, head: ChainHead) -> None:
        """Store the end of a chain; a head with a smaller count than the stored one is ignored."""

    @abstractmethod
    async def heads(self, tenant_id: TenantId) -> Sequence[tuple[str, ChainHead]]:
        """Return (instance, head) of every chain of a tenant, by instance."""

    @abstractmethod
    async def heads_of_instance(
        self, instance: str
    ) -> Sequence[tuple[TenantId, ChainHead]]:  # tenant-free: one writer serves every tenant
        """Return (tenant, head) of every chain that an instance wrote."""

    @abstractmethod
    async def add_usage(self, tenant_id: TenantId, entries: Sequence[UsageEntry]) -> None:
        """Store the usage of exchanges; those whose record id is there already stay untouched."""
