"""What a server answers while it puts its work away before it ends."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from entrypoints.http.application import PROBLEM
from entrypoints.http.json_answer import JsonAnswer
from entrypoints.http.problems import problem

RETRY_AFTER = 5
"""Seconds after which another process will have taken this one's place."""

_UNAVAILABLE = 503
_WATCHED = ("/healthz", "/readyz", "/metrics")


class DrainGate:
    """Let nothing new in once the process is ending, except those who watch it end.

    Never a 4xx: a cloud takes that as delivered.
    """

    def __init__(self, app: ASGIApp, *, is_ending: Callable[[], bool]) -> None:
        self._app = app
        self._is_ending = is_ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503 with a time to come again, or pass the request on."""
        if scope["type"] != "http" or not self._is_ending() or scope["path"].endswith(_WATCHED):
            await self._app(scope, receive, send)
            return
        answer = JsonAnswer(
            problem(
                _UNAVAILABLE,
                "Service unavailable",
                "this process is ending; come again",
                code="server.ending",
                instance=scope["path"],
            ),
            status_code=_UNAVAILABLE,
            headers={"retry-after": str(RETRY_AFTER)},
            media_type=PROBLEM,
        )
        await answer(scope, receive, send)
