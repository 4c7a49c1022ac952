"""Queue what webhooks are told at once: each alert once for each of them."""

from datetime import datetime, timedelta

from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.alert import MAX_WEBHOOK_ALERTS, AlertSettings, Period
from domain.events import AuditDamaged, OutboxEntry, ViolationsRecorded
from domain.webhook import Webhook
from domain.webhook_delivery import WebhookDelivery, delivery_id

_INSTANT = timedelta(microseconds=1)


class QueueWebhooks:
    """Handle `ViolationsRecorded` and `AuditDamaged`: one delivery for each webhook concerned.

    All of them are stored together, and a second time changes nothing: what becomes of one is no
    matter of the others. Beyond the limit of a webhook violations are held, and told by a digest;
    damage to the audit log is told at once whatever the severity and the limit.
    """

    def __init__(self, *, transactions: Transactions, telemetry: Telemetry) -> None:
        self._transactions = transactions
        self._telemetry = telemetry

    async def __call__(self, entry: OutboxEntry) -> None:
        """Queue the deliveries.

        Raises:
            Unavailable, ConcurrentUpdate: the store; call again later.
        """
        event = entry.event
        if not isinstance(event, ViolationsRecorded | AuditDamaged):
            return
        held = 0
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(event.tenant_id)
            for webhook in settings.active_webhooks:
                delivery = WebhookDelivery(
                    id=delivery_id(webhook.id, entry.id),
                    tenant_id=event.tenant_id,
                    webhook_id=webhook.id,
                    cause=event,
                    created_at=entry.occurred_at,
                )
                if isinstance(event, ViolationsRecorded):
                    held += await _queue(uow, delivery, event, settings, webhook)
                else:
                    await uow.webhooks.add(event.tenant_id, delivery)
            await uow.commit()
        if held:
            self._telemetry.count(Metric.ALERTS_HELD, held)


async def _queue(
    uow: UnitOfWork,
    delivery: WebhookDelivery,
    event: ViolationsRecorded,
    settings: AlertSettings,
    webhook: Webhook,
) -> int:
    """Queue violations for a webhook, or hold them; return how many deliveries were held."""
    if not settings.is_immediate_for(webhook, event.highest):
        return 0
    at = delivery.created_at
    state = await uow.webhooks.state(event.tenant_id, webhook.id)
    admitted = state.admitted(at=at, limit=MAX_WEBHOOK_ALERTS)
    if not await uow.webhooks.add(
        event.tenant_id, delivery if admitted is not None else delivery.held(at=at)
    ):
        return 0
    changed = admitted or state.holding(await _noticed(uow, event))
    await uow.webhooks.save_state(event.tenant_id, webhook.id, changed)
    return int(admitted is None)


async def _noticed(uow: UnitOfWork, event: ViolationsRecorded) -> Period:
    times: list[datetime] = [
        (await uow.violations.get(event.tenant_id, violation_id)).detected_at
        for violation_id in event.violation_ids
    ]
    return Period(since=min(times), until=max(times) + _INSTANT)
