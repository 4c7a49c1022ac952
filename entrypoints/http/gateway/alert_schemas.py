"""The bodies of the routes of alerts."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from application.gateway.try_alerts import Channel, TrialResult
from application.gateway.webhooks import ConnectedWebhook
from domain.alert import MAX_RECIPIENTS, AlertSettings
from domain.detection.taxonomy import Severity
from domain.errors import InvalidValue
from domain.user import Email
from domain.webhook import Webhook
from domain.webhook_delivery import DeliveryState, WebhookDelivery
from entrypoints.http.asked import Asked
from entrypoints.http.fields import MailAddress, name_form

_LONGEST_PERIOD = 31 * 24 * 3600
_SHORTEST_PERIOD = 15 * 60
_LONGEST_GRACE = 30 * 24 * 3600


class AlertsBody(Asked):
    """Who is told by mail, and when anybody is told; webhooks have routes of their own."""

    version: int = Field(ge=0, description="That of the settings as they were read.")
    recipients: list[MailAddress] = Field(max_length=MAX_RECIPIENTS)
    immediate_from: Severity | None = Field(
        description="The least severity that is told at once; null for none."
    )
    digest_every_seconds: int | None = Field(
        ge=_SHORTEST_PERIOD,
        le=_LONGEST_PERIOD,
        description="How often the rest is told; null for never.",
    )

    def addresses(self) -> tuple[Email, ...]:
        """Return the recipients.

        Raises:
            InvalidValue: one of them is no mail address; the field says which.
        """
        return tuple(_address(one, f"recipients.{at}") for at, one in enumerate(self.recipients))

    @property
    def digest_every(self) -> timedelta | None:
        """Return how often the rest is told."""
        seconds = self.digest_every_seconds
        return None if seconds is None else timedelta(seconds=seconds)


def _address(text: str, field: str) -> Email:
    try:
        return Email.parse(text)
    except InvalidValue as error:
        raise InvalidValue(error.message, field=field) from None


class WebhookBody(BaseModel):
    """A server that is told of violations, without its secret."""

    id: str
    name: str
    url: str = Field(description="Without its query, which may hold a token.")
    is_active: bool = Field(description="False once the server said that it wants no more.")
    immediate_from: Severity | None = Field(description="Null for the tenant's own choice.")
    created_at: datetime
    former_secret_until: datetime | None

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookBody":
        """Return the body of a webhook."""
        return cls(
            id=webhook.id,
            name=webhook.name,
            url=webhook.shown_url,
            is_active=webhook.is_active,
            immediate_from=webhook.immediate_from,
            created_at=webhook.created_at,
            former_secret_until=webhook.former_until,
        )


class AlertSettingsBody(BaseModel):
    """A tenant's alert settings."""

    version: int
    recipients: list[str]
    immediate_from: Severity | None
    digest_every_seconds: int | None
    webhooks: list[WebhookBody]

    @classmethod
    def of(cls, settings: AlertSettings) -> "AlertSettingsBody":
        """Return the body of settings."""
        every = settings.digest_every
        return cls(
            version=settings.version,
            recipients=[one.value for one in settings.recipients],
            immediate_from=settings.immediate_from,
            digest_every_seconds=None if every is None else int(every.total_seconds()),
            webhooks=[WebhookBody.of(one) for one in settings.webhooks],
        )


class NewWebhookBody(Asked):
    """A server to tell."""

    name: Annotated[str, name_form("siem")]
    url: str = Field(
        min_length=1,
        max_length=2000,
        examples=["https://hooks.example.org/trueport"],
        json_schema_extra={"format": "uri"},
    )
    immediate_from: Severity | None = None


class WebhookRotationBody(Asked):
    """How the secret of a webhook is replaced."""

    grace_seconds: int = Field(
        default=24 * 3600,
        ge=0,
        le=_LONGEST_GRACE,
        description="How long deliveries are signed with the former secret as well.",
    )


class ConnectedWebhookBody(WebhookBody):
    """A webhook with its secret, which is shown this once; null when the call was repeated."""

    secret: str | None = Field(description="Null in the answer to a repeated call.")

    @classmethod
    def connected(cls, made: ConnectedWebhook) -> "ConnectedWebhookBody":
        """Return the body of a webhook that was just made."""
        shown = None if made.shown is None else made.shown.value
        return cls(**WebhookBody.of(made.webhook).model_dump(), secret=shown)


class DeliveryBody(BaseModel):
    """One alert to a webhook, and what became of it."""

    id: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    status: int | None = Field(description="What the server answered last.")
    error: str | None

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> "DeliveryBody":
        """Return the body of a delivery."""
        return cls(
            id=delivery.id,
            state=delivery.state,
            attempts=delivery.attempts,
            created_at=delivery.created_at,
            finished_at=delivery.finished_at,
            status=delivery.status,
            error=delivery.error,
        )


class DeliveryList(BaseModel):
    """The latest deliveries, the newest first."""

    items: list[DeliveryBody]


class AlertTrialBody(BaseModel):
    """How one target of a test alert fared."""

    channel: Channel
    target: str
    ok: bool
    status: int | None = Field(description="What a webhook answered.")
    error: str | None

    @classmethod
    def of(cls, result: TrialResult) -> "AlertTrialBody":
        """Return the body of a result."""
        return cls(
            channel=result.channel,
            target=result.target,
            ok=result.error is None,
            status=result.status,
            error=result.error,
        )


class TrialList(BaseModel):
    """One result for each recipient and webhook; empty where nobody is told."""

    results: list[AlertTrialBody]
