"""What every request passes: an id, a last net for errors, and a bounded body."""

import hmac
import logging
import traceback
from collections.abc import Callable, Sequence
from contextvars import ContextVar

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import InvalidValue
from domain.identifiers import RequestId
from entrypoints.http.problems import FORBIDDEN, INTERNAL, BodyTooLarge, openai_error, problem

_log = logging.getLogger(__name__)

REQUEST_ID_HEADER = "x-trueport-request-id"

request_id_context: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request being served, for log lines."""


class RequestContext:
    """Give each request an id, answer it in a header, and turn what nobody caught into a 500.

    A traceback's values could hold a prompt, so only the error's type and places are logged.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        new_id: Callable[[], str],
        count: Callable[[str, int, str], None] = lambda _route, _status, _provider: None,
    ) -> None:
        self._app = app
        self._new_id = new_id
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        token = request_id_context.set(request_id)
        has_started = has_ended = False

        async def send_with_id(message: Message) -> None:
            nonlocal has_started, has_ended
            if message["type"] == "http.response.body":
                has_ended = not message.get("more_body", False)
            if message["type"] == "http.response.start":
                has_started = True
                provider = str(scope["state"].get("provider", ""))
                self._count(_route_of(scope), message["status"], provider)
                header = (REQUEST_ID_HEADER.encode(), request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            _log.error(
                "request failed unexpectedly",
                extra={"error": type(error).__name__, "at": _places(error)},
            )
            if has_started and not has_ended:
                raise ConnectionAbortedError("the answer had begun already") from None
            if not has_started:
                await internal_error(scope)(scope, receive, send_with_id)
        finally:
            request_id_context.reset(token)


class OriginCheck:
    """Refuse requests that did not come through the edge, which adds a secret header."""

    def __init__(self, app: ASGIApp, *, secrets: Sequence[str]) -> None:
        self._app = app
        self._secrets = [secret.encode() for secret in secrets]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request if its `x-origin-verify` is one of the secrets."""
        if scope["type"] == "http" and not str(scope["path"]).endswith("/healthz"):
            given = dict(scope["headers"]).get(b"x-origin-verify", b"")
            if not any(hmac.compare_digest(given, secret) for secret in self._secrets):
                await _refused_origin(str(scope["path"]))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _route_of(scope: Scope) -> str:
    """Return the path of the route that served a request, never what the caller made up."""
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path else "none"


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))


def _refused_origin(path: str) -> JSONResponse:
    detail = "This server is reached through its public address only."
    if is_openai_path(path):
        body = openai_error(detail, kind="permission_error", code="origin.refused")
        return JSONResponse(body, status_code=FORBIDDEN)
    return JSONResponse(
        problem(FORBIDDEN, "Not allowed", detail, code="origin.refused", instance=path),
        status_code=FORBIDDEN,
        media_type="application/problem+json",
    )


def internal_error(scope: Scope) -> JSONResponse:
    """Return the answer to an error that nobody foresaw; it names the request and nothing else."""
    request_id = scope["state"]["request_id"]
    detail = f"Something went wrong on our side; please report request {request_id}."
    path = str(scope.get("path", ""))
    if is_openai_path(path):
        body = openai_error(detail, kind="api_error", code="internal_error")
        return JSONResponse(body, status_code=INTERNAL)
    return JSONResponse(
        problem(INTERNAL, "Internal error", detail, code="internal_error", instance=path),
        status_code=INTERNAL,
        media_type="application/problem+json",
    )


def is_openai_path(path: str) -> bool:
    """Tell whether errors on this path have OpenAI's shape."""
    return path.startswith(("/v1/", "/trueportai-services/v1/"))


def request_id_of(request: Request) -> RequestId:
    """Return the id that `RequestContext` gave."""
    return RequestId(str(request.state.request_id))


async def read_body(request: Request, limit: int, *, may_be_empty: bool = False) -> bytes:
    """Return the body of a request.

    Raises:
        BodyTooLarge: it has more than `limit` bytes.
        InvalidValue: it is empty and may not be.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise BodyTooLarge(f"the body is larger than {limit} bytes")
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise BodyTooLarge(f"the body is larger than {limit} bytes")
        pieces.append(piece)
    body = b"".join(pieces)
    if not may_be_empty and not body.strip():
        raise InvalidValue("the body is empty; send a JSON object")
    return body
