"""A server on a socket that this process opened, and what is said to whoever started it."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

EXIT_CANNOT_START = 4

_BACKLOG = 2048
_GRACE_SECONDS = 25


class Server(uvicorn.Server):
    """A server that leaves what follows a signal to its caller.

    uvicorn raises the signal again once it has shut down, which would end the process before its
    work is put away. `on_signal` is called instead of ending the server, where it is given.
    """

    def __init__(
        self, config: uvicorn.Config, *, on_signal: Callable[[int], None] | None = None
    ) -> None:
        super().__init__(config)
        self._on_signal = on_signal

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take note of SIGINT and SIGTERM, and nothing else."""
        with handling_signals(self._on_signal or self._end):
            yield

    def _end(self, number: int) -> None:
        self.handle_exit(number, None)


@contextlib.contextmanager
def handling_signals(handler: Callable[[int], None]) -> Iterator[None]:
    """Call a function with the number of each SIGINT and SIGTERM, instead of what they do."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, handler, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def configuration(app: ASGIApp) -> uvicorn.Config:
    """Return how every server of this program runs."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        backlog=_BACKLOG,
    )


def listen(host: str, port: int) -> socket.socket | None:
    """Return a listening socket; what prevents it is one line on standard error."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        complain(
            f"cannot listen on {host}:{port} ({error.strerror}): "
            "end what runs there, or choose another with --port"
        )
        return None
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket, host: str) -> str:
    """Return the address that a person may open."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - shown, not bound
        host = "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def say(line: str) -> None:
    """Tell whoever started the program something, on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def complain(line: str) -> None:
    """Say what prevents the start."""
    say(f"trueport: {line}")
