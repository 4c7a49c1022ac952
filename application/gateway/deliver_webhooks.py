"""Deliver what is queued for webhooks: at least once, under an id that stays the same."""

import asyncio
import logging
from datetime import timedelta

from application.gateway.webhook_contents import WebhookContents
from application.gateway.webhooks import WebhookSecrets
from application.ports.system import Clock, Randomness
from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookAnswer, WebhookDeliveries, WebhookSender
from domain.errors import ConcurrentUpdate, InvalidValue, Unavailable
from domain.identifiers import DeliveryId, TenantId, WebhookId
from domain.webhook import Webhook, signed_headers
from domain.webhook_delivery import (
    KEPT,
    RETRY,
    DeliveryState,
    WebhookDelivery,
    is_gone,
)

_log = logging.getLogger(__name__)

_LEASE = timedelta(minutes=2)
"""Longer than a try can take; a process that dies within one leaves its deliveries to others."""

_TRIES = 5
_PRUNED = 1000


class SignedPosts:
    """Post a body to a webhook under the signatures that it expects."""

    def __init__(self, *, sender: WebhookSender, secrets: WebhookSecrets, clock: Clock) -> None:
        self._sender = sender
        self._secrets = secrets
        self._clock = clock

    async def __call__(
        self, tenant_id: TenantId, webhook: Webhook, *, delivery_id: DeliveryId, body: bytes
    ) -> WebhookAnswer:
        """Return what the receiver answered.

        Raises:
            AddressRefused: its address may not be reached.
            InvalidValue: its secret cannot be read.
            Unavailable: no answer.
        """
        at = self._clock.now()
        secrets = [
            self._secrets.plain(tenant_id, webhook.id, encrypted)
            for encrypted in webhook.secrets(at)
        ]
        headers = signed_headers(secrets, delivery_id=delivery_id, at=at, body=body)
        return await self._sender.post(webhook.url, headers=headers, body=body)


class DeliverWebhooks:
    """Deliver what is due: one alert at a time to each webhook, whatever keeps another one.

    A try whose end cannot be stored is made again when its claim ends, under the same id.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        deliveries: WebhookDeliveries,
        contents: WebhookContents,
        posts: SignedPosts,
        clock: Clock,
        randomness: Randomness,
        telemetry: Telemetry,
    ) -> None:
        self._transactions = transactions
        self._deliveries = deliveries
        self._contents = contents
        self._posts = posts
        self._clock = clock
        self._randomness = randomness
        self._telemetry = telemetry
        self._turn = asyncio.Lock()
        self._busy: set[WebhookId] = set()

    async def __call__(self) -> bool:
        """Try one delivery that is due, and tell whether there was one.

        Several may run at once; while one waits for a receiver, the others leave that one alone.

        Raises:
            Unavailable: the store is away.
        """
        async with self._turn:
            delivery = await self._deliveries.claim(
                at=self._clock.now(), lease=_LEASE, busy=self._busy
            )
            if delivery is None:
                return False
            self._busy.add(delivery.webhook_id)
        try:
            outcome = await self._tried(delivery)
            await self._deliveries.save(delivery.tenant_id, outcome)
        finally:
            self._busy.discard(delivery.webhook_id)
        self._tell(outcome)
        return True

    async def _tried(self, delivery: WebhookDelivery) -> WebhookDelivery:
        if delivery.attempts > RETRY.max_attempts:
            # Its last try ended with its process.
            return delivery.failed("webhook.attempts_used_up", at=self._clock.now())
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(delivery.tenant_id)
        webhook = settings.webhook(delivery.webhook_id)
        if webhook is None or not webhook.is_active:
            return delivery.failed("webhook.removed", at=self._clock.now())
        body = await self._contents(delivery, settings, webhook)
        if body is None:
            return delivery.empty(at=self._clock.now())
        return await self._posted(delivery, webhook, body)

    async def _posted(
        self, delivery: WebhookDelivery, webhook: Webhook, body: bytes
    ) -> WebhookDelivery:
        draw = self._randomness.fraction()
        try:
            answer = await self._posts(
                delivery.tenant_id, webhook, delivery_id=delivery.id, body=body
            )
        except InvalidValue as error:
            # Its address may not be reached, or its secret cannot be read.
            return delivery.failed(error.code, at=self._clock.now())
        except Unavailable as error:
            return delivery.unanswered(error.code, at=self._clock.now(), draw=draw)
        if is_gone(answer.status):
            await self._end(delivery)
        return delivery.answered(
            answer.status, at=self._clock.now(), draw=draw, retry_after=answer.retry_after
        )

    async def _end(self, delivery: WebhookDelivery) -> None:
        """Deliver no more to a webhook that wants no more."""
        for _ in range(_TRIES):
            try:
                async with self._transactions() as uow:
                    settings = await uow.settings.alerts(delivery.tenant_id)
                    webhook = settings.webhook(delivery.webhook_id)
                    if webhook is not None:
                        ended = settings.with_webhook(webhook.gone(at=self._clock.now()))
                        await uow.settings.save_alerts(delivery.tenant_id, ended)
                        await uow.commit()
            except ConcurrentUpdate:
                continue
            return

    def _tell(self, outcome: WebhookDelivery) -> None:
        result = "retried" if outcome.is_waiting else outcome.state.value
        self._telemetry.count(Metric.WEBHOOKS, result=result)
        if outcome.state in {DeliveryState.WAITING, DeliveryState.FAILED}:
            _log.warning(
                "webhook was not delivered",
                extra={
                    "webhook": outcome.webhook_id,
                    "id": outcome.id,
                    "code": outcome.error,
                    "attempts": outcome.attempts,
                    "final": not outcome.is_waiting,
                },
            )


class PruneDeliveries:
    """Forget deliveries that ended long ago."""

    def __init__(self, *, deliveries: WebhookDeliveries, clock: Clock) -> None:
        self._deliveries = deliveries
        self._clock = clock

    async def __call__(self) -> bool:
        """Forget some, and tell whether there may be more."""
        before = self._clock.now() - KEPT
        return await self._deliveries.prune(before=before, limit=_PRUNED) == _PRUNED
