"""Bring tenants into being, with the buckets of their audit logs."""

from dataclasses import dataclass

from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import UnitOfWork
from domain.audit import objects_prefix
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


class Founding:
    """Prepare the place of a tenant's audit log, and then found the tenant in it."""

    def __init__(
        self,
        *,
        storages: ObjectStorages,
        defaults: StorageDefaults,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._storages = storages
        self._defaults = defaults
        self._clock = clock
        self._ids = ids

    async def prepare(self, slug: Slug) -> StorageSettings:
        """Return where the log of a tenant of this slug goes; its bucket exists.

        Not inside a unit of work: a cloud may take its time.

        Raises:
            Unavailable, AccessDenied: the bucket cannot be made.
        """
        storage = self._defaults.settings(slug)
        bucket = self._storages.of(storage)
        await bucket.prepare()
        await bucket.expire(objects_prefix(storage.prefix), after=DEFAULT_RETENTION)
        return storage

    async def found(
        self, uow: UnitOfWork, *, slug: Slug, name: str, owner: UserId, storage: StorageSettings
    ) -> Tenant:
        """Add a tenant with its first owner to a unit of work that the caller commits.

        Raises:
            Conflict: the slug is taken, or the place of the log.
        """
        tenant = Tenant.found(
            tenant_id=TenantId(self._ids.new("ten")),
            slug=slug,
            name=name,
            owner=owner,
            storage=storage,
            at=self._clock.now(),
        )
        await uow.tenants.add(tenant)
        uow.record(TenantFounded(tenant_id=tenant.id))
        return tenant
