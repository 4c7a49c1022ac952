"""Show, prove and change where a tenant's audit objects lie, and for how long."""

from dataclasses import dataclass
from datetime import timedelta

from application.audit_anchors import (
    Anchor,
    AnchorKind,
    WriteAnchor,
    explained_before,
    stored_anchors,
)
from application.deeds import Deed, Deeds, differences
from application.platform.storage_probe import (
    ProbeStep,
    StepOutcome,
    StepReport,
    StorageProbe,
    failed,
)
from application.ports.credentials import Signer
from application.ports.object_storage import AccessDenied, ObjectStorage, ObjectStorages
from application.ports.system import Clock, IdFactory
from domain.audit import ChainHead, objects_prefix
from domain.authorisation import Action, Caller
from domain.errors import ConcurrentUpdate, Conflict, DomainError, Unavailable
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

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug) -> TenantStorage:
        """Return the tenant's storage.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.READ_STORAGE) as deed:
            return TenantStorage.of(deed.tenant)


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
        self, *, deeds: Deeds, storages: ObjectStorages, clock: Clock, ids: IdFactory
    ) -> None:
        self._deeds = deeds
        self._storages = storages
        self._clock = clock
        self._ids = ids

    async def __call__(self, caller: Caller, slug: Slug) -> StorageCheck:
        """Return what became of each step; a storage that fails is a report and no error.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.VERIFY_STORAGE) as deed:
            where = TenantStorage.of(deed.tenant)
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
        self, *, deeds: Deeds, storages: ObjectStorages, write_anchor: WriteAnchor
    ) -> None:
        self._deeds = deeds
        self._storages = storages
        self._write_anchor = write_anchor

    async def __call__(self, caller: Caller, command: ChangeStorageCommand) -> TenantStorage:
        """Return the new storage; its bucket exists.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this, or the tenant is
                deleted.
            Conflict: another tenant's objects, or an audit log, lie in that place; this deployment
                has no such provider or credentials; or the new storage does not let us in.
            ConcurrentUpdate: the log grew faster than it could be noted; nothing was changed.
            Unavailable: the new storage is away; nothing was changed.
        """
        slug, settings = command.slug, command.settings
        async with self._deeds.begin(caller, slug, Action.CHANGE_STORAGE) as deed:
            before, moved = deed.tenant, deed.tenant.with_storage(settings)
            # Not committed: it tells whether the place is another tenant's before we touch it.
            await deed.uow.tenants.save(moved)
        if _place(settings) != _place(before.storage):
            await self._prepare(moved)
        noted: dict[str, ChainHead] = {}
        for _ in range(_TRIES):
            async with self._deeds.begin(caller, slug, Action.CHANGE_STORAGE) as deed:
                before, moved = deed.tenant, deed.tenant.with_storage(settings)
                heads = dict(await deed.uow.audit.heads(deed.tenant_id))
                if _place(settings) == _place(before.storage) or heads == noted:
                    await _save(deed, moved)
                    return TenantStorage.of(moved)
            for instance, head in heads.items():
                if noted.get(instance) != head:
                    await self._write_anchor(moved, instance, head, kind=AnchorKind.BEGINNING)
            noted = heads
        raise ConcurrentUpdate("the audit log grew all the while; try again")

    async def _prepare(self, moved: Tenant) -> None:
        try:
            storage = self._storages.of(moved.storage)
        except Unavailable as error:
            raise Conflict(error.message, code="storage.not_offered") from error
        except AccessDenied as error:
            raise _unusable(error) from error
        try:
            await storage.prepare()
        except AccessDenied as error:
            raise _unusable(error) from error
        objects = objects_prefix(moved.storage.prefix)
        async for _ in storage.list(objects):
            raise Conflict(
                "an audit log lies in this place already; name another bucket or prefix",
                code="storage.not_empty",
            )
        await storage.expire(objects, after=moved.retention)


class ChangeRetention:
    """Keep a tenant's audit objects for another time.

    Where they are to be kept for longer, signed notes say what may be gone already.
    """

    def __init__(
        self,
        *,
        deeds: Deeds,
        storages: ObjectStorages,
        signer: Signer,
        write_anchor: WriteAnchor,
        clock: Clock,
    ) -> None:
        self._deeds = deeds
        self._storages = storages
        self._signer = signer
        self._write_anchor = write_anchor
        self._clock = clock

    async def __call__(self, caller: Caller, slug: Slug, retention: timedelta) -> TenantStorage:
        """Return the tenant's storage with the new time; the store knows of it, if it has rules.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this, or the tenant is
                deleted.
            InvalidValue: shorter than an audit log is kept at least.
            Unavailable, AccessDenied: the storage; nothing was changed.
        """
        async with self._deeds.begin(caller, slug, Action.CHANGE_STORAGE) as deed:
            before, after = deed.tenant, deed.tenant.with_retention(retention)
        # Outside of the transaction, since it may take long; the daily sweep repeats it anyhow.
        storage = self._storages.of(after.storage)
        if retention > before.retention:
            await self._note_expired(before, storage)
        await storage.expire(objects_prefix(after.storage.prefix), after=retention)
        async with self._deeds.begin(caller, slug, Action.CHANGE_STORAGE) as deed:
            after = deed.tenant.with_retention(retention)
            await _save(deed, after)
        return TenantStorage.of(after)

    async def _note_expired(self, tenant: Tenant, storage: ObjectStorage) -> None:
        old: dict[str, ChainHead] = {}
        before = explained_before(self._clock.now(), tenant.retention)
        async for found in stored_anchors(storage, tenant, self._signer):
            if isinstance(found, Anchor) and found.time <= before:
                head = old.get(found.instance, ChainHead())
                old[found.instance] = max(head, found.head, key=lambda one: one.count)
        for instance, head in old.items():
            await self._write_anchor(tenant, instance, head, kind=AnchorKind.EXPIRED)


async def _save(deed: Deed, tenant: Tenant) -> None:
    await deed.uow.tenants.save(tenant)
    await deed.commit(
        target=tenant.slug.value,
        changes=differences(_described(deed.tenant), _described(tenant)),
    )


def _described(tenant: Tenant) -> dict[str, object]:
    storage = tenant.storage
    return {
        "provider": storage.provider.value,
        "bucket": storage.bucket,
        "prefix": storage.prefix,
        "credentials": storage.credentials,
        "retention_days": tenant.retention.days,
    }


def _unusable(error: AccessDenied) -> Conflict:
    return Conflict(f"the new storage cannot be used: {error.message}", code=error.code)


def _place(settings: StorageSettings) -> tuple[StorageProvider, str, str]:
    return settings.provider, settings.bucket, settings.prefix
