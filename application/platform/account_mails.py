"""Mails about somebody's own account: the code to sign in with, an invitation, a payment."""

import logging
from datetime import datetime, timedelta
from urllib.parse import quote

from application.ports.mailer import Mail, Mailer, MailTemplates
from application.ports.telemetry import Metric, Telemetry
from domain.errors import DomainError, Unavailable
from domain.subscription import FREE, PaymentState, Plan, Subscription
from domain.tenant import Tenant
from domain.user import Email, Role

_log = logging.getLogger(__name__)

_ACCEPT_PATH = "/platform/app/invitations/accept"
_BILLING_PATH = "/platform/app/billing"


class AccountMails:
    """Render and send them, to one address each; called by handlers of the outbox alone.

    `occasion` is the id of the event that a mail tells of: the same occasion and address are the
    same mail. An address that is refused for good is counted and logged, and nothing is raised.
    """

    def __init__(
        self,
        *,
        mailer: Mailer,
        templates: MailTemplates,
        telemetry: Telemetry,
        public_url: str | None,
    ) -> None:
        self._mailer = mailer
        self._templates = templates
        self._telemetry = telemetry
        self._public_url = public_url

    async def send_code(self, occasion: str, to: Email, *, code: str, valid_for: timedelta) -> None:
        """Send a one-time code.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        facts: dict[str, object] = {
            "code": code,
            "minutes": int(valid_for / timedelta(minutes=1)),
            "url": self._public_url,
        }
        await self._send(occasion, to, "one_time_code", facts)

    async def send_invitation(
        self,
        occasion: str,
        to: Email,
        *,
        tenant: Tenant,
        inviter: str,
        role: Role,
        token: str,
        expires_at: datetime,
    ) -> None:
        """Send an invitation into a tenant; `inviter` is a person's name or address.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        facts: dict[str, object] = {
            "tenant_name": tenant.name,
            "tenant_slug": tenant.slug.value,
            "inviter": inviter,
            "role": role.value,
            "token": token,
            "link": self._accept_link(token),
            "expires_at": expires_at,
        }
        await self._send(occasion, to, "invitation", facts)

    async def send_payment_problem(
        self, occasion: str, to: Email, *, tenant: Tenant, subscription: Subscription
    ) -> None:
        """Send word that a tenant's payment is overdue, and what follows if it stays so.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        payment = subscription.payment
        is_over = payment is not None and payment.state is PaymentState.UNPAID
        link = None
        if self._public_url is not None:
            link = f"{self._public_url}{_BILLING_PATH}?tenant={tenant.slug}"
        facts: dict[str, object] = {
            "tenant_name": tenant.name,
            "tenant_slug": tenant.slug.value,
            "plan": tenant.entitlements.plan.value if not is_over else Plan.TEAM.value,
            "is_over": is_over,
            "requests": FREE.requests_per_month,
            "keys": FREE.keys,
            "members": FREE.members,
            "link": link,
        }
        await self._send(occasion, to, "payment_problem", facts)

    def _accept_link(self, token: str) -> str | None:
        if self._public_url is None:
            return None
        # In the fragment, which browsers keep to themselves: no server's log shows the token.
        return f"{self._public_url}{_ACCEPT_PATH}#token={quote(token, safe='')}"

    async def _send(
        self, occasion: str, to: Email, template: str, facts: dict[str, object]
    ) -> None:
        subject, text, html = self._templates.render(template, facts)
        mail = Mail(id=f"{occasion}.{to.lookup}", to=to, subject=subject, text=text, html=html)
        try:
            await self._mailer.send(mail)
        except DomainError as error:
            self._telemetry.count(Metric.MAILS, result="failed")
            if isinstance(error, Unavailable):
                raise
            _log.warning("mail was refused", extra={"id": occasion, "code": error.code})
        else:
            self._telemetry.count(Metric.MAILS, result="sent")
