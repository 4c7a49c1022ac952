"""Identifiers: a visible prefix and a sortable body, `ten_01jd…`.

The body is a UUIDv7 (RFC 9562) in Crockford's base 32, lower case, 26 characters: ids of one kind
sort by the time they were made.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NewType

from domain.errors import InvalidValue

TenantId = NewType("TenantId", str)
UserId = NewType("UserId", str)
KeyId = NewType("KeyId", str)
PolicyId = NewType("PolicyId", str)
UpstreamId = NewType("UpstreamId", str)
RequestId = NewType("RequestId", str)
RecordId = NewType("RecordId", str)
"""The id of an audit record: that of the request it records."""
ViolationId = NewType("ViolationId", str)
EventId = NewType("EventId", str)
JobId = NewType("JobId", str)
DamageId = NewType("DamageId", str)
WebhookId = NewType("WebhookId", str)
DeliveryId = NewType("DeliveryId", str)
"""The id of one alert to one webhook: the receiver sees the same one at every try."""
AdministrationId = NewType("AdministrationId", str)
InvitationId = NewType("InvitationId", str)
SessionId = NewType("SessionId", str)
CodeId = NewType("CodeId", str)

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no i, l, o, u."""

BODY_LENGTH = 26

_BODY = re.compile(rf"[0-7][{CROCKFORD}]{{25}}")
_TIME_SHIFT = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)
_PREFIXES = {
    "ten": "tenant",
    "usr": "user",
    "key": "key",
    "pol": "policy",
    "ups": "upstream",
    "req": "request",
    "evt": "event",
    "whk": "webhook",
    "adm": "administration entry",
    "inv": "invitation",
    "ses": "session",
    "otc": "one-time code",
}


def encode_crockford(number: int, length: int) -> str:
    """Return `number` in base 32, most significant digit first, exactly `length` characters."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(CROCKFORD[digit])
    return "".join(reversed(digits))


def make_id(prefix: str, uuid: bytes) -> str:
    """Return the id of a 16-byte UUIDv7 under a known prefix."""
    if prefix not in _PREFIXES:
        raise InvalidValue(f"{prefix!r} is not a known id prefix", field="id")
    return f"{prefix}_{encode_crockford(int.from_bytes(uuid), BODY_LENGTH)}"


def parse_id(prefix: str, text: str) -> str:
    """Return `text` if it is an id under `prefix`.

    Raises:
        InvalidValue: it is not; the message says what such an id looks like.
    """
    head, _, body = text.partition("_")
    if head != prefix or not _BODY.fullmatch(body):
        raise InvalidValue(
            f"not a {_PREFIXES[prefix]} id: expected {prefix}_ and {BODY_LENGTH} characters",
            field="id",
        )
    return text


def made_at(identifier: str) -> datetime | None:
    """Return when an id was made, in whole milliseconds, as its UUIDv7 says; None for no id."""
    body = identifier.rpartition("_")[2]
    if not _BODY.fullmatch(body):
        return None
    number = 0
    for digit in body:
        number = number * 32 + CROCKFORD.index(digit)
    milliseconds = timedelta(milliseconds=number >> _TIME_SHIFT)
    return _EPOCH + milliseconds if milliseconds < _LAST - _EPOCH else None
