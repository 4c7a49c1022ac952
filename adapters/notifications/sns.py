"""Messages of Amazon SNS, verified as AWS describes it.

Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
"""

import base64
import binascii
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from adapters.notifications.certificates import SigningCertificates
from adapters.notifications.fetching import Fetch
from adapters.notifications.s3_records import read_notification
from adapters.notifications.sns_topics import Topic
from application.ports.notifications import (
    Distrust,
    EventMessage,
    EventVerifier,
    ForgedEvent,
    VerifiedMessage,
)
from application.ports.system import Clock
from domain.audit import parse_time
from domain.chat import parse_json_object
from domain.errors import InvalidValue

TYPE_HEADER = "x-amz-sns-message-type"
NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
FAREWELL = "UnsubscribeConfirmation"
TYPES = frozenset({NOTIFICATION, CONFIRMATION, FAREWELL})

RETRIED_FOR = timedelta(hours=1)
"""How long SNS may go on repeating a message over HTTPS; the message keeps its time stamp."""

_OPTIONAL = "Subject"
_OFFER = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED: Mapping[str, tuple[str, ...]] = {
    NOTIFICATION: ("Message", "MessageId", _OPTIONAL, "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: _OFFER,
    FAREWELL: _OFFER,
}

_log = logging.getLogger(__name__)


class SnsSignatures:
    """Tell whether SNS signed a message for one of our topics."""

    def __init__(
        self, *, topics: Sequence[Topic], certificates: SigningCertificates, allow_v1: bool = False
    ) -> None:
        self._topics = {topic.arn: topic for topic in topics}
        self._certificates = certificates
        self._hashes: dict[str, hashes.HashAlgorithm] = {"2": hashes.SHA256()}
        if allow_v1:
            self._hashes["1"] = hashes.SHA1()  # noqa: S303 - by a setting, for topics of old
        self._has_complained = False

    async def check(self, document: Mapping[str, object]) -> Topic:
        """Return the topic of a message that is what SNS signed.

        Nothing is fetched before all else that can be checked was.

        Raises:
            ForgedEvent: it is not.
            Unavailable: the certificate cannot be fetched.
        """
        topic = self._topic(_signed_text(document, "TopicArn"))
        algorithm = self._hashes.get(_signed_text(document, "SignatureVersion"))
        if algorithm is None:
            raise ForgedEvent(
                "the event is signed in a version that no setting admits", reason=Distrust.VERSION
            )
        url = _signed_text(document, "SigningCertURL")
        if not topic.signs_at(url):
            raise ForgedEvent(
                "the event names a certificate that is not its topic's", reason=Distrust.CERTIFICATE
            )
        signed, signature = _string_to_sign(document), _signature(document)
        key = await self._certificates.public_key(url, names=topic.certificate_names)
        try:
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        except InvalidSignature:
            raise ForgedEvent(
                "the event's signature does not fit", reason=Distrust.SIGNATURE
            ) from None
        return topic

    def _topic(self, arn: str) -> Topic:
        if not self._topics and not self._has_complained:
            self._has_complained = True
            _log.warning("SNS events are refused: TRUEPORT_SNS_TOPIC_ARNS is not set")
        topic = self._topics.get(arn)
        if topic is None:
            raise ForgedEvent(
                "TRUEPORT_SNS_TOPIC_ARNS does not name the event's topic", reason=Distrust.SENDER
            )
        return topic


class SnsEvents(EventVerifier):
    """Read the messages that SNS posts: notifications of S3, and the offer of a subscription.

    `clock_skew` is how far the clocks of SNS and this machine may be apart.
    """

    def __init__(
        self,
        *,
        signatures: SnsSignatures,
        fetch: Fetch,
        clock: Clock,
        clock_skew: timedelta = timedelta(minutes=5),
    ) -> None:
        self._signatures = signatures
        self._fetch = fetch
        self._clock = clock
        self._clock_skew = clock_skew

    async def verify(self, message: EventMessage) -> VerifiedMessage:
        """Return the objects of a notification; confirm a subscription to one of our topics."""
        try:
            document = parse_json_object(message.body)
        except InvalidValue:
            raise ForgedEvent("the event is not signed", reason=Distrust.FORM) from None
        self._check_time(_signed_text(document, "Timestamp"))
        topic = await self._signatures.check(document)
        message_id = _signed_text(document, "MessageId")
        match _signed_text(document, "Type"):
            case "Notification":
                said = read_enclosed(document)
                return VerifiedMessage(
                    objects=said.objects, unreadable=said.unreadable, message_id=message_id
                )
            case "SubscriptionConfirmation":
                await self._confirm(topic, document)
                _log.info("SNS subscription confirmed", extra={"topic": topic.arn})
            case _:
                _log.warning("SNS subscription ended", extra={"topic": topic.arn})
        return VerifiedMessage(message_id=message_id)

    def _check_time(self, stamp: str) -> None:
        try:
            age = self._clock.now() - parse_time(stamp)
        except InvalidValue:
            raise ForgedEvent("the event has no time", reason=Distrust.TIME) from None
        if not -self._clock_skew <= age <= RETRIED_FOR + self._clock_skew:
            raise ForgedEvent("the event's time is too far from ours", reason=Distrust.TIME)

    async def _confirm(self, topic: Topic, document: Mapping[str, object]) -> None:
        url = _signed_text(document, "SubscribeURL")
        if not topic.confirms_at(url, token=_signed_text(document, "Token")):
            raise ForgedEvent(
                "the event's address would not confirm a subscription", reason=Distrust.ADDRESS
            )
        await self._fetch(url)


def read_enclosed(document: Mapping[str, object]) -> VerifiedMessage:
    """Return what the notification of S3 inside an SNS notification says.

    Raises:
        InvalidValue: there is none.
    """
    enclosed = document.get("Message")
    if not isinstance(enclosed, str):
        raise InvalidValue("the event has no text 'Message'", field="Message")
    try:
        raw = enclosed.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue("the message is not in UTF-8", field="Message") from error
    return read_notification(parse_json_object(raw))


def _signed_text(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise ForgedEvent(f"the event has no text {name!r}", reason=Distrust.FORM)
    return value


def _string_to_sign(document: Mapping[str, object]) -> bytes:
    names = _SIGNED.get(_signed_text(document, "Type"))
    if names is None:
        raise ForgedEvent("the event is of no type that SNS signs", reason=Distrust.FORM)
    present = [name for name in names if name != _OPTIONAL or document.get(name) is not None]
    lines = "".join(f"{name}\n{_signed_text(document, name)}\n" for name in present)
    try:
        return lines.encode()
    except UnicodeEncodeError:
        raise ForgedEvent("the event is not in UTF-8", reason=Distrust.FORM) from None


def _signature(document: Mapping[str, object]) -> bytes:
    try:
        return base64.b64decode(_signed_text(document, "Signature"), validate=True)
    except (binascii.Error, ValueError):
        raise ForgedEvent("the event's signature is not in base64", reason=Distrust.FORM) from None
