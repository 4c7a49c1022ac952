"""Let nobody pay for a tenant that was deleted."""

from application.ports.billing import Payments
from application.ports.unit_of_work import Transactions
from domain.events import OutboxEntry, TenantChanged
from domain.tenant import TenantState


class EndPayments:
    """Handle `TenantChanged`: a deleted tenant's subscriptions are cancelled at once."""

    def __init__(self, *, transactions: Transactions, payments: Payments) -> None:
        self._transactions = transactions
        self._payments = payments

    async def __call__(self, entry: OutboxEntry) -> None:
        """Cancel what still runs; done again it finds nothing to do.

        Raises:
            Unavailable: whoever takes the payments is away; call again later.
        """
        event = entry.event
        if not isinstance(event, TenantChanged):
            return
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(event.tenant_id)
            customer = (await uow.subscriptions.get(event.tenant_id)).customer
        if tenant.state is not TenantState.DELETED or customer is None:
            return
        for payment in await self._payments.payments(tenant.id, customer):
            if not payment.has_ended:
                await self._payments.cancel(tenant.id, payment.id)
