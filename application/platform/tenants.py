"""Bring tenants into being."""

from dataclasses import dataclass

from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions
from domain.audit import objects_prefix
from domain.errors import NotFound
from domain.events import TenantFounded
from domain.identifiers import TenantId, UserId
from domain.tenant import (
    DEFAULT_RETENTION,
    Slug,
    StorageProvider,
    StorageSettings,
    Tenant,
    bucket_name,
)
from domain.user import Email, User


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageDefaults:
    """Where a new tenant's audit log goes: a bucket of its own, or its prefix in a shared one."""

    provider: StorageProvider = StorageProvider.LOCAL
    bucket_template: str = "{slug}-audit-logs"
    shared_bucket: str | None = None

    def settings(self, slug: Slug) -> StorageSettings:
        """Return the storage settings of a tenant of this slug."""
        if self.shared_bucket is not None:
            return StorageSettings(
                provider=self.provider, bucket=self.shared_bucket, prefix=f"{slug}/"
            )
        return StorageSettings(
            provider=self.provider, bucket=bucket_name(self.bucket_template, slug)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTenantCommand:
    """A new tenant and the person who owns it."""

    slug: Slug
    name: str
    owner_email: Email
    owner_name: str


class FoundTenant:
    """Make a tenant with its owner and its log bucket."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        storages: ObjectStorages,
        defaults: StorageDefaults,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._defaults = defaults
        self._clock = clock
        self._ids = ids

    async def __call__(self, command: FoundTenantCommand) -> Tenant:
        """Return the new tenant; its bucket exists before the tenant does.

        Raises:
            Conflict: the slug is taken.
            Unavailable, AccessDenied: the bucket cannot be made; nothing was stored.
        """
        at = self._clock.now()
        storage = self._defaults.settings(command.slug)
        bucket = self._storages.of(storage)
        await bucket.prepare()
        await bucket.expire(objects_prefix(storage.prefix), after=DEFAULT_RETENTION)
        async with self._transactions() as uow:
            try:
                owner = await uow.users.by_email(command.owner_email)
            except NotFound:
                owner = User.register(
                    user_id=UserId(self._ids.new("usr")),
                    email=command.owner_email,
                    name=command.owner_name,
                    at=at,
                )
                await uow.users.add(owner)
            tenant = Tenant.found(
                tenant_id=TenantId(self._ids.new("ten")),
                slug=command.slug,
                name=command.name,
                owner=owner.id,
                storage=storage,
                at=at,
            )
            await uow.tenants.add(tenant)
            uow.record(TenantFounded(tenant_id=tenant.id))
            await uow.commit()
        return tenant
