"""Send a guarded answer as server-sent events, and notice when its reader goes away."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from application.gateway.relay import StreamedChat
from application.server_sent_events import encode_comment, encode_event
from domain.errors import DomainError
from entrypoints.http.json_answer import encode_json
from entrypoints.http.problems import openai_answer

_log = logging.getLogger(__name__)
_DONE = b"[DONE]"


class EventStream(Response):
    """A streamed chat: events, the final decision as a comment, `[DONE]`.

    A reader that goes away cancels the upstream and what was streamed is recorded. An error after
    the first byte is an event in OpenAI's error shape; the stream then ends without `[DONE]`.
    """

    media_type = "text/event-stream"

    def __init__(self, chat: StreamedChat, *, headers: Mapping[str, str]) -> None:
        super().__init__(status_code=200, headers={"cache-control": "no-cache", **headers})
        del self.headers["content-length"]
        self._chat = chat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream; returns when it is over, for whatever reason."""
        try:
            async with asyncio.TaskGroup() as group:
                pump = group.create_task(self._pump(send))
                watch = group.create_task(_watch(receive, pump))
                pump.add_done_callback(lambda _: watch.cancel())
        finally:
            # In the task that opened the upstream, and whether or not the pump ever ran.
            await self._chat.aclose()

    async def _pump(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with aclosing(self._events()) as events:
            async for event in events:
                await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _events(self) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in self._chat.chunks:
                yield encode_event(encode_json(chunk))
        except DomainError as error:
            _log.warning("stream broke off", extra={"code": error.code})
            yield encode_event(encode_json(openai_answer(error).body))
            return
        yield encode_comment(f"x-trueport-decision: {self._chat.guarded.decision.value}")
        yield encode_event(_DONE)


async def _watch(receive: Receive, pump: "asyncio.Task[None]") -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            pump.cancel()
            return
