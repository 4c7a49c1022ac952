"""Serve everything in one process until somebody ends it."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator

import uvicorn

from domain.errors import DomainError
from entrypoints.demo import Demo
from entrypoints.wiring.applications import make_server_app
from entrypoints.wiring.containers import Container
from entrypoints.wiring.lifespan import running
from entrypoints.wiring.logging import configure_logging

EXIT_CANNOT_START = 4
LOG_FILE = "trueport.log"
"""Where a demo's log goes, under `TRUEPORT_HOME`: its table should stay readable."""

_BACKLOG = 2048
_DRAIN_SECONDS = 25


class _Server(uvicorn.Server):
    """A server that leaves what follows a signal to its caller.

    uvicorn raises the signal again once it has shut down, which would end the process before the
    journal is shipped.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End the server on SIGINT and SIGTERM, and nothing else."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def serve(
    container: Container, *, host: str, port: int, is_demo: bool = False, is_once: bool = False
) -> int:
    """Serve until SIGINT or SIGTERM, or until the demo is over with `is_once`.

    Returns the exit status; what prevents a start is one line on standard error.
    """
    settings = container.settings()
    listener = _listen(host, port)
    if listener is None:
        return EXIT_CANNOT_START
    configure_logging(settings, file=LOG_FILE if is_demo else None)
    address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
    demo = Demo(container, address=address) if is_demo else None
    config = uvicorn.Config(
        make_server_app(container),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        backlog=_BACKLOG,
    )
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            return runner.run(_serve(container, config, listener, address, demo, is_once=is_once))
    except DomainError as error:
        _complain(error.message)
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
    server = _Server(config)
    status = 0
    async with running(container):
        if demo is None:
            _say(f"TruePort listens on {address} (state in {container.settings().home})")
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
        _say("\nServing until Ctrl-C.")
    return status


async def _status(run: Callable[[], Awaitable[int]]) -> int:
    with contextlib.suppress(asyncio.CancelledError):
        return await run()
    return 0


async def _until_exit(server: uvicorn.Server, demo: "asyncio.Task[int]") -> None:
    while not server.should_exit:  # noqa: ASYNC110 - uvicorn offers no event to wait for
        await asyncio.sleep(0.1)
    demo.cancel()


def _listen(host: str, port: int) -> socket.socket | None:
    """Return a listening socket; what prevents it is one line on standard error."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        _complain(
            f"cannot listen on {host}:{port} ({error.strerror}): "
            "end what runs there, or choose another with --port"
        )
        return None
    listener.setblocking(False)
    return listener


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - shown, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _complain(line: str) -> None:
    _say(f"trueport: {line}")
