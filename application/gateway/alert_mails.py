"""Mails to everybody whom a tenant wants told."""

import logging
from collections.abc import Mapping

from application.gateway.alert_listing import Facts
from application.ports.mailer import Mail, Mailer, MailTemplates
from application.ports.telemetry import Metric, Telemetry
from domain.alert import AlertSettings
from domain.errors import DomainError, Unavailable
from domain.events import OutboxEntry
from domain.tenant import Tenant
from domain.user import Email

_log = logging.getLogger(__name__)


class AlertMails:
    """Render a mail once and send it to each recipient."""

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

    async def send(
        self,
        entry: OutboxEntry,
        tenant: Tenant,
        settings: AlertSettings,
        *,
        template: str,
        facts: Facts,
    ) -> None:
        """Send one mail to each recipient; the same entry again sends mails of the same ids.

        An address that is refused for good is counted and logged, and keeps nothing from others.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        outcome = await self.deliver(entry.id, tenant, settings, template=template, facts=facts)
        for error in outcome.values():
            if isinstance(error, Unavailable):
                raise error
            if error is not None:
                _log.warning("mail was refused", extra={"id": entry.id, "code": error.code})

    async def deliver(
        self,
        occasion: str,
        tenant: Tenant,
        settings: AlertSettings,
        *,
        template: str,
        facts: Facts,
    ) -> Mapping[Email, DomainError | None]:
        """Send one mail to each recipient and return what kept each from being handed over.

        The ids of the mails are made of `occasion` and the recipients.
        """
        subject, text, html = self._templates.render(
            template,
            {
                "tenant_name": tenant.name,
                "tenant_slug": tenant.slug.value,
                "url": self._public_url,
                **facts,
            },
        )
        outcome: dict[Email, DomainError | None] = {}
        for recipient in settings.recipients:
            mail = Mail(
                id=f"{occasion}.{recipient.lookup}",
                to=recipient,
                subject=subject,
                text=text,
                html=html,
            )
            try:
                await self._mailer.send(mail)
            except DomainError as error:
                self._telemetry.count(Metric.MAILS, result="failed")
                outcome[recipient] = error
            else:
                self._telemetry.count(Metric.MAILS, result="sent")
                outcome[recipient] = None
        return outcome
