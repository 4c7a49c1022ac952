"""Management routes take an access token, and say what was wrong with another one."""

from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends, FastAPI

from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.keyring import KeyRing
from application.ports.access_tokens import AccessTokens, Audience
from domain.authorisation import Principal
from domain.identifiers import UserId
from entrypoints.http.application import build_application
from entrypoints.http.authentication import signed_in
from tests.contract.samples import sample_id
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds
from tests.fakes.randomness import SeededRandomness

ADA = Principal(user_id=UserId(sample_id("usr", 1)))


def app_with(tokens: AccessTokens) -> FastAPI:
    router = APIRouter()
    require = signed_in(lambda: tokens, Audience.PLATFORM)

    @router.get("/who")
    async def who(principal: Annotated[Principal, Depends(require)]) -> dict[str, str]:
        return {"user": principal.user_id}

    return build_application(title="t", version="1", description="", routers=[router], prefix="")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tokens(clock: FakeClock) -> AccessTokens:
    return JwtAccessTokens(KeyRing.generate(SeededRandomness()), clock=clock, ids=CountingIds())


async def answer(tokens: AccessTokens, *authorization: str) -> httpx2.Response:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app_with(tokens)), base_url="http://t.example.com"
    ) as client:
        headers = [("authorization", value) for value in authorization]
        return await client.get("/who", headers=headers)


async def test_bearer_of_a_token_is_its_user(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA).value

    for scheme in ("Bearer", "bearer", "BEARER"):
        found = await answer(tokens, f"{scheme} {token}")
        assert (found.status_code, found.json()) == (200, {"user": ADA.user_id})


@pytest.mark.parametrize("authorization", [[], [""], ["Bearer"], ["Basic YTpi"]])
async def test_missing_token_is_asked_for(tokens: AccessTokens, authorization: list[str]) -> None:
    refused = await answer(tokens, *authorization)

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "token.missing"


@pytest.mark.parametrize("token", ["tp_live_abc", "x", "a.b.c", "a b"])
async def test_refused_token_is_named_as_the_reason(tokens: AccessTokens, token: str) -> None:
    refused = await answer(tokens, f"Bearer {token}")

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert refused.json()["code"] == "token.invalid"
    assert token not in refused.text or len(token) == 1


async def test_expired_token_asks_for_a_refresh(tokens: AccessTokens, clock: FakeClock) -> None:
    token = tokens.issue(ADA).value
    clock.advance(3600)

    refused = await answer(tokens, f"Bearer {token}")

    assert refused.status_code == 401
    assert refused.json()["code"] == "token.expired"


def test_document_names_the_scheme(tokens: AccessTokens) -> None:
    document = app_with(tokens).openapi()

    assert document["paths"]["/who"]["get"]["security"] == [{"accessToken": []}]
    assert document["components"]["securitySchemes"]["accessToken"]["scheme"] == "bearer"
