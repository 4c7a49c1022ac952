"""Messages as SNS signs them, and messages as nobody signs them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from adapters.notifications.sns_topics import Topic
from application.ports.notifications import EventMessage, ForgedEvent
from domain.errors import InvalidValue, Unavailable
from domain.job import ObjectRef
from tests.adapters.notifications.authority import private_key
from tests.adapters.notifications.sns_sender import (
    CERTIFICATE_URL,
    HOST,
    KEY,
    OTHER_TOPIC,
    S3_NOTIFICATION,
    SUBSCRIBE_URL,
    TOKEN,
    TOPIC,
    Receiver,
    confirmation,
    notification,
    posted,
    signed,
)

REF = ObjectRef(
    provider="S3", bucket="acme-audit-logs", key=KEY, revision="d41d8cd98f00b204e9800998ecf8427e"
)
OLD_HASH = hashes.SHA1()  # noqa: S303 - what signature version 1 uses
PEM = "SimpleNotificationService-" + "0123456789abcdef" * 2 + ".pem"


async def test_signed_notification_names_its_objects() -> None:
    receiver = Receiver()

    said = await receiver.events.verify(posted(signed(notification())))

    assert said.objects == (REF,)
    assert said.message_id == "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"
    assert said.reply is None


async def test_notification_without_a_subject_is_signed_without_one() -> None:
    fields = notification()
    del fields["Subject"]

    said = await Receiver().events.verify(posted(signed(fields)))

    assert said.objects == (REF,)


async def test_test_message_of_s3_names_nothing() -> None:
    message = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})

    said = await Receiver().events.verify(posted(signed(notification(message))))

    assert said.objects == ()


async def test_authentic_message_about_something_else_is_not_a_forged_one() -> None:
    for message in ("Hello", "[]", "{}", '{"Records": 1}', "null"):
        with pytest.raises(InvalidValue):
            await Receiver().events.verify(posted(signed(notification(message))))


async def test_version_1_needs_the_setting() -> None:
    fields = signed(notification(SignatureVersion="1"), algorithm=OLD_HASH)

    with pytest.raises(ForgedEvent):
        await Receiver().events.verify(posted(fields))
    said = await Receiver(allow_v1=True).events.verify(posted(fields))

    assert said.objects == (REF,)


async def test_repeated_message_is_taken_for_an_hour_and_the_skew() -> None:
    receiver = Receiver()
    message = posted(signed(notification()))

    receiver.clock.advance(3600 + 290)
    said = await receiver.events.verify(message)
    receiver.clock.advance(20)

    assert said.objects == (REF,)
    with pytest.raises(ForgedEvent):
        await receiver.events.verify(message)


async def test_offer_of_a_subscription_is_confirmed_once_it_is_verified() -> None:
    receiver = Receiver()

    said = await receiver.events.verify(posted(signed(confirmation())))

    assert receiver.web.asked[-1] == SUBSCRIBE_URL
    assert said.objects == ()


async def test_forged_offer_is_not_even_looked_at() -> None:
    receiver = Receiver()

    with pytest.raises(ForgedEvent):
        await receiver.events.verify(
            posted(signed(confirmation(), key=private_key("somebody else")))
        )

    assert SUBSCRIBE_URL not in receiver.web.asked


async def test_confirmation_that_fails_can_be_tried_again() -> None:
    receiver = Receiver()
    message = posted(signed(confirmation()))
    answer = receiver.web.documents.pop(SUBSCRIBE_URL)

    with pytest.raises(Unavailable):
        await receiver.events.verify(message)
    receiver.web.documents[SUBSCRIBE_URL] = answer

    assert (await receiver.events.verify(message)).message_id


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        SUBSCRIBE_URL.replace("https", "http"),
        SUBSCRIBE_URL.replace("sns.", "sns.evil.example.com/sns."),
        SUBSCRIBE_URL.replace("eu-central-1.amazonaws.com/", "eu-central-1.amazonaws.com:8443/"),
        SUBSCRIBE_URL.replace("https://sns", "https://a@sns"),
        SUBSCRIBE_URL.replace("/?", "/sns/?"),
        SUBSCRIBE_URL.replace("ConfirmSubscription", "DeleteTopic"),
        SUBSCRIBE_URL.replace(TOPIC, OTHER_TOPIC),
        SUBSCRIBE_URL.replace(TOKEN, "another"),
        f"{SUBSCRIBE_URL}&Action=DeleteTopic",
        f"{SUBSCRIBE_URL}&AuthenticateOnUnsubscribe=true",
        f"{SUBSCRIBE_URL}#x",
        f"{SUBSCRIBE_URL}\n",
        "",
        "https://[",
    ],
)
async def test_address_that_does_more_than_confirm_is_not_asked(url: str) -> None:
    receiver = Receiver()

    with pytest.raises(ForgedEvent):
        await receiver.events.verify(posted(signed(confirmation(SubscribeURL=url))))

    assert url not in receiver.web.asked


async def test_end_of_a_subscription_is_taken_and_its_address_left_alone() -> None:
    receiver = Receiver()

    said = await receiver.events.verify(
        posted(signed(confirmation(Type="UnsubscribeConfirmation")))
    )

    assert said.objects == ()
    assert SUBSCRIBE_URL not in receiver.web.asked


@pytest.mark.parametrize(
    "name", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
)
async def test_change_of_any_signed_field_is_seen(name: str) -> None:
    changed = {
        "Message": S3_NOTIFICATION.replace("acme-audit-logs", "else-audit-logs"),
        "MessageId": "another",
        "Subject": "another",
        "Timestamp": "2026-11-24T02:43:59.123Z",
        "TopicArn": OTHER_TOPIC,
        "Type": "SubscriptionConfirmation",
    }
    fields = {**signed(notification()), name: changed[name]}

    with pytest.raises(ForgedEvent):
        await Receiver(topics=(TOPIC, OTHER_TOPIC)).events.verify(posted(fields))


@pytest.mark.parametrize(
    "url",
    [
        f"https://sns.s3.amazonaws.com/{PEM}",
        f"https://sns.s3-us-west-2.amazonaws.com/{PEM}",
        f"https://sns.us-east-1.amazonaws.com/{PEM}",
        f"https://sns.eu-central-1.amazonaws.com.evil.example.com/{PEM}",
        f"https://sns.eu-central-1.amazonaws.com.cn/{PEM}",
        f"https://evil.example.com/{PEM}",
        f"https://a@sns.eu-central-1.amazonaws.com/{PEM}",
        f"https://sns.eu-central-1.amazonaws.com@evil.example.com/{PEM}",
        f"https://sns.eu-central-1.amazonaws.com:443/{PEM}",
        f"http://sns.eu-central-1.amazonaws.com/{PEM}",
        f"{CERTIFICATE_URL}?Action=Publish",
        f"{CERTIFICATE_URL}#x",
        f"{CERTIFICATE_URL}\n",
        f"{HOST}/../{PEM}",
        f"{HOST}//{PEM}",
        f"{HOST}/bucket/{PEM}",
        f"{HOST}/x.pem",
        f"{HOST}/{PEM.upper()}",
        f"{HOST}\\@evil.example.com/{PEM}",
        "file:///etc/passwd",
        "",
    ],
)
async def test_certificate_from_anywhere_else_is_not_fetched(url: str) -> None:
    receiver = Receiver()

    with pytest.raises(ForgedEvent):
        await receiver.events.verify(posted(signed(notification(SigningCertURL=url))))

    assert receiver.web.asked == []


FORGED: Mapping[str, Mapping[str, object]] = {
    "other topic": signed(notification(TopicArn=OTHER_TOPIC)),
    "topic of another account": signed(
        notification(TopicArn="arn:aws:sns:eu-central-1:210987654321:audit-objects")
    ),
    "other key": signed(notification(), key=private_key("somebody else")),
    "other version": signed(notification(SignatureVersion="3")),
    "version as a number": signed(notification(SignatureVersion=2)),
    "signature of version 1 said to be 2": signed(notification(), algorithm=OLD_HASH),
    "old": signed(notification(Timestamp="2026-11-24T01:30:00.000Z")),
    "of the future": signed(notification(Timestamp="2026-11-24T02:50:00.000Z")),
    "time without a zone": signed(notification(Timestamp="2026-11-24T02:43:58")),
    "no time": signed(notification(Timestamp="yesterday")),
    "unknown type": {**signed(notification()), "Type": "Other"},
    "empty signature": {**signed(notification()), "Signature": ""},
    "signature in no base64": {**signed(notification()), "Signature": "ä"},
    "signature of another length": {
        **signed(notification()),
        "Signature": base64.b64encode(b"x" * 256).decode(),
    },
    "message as an object": {**signed(notification()), "Message": {}},
    "nothing": {},
}


@pytest.mark.parametrize("name", FORGED)
async def test_forged_message_is_refused(name: str) -> None:
    with pytest.raises(ForgedEvent):
        await Receiver().events.verify(posted(FORGED[name]))


@pytest.mark.parametrize("name", sorted(notification().keys() - {"Subject", "UnsubscribeURL"}))
async def test_message_without_a_field_is_refused(name: str) -> None:
    fields = signed(notification())
    del fields[name]

    with pytest.raises(ForgedEvent):
        await Receiver().events.verify(posted(fields))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"Type": "\\ud800"}', b"[" * 9999])
async def test_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(ForgedEvent):
        await Receiver().events.verify(EventMessage(body=body))


async def test_half_a_surrogate_pair_cannot_have_been_signed() -> None:
    fields = {**signed(notification()), "Message": "\ud800"}

    with pytest.raises(ForgedEvent):
        await Receiver().events.verify(posted(fields))


async def test_without_topics_everything_is_refused() -> None:
    receiver = Receiver(topics=())

    with pytest.raises(ForgedEvent, match="TRUEPORT_SNS_TOPIC_ARNS"):
        await receiver.events.verify(posted(signed(notification())))

    assert receiver.web.asked == []


async def test_certificate_that_cannot_be_fetched_is_our_trouble() -> None:
    receiver = Receiver()
    receiver.web.documents.clear()

    with pytest.raises(Unavailable) as raised:
        await receiver.events.verify(posted(signed(notification())))

    assert raised.value.retry_after


async def test_skew_of_the_clocks_can_be_set() -> None:
    receiver = Receiver()
    late = replace(posted(signed(notification(Timestamp="2026-11-24T02:44:01.000Z"))))
    receiver.events._clock_skew = timedelta(0)

    with pytest.raises(ForgedEvent):
        await receiver.events.verify(late)


@given(st.sampled_from(sorted(notification())), st.data())
async def test_no_change_of_one_character_goes_unseen(name: str, data: st.DataObject) -> None:
    fields = {**signed(notification())}
    value = str(fields[name])
    place = data.draw(st.integers(0, len(value) - 1))
    character = data.draw(st.characters(codec="utf-8").filter(lambda one: one != value[place]))
    fields[name] = value[:place] + character + value[place + 1 :]

    if name == "UnsubscribeURL":
        assert (await Receiver().events.verify(posted(fields))).objects == (REF,)
        return
    with pytest.raises((ForgedEvent, Unavailable)):
        await Receiver().events.verify(posted(fields))


@pytest.mark.parametrize(
    ("arn", "host", "name"),
    [
        (TOPIC, "sns.eu-central-1.amazonaws.com", "sns.amazonaws.com"),
        (
            "arn:aws:sns:af-south-1:123456789012:t",
            "sns.af-south-1.amazonaws.com",
            "sns-signing.af-south-1.amazonaws.com",
        ),
        (
            "arn:aws-cn:sns:cn-north-1:123456789012:t",
            "sns.cn-north-1.amazonaws.com.cn",
            "sns-cn-north-1.amazonaws.com.cn",
        ),
        (
            "arn:aws-us-gov:sns:us-gov-east-1:123456789012:t",
            "sns.us-gov-east-1.amazonaws.com",
            "sns-us-gov-west-1.amazonaws.com",
        ),
    ],
)
def test_names_of_each_partition(arn: str, host: str, name: str) -> None:
    topic = Topic.parse(arn)

    assert topic.host == host
    assert name in topic.certificate_names
    assert topic.signs_at(f"https://{host}/{PEM}")


@pytest.mark.parametrize(
    "arn",
    ["", "arn:aws:sqs:eu-central-1:123456789012:t", "arn:aws:sns:s3:123456789012:t", f"{TOPIC}\n"],
)
def test_what_is_no_topic_is_none(arn: str) -> None:
    with pytest.raises(InvalidValue):
        Topic.parse(arn)
