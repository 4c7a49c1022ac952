"""Signing up, in and out over HTTP."""

import re

import httpx2
import pytest

from tests.entrypoints.conftest import Site
from tests.entrypoints.mailbox import codes_mailed, sign_up

AUTH = "/platform/api/v1/auth"
ADA = "ada@example.org"


async def post(site: Site, path: str, **body: object) -> httpx2.Response:
    return await site.client.post(f"{AUTH}/{path}", json=body)


async def test_person_signs_up_refreshes_and_signs_out(site: Site) -> None:
    signed_in = await sign_up(site, ADA, "Ada Lovelace")
    tokens = signed_in.json()
    refreshed = await post(site, "refresh", refresh_token=tokens["refresh_token"])
    left = await post(site, "logout", refresh_token=refreshed.json()["refresh_token"])
    after = await post(site, "refresh", refresh_token=refreshed.json()["refresh_token"])

    assert signed_in.status_code == 200
    assert signed_in.headers["cache-control"] == "no-store"
    assert "set-cookie" not in signed_in.headers
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["refresh_expires_in"] == 14 * 86400
    assert tokens["user"]["email"] == ADA
    assert tokens["user"]["name"] == "Ada Lovelace"
    assert refreshed.status_code == 200
    assert refreshed.json()["refresh_token"] != tokens["refresh_token"]
    assert (left.status_code, left.content) == (204, b"")
    assert after.status_code == 401
    assert after.json()["code"] == "session.invalid"


async def test_answer_is_the_same_for_known_and_unknown_addresses(site: Site) -> None:
    await sign_up(site, ADA)

    answers = [
        await post(site, "otp", email="owner@acme.example.com"),
        await post(site, "otp", email="nobody@example.org"),
        await post(site, "signup", email="owner@acme.example.com", name="Owner"),
        await post(site, "signup", email="new@example.org", name="New"),
    ]
    limited = [
        await post(site, "otp", email="owner@acme.example.com"),
        await post(site, "otp", email="nobody@example.org"),
    ]

    # The second request of one address within a minute is refused, whoever it belongs to.
    assert [answer.status_code for answer in answers] == [202, 202, 429, 202]
    assert answers[0].content == answers[1].content == answers[3].content
    assert [answer.status_code for answer in limited] == [429, 429]
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in limited)
    assert limited[0].json()["detail"] == limited[1].json()["detail"]
    assert await codes_mailed(site, "nobody@example.org") == []


async def test_wrong_code_is_the_same_answer_for_everybody(site: Site) -> None:
    await post(site, "otp", email="owner@acme.example.com")
    (code,) = await codes_mailed(site, "owner@acme.example.com")
    wrong = "000000" if code != "000000" else "000001"

    answers = [
        await post(site, "otp/verify", email=email, code=wrong)
        for email in ("owner@acme.example.com", "nobody@example.org")
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["www-authenticate"] == "Bearer"
    right = await post(site, "otp/verify", email="owner@acme.example.com", code=code)
    assert right.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("signup", {"email": "no address", "name": "Ada"}, "email"),
        ("signup", {"email": ADA}, "name"),
        ("signup", {"email": ADA, "name": "  "}, "name"),
        ("signup", {"email": ADA, "name": "x" * 101}, "name"),
        ("otp", {"email": ADA, "extra": 1}, "extra"),
        ("otp", {"email": "a" * 300 + "@example.org"}, "email"),
        ("otp", {}, "email"),
        ("otp/verify", {"email": ADA, "code": "abcdef"}, "code"),
        ("otp/verify", {"email": ADA, "code": "12345"}, "code"),
        ("otp/verify", {"email": ADA, "code": "123456", "session": "jar"}, "session"),
    ],
)
async def test_wrong_field_is_named(
    site: Site, path: str, body: dict[str, object], field: str
) -> None:
    answer = await post(site, path, **body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_refresh_token_in_a_cookie_is_out_of_scripts_reach(site: Site) -> None:
    await post(site, "signup", email=ADA, name="Ada")
    (code,) = await codes_mailed(site, ADA)

    signed_in = await post(site, "otp/verify", email=ADA, code=code, session="cookie")
    refreshed = await site.client.post(f"{AUTH}/refresh")
    again = await site.client.post(f"{AUTH}/refresh", json={})
    left = await site.client.post(f"{AUTH}/logout")
    after = await site.client.post(f"{AUTH}/refresh")

    for answer in (signed_in, refreshed, again):
        assert answer.status_code == 200
        assert answer.json()["refresh_token"] is None
        cookie = answer.headers["set-cookie"]
        assert re.match(r"trueport_refresh=tpr_[^;]+; ", cookie)
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/platform/api/v1/auth" in cookie
        assert "Max-Age=1209600" in cookie
        assert "Secure" not in cookie
    assert left.status_code == 204
    assert 'trueport_refresh=""' in left.headers["set-cookie"]
    assert after.status_code == 401
    assert after.json()["code"] == "session.missing"


async def test_cookie_over_tls_is_secure(site: Site) -> None:
    await post(site, "signup", email=ADA, name="Ada")
    (code,) = await codes_mailed(site, ADA)

    answer = await site.client.post(
        f"https://trueport.example.com{AUTH}/otp/verify",
        json={"email": ADA, "code": code, "session": "cookie"},
    )

    assert "Secure" in answer.headers["set-cookie"]


async def test_reused_refresh_token_ends_the_session(site: Site) -> None:
    first = (await sign_up(site, ADA)).json()["refresh_token"]
    second = (await post(site, "refresh", refresh_token=first)).json()["refresh_token"]

    reused = await post(site, "refresh", refresh_token=first)
    ended = await post(site, "refresh", refresh_token=second)

    assert (reused.status_code, reused.json()["code"]) == (401, "session.reused")
    assert (ended.status_code, ended.json()["code"]) == (401, "session.invalid")


@pytest.mark.parametrize("token", ["", "x", "tpr_" + "0" * 26 + "_" + "a" * 43])
async def test_refresh_token_that_is_none_is_refused(site: Site, token: str) -> None:
    answer = await post(site, "refresh", refresh_token=token)

    assert answer.status_code == 401


async def test_large_body_is_refused(site: Site) -> None:
    answer = await post(site, "otp", email="x" * 10_000)

    assert answer.status_code == 413
