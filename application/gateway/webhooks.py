"""Connect the servers that a tenant wants told of violations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from application.ports.credentials import CredentialCipher
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookSender
from domain.alert import AlertSettings
from domain.detection.taxonomy import Severity
from domain.errors import NotFound
from domain.identifiers import TenantId, WebhookId
from domain.user import checked_name
from domain.webhook import SECRET_BYTES, Webhook, WebhookSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWebhookCommand:
    """A receiver to tell; `immediate_from` None is the tenant's own choice."""

    tenant_id: TenantId
    name: str
    url: str = field(repr=False)
    immediate_from: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedWebhook:
    """A webhook with its secret, which is shown this once."""

    webhook: Webhook
    secret: WebhookSecret


class WebhookSecrets:
    """Make secrets, and encrypt them for the webhook that they belong to."""

    def __init__(self, *, cipher: CredentialCipher, randomness: Randomness) -> None:
        self._cipher = cipher
        self._randomness = randomness

    def new(self, tenant_id: TenantId, webhook_id: WebhookId) -> tuple[WebhookSecret, str]:
        """Return a new secret, plain and encrypted."""
        secret = WebhookSecret.from_random(self._randomness.token(SECRET_BYTES))
        context = _context(tenant_id, webhook_id)
        return secret, self._cipher.encrypt(secret.value, context=context)

    def plain(self, tenant_id: TenantId, webhook_id: WebhookId, encrypted: str) -> WebhookSecret:
        """Return a stored secret.

        Raises:
            InvalidValue: changed, of another webhook, or of a master key that is gone.
        """
        context = _context(tenant_id, webhook_id)
        return WebhookSecret(self._cipher.decrypt(encrypted, context=context))


def _context(tenant_id: TenantId, webhook_id: WebhookId) -> str:
    return f"{tenant_id}|{webhook_id}"


class AddWebhook:
    """Add a receiver of alerts."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        sender: WebhookSender,
        secrets: WebhookSecrets,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._transactions = transactions
        self._sender = sender
        self._secrets = secrets
        self._clock = clock
        self._ids = ids

    async def __call__(self, command: AddWebhookCommand) -> ConnectedWebhook:
        """Return the stored webhook and its secret.

        Raises:
            NotFound: no such tenant.
            AddressRefused: nothing may be delivered to this address.
            InvalidValue: the name, or too many webhooks.
            Conflict: the tenant has one of this name.
            ConcurrentUpdate: the settings were changed meanwhile.
        """
        self._sender.check(command.url)
        webhook_id = WebhookId(self._ids.new("whk"))
        secret, encrypted = self._secrets.new(command.tenant_id, webhook_id)
        webhook = Webhook(
            id=webhook_id,
            name=checked_name(command.name),
            url=command.url,
            secret=encrypted,
            created_at=self._clock.now(),
            immediate_from=command.immediate_from,
        )
        async with self._transactions() as uow:
            await uow.tenants.get(command.tenant_id)
            settings = await uow.settings.alerts(command.tenant_id)
            await uow.settings.save_alerts(command.tenant_id, settings.with_webhook(webhook))
            await uow.commit()
        return ConnectedWebhook(webhook=webhook, secret=secret)


class RotateWebhook:
    """Replace the secret of a webhook; for a while deliveries are signed with both."""

    def __init__(
        self, *, transactions: Transactions, secrets: WebhookSecrets, clock: Clock
    ) -> None:
        self._transactions = transactions
        self._secrets = secrets
        self._clock = clock

    async def __call__(
        self, tenant_id: TenantId, webhook_id: WebhookId, *, grace: timedelta
    ) -> ConnectedWebhook:
        """Return the webhook and its new secret; the former one signs as well for `grace`.

        A webhook that its receiver had ended is delivered to again.

        Raises:
            NotFound: the tenant has no such webhook.
            ConcurrentUpdate: the settings were changed meanwhile.
        """
        secret, encrypted = self._secrets.new(tenant_id, webhook_id)
        until = self._clock.now() + grace
        webhook = await _changed(
            self._transactions,
            tenant_id,
            webhook_id,
            lambda settings, found: settings.with_webhook(
                found.rotated(encrypted, former_until=until)
            ),
        )
        return ConnectedWebhook(
            webhook=webhook.rotated(encrypted, former_until=until), secret=secret
        )


class RemoveWebhook:
    """End the deliveries to a webhook, those that wait included."""

    def __init__(self, *, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, tenant_id: TenantId, webhook_id: WebhookId) -> Webhook:
        """Return the webhook that was.

        Raises:
            NotFound: the tenant has no such webhook.
            ConcurrentUpdate: the settings were changed meanwhile.
        """
        return await _changed(
            self._transactions,
            tenant_id,
            webhook_id,
            lambda settings, found: settings.without_webhook(found.id),
        )


async def _changed(
    transactions: Transactions,
    tenant_id: TenantId,
    webhook_id: WebhookId,
    change: Callable[[AlertSettings, Webhook], AlertSettings],
) -> Webhook:
    """Store changed settings and return the webhook as it was before."""
    async with transactions() as uow:
        settings = await uow.settings.alerts(tenant_id)
        webhook = settings.webhook(webhook_id)
        if webhook is None:
            raise NotFound("there is no such webhook", code="webhook.not_found")
        await uow.settings.save_alerts(tenant_id, change(settings, webhook))
        await uow.commit()
    return webhook
