"""Show, prove and change where a tenant's audit objects lie, and for how long."""

from dataclasses import dataclass
from datetime import timedelta

from application.audit_anchors import WriteAnchor
from application.platform.storage_probe import (
    ProbeStep,
    StepOutcome,
    StepReport,
    StorageProbe,
    failed,
)
from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions
from domain.audit import ChainHead, objects_prefix
from domain.errors import ConcurrentUpdate, Conflict, DomainError
from domain.tenant import Slug, StorageProvider, StorageSettings, Tenant

_TRIES = 10
"""How often the ends of the chains are noted anew because they moved on meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantStorage:
    """Where a tenant's audit objects lie, and for how long."""

    tenant: Slug
    settings: StorageSettings
    retention: timedelta

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantStorage":
        """Return what a tenant chose."""
        return cls(tenant=tenant.slug, settings=tenant.storage, retention=tenant.retention)


class ShowStorage:
    """Say where a tenant's audit objects lie."""

    def __init__(self, *, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, slug: Slug) -> TenantStorage:
        """Return the tenant's storage.

        Raises:
            NotFound: no such tenant.
        """
        async with self._transactions() as uow:
            return TenantStorage.of(await uow.tenants.by_slug(slug))


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageCheck:
    """What became of a probe in a tenant's storage, step by step."""

    storage: TenantStorage
    key: str
    steps: tuple[StepReport, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether every step went well."""
        return all(step.outcome is StepOutcome.OK for step in self.steps)


class VerifyStorage:
    """Write, read, list and delete a probe beside a tenant's audit log."""

    def __init__(
        self, *, transactions: Transactions, storages: ObjectStorages, clock: Clock, ids: IdFactory
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._clock = clock
        self._ids = ids

    async def __call__(self, slug: Slug) -> StorageCheck:
        """Return what became of each step; a storage that fails is a report and no error.

        Raises:
            NotFound: no such tenant.
        """
        async with self._transactions() as uow:
            where = TenantStorage.of(await uow.tenants.by_slug(slug))
        # No log by its name: nobody analyses it.
        key = f"{where.settings.prefix}trueport-probe-{self._ids.ulid()}"
        try:
            storage = self._storages.of(where.settings)
        except DomainError as error:
            first, *others = ProbeStep
            steps = [
                failed(first, error),
                *(StepReport(step=step, outcome=StepOutcome.SKIPPED) for step in others),
            ]
        else:
            steps = [*await StorageProbe(storage, key, clock=self._clock).run()]
        return StorageCheck(storage=where, key=key, steps=tuple(steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStorageCommand:
    """Where a tenant's audit objects go from now on."""

    slug: Slug
    settings: StorageSettings


class ChangeStorage:
    """Send a tenant's future audit objects elsewhere; what is stored stays where it is.

    The new place gets a signed note of where the log goes on in it.
    """

    def __init__(
        self, *, transactions: Transactions, storages: ObjectStorages, write_anchor: WriteAnchor
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._write_anchor = write_anchor

    async def __call__(self, command: ChangeStorageCommand) -> TenantStorage:
        """Return the new storage; its bucket exists.

        Raises:
            NotFound: no such tenant.
            Refused: the tenant is deleted.
            Conflict: another tenant's objects, or an audit log, lie in that place.
            ConcurrentUpdate: the log grew faster than it could be noted; nothing was changed.
            Unavailable, AccessDenied: the new storage; nothing was changed.
        """
        settings = command.settings
        async with self._transactions() as uow:
            tenant = await uow.tenants.by_slug(command.slug)
            moved = tenant.with_storage(settings)
            # Not committed: it tells whether the place is another tenant's before we touch it.
            await uow.tenants.save(moved)
        if _place(settings) != _place(tenant.storage):
            await self._prepare(moved)
        noted: dict[str, ChainHead] = {}
        for _ in range(_TRIES):
            async with self._transactions() as uow:
                tenant = await uow.tenants.by_slug(command.slug)
                moved = tenant.with_storage(settings)
                heads = dict(await uow.audit.heads(tenant.id))
                if _place(settings) == _place(tenant.storage) or heads == noted:
                    await uow.tenants.save(moved)
                    await uow.commit()
                    return TenantStorage.of(moved)
            for instance, head in heads.items():
                if noted.get(instance) != head:
                    await self._write_anchor(moved, instance, head, is_beginning=True)
            noted = heads
        raise ConcurrentUpdate("the audit log grew all the while; try again")

    async def _prepare(self, moved: Tenant) -> None:
        storage = self._storages.of(moved.storage)
        await storage.prepare()
        objects = objects_prefix(moved.storage.prefix)
        async for _ in storage.list(objects):
            raise Conflict(
                "an audit log lies in this place already; name another bucket or prefix",
                code="storage.not_empty",
            )
        await storage.expire(objects, after=moved.retention)


class ChangeRetention:
    """Keep a tenant's audit objects for another time."""

    def __init__(self, *, transactions: Transactions, storages: ObjectStorages) -> None:
        self._transactions = transactions
        self._storages = storages

    async def __call__(self, slug: Slug, retention: timedelta) -> TenantStorage:
        """Return the tenant's storage with the new time; the store knows of it, if it has rules.

        Raises:
            NotFound: no such tenant.
            InvalidValue: shorter than an audit log is kept at least.
            Refused: the tenant is deleted.
            Unavailable, AccessDenied: the storage; nothing was changed.
        """
        async with self._transactions() as uow:
            tenant = (await uow.tenants.by_slug(slug)).with_retention(retention)
        # Outside of the transaction, since it may take long; the daily sweep repeats it anyhow.
        await self._storages.of(tenant.storage).expire(
            objects_prefix(tenant.storage.prefix), after=retention
        )
        async with self._transactions() as uow:
            tenant = (await uow.tenants.by_slug(slug)).with_retention(retention)
            await uow.tenants.save(tenant)
            await uow.commit()
        return TenantStorage.of(tenant)


def _place(settings: StorageSettings) -> tuple[StorageProvider, str, str]:
    return settings.provider, settings.bucket, settings.prefix
