"""Connect the servers that a tenant wants told of violations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from application.deeds import Deed, Deeds, differences
from application.ports.credentials import CredentialCipher
from application.ports.system import IdFactory, Randomness
from application.ports.webhooks import WebhookDeliveries, WebhookSender
from domain.alert import AlertSettings
from domain.authorisation import Action, Caller
from domain.detection.taxonomy import Severity
from domain.errors import NotFound, Refused
from domain.identifiers import TenantId, WebhookId
from domain.repeated_call import Once
from domain.tenant import Slug
from domain.user import checked_name
from domain.webhook import SECRET_BYTES, Webhook, WebhookSecret
from domain.webhook_delivery import WebhookDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWebhookCommand:
    """A receiver to tell; `immediate_from` None is the tenant's own choice."""

    slug: Slug
    name: str
    url: str = field(repr=False)
    immediate_from: Severity | None = None
    once: Once | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedWebhook:
    """A webhook with its secret, which is shown once; `shown` is None for a repeated call."""

    webhook: Webhook
    shown: WebhookSecret | None = None

    @property
    def secret(self) -> WebhookSecret:
        """Return the secret.

        Raises:
            Refused: it was shown before.
        """
        if self.shown is None:
            raise Refused("the secret of a webhook is shown once", code="webhook.secret_shown")
        return self.shown


class WebhookSecrets:
    """Make secrets, and encrypt them for the webhook that they belong to."""

    def __init__(self, *, cipher: CredentialCipher, randomness: Randomness) -> None:
        self._cipher = cipher
        self._randomness = randomness

    def new(self, tenant_id: TenantId, webhook_id: WebhookId) -> tuple[WebhookSecret, str]:
        """Return a new secret, plain and encrypted."""
        secret = WebhookSecret.from_random(self._randomness.token(SECRET_BYTES))
        context = webhook_context(tenant_id, webhook_id)
        return secret, self._cipher.encrypt(secret.value, context=context)

    def plain(self, tenant_id: TenantId, webhook_id: WebhookId, encrypted: str) -> WebhookSecret:
        """Return a stored secret.

        Raises:
            InvalidValue: changed, of another webhook, or of a master key that is gone.
        """
        context = webhook_context(tenant_id, webhook_id)
        return WebhookSecret(self._cipher.decrypt(encrypted, context=context))


def webhook_context(tenant_id: TenantId, webhook_id: WebhookId) -> str:
    """Return what a secret is bound to: it decrypts for this webhook of this tenant alone."""
    return f"{tenant_id}|{webhook_id}"


class AddWebhook:
    """Add a receiver of alerts."""

    def __init__(
        self, *, deeds: Deeds, sender: WebhookSender, secrets: WebhookSecrets, ids: IdFactory
    ) -> None:
        self._deeds = deeds
        self._sender = sender
        self._secrets = secrets
        self._ids = ids

    async def __call__(self, caller: Caller, command: AddWebhookCommand) -> ConnectedWebhook:
        """Return the stored webhook and its secret; a repeated call has no secret.

        Raises:
            AddressRefused: nothing may be delivered to this address.
            InvalidValue: the name, or too many webhooks.
            Conflict: the tenant has one of this name.
            ConcurrentUpdate: the settings were changed meanwhile.
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_ALERTS) as deed:
            made = await deed.made_before(command.once)
            if made is not None:
                _, known = await _found(deed, WebhookId(made))
                return ConnectedWebhook(webhook=known)
            self._sender.check(command.url)
            webhook_id = WebhookId(self._ids.new("whk"))
            secret, encrypted = self._secrets.new(deed.tenant_id, webhook_id)
            webhook = Webhook(
                id=webhook_id,
                name=checked_name(command.name),
                url=command.url,
                secret=encrypted,
                created_at=deed.at,
                immediate_from=command.immediate_from,
            )
            settings = await deed.uow.settings.alerts(deed.tenant_id)
            await deed.uow.settings.save_alerts(deed.tenant_id, settings.with_webhook(webhook))
            await deed.commit(
                target=webhook_id, changes=differences({}, _described(webhook)), once=command.once
            )
        return ConnectedWebhook(webhook=webhook, shown=secret)


class RotateWebhook:
    """Replace the secret of a webhook; for a while deliveries are signed with both."""

    def __init__(self, *, deeds: Deeds, secrets: WebhookSecrets) -> None:
        self._deeds = deeds
        self._secrets = secrets

    async def __call__(
        self,
        caller: Caller,
        slug: Slug,
        webhook_id: WebhookId,
        *,
        grace: timedelta,
        once: Once | None = None,
    ) -> ConnectedWebhook:
        """Return the webhook and its new secret; the former one signs as well for `grace`.

        A webhook that its receiver had ended is delivered to again. A repeated call has no secret.

        Raises:
            ConcurrentUpdate: the settings were changed meanwhile.
            Unauthenticated, NotFound, Refused: no such webhook, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.CHANGE_ALERTS) as deed:
            settings, webhook = await _found(deed, webhook_id)
            if await deed.made_before(once) is not None:
                return ConnectedWebhook(webhook=webhook)
            secret, encrypted = self._secrets.new(deed.tenant_id, webhook_id)
            rotated = webhook.rotated(encrypted, former_until=deed.at + grace)
            await deed.uow.settings.save_alerts(deed.tenant_id, settings.with_webhook(rotated))
            await deed.commit(
                target=webhook_id,
                changes=differences({}, {"former_secret_until": rotated.former_until}),
                once=once,
            )
        return ConnectedWebhook(webhook=rotated, shown=secret)


class RemoveWebhook:
    """End the deliveries to a webhook, those that wait included."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, webhook_id: WebhookId) -> Webhook:
        """Return the webhook that was.

        Raises:
            ConcurrentUpdate: the settings were changed meanwhile.
            Unauthenticated, NotFound, Refused: no such webhook, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.CHANGE_ALERTS) as deed:
            settings, webhook = await _found(deed, webhook_id)
            await deed.uow.settings.save_alerts(
                deed.tenant_id, settings.without_webhook(webhook.id)
            )
            await deed.commit(target=webhook_id, changes=differences(_described(webhook), {}))
        return webhook


class ListDeliveries:
    """Show what became of the latest alerts to a webhook."""

    def __init__(self, *, deeds: Deeds, deliveries: WebhookDeliveries) -> None:
        self._deeds = deeds
        self._deliveries = deliveries

    async def __call__(
        self, caller: Caller, slug: Slug, webhook_id: WebhookId, *, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Return deliveries, the newest first.

        Raises:
            Unauthenticated, NotFound, Refused: no such webhook, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.READ_ALERTS) as deed:
            await _found(deed, webhook_id)
        return await self._deliveries.latest(deed.tenant_id, webhook_id, limit=limit)


async def _found(deed: Deed, webhook_id: WebhookId) -> tuple[AlertSettings, Webhook]:
    """Return the tenant's settings and one webhook of them.

    Raises:
        NotFound: the tenant has none such.
    """
    settings = await deed.uow.settings.alerts(deed.tenant_id)
    webhook = settings.webhook(webhook_id)
    if webhook is None:
        raise NotFound("there is no such webhook", code="webhook.not_found")
    return settings, webhook


def _described(webhook: Webhook) -> Mapping[str, object]:
    """Return what the administration log says of a webhook: not what may be a token in it."""
    immediate = webhook.immediate_from
    return {
        "name": webhook.name,
        "url": webhook.shown_url,
        "immediate_from": None if immediate is None else immediate.value,
    }
