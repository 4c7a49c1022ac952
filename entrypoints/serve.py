"""Serve everything in one process until somebody ends it."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import uvicorn

from domain.errors import DomainError
from entrypoints.demo import Demo
from entrypoints.http_server import (
    EXIT_CANNOT_START,
    Server,
    address_of,
    complain,
    configuration,
    listen,
    say,
)
from entrypoints.wiring.applications import make_server_app
from entrypoints.wiring.containers import Container, served_at
from entrypoints.wiring.lifespan import running
from entrypoints.wiring.logging import configure_logging

LOG_FILE = "trueport.log"
"""Where a demo's log goes, under `TRUEPORT_HOME`: its table should stay readable."""


def serve(
    container: Container, *, host: str, port: int, is_demo: bool = False, is_once: bool = False
) -> int:
    """Serve until SIGINT or SIGTERM, or until the demo is over with `is_once`.

    Returns the exit status; what prevents a start is one line on standard error.
    """
    settings = container.settings()
    listener = listen(host, port)
    if listener is None:
        return EXIT_CANNOT_START
    configure_logging(settings, file=LOG_FILE if is_demo else None)
    address = address_of(listener, host)
    served_at(container, address)
    demo = Demo(container, address=address) if is_demo else None
    config = configuration(make_server_app(container))
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            return runner.run(_serve(container, config, listener, address, demo, is_once=is_once))
    except DomainError as error:
        complain(error.message)
        return EXIT_CANNOT_START


async def _serve(
    container: Container,
    config: uvicorn.Config,
    listener: socket.socket,
    address: str,
    demo: Demo | None,
    *,
    is_once: bool,
) -> int:
    server = Server(config)
    status = 0
    async with running(container):
        if demo is None:
            say(f"TruePort listens on {address} (state in {container.settings().home})")
            await server.serve(sockets=[listener])
            return 0
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listener]))
            status = await _run_demo(demo.run, server, is_once=is_once)
    return status


async def _run_demo(
    run: Callable[[], Awaitable[int]], server: uvicorn.Server, *, is_once: bool
) -> int:
    """Run the demo beside the server; a server that is ended first ends the demo as well."""
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event to wait for
        await asyncio.sleep(0.01)
    async with asyncio.TaskGroup() as group:
        demo = group.create_task(_status(run))
        watcher = group.create_task(_until_exit(server, demo))
        status = await demo
        watcher.cancel()
    if is_once or status != 0:
        server.should_exit = True
    elif not server.should_exit:
        say("\nServing until Ctrl-C.")
    return status


async def _status(run: Callable[[], Awaitable[int]]) -> int:
    with contextlib.suppress(asyncio.CancelledError):
        return await run()
    return 0


async def _until_exit(server: uvicorn.Server, demo: "asyncio.Task[int]") -> None:
    while not server.should_exit:  # noqa: ASYNC110 - uvicorn offers no event to wait for
        await asyncio.sleep(0.1)
    demo.cancel()
