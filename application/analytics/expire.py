"""Delete audit objects that are older than their tenant wants them kept."""

import logging
from collections.abc import Mapping

from application.audit_anchors import Anchor, WriteAnchor, read_anchor
from application.ports.credentials import Signer
from application.ports.object_storage import ObjectStorage, ObjectStorages
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.audit import ChainHead, anchors_prefix, instance_of_anchor, objects_prefix
from domain.errors import DomainError
from domain.tenant import Tenant

_log = logging.getLogger(__name__)


class ExpireObjects:
    """Once a day: anchor every chain, then see to it that what is too old goes.

    A store with rules of its own is told the retention; in any other one the objects are deleted
    here, oldest first. Only TruePort's own audit objects go: anchors stay, since they say that the
    missing records once were there, and other writers' logs are theirs. Anchors come first, for
    chains whose writer died before it could write one: without them nobody could tell afterwards
    whether records expired or were taken away.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        storages: ObjectStorages,
        signer: Signer,
        write_anchor: WriteAnchor,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._signer = signer
        self._write_anchor = write_anchor
        self._clock = clock

    async def __call__(self) -> int:
        """Return how many objects were deleted here.

        Raises:
            Unavailable, AccessDenied: a tenant's storage; all others were seen to.
        """
        async with self._transactions() as uow:
            tenants = await uow.tenants.all()
        deleted = 0
        trouble: DomainError | None = None
        for tenant in tenants:
            try:
                deleted += await self._expire(tenant)
            except DomainError as error:
                _log.warning("a bucket keeps what expired", extra={"code": error.code})
                trouble = trouble or error
        if trouble is not None:
            raise trouble
        return deleted

    async def _expire(self, tenant: Tenant) -> int:
        storage = self._storages.of(tenant.storage)
        objects = objects_prefix(tenant.storage.prefix)
        async with self._transactions() as uow:
            heads = dict(await uow.audit.heads(tenant.id))
        await self._anchor(tenant, storage, heads)
        if await storage.expire(objects, after=tenant.retention):
            return 0
        before = self._clock.now() - tenant.retention
        deleted = 0
        async for item in storage.list(objects):
            if item.modified_at <= before:
                await storage.delete(item.key)
                deleted += 1
        return deleted

    async def _anchor(
        self, tenant: Tenant, storage: ObjectStorage, heads: Mapping[str, ChainHead]
    ) -> None:
        """Anchor the chains whose newest anchor does not speak of their end."""
        newest: dict[str, str] = {}
        async for item in storage.list(anchors_prefix(tenant.storage.prefix)):
            if instance := instance_of_anchor(item.key):
                newest[instance] = item.key
        for instance, head in heads.items():
            key = newest.get(instance)
            if key is not None:
                anchor = await read_anchor(storage, key, tenant, self._signer)
                if isinstance(anchor, Anchor) and anchor.head == head:
                    continue
            await self._write_anchor(tenant, instance, head)
