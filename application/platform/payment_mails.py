"""Tell the owners of a tenant that its payment is overdue."""

from application.platform.account_mails import AccountMails
from application.ports.unit_of_work import Transactions
from domain.errors import NotFound, Unavailable
from domain.events import OutboxEntry, PaymentFailed
from domain.user import Role, User


class SendPaymentProblem:
    """Handle `PaymentFailed`: one mail to each owner, as long as the problem lasts."""

    def __init__(self, *, transactions: Transactions, mails: AccountMails) -> None:
        self._transactions = transactions
        self._mails = mails

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send the mails.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        event = entry.event
        if not isinstance(event, PaymentFailed):
            return
        owners: list[User] = []
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(event.tenant_id)
            subscription = await uow.subscriptions.get(event.tenant_id)
            for member in tenant.members:
                if member.role is Role.OWNER:
                    try:
                        owners.append(await uow.users.get(member.user_id))
                    except NotFound:
                        continue
        if subscription.payment is None or not subscription.payment.is_problem:
            # Mended meanwhile: nobody has to be worried any more.
            return
        trouble: Unavailable | None = None
        for owner in owners:
            try:
                await self._mails.send_payment_problem(
                    entry.id, owner.email, tenant=tenant, subscription=subscription
                )
            except Unavailable as error:
                trouble = error
        if trouble is not None:
            raise trouble
