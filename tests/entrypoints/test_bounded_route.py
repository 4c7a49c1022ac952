"""Requests that another transaction got ahead of."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from domain.errors import ConcurrentUpdate
from entrypoints.http.application import build_application
from entrypoints.http.bounded_route import bounded_route


class Overtaken:
    """A handler that others get ahead of so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.calls = 0

    def __call__(self, what: object) -> Mapping[str, object]:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise ConcurrentUpdate("this was changed in the meantime: read it again")
        return {"what": what}


def application(handler: Overtaken, *, is_repeated: bool = True) -> FastAPI:
    router = APIRouter(route_class=bounded_route(100, is_repeated=is_repeated))

    @router.post("/thing")
    async def make(body: dict[str, Any]) -> Mapping[str, object]:
        return handler(body)

    @router.delete("/thing")
    async def delete() -> Mapping[str, object]:
        return handler(None)

    return build_application(title="test", version="0", description="", routers=[router], prefix="")


async def ask(app: FastAPI, method: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        body = {"name": "Ada"} if method == "POST" else None
        return await client.request(method, "/thing", json=body)


@pytest.mark.parametrize(("method", "what"), [("POST", {"name": "Ada"}), ("DELETE", None)])
async def test_overtaken_request_is_handled_again_with_its_body(method: str, what: object) -> None:
    handler = Overtaken(2)

    answer = await ask(application(handler), method)

    assert (answer.status_code, answer.json()) == (200, {"what": what})
    assert handler.calls == 3


async def test_request_that_is_overtaken_every_time_is_a_conflict() -> None:
    answer = await ask(application(Overtaken(100)), "POST")

    assert answer.status_code == 409
    assert answer.json()["code"] == "concurrent_update"


async def test_request_that_reaches_further_is_handled_once() -> None:
    handler = Overtaken(1)

    answer = await ask(application(handler, is_repeated=False), "POST")

    assert (answer.status_code, handler.calls) == (409, 1)
