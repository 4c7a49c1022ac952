"""Messages as Pub/Sub pushes them, and tokens as nobody at Google makes them."""

import json
from collections.abc import Mapping
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from adapters.notifications.google_keys import KEYS_URL, MAX_AGE, PAUSE
from application.ports.notifications import ForgedEvent
from domain.errors import InvalidValue, Unavailable
from domain.job import ObjectRef
from tests.adapters.notifications.authority import private_key
from tests.adapters.notifications.google import (
    AUDIENCE,
    KEY_ID,
    NOW,
    claims,
    encoded,
    key_set,
    pushed,
    receiver,
    token,
    web,
)
from tests.fakes.clock import FakeClock

BODY = (Path(__file__).parent / "messages" / "pub_sub.json").read_bytes()
REF = ObjectRef(
    provider="GCP",
    bucket="acme-audit-logs",
    key="audit/v1/dt=2026-11-24/hr=02/gw-1-000001.jsonl.gz",
    revision="1763952238123456",
)


async def test_pushed_message_names_its_object() -> None:
    said = await receiver().verify(pushed(BODY))

    assert said.objects == (REF,)
    assert said.message_id == "projects/acme-project/subscriptions/trueport/2070443601311540"


@pytest.mark.parametrize("kind", ["OBJECT_DELETE", "OBJECT_METADATA_UPDATE", "OBJECT_ARCHIVE"])
async def test_message_about_something_else_names_nothing(kind: str) -> None:
    body = BODY.replace(b"OBJECT_FINALIZE", kind.encode())

    assert (await receiver().verify(pushed(body))).objects == ()


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
async def test_both_names_of_the_issuer_are_known(issuer: str) -> None:
    said = await receiver().verify(pushed(BODY, f"bearer {token(claims(iss=issuer))}"))

    assert said.objects == (REF,)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"message": {}}', b'{"message": {"attributes": {}}}']
)
async def test_authentic_message_that_says_nothing_is_not_a_forged_one(body: bytes) -> None:
    with pytest.raises(InvalidValue):
        await receiver().verify(pushed(body))


PUBLIC_PEM = (
    private_key("google")
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
HEADER = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}


def with_public_key_as_secret() -> str:
    """Return a token under HMAC, whose secret is what everybody knows."""
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    content = f"{encoded({**HEADER, 'alg': 'HS256'})}.{encoded(claims())}"
    signature = algorithm.sign(content.encode(), PUBLIC_PEM)
    return f"{content}.{jwt.utils.base64url_encode(signature).decode()}"


FORGED: Mapping[str, str] = {
    "no header": "",
    "no token": "Bearer ",
    "basic": "Basic dXNlcjpwYXNzd29yZA==",
    "no token at all": "Bearer abc",
    "not in ascii": "Bearer \xe4.\xe4.\xe4",
    "huge": f"Bearer {'a' * 9000}",
    "alg none": f"Bearer {encoded({**HEADER, 'alg': 'none'})}.{encoded(claims())}.",
    "alg None": f"Bearer {encoded({**HEADER, 'alg': 'None'})}.{encoded(claims())}.",
    "no signature": f"Bearer {token().rpartition('.')[0]}.",
    "public key as secret": f"Bearer {with_public_key_as_secret()}",
    "other key": f"Bearer {token(key=private_key('somebody else'))}",
    "other key and id": f"Bearer {token(key=private_key('somebody else'), key_id='other')}",
    "no key id": f"Bearer {jwt.encode(claims(), private_key('google'), algorithm='RS256')}",
    "key in the header": "Bearer "
    + jwt.encode(
        claims(),
        private_key("somebody else"),
        algorithm="RS256",
        headers={"kid": "own", "jku": "https://evil.example.com", "jwk": {"kty": "RSA"}},
    ),
    "other audience": f"Bearer {token(claims(aud='https://else.example.com'))}",
    "several audiences": f"Bearer {token(claims(aud=[AUDIENCE, 'https://else.example.com']))}",
    "other issuer": f"Bearer {token(claims(iss='https://accounts.example.com'))}",
    "other account": f"Bearer {token(claims(email='somebody@example.com'))}",
    "account in capitals": f"Bearer {token(claims(email='PUSHER@acme-project'))}",
    "unverified mail": f"Bearer {token(claims(email_verified=False))}",
    "mail verified in words": f"Bearer {token(claims(email_verified='true'))}",
    "expired": f"Bearer {token(claims(exp=NOW - 61))}",
    "not issued yet": f"Bearer {token(claims(iat=NOW + 61))}",
    **{
        f"without {name}": f"Bearer {token({k: v for k, v in claims().items() if k != name})}"
        for name in ("aud", "email", "email_verified", "exp", "iat", "iss")
    },
}


@pytest.mark.parametrize("name", FORGED)
async def test_forged_token_is_refused(name: str) -> None:
    with pytest.raises(ForgedEvent):
        await receiver().verify(pushed(BODY, FORGED[name]))


@pytest.mark.parametrize(
    ("audience", "email"), [(None, None), (AUDIENCE, None), (None, "pusher@example.com")]
)
async def test_without_its_settings_everything_is_refused(
    audience: str | None, email: str | None
) -> None:
    place = web()

    with pytest.raises(ForgedEvent, match="TRUEPORT_PUBSUB_AUDIENCE"):
        await receiver(place, audience=audience, email=email).verify(pushed(BODY))

    assert place.asked == []


async def test_keys_are_fetched_once_and_again_when_they_are_old() -> None:
    place, clock = web(), FakeClock()
    events = receiver(place, clock=clock)

    for _ in range(3):
        await events.verify(pushed(BODY))
    assert place.asked == [KEYS_URL]
    clock.advance(MAX_AGE)
    later = NOW + int(MAX_AGE)
    await events.verify(pushed(BODY, f"Bearer {token(claims(iat=later, exp=later + 60))}"))

    assert place.asked == [KEYS_URL, KEYS_URL]


async def test_new_key_of_google_is_found_and_invented_ones_ask_seldom() -> None:
    place, clock = web(), FakeClock()
    events = receiver(place, clock=clock)
    await events.verify(pushed(BODY))

    for number in range(20):
        with pytest.raises(ForgedEvent):
            await events.verify(pushed(BODY, f"Bearer {token(key_id=str(number))}"))
    clock.advance(PAUSE)
    place.documents[KEYS_URL] = key_set(new=private_key("new").public_key())
    said = await events.verify(
        pushed(BODY, f"Bearer {token(key=private_key('new'), key_id='new')}")
    )

    assert said.objects == (REF,)
    assert len(place.asked) == 2


@pytest.mark.parametrize("keys", [None, b"", b"[]", b"{}", b'{"keys": [1, {"kty": "RSA"}]}'])
async def test_keys_that_cannot_be_fetched_are_our_trouble(keys: bytes | None) -> None:
    place = web()
    place.documents = {} if keys is None else {KEYS_URL: keys}

    with pytest.raises(Unavailable) as raised:
        await receiver(place).verify(pushed(BODY))

    assert raised.value.retry_after


async def test_secret_key_among_the_keys_is_left_out() -> None:
    place = web()
    place.documents[KEYS_URL] = json.dumps(
        {"keys": [{"kty": "oct", "kid": KEY_ID, "k": "c2VjcmV0"}]}
    ).encode()

    with pytest.raises(Unavailable):
        await receiver(place).verify(pushed(BODY))
