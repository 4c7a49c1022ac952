"""Everything that may announce an object of S3 at one address: SNS, EventBridge, or S3 itself."""

from collections.abc import Mapping

from adapters.notifications.event_bridge import DETAIL_TYPE, read_bridged_event
from adapters.notifications.s3_records import read_notification
from adapters.notifications.shared_secret import SharedSecret, shown_in_headers
from adapters.notifications.sns import TYPE_HEADER, TYPES
from application.ports.notifications import EventMessage, EventVerifier, VerifiedMessage
from domain.chat import parse_json_object
from domain.errors import InvalidValue


class S3Events(EventVerifier):
    """Leave to SNS's verifier what comes from SNS; all else must show the shared secret."""

    def __init__(self, *, sns: EventVerifier, secret: SharedSecret) -> None:
        self._sns = sns
        self._secret = secret

    async def verify(self, message: EventMessage) -> VerifiedMessage:
        """Return the objects that the message speaks of, whoever sent it.

        Which sender it is may be invented; each is verified in its own way whatever it says.
        """
        if TYPE_HEADER in message.headers or _is_of_sns(message.body):
            return await self._sns.verify(message)
        self._secret.require(shown_in_headers(message))
        return read_secret_message(parse_json_object(message.body))


def read_secret_message(document: Mapping[str, object]) -> VerifiedMessage:
    """Return what a message of EventBridge or of S3 itself says.

    Raises:
        InvalidValue: it is neither.
    """
    if DETAIL_TYPE in document:
        return read_bridged_event(document)
    return read_notification(document)


def is_sns_envelope(document: Mapping[str, object]) -> bool:
    """Tell whether a document has the form of SNS's messages."""
    kind = document.get("Type")
    return isinstance(kind, str) and kind in TYPES and "TopicArn" in document


def _is_of_sns(body: bytes) -> bool:
    try:
        return is_sns_envelope(parse_json_object(body))
    except InvalidValue:
        return False
