"""Try whether alerts arrive, before one is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from application.deeds import Deeds
from application.gateway.alert_mails import AlertMails
from application.gateway.deliver_webhooks import SignedPosts
from application.gateway.webhook_contents import WebhookContents
from application.ports.system import Clock, IdFactory
from domain.audit import format_time
from domain.authorisation import Action, Caller
from domain.errors import DomainError
from domain.identifiers import DeliveryId
from domain.tenant import Slug, Tenant
from domain.webhook import Webhook

_SUCCESS = range(200, 300)


class Channel(StrEnum):
    """By which way somebody is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """How one target fared: `error` is None for a success, `status` what a webhook answered."""

    channel: Channel
    target: str
    error: str | None = None
    status: int | None = None


class TryAlerts:
    """Send a test alert, marked as such, to every recipient and webhook of a tenant, once."""

    def __init__(
        self,
        *,
        deeds: Deeds,
        mails: AlertMails,
        contents: WebhookContents,
        posts: SignedPosts,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._deeds = deeds
        self._mails = mails
        self._contents = contents
        self._posts = posts
        self._clock = clock
        self._ids = ids

    async def __call__(self, caller: Caller, slug: Slug) -> Sequence[TrialResult]:
        """Return how each target fared, recipients first; webhooks that ended are left out.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.TEST_ALERTS) as deed:
            tenant = deed.tenant
            settings = await deed.uow.settings.alerts(tenant.id)
            await deed.commit(target="alerts")
        occasion = self._ids.ulid()
        outcome = await self._mails.deliver(
            f"test_{occasion}",
            tenant,
            settings,
            template="test_alert",
            facts={"at": format_time(self._clock.now())},
        )
        mailed = [
            TrialResult(
                channel=Channel.MAIL,
                target=recipient.value,
                error=None if error is None else error.message,
            )
            for recipient, error in outcome.items()
        ]
        posted = [
            await self._post(tenant, webhook, DeliveryId(f"msg_test_{occasion}"))
            for webhook in settings.active_webhooks
        ]
        return [*mailed, *posted]

    async def _post(self, tenant: Tenant, webhook: Webhook, delivery_id: DeliveryId) -> TrialResult:
        body = self._contents.of_test(tenant, delivery_id=delivery_id, at=self._clock.now())
        status: int | None = None
        try:
            answer = await self._posts(tenant.id, webhook, delivery_id=delivery_id, body=body)
        except DomainError as error:
            said: str | None = error.message
        else:
            status = answer.status
            said = None if status in _SUCCESS else f"it answered with status {status}"
        return TrialResult(channel=Channel.WEBHOOK, target=webhook.name, error=said, status=status)
