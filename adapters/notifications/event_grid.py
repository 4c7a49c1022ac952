"""Messages of Azure Event Grid about blobs, in its own schema and as CloudEvents 1.0.

Event Grid signs nothing. What proves its messages is a secret that the subscription's address
holds as `?secret=`, or that it sends as a header (a delivery property of the subscription).
"""

import json
import logging
import re
from collections.abc import Mapping, Sequence

from adapters.notifications.fields import first_text, part, read_each, text
from adapters.notifications.shared_secret import SharedSecret, shown_in_headers
from application.ports.notifications import (
    Distrust,
    EventMessage,
    EventVerifier,
    ForgedEvent,
    VerifiedMessage,
    WebhookHandshake,
)
from domain.errors import InvalidValue
from domain.job import ObjectRef
from domain.tenant import StorageProvider

SECRET_PARAMETER = "secret"  # noqa: S105 - the name of a query parameter
ORIGINS = frozenset({"eventgrid.azure.net", "eventgrid.azure.us", "eventgrid.azure.cn"})
"""Who may ask for leave to send: Event Grid of the public cloud, of US government, of China."""

_CREATED = "Microsoft.Storage.BlobCreated"
_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
_SUBJECT = re.compile(r"/?blobServices/default/containers/(?P<container>[^/]+)/blobs/(?P<blob>.+)")
# Operations after which a blob is there but not yet whole (Azure documentation, "Azure Blob
# Storage as an Event Grid source"); PutBlob, PutBlockList, CopyBlob, FlushWithClose and
# SftpCommit are those that finish one.
_UNFINISHED = frozenset({"CreateFile", "SftpCreate"})
_REVISIONS = ("eTag", "etag", "sequencer")

_log = logging.getLogger(__name__)


class EventGridEvents(EventVerifier, WebhookHandshake):
    """Check the secret, answer both handshakes, and read both schemas."""

    def __init__(self, *, secret: SharedSecret) -> None:
        self._secret = secret

    async def verify(self, message: EventMessage) -> VerifiedMessage:
        """Return the blobs that were created, or the answer to Event Grid's own handshake."""
        self._secret.require((message.query.get(SECRET_PARAMETER, ""), *shown_in_headers(message)))
        events = _events(message.body)
        for event in events:
            if _kind(event) == _VALIDATION:
                _log.info("Event Grid subscription confirmed")
                code = text(part(event, "data"), "validationCode")
                return VerifiedMessage(reply={"validationResponse": code})
        said = read_each(events, _read_event)
        # An event keeps its id, but not its neighbours, when it is sent again.
        message_id = _id(events[0]) if len(events) == 1 else None
        return VerifiedMessage(
            objects=said.objects, unreadable=said.unreadable, message_id=message_id
        )

    def allow(self, message: EventMessage) -> Mapping[str, str]:
        """Return leave for Event Grid, in the handshake of CloudEvents, which proves nothing.

        "HTTP 1.1 Web Hooks for Event Delivery", section 4. The headers that a subscription adds
        are not sent here, so that a secret is checked only where the address holds one.
        """
        origin = message.headers.get("webhook-request-origin", "").strip().lower()
        if origin not in ORIGINS:
            raise ForgedEvent(
                "only Event Grid may ask for leave to send events", reason=Distrust.SENDER
            )
        self._secret.require_setting()
        shown = message.query.get(SECRET_PARAMETER)
        if shown is not None:
            self._secret.require([shown])
        return {"webhook-allowed-origin": origin, "webhook-allowed-rate": "*"}


def _events(body: bytes) -> Sequence[Mapping[str, object]]:
    """Return the events of a message: one, or a list of them.

    Raises:
        InvalidValue: it is neither.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidValue("the event is not valid JSON") from None
    events = document if isinstance(document, list) else [document]
    if not all(isinstance(event, dict) for event in events):
        raise InvalidValue("expected an event or a list of events")
    return events


def _id(event: Mapping[str, object]) -> str | None:
    """Return what is the event's alone: ids are unique within their source only."""
    number = first_text(event, ["id"])
    return f"{first_text(event, ['source', 'topic'])}/{number}" if number else None


def _kind(event: Mapping[str, object]) -> str:
    return first_text(event, ["eventType", "type"])


def _read_event(event: Mapping[str, object]) -> ObjectRef | None:
    if _kind(event) != _CREATED:
        if not _kind(event):
            raise InvalidValue("the event has no type", field="type")
        return None
    data = part(event, "data")
    if first_text(data, ["api"]) in _UNFINISHED:
        return None
    found = _SUBJECT.fullmatch(text(event, "subject"))
    if found is None:
        raise InvalidValue("the event names no blob", field="subject")
    return ObjectRef(
        provider=StorageProvider.AZURE.value,
        bucket=found["container"],
        key=found["blob"],
        revision=first_text(data, _REVISIONS).strip('"'),
    )
