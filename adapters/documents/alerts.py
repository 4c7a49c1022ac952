"""Alert settings, and how far alerts got, as documents."""

from typing import TypedDict

from adapters.documents.fields import (
    duration_of,
    microseconds,
    optional_time_of,
    optional_time_text,
    time_of,
    time_text,
)
from domain.alert import AlertSettings, AlertState, Period
from domain.detection.taxonomy import Severity
from domain.identifiers import TenantId, WebhookId
from domain.user import Email
from domain.webhook import Webhook


class WebhookDocument(TypedDict):
    """One receiver of alerts; its secrets are encrypted."""

    id: str
    name: str
    url: str
    secret: str
    created_at: str
    immediate_from: str | None
    former_secret: str | None
    former_until: str | None
    gone_at: str | None


class AlertSettingsDocument(TypedDict):
    """A tenant's alerts; `digest_every` in microseconds."""

    tenant_id: str
    recipients: list[str]
    immediate_from: str | None
    digest_every: int | None
    webhooks: list[WebhookDocument]
    version: int


class PeriodDocument(TypedDict):
    """A time from `since` up to `until`."""

    since: str
    until: str


class AlertStateDocument(TypedDict):
    """How far a tenant's recipients were told."""

    tenant_id: str
    window_began: str | None
    sent: int
    held: PeriodDocument | None
    digest_until: str | None
    version: int


def alert_state_to_document(state: AlertState) -> AlertStateDocument:
    """Return the state of alerts as plain data."""
    held = state.held
    return {
        "tenant_id": state.tenant_id,
        "window_began": optional_time_text(state.window_began),
        "sent": state.sent,
        "held": None
        if held is None
        else {"since": time_text(held.since), "until": time_text(held.until)},
        "digest_until": optional_time_text(state.digest_until),
        "version": state.version,
    }


def alert_state_from_document(document: AlertStateDocument) -> AlertState:
    """Return the state of alerts that a document describes."""
    held = document["held"]
    return AlertState(
        tenant_id=TenantId(document["tenant_id"]),
        window_began=optional_time_of(document["window_began"]),
        sent=document["sent"],
        held=None
        if held is None
        else Period(since=time_of(held["since"]), until=time_of(held["until"])),
        digest_until=optional_time_of(document["digest_until"]),
        version=document["version"],
    )


def alert_settings_to_document(settings: AlertSettings) -> AlertSettingsDocument:
    """Return alert settings as plain data."""
    immediate, digest = settings.immediate_from, settings.digest_every
    return {
        "tenant_id": settings.tenant_id,
        "recipients": [email.value for email in settings.recipients],
        "immediate_from": None if immediate is None else immediate.value,
        "digest_every": None if digest is None else microseconds(digest),
        "webhooks": [_webhook_to_document(one) for one in settings.webhooks],
        "version": settings.version,
    }


def alert_settings_from_document(document: AlertSettingsDocument) -> AlertSettings:
    """Return the alert settings that a document describes."""
    immediate, digest = document["immediate_from"], document["digest_every"]
    return AlertSettings(
        tenant_id=TenantId(document["tenant_id"]),
        recipients=tuple(Email(value) for value in document["recipients"]),
        immediate_from=None if immediate is None else Severity(immediate),
        digest_every=None if digest is None else duration_of(digest),
        webhooks=tuple(_webhook_from_document(one) for one in document["webhooks"]),
        version=document["version"],
    )


def _webhook_to_document(webhook: Webhook) -> WebhookDocument:
    immediate = webhook.immediate_from
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "secret": webhook.secret,
        "created_at": time_text(webhook.created_at),
        "immediate_from": None if immediate is None else immediate.value,
        "former_secret": webhook.former_secret,
        "former_until": optional_time_text(webhook.former_until),
        "gone_at": optional_time_text(webhook.gone_at),
    }


def _webhook_from_document(document: WebhookDocument) -> Webhook:
    immediate = document["immediate_from"]
    return Webhook(
        id=WebhookId(document["id"]),
        name=document["name"],
        url=document["url"],
        secret=document["secret"],
        created_at=time_of(document["created_at"]),
        immediate_from=None if immediate is None else Severity(immediate),
        former_secret=document["former_secret"],
        former_until=optional_time_of(document["former_until"]),
        gone_at=optional_time_of(document["gone_at"]),
    )
