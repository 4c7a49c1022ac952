"""Tell people about violations."""

from collections.abc import Mapping, Sequence

from application.ports.mailer import Mail, Mailer, MailTemplates
from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions
from domain.alert import AlertSettings
from domain.audit import format_time
from domain.errors import DomainError
from domain.events import OutboxEntry, ViolationsRecorded
from domain.identifiers import KeyId, TenantId
from domain.tenant import Tenant
from domain.violation import Violation

_LISTED = 20
"""Violations shown in one mail; the rest is a number."""


class SaveAlertSettings:
    """Choose who is told about violations, and when."""

    def __init__(self, *, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: TenantId, settings: AlertSettings) -> None:
        """Store the settings.

        Raises:
            NotFound: no such tenant.
            ConcurrentUpdate: they were changed since they were read.
        """
        async with self._transactions() as uow:
            await uow.tenants.get(tenant_id)
            await uow.settings.save_alerts(tenant_id, settings)
            await uow.commit()


class SendAlerts:
    """Handle `ViolationsRecorded`: mail at once what the tenant's settings ask for."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        mailer: Mailer,
        templates: MailTemplates,
        telemetry: Telemetry,
        public_url: str | None,
    ) -> None:
        self._transactions = transactions
        self._mailer = mailer
        self._templates = templates
        self._telemetry = telemetry
        self._public_url = public_url

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send one mail to each recipient; the same entry again sends the same mails' ids.

        Raises:
            Unavailable: the mailer is away; call again later.
            Refused, InvalidValue: an address; all others were written to.
        """
        event = entry.event
        if not isinstance(event, ViolationsRecorded):
            return
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(event.tenant_id)
            if not settings.is_immediate(event.highest):
                return
            tenant = await uow.tenants.get(event.tenant_id)
            violations = [
                await uow.violations.get(event.tenant_id, violation_id)
                for violation_id in event.violation_ids
            ]
            keys = await uow.api_keys.all(event.tenant_id)
        urgent = [one for one in violations if settings.is_immediate(one.severity)]
        urgent.sort(key=lambda one: (-one.severity.rank, one.id))
        names = {key.id: key.name for key in keys}
        await self._mail(entry, tenant, settings, [_facts(one, names) for one in urgent])

    async def _mail(
        self,
        entry: OutboxEntry,
        tenant: Tenant,
        settings: AlertSettings,
        violations: Sequence[dict[str, object]],
    ) -> None:
        subject, text, html = self._templates.render(
            "alert",
            {
                "tenant_name": tenant.name,
                "tenant_slug": tenant.slug.value,
                "count": len(violations),
                "highest": violations[0]["severity"],
                "violations": list(violations[:_LISTED]),
                "more": max(0, len(violations) - _LISTED),
                "url": self._public_url,
            },
        )
        trouble: DomainError | None = None
        for recipient in settings.recipients:
            mail = Mail(
                id=f"{entry.id}.{recipient.lookup}",
                to=recipient,
                subject=subject,
                text=text,
                html=html,
            )
            try:
                await self._mailer.send(mail)
            except DomainError as error:
                self._telemetry.count(Metric.MAILS, result="failed")
                trouble = trouble or error
            else:
                self._telemetry.count(Metric.MAILS, result="sent")
        if trouble is not None:
            raise trouble


def _facts(violation: Violation, key_names: Mapping[KeyId, str]) -> dict[str, object]:
    key_id = KeyId(violation.key_id or "")
    return {
        "id": violation.id,
        "severity": violation.severity.value,
        "category": violation.category.value,
        "type": violation.type,
        "part": violation.part,
        "direction": violation.direction.value,
        "effect": violation.effect.value,
        "enforced": violation.enforced.value,
        "evidence": violation.evidence,
        "occurred_at": format_time(violation.occurred_at),
        "key_name_or_id": key_names.get(key_id, key_id),
        "model": violation.model or "",
        "policy_rules": list(violation.policy_rules),
    }
