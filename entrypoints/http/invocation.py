"""Requests on a platform that takes an answer whole, of a bounded size, and in a bounded time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import DomainError
from entrypoints.http.json_answer import JsonAnswer
from entrypoints.http.middleware import is_openai_path
from entrypoints.http.problems import (
    AnswerTooLarge,
    BodyTooLarge,
    DeadlinePassed,
    openai_answer,
    problem_answer,
)

LARGEST_BODY = 4_400_000
"""Bytes of a request or an answer: in base64 they are 5.9 MB of the 6 MB that Lambda passes on.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

_LARGEST_PAYLOAD = 6_000_000
_EVENT_STREAM = b"text/event-stream"
_TEXT = (b"text/", b"application/json")

Headers = Sequence[tuple[bytes, bytes]]


class WholeAnswers:
    """Hold the answer of an application until it is complete and known to pass.

    A request or an answer that is too large, and one whose time is over, are told so in the
    caller's dialect. A stream becomes one body of the same events, and says so in a header. What
    `after` does is done before the answer leaves, since nothing runs behind it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        seconds_left: Callable[[], float],
        after: Callable[[Scope], Awaitable[None]],
    ) -> None:
        self._app = app
        self._seconds_left = seconds_left
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        first = await receive()
        whole = _Whole()
        limit = asyncio.timeout(max(0.0, self._seconds_left()))
        try:
            _check_size(first)
            async with limit:
                await self._app(scope, _again(first, receive), whole)
        except BodyTooLarge as error:
            await tell(error, scope, receive, whole)
        except TimeoutError:
            if not limit.expired():
                raise
            whole = _Whole()
            late = DeadlinePassed("the answer did not come in the time that this server has")
            await tell(late, scope, receive, whole)
        await self._after(scope)
        if whole.is_too_large:
            whole = _Whole()
            await tell(
                AnswerTooLarge(
                    f"the answer is larger than {LARGEST_BODY} bytes, which is all that can be "
                    "passed on here: ask for less at once"
                ),
                scope,
                receive,
                whole,
            )
        await whole.deliver(send)


class _Whole:
    """An answer as it comes together."""

    def __init__(self) -> None:
        self._start: MutableMapping[str, object] = {}
        self._headers: Headers = ()
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self._headers = [(bytes(name), bytes(value)) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")

    @property
    def is_too_large(self) -> bool:
        """Tell whether it would not fit into what carries it, quoted as text or in base64."""
        size = len(self._body)
        if size > LARGEST_BODY:
            return True
        if not self._content_type.startswith(_TEXT) or size < _LARGEST_PAYLOAD // 6:
            # One byte becomes six at most, as a control character in JSON does.
            return False
        return len(json.dumps(self._body.decode("utf-8", "replace"))) > _LARGEST_PAYLOAD

    async def deliver(self, send: Send) -> None:
        """Send it in one piece."""
        if not self._start:
            raise ConnectionAbortedError("the application gave no answer")
        headers = list(self._headers)
        if self._content_type.startswith(_EVENT_STREAM):
            headers.append((b"x-trueport-stream", b"buffered"))
        await send({**self._start, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self._body), "more_body": False})

    @property
    def _content_type(self) -> bytes:
        return dict(self._headers).get(b"content-type", b"")


async def tell(error: DomainError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with an error in the dialect of the path."""
    path = str(scope["path"])
    if is_openai_path(path):
        answer = openai_answer(error)
        media_type = "application/json"
    else:
        answer = problem_answer(error, instance=path)
        media_type = "application/problem+json"
    response = JsonAnswer(
        dict(answer.body),
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type=media_type,
    )
    await response(scope, receive, send)


def _check_size(request: Message) -> None:
    if len(request.get("body", b"")) > LARGEST_BODY:
        raise BodyTooLarge(f"the body is larger than {LARGEST_BODY} bytes")


def _again(first: Message, receive: Receive) -> Receive:
    """Return a channel that begins with a message that was taken from it."""
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
