"""A real server in a process of its own, for tests that talk to it over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2

_START_SECONDS = 60.0


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One server process with its state in `home`; started, killed and started again at will."""

    def __init__(
        self,
        home: Path,
        *,
        command: str = "serve",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self._command = command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """Return the environment of the process: what a shell has, and its own state folder."""
        keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
        ours = {name: value for name in keep if (value := os.getenv(name)) is not None}
        return {**ours, "TRUEPORT_HOME": str(self.home), **self._environment}

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "entrypoints.cli.main",
                    self._command,
                    "--port",
                    str(self.port),
                ],
                env=self.environment(),
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with status {self._process.returncode}")
            try:
                if httpx2.get(f"{self.url}/healthz", timeout=1.0, trust_env=False).is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.02)
        raise RuntimeError("the server did not answer in time")

    def kill(self) -> None:
        """End the process as a power cut would: SIGKILL."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """Ask the process to end and return its status."""
        self._signal(signal.SIGTERM)
        assert self._process is not None
        return self._process.returncode

    def ask_to_stop(self) -> None:
        """Ask the process to end without waiting for it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """Wait for a process that was asked to end, and return its status.

        To ask once more would end one that is closing its store.
        """
        assert self._process is not None
        return self._process.wait(timeout=60)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(timeout=60)
