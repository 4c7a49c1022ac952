"""Take what happens to payments, as whoever takes them tells it."""

import logging
from enum import StrEnum

from application.platform.billing import apply
from application.ports.billing import PaymentEvent, Payments
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.errors import ConcurrentUpdate, Unavailable
from domain.subscription import decisive

_log = logging.getLogger(__name__)

_TRIES = 5


class Taken(StrEnum):
    """What became of an event: `ignored` ones are about nobody of ours."""

    APPLIED = "applied"
    KNOWN = "known"
    IGNORED = "ignored"


class TakePaymentEvent:
    """Bring a subscription up to date when something is said to have happened to it.

    What the event says of it is not believed: events come in any order. How it stands is asked for
    after our own version was read, and stored only over that version, so that an older answer
    never replaces a newer one.
    """

    def __init__(self, *, transactions: Transactions, payments: Payments, clock: Clock) -> None:
        self._transactions = transactions
        self._payments = payments
        self._clock = clock

    async def __call__(self, body: bytes, signature: str) -> Taken:
        """Return what became of it; the same event again changes nothing.

        Raises:
            UnsignedEvent: nobody we know sent it.
            Unavailable: this deployment takes no payments, or the state cannot be had; the sender
                tries again.
        """
        self._payments.require()
        event = self._payments.read_event(body, signature, at=self._clock.now())
        if event.customer is None:
            return Taken.IGNORED
        for _ in range(_TRIES):
            try:
                return await self._apply(event, event.customer)
            except ConcurrentUpdate:
                continue
        raise Unavailable("billing", "this subscription changes all the time", retry_after=1.0)

    async def _apply(self, event: PaymentEvent, customer: str) -> Taken:
        async with self._transactions() as uow:
            if await uow.subscriptions.is_applied(event.id):
                return Taken.KNOWN
            before = await uow.subscriptions.by_customer(customer)
        if before is None:
            _log.warning("payment event of no customer of ours", extra={"kind": event.kind})
            return Taken.IGNORED
        payment = decisive(list(await self._payments.payments(before.tenant_id, customer)))
        after = before.follow(payment)
        async with self._transactions() as uow:
            if not await uow.subscriptions.note_applied(event.id, at=self._clock.now()):
                return Taken.KNOWN
            # Over the version that was read before the state was asked for, and no other.
            await uow.subscriptions.save(before.tenant_id, after)
            await apply(uow, before, after)
            await uow.commit()
        return Taken.APPLIED
