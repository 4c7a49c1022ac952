"""Counterparts that are servers: started on a free port of this machine, ended afterwards."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_ATTEMPTS = 3
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")

# Azurite knows no API version as new as the SDK's, and would call home.
COMMANDS: Mapping[str, Callable[[str, str], Sequence[str]]] = {
    "moto": lambda program, port: [program, "-H", _HOST, "-p", port],
    "azurite": lambda program, port: [
        *("node", program, "--inMemoryPersistence", "--silent", "--disableTelemetry"),
        *("--skipApiVersionCheck", "--blobHost", _HOST, "--blobPort", port),
    ],
    "gcp-storage-emulator": lambda program, port: [
        *(program, "start", "--quiet", "--in-memory", f"--host={_HOST}", f"--port={port}")
    ],
    "mongo": lambda program, port: [program, str(Path(__file__).parent / "mongo_server.py"), port],
    "valkey": lambda program, port: [
        *(program, "--bind", _HOST, "--port", port, "--save", "", "--appendonly", "no")
    ],
}

# The one account that every Azurite has; its key is published on purpose.
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = "".join(
    (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u",
        "SRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    )
)


def azurite_connection_string(address: str) -> str:
    """Return what a client of an Azurite at `http://host:port` needs."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={AZURITE_ACCOUNT};AccountKey={AZURITE_KEY};"
        f"BlobEndpoint={address}/{AZURITE_ACCOUNT};"
    )


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


class CounterpartServers:
    """Start each server once, when it is first asked for, and end those at the end."""

    def __init__(self, locate: Callable[[str], str]) -> None:
        self._locate = locate
        self._addresses: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._stack.close()

    def address(self, name: str) -> str:
        """Return `http://host:port` of a counterpart; skip the test where it is missing.

        One that somebody else runs has an address instead of a program.
        """
        if name not in self._addresses:
            located = self._locate(name)
            is_running = "://" in located
            self._addresses[name] = located if is_running else self._start(name, located)
        return self._addresses[name]

    def _start(self, name: str, program: str) -> str:
        for _ in range(_ATTEMPTS):
            port = free_port()
            process = self._stack.enter_context(_process(COMMANDS[name](program, str(port))))
            if _answers(process, port):
                return f"http://{_HOST}:{port}"
        raise RuntimeError(f"{name} could not be started")


@contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, without the environment's settings for clouds, and end it on leaving."""
    environment = {name: value for name in _ENVIRONMENT if (value := os.getenv(name)) is not None}
    child = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server listens, and tell whether it does rather than has ended."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
            return True
        time.sleep(0.05)
    return False
