"""Tell people about violations at once, within the limit of what anybody reads."""

from datetime import datetime, timedelta

from application.gateway.alert_listing import listing
from application.gateway.alert_mails import AlertMails
from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.alert import Period
from domain.events import AuditDamaged, OutboxEntry, ViolationsRecorded
from domain.identifiers import TenantId

_INSTANT = timedelta(microseconds=1)
_NAMED = 10
"""Breaks of a chain that one mail names."""


class SendAlerts:
    """Handle `ViolationsRecorded`: mail at once what the tenant's settings ask for.

    What goes beyond the limit of mails (`domain.alert`) is held, and told by a digest when the
    limit allows it again.
    """

    def __init__(
        self, *, transactions: Transactions, mails: AlertMails, telemetry: Telemetry
    ) -> None:
        self._transactions = transactions
        self._mails = mails
        self._telemetry = telemetry

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send one mail to each recipient, or hold it.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        event = entry.event
        if not isinstance(event, ViolationsRecorded):
            return
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(event.tenant_id)
            if not settings.is_immediate(event.highest):
                return
            violations = [
                await uow.violations.get(event.tenant_id, violation_id)
                for violation_id in event.violation_ids
            ]
            tenant = await uow.tenants.get(event.tenant_id)
            keys = await uow.api_keys.all(event.tenant_id)
            noticed = [one.detected_at for one in violations]
            if not await _admitted(uow, entry, event.tenant_id, min(noticed), max(noticed)):
                self._telemetry.count(Metric.ALERTS_HELD, len(settings.recipients))
                return
        urgent = [one for one in violations if settings.is_immediate(one.severity)]
        await self._mails.send(
            entry,
            tenant,
            settings,
            template="alert",
            facts=listing(urgent, {key.id: key.name for key in keys}),
        )


async def _admitted(
    uow: UnitOfWork, entry: OutboxEntry, tenant_id: TenantId, first: datetime, last: datetime
) -> bool:
    """Count one more mail, or hold it back; commits. A repeated delivery is counted once."""
    state = await uow.settings.alert_state(tenant_id)
    if entry.attempts > 1:
        return not state.is_held(first)
    admitted = state.admitted(at=entry.occurred_at)
    changed = admitted or state.holding(Period(since=first, until=last + _INSTANT))
    await uow.settings.save_alert_state(tenant_id, changed)
    await uow.commit()
    return admitted is not None


class SendDamageAlerts:
    """Handle `AuditDamaged`: an audit log that was tampered with is always told at once.

    It is told whatever the severity that a tenant asks for, and beyond every limit of mails.
    """

    def __init__(self, *, transactions: Transactions, mails: AlertMails) -> None:
        self._transactions = transactions
        self._mails = mails

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send one mail to each recipient.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        event = entry.event
        if not isinstance(event, AuditDamaged):
            return
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(event.tenant_id)
            tenant = await uow.tenants.get(event.tenant_id)
            known = await uow.audit.damages(event.tenant_id)
        damages = [one for one in known if one.id in event.damage_ids][:_NAMED]
        if not settings.recipients or not damages:
            return
        await self._mails.send(
            entry,
            tenant,
            settings,
            template="audit_damaged",
            facts={
                "object_key": damages[0].object_key,
                "breaks": event.breaks,
                "damages": [{"line": one.line, "reason": one.reason} for one in damages],
                "more": max(0, event.breaks - len(damages)),
            },
        )
