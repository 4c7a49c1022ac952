"""Routes whose request bodies are bounded before anybody parses them."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from application.overtaken import again_when_overtaken
from entrypoints.http.middleware import read_body

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def bounded_route(
    limit: int, *, may_be_empty: bool = False, is_repeated: bool = True
) -> type[APIRoute]:
    """Return a class of routes that take bodies of 1 to `limit` bytes, or of none at all.

    Its requests raise `BodyTooLarge` and `InvalidValue` as `read_body` does. One that another
    transaction got ahead of is handled again for the caller, who read nothing that is old by now;
    not where `is_repeated` is false, because more is done than a transaction undoes.
    """

    class BoundedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def bounded(request: Request) -> Response:
                if request.method not in _WITH_BODY:
                    return await tried(lambda: handle(request))
                body = await read_body(request, limit, may_be_empty=may_be_empty)
                return await tried(
                    lambda: handle(Request(request.scope, _again(body, request.receive)))
                )

            async def tried(work: Callable[[], Awaitable[Response]]) -> Response:
                return await (again_when_overtaken(work) if is_repeated else work())

            return bounded

    return BoundedRoute


def _again(
    body: bytes, receive: Callable[[], Awaitable[Message]]
) -> Callable[[], Awaitable[Message]]:
    """Return a channel that gives the body once more, and then what else comes."""
    has_given = False

    async def replay() -> Message:
        nonlocal has_given
        if has_given:
            return await receive()
        has_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
