"""Local events, signed with a shared secret: no change and no other time goes unseen."""

from collections.abc import Mapping

import pytest

from adapters.notifications.local import TOLERANCE, LocalEvents, sign_local_event
from application.ports.notifications import EventMessage, ForgedEvent
from domain.errors import InvalidValue
from domain.job import ObjectRef
from tests.fakes.clock import START, FakeClock

SECRET = "example-secret"
BODY = b'{"bucket": "acme-audit-logs", "key": "audit/v1/dt=2026-11-24/hr=02/gw-1.jsonl.gz"}'
NOW = int(START.timestamp())


def events(secret: str | None = SECRET) -> LocalEvents:
    return LocalEvents(secret=secret, clock=FakeClock())


def signature(body: bytes = BODY, *, secret: str = SECRET, at: int = NOW) -> str:
    return sign_local_event(secret, body, at=at)


def message(header: str | None, body: bytes = BODY) -> EventMessage:
    headers = {} if header is None else {"x-trueport-signature": header}
    return EventMessage(body=body, headers=headers)


HEX = signature().rpartition("=")[2]

FORGED: Mapping[str, EventMessage] = {
    "no header": message(None),
    "empty header": message(""),
    "another secret": message(signature(secret="another-secret")),
    "an empty secret": message(signature(secret="")),
    "another body": message(signature(), BODY.replace(b"acme", b"evil")),
    "another key in the body": message(signature(), BODY.replace(b"gw-1", b"gw-2")),
    "a blank more": message(signature(), BODY + b" "),
    "an empty body": message(signature(), b""),
    "old": message(signature(at=NOW - TOLERANCE - 1)),
    "of the future": message(signature(at=NOW + TOLERANCE + 1)),
    "another time than was signed": message(f"t={NOW + 1},v1={HEX}"),
    "no time": message(f"v1={HEX}"),
    "a time in words": message(f"t=now,v1={HEX}"),
    "a time below zero": message(f"t=-{NOW},v1={HEX}"),
    "a huge time": message(f"t={'9' * 400},v1={HEX}"),
    "a time in other digits": message(f"t={str(NOW).replace('1', chr(0x661))},v1={HEX}"),
    "no digest": message(f"t={NOW}"),
    "an empty digest": message(f"t={NOW},v1="),
    "a part of the digest": message(f"t={NOW},v1={HEX[:32]}"),
    "the digest in capitals": message(f"t={NOW},v1={HEX.upper()}"),
    "the digest as another version": message(f"t={NOW},v0={HEX}"),
    "a digest that is no text of ours": message(f"t={NOW},v1=\udcff"),
    "the secret itself": message(SECRET),
}


async def test_signed_event_names_its_object() -> None:
    said = await events().verify(message(signature()))

    assert said.objects == (
        ObjectRef(
            provider="LOCAL",
            bucket="acme-audit-logs",
            key="audit/v1/dt=2026-11-24/hr=02/gw-1.jsonl.gz",
        ),
    )


@pytest.mark.parametrize("shift", [-TOLERANCE, TOLERANCE])
async def test_clocks_may_differ_a_little(shift: int) -> None:
    said = await events().verify(message(signature(at=NOW + shift)))

    assert len(said.objects) == 1


@pytest.mark.parametrize("name", FORGED)
async def test_forged_event_is_refused(name: str) -> None:
    with pytest.raises(ForgedEvent):
        await events().verify(FORGED[name])


@pytest.mark.parametrize("name", ["no header", "another secret"])
async def test_without_the_setting_everything_is_refused(name: str) -> None:
    with pytest.raises(ForgedEvent, match="TRUEPORT_EVENTS_SECRET"):
        await events(None).verify(FORGED[name])


@pytest.mark.parametrize("body", [b"{}", b"[]", b"{", b"\xff", b'{"bucket": 7, "key": "x"}'])
async def test_signed_event_that_says_nothing_is_not_a_forged_one(body: bytes) -> None:
    with pytest.raises(InvalidValue):
        await events().verify(message(signature(body), body))
