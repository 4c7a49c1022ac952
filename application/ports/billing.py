"""The conversations about money: with whoever takes the payments, and with what is kept of it."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.errors import InvalidValue
from domain.identifiers import TenantId
from domain.subscription import Payment, Plan, Subscription
from domain.user import Email


class UnsignedEvent(InvalidValue):
    """A payment event that nobody we know has signed, or one that is too old."""

    code = "billing.signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """Something happened to a customer's payments; None where it is about nothing of ours.

    An event says that something changed, and never how things stand: events come late, twice and
    in any order.
    """

    id: str
    kind: str
    customer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What somebody wants to buy; the addresses are where the payment page leads to afterwards."""

    customer: str
    plan: Plan
    success_url: str
    cancel_url: str


class Payments(Protocol):
    """Take payments, on pages that are not ours.

    Calls with the same `once` are one: asked again within a day they answer the same. Every method
    may raise `Unavailable`, with a reason that a person can act on.
    """

    @abstractmethod
    def require(self) -> None:  # tenant-free: it is about the deployment
        """Raise `Unavailable` (`billing.off`) where this deployment takes no payments."""

    @abstractmethod
    async def new_customer(self, tenant_id: TenantId, *, name: str, email: Email, once: str) -> str:
        """Make a customer for a tenant and return its id."""

    @abstractmethod
    async def checkout(self, tenant_id: TenantId, checkout: Checkout, *, once: str) -> str:
        """Return the address of a page on which a plan is paid for."""

    @abstractmethod
    async def portal(self, tenant_id: TenantId, customer: str, *, return_url: str) -> str:
        """Return the address of a page on which a customer sees invoices, changes and cancels."""

    @abstractmethod
    async def payments(self, tenant_id: TenantId, customer: str) -> Sequence[Payment]:
        """Return all subscriptions of a customer, ended ones included, as they are now."""

    @abstractmethod
    async def cancel(self, tenant_id: TenantId, payment_id: str) -> None:
        """End a subscription at once; one that has ended, or is none, is fine."""

    @abstractmethod
    def read_event(
        self, body: bytes, signature: str, *, at: datetime
    ) -> PaymentEvent:  # tenant-free: the signature is checked before anything is believed
        """Return the event in a signed message, whose signature covers the bytes as they came.

        Raises:
            UnsignedEvent: the signature does not fit, or is older than five minutes.
        """


class Subscriptions(Protocol):
    """Keep how tenants pay, inside a unit of work."""

    @abstractmethod
    async def get(self, tenant_id: TenantId) -> Subscription:
        """Return how a tenant pays; not at all when nothing is stored."""

    @abstractmethod
    async def save(self, tenant_id: TenantId, subscription: Subscription) -> None:
        """Store it.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
            Conflict: another tenant has this customer.
        """

    @abstractmethod
    async def by_customer(
        self, customer: str
    ) -> Subscription | None:  # tenant-free: the customer leads to the tenant
        """Return the subscription of a customer, None for one that is nobody's."""

    @abstractmethod
    async def is_applied(self, event_id: str) -> bool:  # tenant-free: before the tenant is known
        """Tell whether a payment event was applied before."""

    @abstractmethod
    async def note_applied(
        self, event_id: str, *, at: datetime
    ) -> bool:  # tenant-free: whoever sends events numbers them all
        """Remember that an event is applied; False if it was before.

        What was remembered longer than `EVENTS_KEPT` is forgotten.
        """
