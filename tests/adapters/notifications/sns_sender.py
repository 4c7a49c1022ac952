"""SNS as it signs, written from AWS's description and not from ours."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from adapters.notifications.certificates import SigningCertificates
from adapters.notifications.sns import SnsEvents, SnsSignatures
from adapters.notifications.sns_topics import Topic
from application.ports.notifications import EventMessage
from tests.adapters.notifications.authority import (
    ISSUER_URL,
    intermediate,
    private_key,
    trusted_roots,
)
from tests.adapters.notifications.web import FakeWeb
from tests.fakes.clock import FakeClock

TOPIC = "arn:aws:sns:eu-central-1:123456789012:audit-objects"
OTHER_TOPIC = "arn:aws:sns:eu-central-1:123456789012:other"
HOST = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE_URL = f"{HOST}/SimpleNotificationService-{'0123456789abcdef' * 2}.pem"
NAMES = ("sns-signing.eu-central-1.amazonaws.com", "sns.eu-central-1.amazonaws.com")
TOKEN = "2336412f37fb687f5d51e6e2425e"
SUBSCRIBE_URL = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={TOKEN}"
KEY = "acme/audit/v1/dt=2026-11-24/hr=02/gw 1+a-000001.jsonl.gz"
ENCODED_KEY = "acme/audit/v1/dt%3D2026-11-24/hr%3D02/gw+1%2Ba-000001.jsonl.gz"

S3_NOTIFICATION = json.dumps(
    {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "bucket": {"name": "acme-audit-logs"},
                    "object": {"key": ENCODED_KEY, "eTag": "d41d8cd98f00b204e9800998ecf8427e"},
                },
            }
        ]
    }
)


def signed(
    fields: Mapping[str, object],
    *,
    key: rsa.RSAPrivateKey | None = None,
    algorithm: hashes.HashAlgorithm | None = None,
) -> dict[str, object]:
    """Return a message with the signature that SNS would put on it."""
    names = (
        ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        if fields["Type"] == "Notification"
        else ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    )
    text = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
    signature = (key or private_key("sns")).sign(
        text.encode(), padding.PKCS1v15(), algorithm or hashes.SHA256()
    )
    return {**fields, "Signature": base64.b64encode(signature).decode()}


def notification(message: str = S3_NOTIFICATION, **changes: object) -> dict[str, object]:
    """Return the fields of a notification, without its signature."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon S3 Notification",
        "Message": message,
        "Timestamp": "2026-11-24T02:43:58.123Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe&SubscriptionArn={TOPIC}:c9135db0",
        **changes,
    }


def confirmation(**changes: object) -> dict[str, object]:
    """Return the fields of the offer of a subscription, without its signature."""
    return {
        "Type": "SubscriptionConfirmation",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": TOKEN,
        "TopicArn": TOPIC,
        "Message": f"You have chosen to subscribe to the topic {TOPIC}.",
        "SubscribeURL": SUBSCRIBE_URL,
        "Timestamp": "2026-11-24T02:43:58.123Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        **changes,
    }


def posted(fields: Mapping[str, object]) -> EventMessage:
    """Return a message as SNS posts it."""
    return EventMessage(
        body=json.dumps(fields).encode(),
        headers={
            "content-type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": str(fields.get("Type")),
        },
    )


def web() -> FakeWeb:
    """Return a web with SNS's certificate, that of its issuer, and where to confirm."""
    return FakeWeb(
        {
            CERTIFICATE_URL: intermediate().issue(*NAMES, key=private_key("sns").public_key()),
            ISSUER_URL: intermediate().der,
            SUBSCRIBE_URL: b"<ConfirmSubscriptionResponse/>",
        }
    )


@dataclass
class Receiver:
    """Our side, with what it stands on."""

    topics: tuple[str, ...] = (TOPIC,)
    allow_v1: bool = False
    web: FakeWeb = field(default_factory=web)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.signatures = SnsSignatures(
            topics=[Topic.parse(arn) for arn in self.topics],
            certificates=SigningCertificates(fetch=self.web, roots=trusted_roots, clock=self.clock),
            allow_v1=self.allow_v1,
        )
        self.events = SnsEvents(signatures=self.signatures, fetch=self.web, clock=self.clock)
