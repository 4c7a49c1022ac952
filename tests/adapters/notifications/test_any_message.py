"""Whatever comes in, a verifier says one of the things that its port declares."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.notifications.event_grid import EventGridEvents
from adapters.notifications.local import LocalEvents, sign_local_event
from adapters.notifications.s3 import S3Events
from adapters.notifications.shared_secret import SharedSecret
from application.ports.notifications import EventMessage, EventVerifier, ForgedEvent
from domain.errors import InvalidValue, Unavailable
from tests.adapters.notifications.google import NOW, encoded, pushed, receiver, token
from tests.adapters.notifications.sns_sender import Receiver, notification, signed
from tests.fakes.clock import FakeClock

SECRET = "example-secret"
DECLARED = (ForgedEvent, InvalidValue, Unavailable)
NAMES = st.sampled_from(
    [
        *("Type", "TopicArn", "Message", "MessageId", "Timestamp", "Signature", "Token"),
        *("SignatureVersion", "SigningCertURL", "SubscribeURL", "Records", "eventVersion"),
        *("eventName", "s3", "bucket", "object", "key", "name", "eTag", "Event", "detail-type"),
        *("source", "detail", "eventType", "type", "data", "subject", "id", "api", "message"),
        *("attributes", "bucketId", "objectId"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "Notification",
            "SubscriptionConfirmation",
            "ObjectCreated:Put",
            "2.1",
            "aws.s3",
            "s3:TestEvent",
            "Microsoft.Storage.BlobCreated",
            "OBJECT_FINALIZE",
            "%E9",
            "%",
        ]
    ),
    st.just("\ud800"),
    st.just("Object Created"),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(NAMES, TEXTS), inner, max_size=6)
    ),
    max_leaves=20,
)
MESSAGES = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "messages").glob("*.json"))
]


def verifiers() -> Mapping[str, EventVerifier]:
    return {
        "s3": S3Events(sns=Receiver().events, secret=SharedSecret(SECRET, setting="S")),
        "azure": EventGridEvents(secret=SharedSecret(SECRET, setting="S")),
        "gcp": receiver(),
        "local": LocalEvents(secret=SECRET, clock=FakeClock()),
    }


def trusted(body: bytes) -> EventMessage:
    """Return a message that passes the check of every sender but SNS."""
    return EventMessage(
        body=body,
        headers={
            **pushed(body).headers,
            "x-trueport-events-secret": SECRET,
            "x-trueport-signature": sign_local_event(SECRET, body, at=NOW),
        },
    )


async def only_declared(verifier: EventVerifier, message: EventMessage) -> None:
    with suppress(*DECLARED):
        said = await verifier.verify(message)
        assert all(ref.job_id and ref.bucket and ref.key for ref in said.objects)


@pytest.mark.parametrize("name", ["s3", "azure", "gcp", "local"])
@given(document=DOCUMENTS)
@example(document={"type": "Microsoft.Storage.BlobCreated", "data": {"api": []}})
async def test_any_document(name: str, document: object) -> None:
    await only_declared(verifiers()[name], trusted(json.dumps(document).encode()))


@pytest.mark.parametrize("name", ["s3", "azure", "gcp", "local"])
@given(body=st.binary(max_size=50))
async def test_any_bytes(name: str, body: bytes) -> None:
    await only_declared(verifiers()[name], trusted(body))


@pytest.mark.parametrize("name", ["s3", "azure", "gcp", "local"])
@given(document=st.sampled_from(MESSAGES), data=st.data())
async def test_any_real_message_with_one_thing_changed(
    name: str, document: Any, data: st.DataObject
) -> None:
    await only_declared(verifiers()[name], trusted(json.dumps(damaged(document, data)).encode()))


@given(document=st.sampled_from([signed(notification())]), data=st.data())
async def test_any_damaged_message_of_sns(document: Any, data: st.DataObject) -> None:
    body = json.dumps(damaged(document, data)).encode()

    await only_declared(Receiver().events, EventMessage(body=body))


@given(message=DOCUMENTS)
async def test_anything_that_sns_signed(message: object) -> None:
    body = json.dumps(signed(notification(json.dumps(message)))).encode()

    await only_declared(Receiver().events, EventMessage(body=body))


@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "authorization",
                "x-trueport-events-secret",
                "x-trueport-signature",
                "x-amz-sns-message-type",
            ]
        ),
        st.one_of(
            TEXTS, st.text().map("Bearer {}".format), st.text().map("t=1795488240,v1={}".format)
        ),
    ),
    name=st.sampled_from(["s3", "azure", "gcp", "local"]),
)
async def test_any_header(headers: dict[str, str], name: str) -> None:
    with pytest.raises(DECLARED):
        await verifiers()[name].verify(EventMessage(body=b"{}", headers=headers))


@given(header=DOCUMENTS, claims=DOCUMENTS, signature=st.text(max_size=10))
async def test_any_token(header: object, claims: object, signature: str) -> None:
    made = f"Bearer {encoded(header)}.{encoded(claims)}.{signature}"

    with pytest.raises(ForgedEvent):
        await receiver().verify(pushed(b"{}", made))


@given(claims=st.dictionaries(st.sampled_from(["aud", "iss", "exp", "iat", "email"]), LEAVES))
async def test_any_claims_that_google_signed(claims: dict[str, object]) -> None:
    try:
        made = token(claims)
    except (TypeError, ValueError):
        return

    with pytest.raises(ForgedEvent):
        await receiver().verify(pushed(b"{}", f"Bearer {made}"))


def damaged(document: Any, data: st.DataObject) -> Any:
    """Return the document with one thing in it replaced or left out."""
    if isinstance(document, dict) and document and data.draw(st.integers(0, 4)):
        name = data.draw(st.sampled_from(sorted(document)))
        if not data.draw(st.integers(0, 4)):
            return {one: value for one, value in document.items() if one != name}
        return {**document, name: damaged(document[name], data)}
    if isinstance(document, list) and document and data.draw(st.integers(0, 4)):
        index = data.draw(st.integers(0, len(document) - 1))
        return [*document[:index], damaged(document[index], data), *document[index + 1 :]]
    return data.draw(DOCUMENTS)
