"""The contract of `AccessTokens`, and every way to make a token that must be refused."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.keyring import KeyRing, RingKey
from application.ports.access_tokens import ACCESS_TOKEN_LIFE, AccessTokens, Audience
from domain.authorisation import Principal
from domain.errors import Unauthenticated
from domain.identifiers import UserId
from tests.contract.samples import sample_id
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds
from tests.fakes.randomness import SeededRandomness

OLD = KeyRing.generate(SeededRandomness(1))
NEW = KeyRing.generate(SeededRandomness(2))
ROTATED = KeyRing(keys=(*NEW.keys, *OLD.keys))
ADA = Principal(user_id=UserId(sample_id("usr", 1)), token_version=3)
LIFE = ACCESS_TOKEN_LIFE.total_seconds()

Make = Callable[[KeyRing, FakeClock], AccessTokens]
MAKERS: Mapping[str, Make] = {
    "jwt": lambda ring, clock: JwtAccessTokens(ring, clock=clock, ids=CountingIds())
}
every_kind = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def refusal_of(tokens: AccessTokens, token: str, audience: Audience = Audience.PLATFORM) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        tokens.verify(token, audience=audience)
    assert len(token) < 20 or token[:20] not in str(refusal.value)
    return refusal.value.code


@every_kind
def test_token_is_accepted_by_each_audience(make: Make) -> None:
    tokens = make(OLD, FakeClock())

    token = tokens.issue(ADA)

    for audience in Audience:
        assert tokens.verify(token.value, audience=audience) == ADA


@every_kind
def test_token_is_shown_in_no_repr(make: Make) -> None:
    token = make(OLD, FakeClock()).issue(ADA)

    assert token.value not in repr(token)


@every_kind
def test_token_ends_after_its_life_and_the_leeway(make: Make) -> None:
    clock = FakeClock()
    tokens = make(OLD, clock)
    token = tokens.issue(ADA)
    assert token.expires_at == clock.now() + ACCESS_TOKEN_LIFE

    clock.advance(LIFE + 29)
    assert tokens.verify(token.value, audience=Audience.PLATFORM) == ADA
    clock.advance(1)
    assert refusal_of(tokens, token.value) == "token.expired"


@every_kind
def test_token_of_a_clock_that_is_far_ahead_is_refused(make: Make) -> None:
    ahead, here = FakeClock(), FakeClock()
    ahead.advance(31)

    token = make(OLD, ahead).issue(ADA)

    assert refusal_of(make(OLD, here), token.value) == "token.invalid"
    here.advance(1)
    assert make(OLD, here).verify(token.value, audience=Audience.PLATFORM) == ADA


@every_kind
def test_tokens_of_before_a_rotation_stay_good_until_their_key_is_taken_out(make: Make) -> None:
    clock = FakeClock()
    before = make(OLD, clock).issue(ADA).value

    after = make(ROTATED, clock).issue(ADA).value

    assert make(ROTATED, clock).verify(before, audience=Audience.PLATFORM) == ADA
    assert make(NEW, clock).verify(after, audience=Audience.PLATFORM) == ADA
    assert refusal_of(make(NEW, clock), before) == "token.invalid"


@every_kind
def test_every_token_has_an_id_of_its_own(make: Make) -> None:
    tokens = make(OLD, FakeClock())

    assert tokens.issue(ADA).value != tokens.issue(ADA).value


@every_kind
@given(st.data())
def test_changed_token_is_refused(make: Make, data: st.DataObject) -> None:
    tokens = make(OLD, FakeClock())
    token = tokens.issue(ADA).value
    at = data.draw(st.integers(0, len(token) - 2))
    character = data.draw(st.sampled_from("AZaz09-_.=\n é"))

    changed = token[:at] + character + token[at + 1 :]

    if _meaning(changed) != _meaning(token):
        assert refusal_of(tokens, changed) == "token.invalid"


@every_kind
@given(st.text(max_size=200))
def test_any_text_is_refused(make: Make, text: str) -> None:
    assert refusal_of(make(OLD, FakeClock()), text) == "token.invalid"


def _meaning(token: str) -> object:
    """Return what a token says, whatever unused bits its base64 has."""
    try:
        return [base64.urlsafe_b64decode(part + "==") for part in token.split(".")]
    except ValueError:
        return token


KEY = OLD.first
CLOCK = FakeClock()
CLAIMS: dict[str, Any] = {
    "iss": "trueport",
    "aud": ["platform-backend", "trueportai-services"],
    "sub": ADA.user_id,
    "jti": "1",
    "iat": int(CLOCK.now().timestamp()),
    "exp": int(CLOCK.now().timestamp()) + 900,
    "ver": 3,
}


def forged(
    claims: Mapping[str, Any] = CLAIMS,
    *,
    key: RingKey = KEY,
    algorithm: str = "HS256",
    **headers: Any,
) -> str:
    return jwt.encode(
        dict(claims), key.secret, algorithm=algorithm, headers={"kid": key.id, **headers}
    )


def changed(**claims: Any) -> dict[str, Any]:
    return {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}


def raw(header: Mapping[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(CLAIMS).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


ACCEPTED = forged()
STRANGER = RingKey(id=KEY.id, secret=bytes(range(32)))
REFUSED = {
    "empty": "",
    "not a token": "a.b.c",
    "two parts": "a.b",
    "none": raw({"alg": "none", "kid": KEY.id, "typ": "JWT"}),
    "None with capitals": raw({"alg": "nOnE", "kid": KEY.id}),
    "none with an old signature": ACCEPTED.rpartition(".")[0] + ".",
    "no algorithm": raw({"kid": KEY.id}),
    "another HMAC": jwt.encode(CLAIMS, KEY.secret * 2, algorithm="HS512", headers={"kid": KEY.id}),
    "the same key under HS384": jwt.encode(
        CLAIMS, KEY.secret * 2, algorithm="HS384", headers={"kid": KEY.id}
    ),
    "RS256 named": raw({"alg": "RS256", "kid": KEY.id}, b"x" * 256),
    "another key": forged(key=STRANGER),
    "no key id": jwt.encode(CLAIMS, KEY.secret, algorithm="HS256"),
    "unknown key id": forged(kid="k-unknown"),
    "path as key id": forged(kid="../../dev/null"),
    "crit": forged(crit=["exp"]),
    "jwk in the header": forged(jwk={"kty": "oct", "k": "AAAA"}),
    "jku": forged(jku="https://evil.example.com/keys"),
    "x5u": forged(x5u="https://evil.example.com/cert"),
    "x5c": forged(x5c=["AAAA"]),
    "too long": forged(changed(padding="x" * 4096)),
    "another issuer": forged(changed(iss="evil")),
    "no issuer": forged(changed(iss=None)),
    "another audience": forged(changed(aud="elsewhere")),
    "no audience": forged(changed(aud=None)),
    "empty audience": forged(changed(aud=[])),
    "no subject": forged(changed(sub=None)),
    "subject of another kind": forged(changed(sub=sample_id("key", 1))),
    "no id": forged(changed(jti=None)),
    "no expiry": forged(changed(exp=None)),
    "expiry as text": forged(changed(exp="tomorrow")),
    "expiry far away": forged(changed(exp=CLAIMS["exp"] + 86400)),
    "no time of issue": forged(changed(iat=None)),
    "issued in the future": forged(changed(iat=CLAIMS["iat"] + 60)),
    "not yet valid": forged(changed(nbf=CLAIMS["iat"] + 60)),
    "no token version": forged(changed(ver=None)),
    "token version as text": forged(changed(ver="3")),
}


def test_forger_of_these_tests_makes_good_tokens_when_nothing_is_wrong() -> None:
    assert (
        JwtAccessTokens(OLD, clock=CLOCK, ids=CountingIds()).verify(
            ACCEPTED, audience=Audience.SERVICES
        )
        == ADA
    )


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_forged_token_is_refused(token: str) -> None:
    assert refusal_of(JwtAccessTokens(OLD, clock=CLOCK, ids=CountingIds()), token) == (
        "token.invalid"
    )


def test_token_for_one_audience_is_refused_by_the_other() -> None:
    tokens = JwtAccessTokens(OLD, clock=CLOCK, ids=CountingIds())
    token = forged(changed(aud="trueportai-services"))

    assert tokens.verify(token, audience=Audience.SERVICES) == ADA
    assert refusal_of(tokens, token, Audience.PLATFORM) == "token.invalid"
