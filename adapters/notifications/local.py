"""Local events: a JSON body signed with a shared secret.

The header `x-trueport-signature` holds `t=UNIX_SECONDS,v1=HEX`, the HMAC-SHA256 of
`UNIX_SECONDS.BODY` under `TRUEPORT_EVENTS_SECRET` (the scheme that Stripe's webhooks use).
"""

import hashlib
import hmac
import logging

from application.ports.notifications import (
    Distrust,
    EventMessage,
    EventVerifier,
    ForgedEvent,
    VerifiedMessage,
)
from application.ports.system import Clock
from domain.chat import parse_json_object
from domain.errors import InvalidValue
from domain.job import ObjectRef
from domain.tenant import StorageProvider

_log = logging.getLogger(__name__)

SIGNATURE_HEADER = "x-trueport-signature"
TOLERANCE = 300
"""Seconds by which a signature's time may differ from ours."""


def sign_local_event(secret: str, body: bytes, *, at: int) -> str:
    """Return the signature header of a body sent at `at`, in Unix seconds."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class LocalEvents(EventVerifier):
    """Check and read `{"bucket": …, "key": …}`; without a secret every event is refused."""

    def __init__(self, *, secret: str | None, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._has_complained = False

    async def verify(self, message: EventMessage) -> VerifiedMessage:
        """Return the one object that the message speaks of."""
        if self._secret is None:
            if not self._has_complained:
                self._has_complained = True
                _log.warning("local events are refused: TRUEPORT_EVENTS_SECRET is not set")
            raise ForgedEvent(
                "local events need TRUEPORT_EVENTS_SECRET to be set", reason=Distrust.SETTING
            )
        self._check(self._secret, message.headers.get(SIGNATURE_HEADER, ""), message.body)
        document = parse_json_object(message.body)
        bucket, key = document.get("bucket"), document.get("key")
        if not isinstance(bucket, str) or not isinstance(key, str):
            raise InvalidValue("a local event has a text 'bucket' and a text 'key'", field="key")
        ref = ObjectRef(provider=StorageProvider.LOCAL.value, bucket=bucket, key=key)
        return VerifiedMessage(objects=(ref,))

    def _check(self, secret: str, header: str, body: bytes) -> None:
        fields = {
            name.strip(): value.strip()
            for name, equals, value in (part.partition("=") for part in header.split(","))
            if equals
        }
        said_at = fields.get("t", "")
        if not said_at.isdecimal() or len(said_at) > len(str(10**11)):
            raise ForgedEvent("the event is not signed", reason=Distrust.FORM)
        if abs(self._clock.now().timestamp() - int(said_at)) > TOLERANCE:
            raise ForgedEvent("the event's signature is too old", reason=Distrust.TIME)
        expected = sign_local_event(secret, body, at=int(said_at))
        given = f"t={said_at},v1={fields.get('v1', '')}"
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode()):
            raise ForgedEvent("the event's signature does not fit", reason=Distrust.SIGNATURE)
