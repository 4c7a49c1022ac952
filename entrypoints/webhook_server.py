"""The analytics engine as a server of its own, and its workers without one.

On SIGTERM or SIGINT a process stops to take events and jobs and says that it is not ready, waits up
to `TRUEPORT_DRAIN_SECONDS` for what is under way, gives the rest back, and ends with status 0. A
second signal ends the wait.
"""

import asyncio
import socket

import uvicorn

from domain.errors import DomainError
from entrypoints.http_server import (
    EXIT_CANNOT_START,
    Server,
    address_of,
    complain,
    configuration,
    handling_signals,
    listen,
    say,
)
from entrypoints.wiring.applications import make_engine_app
from entrypoints.wiring.background import Workers
from entrypoints.wiring.containers import Container
from entrypoints.wiring.engine import engine_running
from entrypoints.wiring.logging import configure_logging


class _Ending:
    """Whether somebody asked this process to end, and how urgently."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self.workers: Workers | None = None

    def ask(self, _: int) -> None:
        """Ask once, or hurry."""
        if self._asked.is_set() and self.workers is not None:
            self.workers.give_back()
        self._asked.set()

    def is_asked(self) -> bool:
        return self._asked.is_set()

    async def wait(self) -> None:
        await self._asked.wait()


def serve_engine(container: Container, *, host: str, port: int, workers: int) -> int:
    """Serve the engine with so many workers until it is asked to end.

    Returns the exit status; what prevents a start is one line on standard error.
    """
    listener = listen(host, port)
    if listener is None:
        return EXIT_CANNOT_START
    configure_logging(container.settings())
    ending = _Ending()
    config = configuration(make_engine_app(container, is_ending=ending.is_asked))
    say(f"the analytics engine listens on {address_of(listener, host)}, {_count(workers)}")
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(container, config, listener, ending, workers=workers))
    except DomainError as error:
        complain(error.message)
        return EXIT_CANNOT_START
    return 0


async def _serve(
    container: Container,
    config: uvicorn.Config,
    listener: socket.socket,
    ending: _Ending,
    *,
    workers: int,
) -> None:
    server = Server(config, on_signal=ending.ask)

    async def end() -> None:
        await ending.wait()
        await crew.drain(container.settings().drain_seconds)
        server.should_exit = True

    async with engine_running(container, workers=workers, takes_events=True) as crew:
        ending.workers = crew
        async with asyncio.TaskGroup() as group:
            ended = group.create_task(end())
            await server.serve(sockets=[listener])
            ended.cancel()


def run_workers(container: Container, *, workers: int) -> int:
    """Work on jobs, with nothing to listen on, until asked to end; returns the exit status."""
    configure_logging(container.settings())
    try:
        asyncio.run(_work(container, workers))
    except DomainError as error:
        complain(error.message)
        return EXIT_CANNOT_START
    return 0


async def _work(container: Container, workers: int) -> None:
    ending = _Ending()
    async with engine_running(container, workers=workers, takes_events=False) as crew:
        ending.workers = crew
        with handling_signals(ending.ask):
            say(_count(workers).capitalize())
            await ending.wait()
            await crew.drain(container.settings().drain_seconds)


def _count(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"
