"""Forget what deleted tenants stored, when their retention has ended."""

import logging

from application.ports.system import Clock
from application.ports.tenant_data import TenantData
from application.ports.unit_of_work import Transactions
from domain.tenant import Tenant

_log = logging.getLogger(__name__)

_AT_ONCE = 500
"""Rows that are deleted in one transaction: others want to write as well."""


class PurgeTenants:
    """Delete a portion of what deleted tenants stored and nobody has to keep any more.

    Audit objects go by the retention of the storage itself. The tenant's slug and place stay, so
    that nobody else ever gets its bucket; without `writes_tenants` another service sees to that.
    """

    def __init__(
        self, *, transactions: Transactions, data: TenantData, clock: Clock, writes_tenants: bool
    ) -> None:
        self._transactions = transactions
        self._data = data
        self._clock = clock
        self._writes_tenants = writes_tenants

    async def __call__(self) -> bool:
        """Return whether there may be more to delete."""
        at = self._clock.now()
        async with self._transactions() as uow:
            tenants = await uow.tenants.all()
        for tenant in tenants:
            # Also of those that were purged: a process that was cut off may have written since.
            if tenant.is_over(at) and await self._purge(tenant):
                return True
        return False

    async def _purge(self, tenant: Tenant) -> bool:
        if await self._data.purge(tenant.id, limit=_AT_ONCE):
            return True
        if not self._writes_tenants or tenant.is_purged:
            return False
        async with self._transactions() as uow:
            await uow.tenants.save(tenant.purged())
            await uow.commit()
        _log.info("a deleted tenant was purged", extra={"tenant": tenant.id})
        return True
