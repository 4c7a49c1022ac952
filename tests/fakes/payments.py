"""Payments that lead to pages which nobody opens."""

from collections.abc import Sequence
from datetime import datetime

from application.ports.billing import Checkout, PaymentEvent, Payments, UnsignedEvent
from domain.identifiers import TenantId
from domain.subscription import Payment
from domain.user import Email


class PagesOnly(Payments):
    """Answer at once, and take no event for signed."""

    def require(self) -> None:
        pass

    async def new_customer(self, tenant_id: TenantId, *, name: str, email: Email, once: str) -> str:
        return f"cus_{tenant_id}"

    async def checkout(self, tenant_id: TenantId, checkout: Checkout, *, once: str) -> str:
        return "https://payments.example.com/checkout"

    async def portal(self, tenant_id: TenantId, customer: str, *, return_url: str) -> str:
        return "https://payments.example.com/portal"

    async def payments(self, tenant_id: TenantId, customer: str) -> Sequence[Payment]:
        return []

    async def cancel(self, tenant_id: TenantId, payment_id: str) -> None:
        pass

    def read_event(self, body: bytes, signature: str, *, at: datetime) -> PaymentEvent:
        raise UnsignedEvent("nobody signs here")
