"""Messages that Google Cloud Pub/Sub pushes about objects, proven by an identity token.

Google Cloud documentation, "Authenticate push subscriptions" and "Pub/Sub notifications for Cloud
Storage".
"""

import logging
from collections.abc import Mapping

import jwt

from adapters.notifications.fields import first_text, part, text
from adapters.notifications.google_keys import GoogleKeys
from application.ports.notifications import (
    Distrust,
    EventMessage,
    EventVerifier,
    ForgedEvent,
    VerifiedMessage,
)
from application.ports.system import Clock
from domain.chat import parse_json_object
from domain.job import ObjectRef
from domain.tenant import StorageProvider

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
CLOCK_SKEW = 60.0
"""Seconds by which Google's clock and ours may be apart."""

_ALGORITHM = "RS256"
_FINALIZED = "OBJECT_FINALIZE"
_MAX_TOKEN = 8192

_log = logging.getLogger(__name__)


class PubSubEvents(EventVerifier):
    """Check the token for our audience and the subscription's service account, then read.

    Without `audience` and `email` every message is refused: any Google account can have a token
    for any audience made for it.
    """

    def __init__(
        self, *, audience: str | None, email: str | None, keys: GoogleKeys, clock: Clock
    ) -> None:
        self._audience = audience
        self._email = email
        self._keys = keys
        self._clock = clock
        self._has_complained = False

    async def verify(self, message: EventMessage) -> VerifiedMessage:
        """Return the object of a message, none where something else happened to it."""
        if self._audience is None or self._email is None:
            self._complain()
            raise ForgedEvent(
                "these events need TRUEPORT_PUBSUB_AUDIENCE and TRUEPORT_PUBSUB_EMAIL to be set",
                reason=Distrust.SETTING,
            )
        claims = await self._claims(message, self._audience)
        self._check(claims, self._email)
        document = parse_json_object(message.body)
        published = part(document, "message")
        number = first_text(published, ["messageId", "message_id"])
        # Numbers are unique within a topic only.
        message_id = f"{first_text(document, ['subscription'])}/{number}" if number else None
        attributes = part(published, "attributes")
        if text(attributes, "eventType") != _FINALIZED:
            return VerifiedMessage(message_id=message_id)
        ref = ObjectRef(
            provider=StorageProvider.GCP.value,
            bucket=text(attributes, "bucketId"),
            key=text(attributes, "objectId"),
            revision=first_text(attributes, ["objectGeneration"]),
        )
        return VerifiedMessage(objects=(ref,), message_id=message_id)

    async def _claims(self, message: EventMessage, audience: str) -> Mapping[str, object]:
        """Return what the token says: of its signature, audience and issuer we are sure."""
        scheme, _, token = message.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token.isascii() or not 0 < len(token) <= _MAX_TOKEN:
            raise ForgedEvent("the event has no token", reason=Distrust.FORM)
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise ForgedEvent("the event's token cannot be read", reason=Distrust.FORM) from None
        key_id = header.get("kid")
        if header.get("alg") != _ALGORITHM or not isinstance(key_id, str):
            raise ForgedEvent(
                "the event's token is signed in another way than Google's", reason=Distrust.VERSION
            )
        key = await self._keys.public_key(key_id)
        try:
            # Its own clock is not ours: the times are checked below.
            return jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=audience,
                issuer=ISSUERS,
                options={
                    "require": ["exp", "iat", "aud", "iss"],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError:
            raise ForgedEvent(
                "the event's token is not Google's, or not for us", reason=Distrust.SIGNATURE
            ) from None

    def _check(self, claims: Mapping[str, object], email: str) -> None:
        now = self._clock.now().timestamp()
        expires, issued = claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int | float) or not isinstance(issued, int | float):
            raise ForgedEvent("the event's token has no times", reason=Distrust.TIME)
        if not issued - CLOCK_SKEW <= now < expires + CLOCK_SKEW:
            raise ForgedEvent("the event's token is not valid at this time", reason=Distrust.TIME)
        if claims.get("email_verified") is not True or claims.get("email") != email:
            raise ForgedEvent(
                "the event's token was made for another account", reason=Distrust.SENDER
            )

    def _complain(self) -> None:
        if not self._has_complained:
            self._has_complained = True
            _log.warning(
                "Pub/Sub events are refused: TRUEPORT_PUBSUB_AUDIENCE or TRUEPORT_PUBSUB_EMAIL "
                "is not set"
            )
