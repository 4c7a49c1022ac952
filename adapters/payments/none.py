"""No payments: what a deployment without anybody who takes them answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from application.ports.billing import Checkout, PaymentEvent, Payments
from domain.errors import Unavailable
from domain.identifiers import TenantId
from domain.subscription import Payment
from domain.user import Email


class NoPayments(Payments):
    """Say why nothing can be bought here: every tenant is on the free plan, or on an agreed one."""

    def require(self) -> None:
        """Refuse."""
        _refuse()

    async def new_customer(self, tenant_id: TenantId, *, name: str, email: Email, once: str) -> str:
        """Refuse."""
        _refuse()

    async def checkout(self, tenant_id: TenantId, checkout: Checkout, *, once: str) -> str:
        """Refuse."""
        _refuse()

    async def portal(self, tenant_id: TenantId, customer: str, *, return_url: str) -> str:
        """Refuse."""
        _refuse()

    async def payments(self, tenant_id: TenantId, customer: str) -> Sequence[Payment]:
        """Refuse."""
        _refuse()

    async def cancel(self, tenant_id: TenantId, payment_id: str) -> None:
        """Refuse."""
        _refuse()

    def read_event(self, body: bytes, signature: str, *, at: datetime) -> PaymentEvent:
        """Refuse."""
        _refuse()


def _refuse() -> NoReturn:
    raise Unavailable(
        "billing",
        "this deployment takes no payments: every tenant is on the free plan, or on what its "
        "operator agreed (STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET and TRUEPORT_STRIPE_PRICE_TEAM "
        "are not set)",
        code="billing.off",
    )
