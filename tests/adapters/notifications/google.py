"""Google as it signs identity tokens, and Pub/Sub as it pushes."""

import base64
import json
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from adapters.notifications.google_keys import KEYS_URL, GoogleKeys
from adapters.notifications.pub_sub import PubSubEvents
from application.ports.notifications import EventMessage
from tests.adapters.notifications.authority import private_key
from tests.adapters.notifications.web import FakeWeb
from tests.fakes.clock import START, FakeClock

AUDIENCE = "https://trueport.example.com/analytics/events/gcp"
EMAIL = "pusher@acme-project.iam.gserviceaccount.com"
KEY_ID = "7d680d8c70d44e947133cbd499ebc1a61c3d5abc"
NOW = int(START.timestamp())


def claims(**changes: object) -> dict[str, object]:
    return {
        "aud": AUDIENCE,
        "azp": "113774264463038321964",
        "email": EMAIL,
        "email_verified": True,
        "exp": NOW + 3000,
        "iat": NOW - 600,
        "iss": "https://accounts.google.com",
        "sub": "113774264463038321964",
        **changes,
    }


def token(
    said: Mapping[str, object] | None = None,
    *,
    key: RSAPrivateKey | None = None,
    key_id: str = KEY_ID,
) -> str:
    """Return an identity token as Google signs it."""
    return jwt.encode(
        dict(claims() if said is None else said),
        key or private_key("google"),
        algorithm="RS256",
        headers={"kid": key_id},
    )


def encoded(part: object) -> str:
    """Return a part of a token that nobody signs."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def key_set(**keys: RSAPublicKey) -> bytes:
    """Return a key set as Google publishes it, each key under its id."""
    return json.dumps(
        {
            "keys": [
                {**RSAAlgorithm.to_jwk(key, as_dict=True), "kid": key_id, "use": "sig"}
                for key_id, key in keys.items()
            ]
        }
    ).encode()


def web() -> FakeWeb:
    return FakeWeb({KEYS_URL: key_set(**{KEY_ID: private_key("google").public_key()})})


def receiver(
    place: FakeWeb | None = None,
    *,
    clock: FakeClock | None = None,
    audience: str | None = AUDIENCE,
    email: str | None = EMAIL,
) -> PubSubEvents:
    """Return our side."""
    at = clock or FakeClock()
    return PubSubEvents(
        audience=audience,
        email=email,
        keys=GoogleKeys(fetch=place if place is not None else web(), clock=at),
        clock=at,
    )


def pushed(body: bytes, authorization: str | None = None) -> EventMessage:
    """Return a message as Pub/Sub pushes it."""
    headers = {"content-type": "application/json", "user-agent": "APIs-Google"}
    if authorization is None:
        authorization = f"Bearer {token()}"
    return EventMessage(body=body, headers={**headers, "authorization": authorization})
