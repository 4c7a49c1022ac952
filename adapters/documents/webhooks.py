"""Deliveries to webhooks as documents."""

from typing import TypedDict

from adapters.documents.events import (
    EventDocument,
    event_from_document,
    event_to_document,
)
from adapters.documents.fields import (
    optional_time_of,
    optional_time_text,
    time_of,
    time_text,
)
from domain.events import AuditDamaged, DigestDue, ViolationsRecorded
from domain.identifiers import DeliveryId, TenantId, WebhookId
from domain.webhook_delivery import Cause, DeliveryState, WebhookDelivery


class DeliveryDocument(TypedDict):
    """One alert for one webhook."""

    id: str
    tenant_id: str
    webhook_id: str
    cause: EventDocument
    created_at: str
    state: str
    attempts: int
    not_before: str | None
    status: int | None
    error: str | None
    finished_at: str | None


def delivery_to_document(delivery: WebhookDelivery) -> DeliveryDocument:
    """Return a delivery as plain data."""
    return {
        "id": delivery.id,
        "tenant_id": delivery.tenant_id,
        "webhook_id": delivery.webhook_id,
        "cause": event_to_document(delivery.cause),
        "created_at": time_text(delivery.created_at),
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "not_before": optional_time_text(delivery.not_before),
        "status": delivery.status,
        "error": delivery.error,
        "finished_at": optional_time_text(delivery.finished_at),
    }


def delivery_from_document(document: DeliveryDocument) -> WebhookDelivery:
    """Return the delivery that a document describes."""
    return WebhookDelivery(
        id=DeliveryId(document["id"]),
        tenant_id=TenantId(document["tenant_id"]),
        webhook_id=WebhookId(document["webhook_id"]),
        cause=_cause(document["cause"]),
        created_at=time_of(document["created_at"]),
        state=DeliveryState(document["state"]),
        attempts=document["attempts"],
        not_before=optional_time_of(document["not_before"]),
        status=document["status"],
        error=document["error"],
        finished_at=optional_time_of(document["finished_at"]),
    )


def _cause(document: EventDocument) -> Cause:
    event = event_from_document(document)
    if not isinstance(event, ViolationsRecorded | DigestDue | AuditDamaged):
        raise TypeError("an event that no webhook is told of")
    return event
