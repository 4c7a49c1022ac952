"""Messages about objects of S3 that a queue kept: access to the queue is what proves them."""

from adapters.notifications.s3 import is_sns_envelope, read_secret_message
from adapters.notifications.sns import SnsSignatures, read_enclosed
from application.ports.notifications import Distrust, ForgedEvent, VerifiedMessage
from domain.chat import parse_json_object


class QueuedS3Messages:
    """Read messages of S3, of SNS around them, or of EventBridge.

    With `signatures`, SNS's own is checked as well, and nothing but SNS's envelopes is taken;
    their age does not matter, since a queue keeps them for days.
    """

    def __init__(self, signatures: SnsSignatures | None = None) -> None:
        self._signatures = signatures

    async def __call__(self, body: str) -> VerifiedMessage:
        """Return what a message says.

        Raises:
            ForgedEvent, InvalidValue, Unavailable: as `EventVerifier` does.
        """
        document = parse_json_object(body.encode("utf-8", "replace"))
        if is_sns_envelope(document):
            if self._signatures is not None:
                await self._signatures.check(document)
            return read_enclosed(document)
        if self._signatures is not None:
            raise ForgedEvent("the message does not come from SNS", reason=Distrust.SENDER)
        return read_secret_message(document)
