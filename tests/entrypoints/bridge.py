"""A site that lives in a thread of its own, for tools that call applications without a loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from tests.entrypoints.conftest import Site, a_site


class Bridge:
    """An ASGI application that serves each request in the loop where the site lives."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self.site = site
        self.loop = loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over one whole request, and give back its whole answer."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        work = asyncio.run_coroutine_threadsafe(self._serve(scope, body), self.loop)
        for message in await asyncio.wrap_future(work):
            await send(message)

    async def _serve(self, scope: Scope, body: bytes) -> list[Message]:
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        answer: list[Message] = []

        async def receive() -> Message:
            return waiting.pop() if waiting else await asyncio.Future()

        async def send(message: Message) -> None:
            answer.append(message)

        await self.site.app({**scope, "state": {}}, receive, send)
        return answer


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


@contextmanager
def bridged_site(home: Path) -> Iterator[Bridge]:
    """Run a site in a thread until the block is left."""
    ready = threading.Event()
    bridges: list[Bridge] = []
    errors: list[BaseException] = []
    is_over: list[asyncio.Event] = []

    async def live() -> None:
        async with a_site(home) as site:
            is_over.append(asyncio.Event())
            bridges.append(Bridge(site, asyncio.get_running_loop()))
            ready.set()
            await is_over[0].wait()

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            errors.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="site", daemon=True)
    thread.start()
    ready.wait()
    try:
        if not bridges:
            raise RuntimeError("the site did not start") from errors[0]
        yield bridges[0]
    finally:
        if bridges:
            bridges[0].loop.call_soon_threadsafe(is_over[0].set)
        thread.join(timeout=30)
    if errors:
        raise errors[0]
