"""Messages that moto makes and signs: a sender that we did not write."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from moto import mock_aws
from moto.sns.models import sns_backends

from adapters.notifications.certificates import SigningCertificates
from adapters.notifications.sns import SnsEvents, SnsSignatures
from adapters.notifications.sns_topics import Topic
from application.ports.notifications import ForgedEvent
from domain.audit import parse_time
from domain.errors import InvalidValue
from tests.adapters.notifications.authority import ISSUER_URL, intermediate, trusted_roots
from tests.adapters.notifications.sns_sender import posted
from tests.adapters.notifications.web import FakeWeb
from tests.fakes.clock import FakeClock

ACCOUNT = "123456789012"  # moto's own
REGION = "eu-central-1"
BOTO: Any = boto3.client
BUCKET = "acme-audit-logs"
KEY = "audit/v1/dt=2026-11-24/hr=02/gw 1+é-000001.jsonl.gz"


@pytest.fixture
def sent() -> Iterator[list[Mapping[str, Any]]]:
    """What moto's SNS sends when S3 stores an object: the test message, then the notification."""
    with mock_aws():
        s3, sns, sqs = (BOTO(name, region_name=REGION) for name in ("s3", "sns", "sqs"))
        topic = sns.create_topic(Name="audit")["TopicArn"]
        url = sqs.create_queue(QueueName="events")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue["Attributes"]["QueueArn"])
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_notification_configuration(
            Bucket=BUCKET,
            NotificationConfiguration={
                "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]
            },
        )
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"x")
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        yield sorted(
            (json.loads(message["Body"]) for message in received),
            key=lambda fields: "TestEvent" not in fields["Message"],
        )
        for client in (s3, sns, sqs):
            client.close()


def receiver(fields: Mapping[str, Any]) -> SnsEvents:
    """Return our side, at the message's time, with moto's key under a certificate that we trust.

    moto's own certificate is signed by itself and carries no name that anybody would check.
    """
    url = fields["SigningCertURL"]
    backend = sns_backends[ACCOUNT][REGION]
    pem = backend._message_public_keys[url.rpartition("/")[2]]
    key = x509.load_pem_x509_certificate(pem).public_key()
    assert isinstance(key, RSAPublicKey)
    web = FakeWeb(
        {url: intermediate().issue("sns.amazonaws.com", key=key), ISSUER_URL: intermediate().der}
    )
    return SnsEvents(
        signatures=SnsSignatures(
            topics=[Topic.parse(fields["TopicArn"])],
            certificates=SigningCertificates(fetch=web, roots=trusted_roots, clock=FakeClock()),
        ),
        fetch=web,
        clock=FakeClock(parse_time(fields["Timestamp"])),
    )


async def test_notification_of_moto_is_verified_and_read(sent: list[Mapping[str, Any]]) -> None:
    said = await receiver(sent[1]).verify(posted(sent[1]))

    assert [(one.bucket, one.key) for one in said.objects] == [(BUCKET, KEY)]


async def test_test_message_of_moto_names_nothing(sent: list[Mapping[str, Any]]) -> None:
    assert "s3:TestEvent" in sent[0]["Message"]

    said = await receiver(sent[0]).verify(posted(sent[0]))

    assert said.objects == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Message", '{"Records": []}'),
        ("MessageId", "00000000-0000-0000-0000-000000000000"),
        ("Subject", "Amazon S3 Notification"),
        ("Timestamp", None),
        ("TopicArn", f"arn:aws:sns:{REGION}:123456789012:other"),
        ("Type", "SubscriptionConfirmation"),
        ("SignatureVersion", "1"),
    ],
)
async def test_no_field_that_moto_signed_can_be_changed(
    sent: list[Mapping[str, Any]], name: str, value: str | None
) -> None:
    events = receiver(sent[1])
    changed = value or sent[1][name].replace(".", ".0")

    with pytest.raises(ForgedEvent):
        await events.verify(posted({**sent[1], name: changed}))


async def test_certificate_of_moto_is_not_trusted_as_it_is(sent: list[Mapping[str, Any]]) -> None:
    events = receiver(sent[1])
    name = sent[1]["SigningCertURL"].rpartition("/")[2]
    pem = sns_backends[ACCOUNT][REGION]._message_public_keys[name]
    web = FakeWeb({sent[1]["SigningCertURL"]: pem})
    events._signatures._certificates._fetch = web

    with pytest.raises((ForgedEvent, InvalidValue)):
        await events.verify(posted(sent[1]))
