"""What S3 says through EventBridge, through SNS or by itself, and who may say it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.notifications.s3 import S3Events
from adapters.notifications.s3_records import read_notification
from adapters.notifications.shared_secret import SharedSecret
from application.ports.notifications import EventMessage, ForgedEvent
from domain.errors import InvalidValue
from domain.job import ObjectRef
from tests.adapters.notifications.sns_sender import (
    KEY,
    Receiver,
    notification,
    posted,
    signed,
)

MESSAGES = Path(__file__).parent / "messages"
SECRET = "example-secret-of-the-events"


def message(name: str, **headers: str) -> EventMessage:
    return EventMessage(
        body=(MESSAGES / f"{name}.json").read_bytes(),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def events(secret: str | None = SECRET) -> S3Events:
    return S3Events(
        sns=Receiver().events, secret=SharedSecret(secret, setting="TRUEPORT_EVENTS_SECRET")
    )


def ref(key: str, revision: str) -> ObjectRef:
    return ObjectRef(provider="S3", bucket="acme-audit-logs", key=key, revision=revision)


async def test_records_of_one_notification_are_read_and_their_keys_decoded_once() -> None:
    said = await events().verify(message("s3_notification", x_trueport_events_secret=SECRET))

    assert said.objects == (
        ref(
            "audit/v1/dt=2026-11-24/hr=02/gw 1+é-000001.jsonl.gz",
            "d41d8cd98f00b204e9800998ecf8427e",
        ),
        ref("audit/v1/second.jsonl.gz", "3HL4kqCxf3vjVBH40Nrjfkd"),
    )
    assert said.unreadable == 0


async def test_key_of_event_bridge_is_taken_as_it_stands() -> None:
    said = await events().verify(message("event_bridge", authorization=SECRET))

    assert said.objects == (
        ref(
            "audit/v1/dt=2026-11-24/hr=02/gw 1+%C3%A9-000001.jsonl.gz",
            "b1946ac92492d2347c6235b4d2611184",
        ),
    )
    assert said.message_id == "17793124-05d4-b198-2fde-7ededc63b103"


async def test_stores_that_speak_like_s3_are_understood() -> None:
    said = await events().verify(message("minio", authorization=f"Bearer {SECRET}"))

    assert said.objects == (ref("audit/v1/first.jsonl.gz", "d41d8cd98f00b204e9800998ecf8427e"),)


@pytest.mark.parametrize("with_header", [True, False])
async def test_message_of_sns_goes_to_its_own_verifier(with_header: bool) -> None:
    sent = posted(signed(notification()))

    said = await events(None).verify(sent if with_header else EventMessage(body=sent.body))

    assert [one.key for one in said.objects] == [KEY]


@pytest.mark.parametrize("name", ["s3_notification", "event_bridge", "minio"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-trueport-events-secret": ""},
        {"x-trueport-events-secret": SECRET[:-1]},
        {"x-trueport-events-secret": f"{SECRET} "},
        {"x-trueport-events-secret": SECRET.upper()},
        {"x-trueport-events-secret": "\xe4\udce4"},
        {"authorization": f"Basic {SECRET}"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer"},
        {"x-amz-sns-message-type": "Notification", "x-trueport-events-secret": SECRET},
        {"x-trueport-signature": SECRET},
    ],
)
async def test_message_without_the_secret_is_refused(name: str, headers: Mapping[str, str]) -> None:
    with pytest.raises(ForgedEvent):
        await events().verify(EventMessage(body=message(name).body, headers=headers))


@pytest.mark.parametrize("shown", ["", SECRET])
async def test_without_the_setting_no_secret_is_the_right_one(shown: str) -> None:
    with pytest.raises(ForgedEvent, match="TRUEPORT_EVENTS_SECRET"):
        await events(None).verify(message("s3_notification", x_trueport_events_secret=shown))


async def test_envelope_of_sns_cannot_borrow_the_secret() -> None:
    fields = {**signed(notification()), "Message": "{}"}
    forged = EventMessage(
        body=json.dumps(fields).encode(), headers={"x-trueport-events-secret": SECRET}
    )

    with pytest.raises(ForgedEvent):
        await events().verify(forged)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"{}", b'{"Records": {}}', b"null"])
async def test_what_shows_the_secret_and_says_nothing_is_not_forged(body: bytes) -> None:
    with pytest.raises(InvalidValue):
        await events().verify(EventMessage(body=body, headers={"x-trueport-events-secret": SECRET}))


@pytest.mark.parametrize(
    "detail_type", ["Object Deleted", "Object Tags Added", "Object Restore Completed"]
)
async def test_event_bridge_about_something_else_names_nothing(detail_type: str) -> None:
    body = message("event_bridge").body.replace(b"Object Created", detail_type.encode())

    said = await events().verify(EventMessage(body=body, headers={"authorization": SECRET}))

    assert said.objects == ()


async def test_event_of_another_service_is_not_understood() -> None:
    body = message("event_bridge").body.replace(b'"aws.s3"', b'"aws.ec2"')

    with pytest.raises(InvalidValue):
        await events().verify(EventMessage(body=body, headers={"authorization": SECRET}))


def record(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message("s3_notification").body)["Records"][1]
    change(found)
    return found


UNREADABLE: Mapping[str, object] = {
    "no object": 7,
    "other structure": record(lambda one: one.update(eventVersion="3.0")),
    "structure of before": record(lambda one: one.update(eventVersion="1.0")),
    "version as a number": record(lambda one: one.update(eventVersion=2)),
    "no name": record(lambda one: one.pop("eventName")),
    "no bucket": record(lambda one: one["s3"].pop("bucket")),
    "no key": record(lambda one: one["s3"]["object"].pop("key")),
    "empty key": record(lambda one: one["s3"]["object"].update(key="")),
    "key in latin 1": record(lambda one: one["s3"]["object"].update(key="%E9")),
    "object in a list": record(lambda one: one["s3"].update(object=[])),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_record_that_cannot_be_read_does_not_hide_the_others(name: str) -> None:
    said = read_notification({"Records": [UNREADABLE[name], record(lambda one: one)]})

    assert [one.key for one in said.objects] == ["audit/v1/second.jsonl.gz"]
    assert said.unreadable == 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_notification_without_a_record_that_can_be_read_is_not_understood(name: str) -> None:
    with pytest.raises(InvalidValue):
        read_notification({"Records": [UNREADABLE[name]]})


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.6", "2.99"])
def test_minor_versions_of_the_structure_only_add(version: str) -> None:
    said = read_notification(
        {"Records": [record(lambda one: one.update(eventVersion=version, addition={}))]}
    )

    assert len(said.objects) == 1


def test_key_is_decoded_once_and_not_twice() -> None:
    encoded = record(lambda one: one["s3"]["object"].update(key="a%252Fb%2B"))

    assert read_notification({"Records": [encoded]}).objects[0].key == "a%2Fb+"


def test_notification_of_no_records_names_nothing() -> None:
    assert read_notification({"Records": []}).objects == ()
