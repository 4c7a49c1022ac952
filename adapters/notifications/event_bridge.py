"""What Amazon EventBridge passes on from S3; its keys stand there as they are, not encoded."""

from collections.abc import Mapping

from adapters.notifications.fields import first_text, part, text
from application.ports.notifications import VerifiedMessage
from domain.errors import InvalidValue
from domain.job import ObjectRef
from domain.tenant import StorageProvider

DETAIL_TYPE = "detail-type"
"""The field by which an event of EventBridge is known."""

_SOURCE = "aws.s3"
_CREATED = "Object Created"
_REVISIONS = ("etag", "eTag", "version-id", "sequencer")


def read_bridged_event(document: Mapping[str, object]) -> VerifiedMessage:
    """Return the object of an event, none where something else happened to it.

    Raises:
        InvalidValue: it is no event of S3, or the object cannot be read from it.
    """
    if document.get("source") != _SOURCE:
        raise InvalidValue("this is no event of S3", field="source")
    event_id = first_text(document, ["id"]) or None
    if text(document, DETAIL_TYPE) != _CREATED:
        return VerifiedMessage(message_id=event_id)
    detail = part(document, "detail")
    stored = part(detail, "object")
    ref = ObjectRef(
        provider=StorageProvider.S3.value,
        bucket=text(part(detail, "bucket"), "name"),
        key=text(stored, "key"),
        revision=first_text(stored, _REVISIONS),
    )
    return VerifiedMessage(objects=(ref,), message_id=event_id)
