"""Choose what limits do that cannot be decided."""

from dataclasses import dataclass

from application.ports.unit_of_work import Transactions
from domain.identifiers import TenantId
from domain.rate_limit import FailModes
from domain.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseFailModesCommand:
    """A tenant's choice, in place of its former one."""

    tenant_id: TenantId
    fail_modes: FailModes


class ChooseFailModes:
    """Keep a tenant's choice; gateways go by it within seconds."""

    def __init__(self, *, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, command: ChooseFailModesCommand) -> Tenant:
        """Return the changed tenant.

        Raises:
            NotFound: there is no such tenant.
            Refused: it is deleted.
            ConcurrentUpdate: somebody else changed it at the same time.
        """
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(command.tenant_id)
            changed = tenant.with_fail_modes(command.fail_modes)
            await uow.tenants.save(changed)
            await uow.commit()
        return changed
