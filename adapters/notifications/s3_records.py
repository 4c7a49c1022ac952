"""What Amazon S3 says about its objects: the records of its notifications and its test message."""

from collections.abc import Mapping
from urllib.parse import unquote_plus

from adapters.notifications.fields import first_text, part, read_each, text
from application.ports.notifications import VerifiedMessage
from domain.errors import InvalidValue
from domain.job import ObjectRef
from domain.tenant import StorageProvider

MAJOR_VERSION = "2"
"""The structure of records that we know; minor versions only add fields."""

_TEST = "s3:TestEvent"
_CREATED = "ObjectCreated:"
_REVISIONS = ("eTag", "versionId", "sequencer")


def read_notification(document: Mapping[str, object]) -> VerifiedMessage:
    """Return what a notification says, which is nothing where S3 only tries the connection.

    Stores that speak S3's language (MinIO, Ceph) send the same records.

    Raises:
        InvalidValue: it is no notification of S3, or not one of its records can be read.
    """
    records = document.get("Records")
    if records is None and document.get("Event") == _TEST:
        return VerifiedMessage()
    if not isinstance(records, list):
        raise InvalidValue("this is no notification of S3", field="Records")
    return read_each(records, _read_record)


def _read_record(record: Mapping[str, object]) -> ObjectRef | None:
    if text(record, "eventVersion").partition(".")[0] != MAJOR_VERSION:
        raise InvalidValue("the record has another structure", field="eventVersion")
    if not text(record, "eventName").removeprefix("s3:").startswith(_CREATED):
        return None
    described = part(record, "s3")
    stored = part(described, "object")
    try:
        key = unquote_plus(text(stored, "key"), errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidValue("the key is not in UTF-8", field="key") from error
    # The etag comes first since listings show it, too.
    return ObjectRef(
        provider=StorageProvider.S3.value,
        bucket=text(part(described, "bucket"), "name"),
        key=key,
        revision=first_text(stored, _REVISIONS),
    )
