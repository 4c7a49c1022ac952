"""What Event Grid says about blobs, in both schemas, and both of its handshakes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.notifications.event_grid import EventGridEvents
from adapters.notifications.shared_secret import SharedSecret
from application.ports.notifications import EventMessage, ForgedEvent
from domain.errors import InvalidValue
from domain.job import ObjectRef

MESSAGES = Path(__file__).parent / "messages"
SECRET = "example-secret-of-event-grid"
QUERY = {"secret": SECRET}
KEY = "audit/v1/dt=2026-11-24/hr=02/gw-1-000001.jsonl.gz"


def events(secret: str | None = SECRET) -> EventGridEvents:
    return EventGridEvents(secret=SharedSecret(secret, setting="TRUEPORT_EVENT_GRID_SECRET"))


def body(name: str) -> bytes:
    return (MESSAGES / f"{name}.json").read_bytes()


def ref(key: str, revision: str) -> ObjectRef:
    return ObjectRef(provider="AZURE", bucket="acme-audit-logs", key=key, revision=revision)


async def test_blobs_that_are_whole_are_named() -> None:
    said = await events().verify(EventMessage(body=body("event_grid"), query=QUERY))

    assert said.objects == (
        ref(KEY, "0x8D4BCC2E4835CD0"),
        ref("audit/v1/second.jsonl.gz", "0x8D4BCC2E4835CD1"),
    )
    assert said.message_id is None


@pytest.mark.parametrize("in_a_list", [True, False])
async def test_cloud_events_come_alone_or_in_a_list(in_a_list: bool) -> None:
    raw = body("event_grid_cloud_event")

    said = await events().verify(
        EventMessage(body=b"[" + raw + b"]" if in_a_list else raw, query=QUERY)
    )

    assert said.objects == (ref(KEY, "0x8D76C39E4407333"),)
    assert said.message_id is not None
    assert said.message_id.endswith("/acmeaudit/9aeb0fdf-c01e-0131-0922-9eb54906e209")


async def test_secret_may_come_in_a_header() -> None:
    said = await events().verify(
        EventMessage(
            body=body("event_grid_cloud_event"), headers={"x-trueport-events-secret": SECRET}
        )
    )

    assert len(said.objects) == 1


async def test_validation_event_is_answered_with_its_code() -> None:
    said = await events().verify(EventMessage(body=body("event_grid_validation"), query=QUERY))

    assert said.reply == {"validationResponse": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}
    assert said.objects == ()


@pytest.mark.parametrize("name", ["event_grid", "event_grid_cloud_event", "event_grid_validation"])
@pytest.mark.parametrize(
    "query", [{}, {"secret": ""}, {"secret": SECRET[1:]}, {"Secret": SECRET}, {"code": SECRET}]
)
async def test_message_without_the_secret_is_refused(name: str, query: Mapping[str, str]) -> None:
    with pytest.raises(ForgedEvent):
        await events().verify(EventMessage(body=body(name), query=query))


async def test_without_the_setting_everything_is_refused() -> None:
    with pytest.raises(ForgedEvent, match="TRUEPORT_EVENT_GRID_SECRET"):
        await events(None).verify(EventMessage(body=body("event_grid"), query={"secret": ""}))


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"7", b"[7]", b"{}", b"\xff", b"[" * 9999, b'[{"type": "x"}, []]']
)
async def test_what_shows_the_secret_and_says_nothing_is_not_forged(raw: bytes) -> None:
    with pytest.raises(InvalidValue):
        await events().verify(EventMessage(body=raw, query=QUERY))


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "/blobServices/default/containers/acme-audit-logs/blobs/",
        "/blobServices/default/containers//blobs/a",
        "/queueServices/default/queues/a",
        "x/blobServices/default/containers/c/blobs/a",
    ],
)
async def test_event_that_names_no_blob_does_not_hide_the_others(subject: str) -> None:
    event = json.loads(body("event_grid_cloud_event"))
    raw = json.dumps([{**event, "subject": subject}, event]).encode()

    said = await events().verify(EventMessage(body=raw, query=QUERY))

    assert [one.key for one in said.objects] == [KEY]
    assert said.unreadable == 1


async def test_empty_list_names_nothing() -> None:
    assert (await events().verify(EventMessage(body=b"[]", query=QUERY))).objects == ()


@pytest.mark.parametrize("query", [{}, QUERY])
def test_event_grid_is_given_leave(query: Mapping[str, str]) -> None:
    asked = EventMessage(
        body=b"",
        headers={
            "webhook-request-origin": "eventgrid.azure.net",
            "webhook-request-callback": "https://evil.example.com/",
        },
        query=query,
    )

    assert events().allow(asked) == {
        "webhook-allowed-origin": "eventgrid.azure.net",
        "webhook-allowed-rate": "*",
    }


@pytest.mark.parametrize("origin", ["", "evil.example.com", "eventgrid.azure.net.example.com"])
def test_nobody_else_is_given_leave(origin: str) -> None:
    with pytest.raises(ForgedEvent):
        events().allow(EventMessage(body=b"", headers={"webhook-request-origin": origin}))


def test_leave_needs_the_right_secret_where_one_is_shown_and_the_setting() -> None:
    headers = {"webhook-request-origin": "eventgrid.azure.net"}

    with pytest.raises(ForgedEvent):
        events().allow(EventMessage(body=b"", headers=headers, query={"secret": "another"}))
    with pytest.raises(ForgedEvent):
        events(None).allow(EventMessage(body=b"", headers=headers))
