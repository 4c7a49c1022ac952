"""The processes of a run, which are killed, frozen and started again: engines and counterparts."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import httpx2

from tests.counterpart_servers import free_port
from tests.triton_server import TritonServer

ROOT = Path(__file__).resolve().parents[3]
MODEL = "exfil-regex-entropy"
_START_SECONDS = 120.0
_END_SECONDS = 90.0
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class Controlled(Protocol):
    """Something that runs and can be made to fail."""

    async def start(self) -> None:
        """Start it and wait until it serves."""

    async def kill(self) -> None:
        """End it as a power cut would."""

    def freeze(self) -> None:
        """Stop it where it stands; its connections and locks stay."""

    def thaw(self) -> None:
        """Let it go on after a freeze."""


class Program(Controlled):
    """A program that listens on a port, with its output in a file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int | None,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        kept = {name: value for name in _KEPT if (value := os.getenv(name)) is not None}
        self.port = port
        self.log = log
        self.starts = 0
        self.peak = 0
        self._command = list(command)
        self._environment = {**kept, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Start the program and wait until it serves.

        Raises:
            RuntimeError: it ended, or took too long.
        """
        self.launch()
        end = time.monotonic() + _START_SECONDS
        while not await self.serves():
            if not self.is_running or time.monotonic() > end:
                raise RuntimeError(f"{self._command[0]} did not start; see {self.log}")
            await asyncio.sleep(0.02)

    def launch(self) -> None:
        """Start the program without waiting for it."""
        self.starts += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def serves(self) -> bool:
        """Tell whether somebody listens on the port."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return True
        return False

    def freeze(self) -> None:
        """Stop the program where it stands."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen program go on."""
        self._send(signal.SIGCONT)

    async def kill(self) -> None:
        """End the program as a power cut would."""
        self.measure()
        self._send(signal.SIGKILL)
        await self._ended()

    async def end(self) -> int:
        """Ask the program to end, and return its status; one that does not end is killed."""
        self.measure()
        self._send(signal.SIGTERM)
        try:
            return await self._ended()
        except TimeoutError:
            await self.kill()
            return -signal.SIGKILL

    def measure(self) -> None:
        """Take note of the most memory that the running process has had, where the system says."""
        if self._process is None:
            return
        with suppress(OSError):
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
            if found := _PEAK.search(status):
                self.peak = max(self.peak, int(found[1]) * 1024)

    async def _ended(self) -> int:
        process = self._process
        assert process is not None
        async with asyncio.timeout(_END_SECONDS):
            while process.poll() is None:  # noqa: ASYNC110 - another process ends
                await asyncio.sleep(0.02)
        return process.returncode

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


class TritonProgram(Controlled):
    """A tritonserver with the one model that needs no weights; it keeps its ports."""

    def __init__(self, program: str, folder: Path) -> None:
        repository = folder / "models"
        shutil.copytree(ROOT / "model_store" / MODEL, repository / MODEL)
        home = folder / "triton"
        home.mkdir()
        self._server = TritonServer(program, repository=repository, folder=home)

    @property
    def port(self) -> int:
        """Return the port of gRPC."""
        return int(self._server.grpc_url.rpartition(":")[2])

    async def start(self) -> None:
        """Start the server and wait until it is ready."""
        await asyncio.to_thread(self._server.start)

    async def kill(self) -> None:
        """End the server and its models."""
        await asyncio.to_thread(self._server.kill)

    def freeze(self) -> None:
        """Stop the server and its models where they stand."""
        self._server.freeze()

    def thaw(self) -> None:
        """Let them go on."""
        self._server.thaw()


class Engine(Program):
    """A `trueport` command; `webhook` and `serve` take events at `url`, `worker` has none.

    It is started again as a supervisor would, until it stays.
    """

    def __init__(self, name: str, *arguments: str, home: Path, environment: Mapping[str, str]):
        port = None if arguments[0] == "worker" else free_port()
        listen = () if port is None else ("--port", str(port))
        super().__init__(
            [sys.executable, "-m", "entrypoints.cli.main", *arguments, *listen],
            port=port,
            log=home.parent / f"{name}.log",
            environment={"TRUEPORT_HOME": str(home), **environment},
        )
        self.name = name
        self.url = None if port is None else f"http://127.0.0.1:{port}"
        self.lock = asyncio.Lock()
        self.refused_starts = 0
        self._seen = 0

    async def start(self) -> None:
        """Start it, again where it cannot: the store may be held by somebody who is frozen."""
        end = time.monotonic() + _START_SECONDS
        while True:
            self._seen = self.log.stat().st_size if self.log.exists() else 0
            try:
                await super().start()
            except RuntimeError:
                if self.is_running or time.monotonic() > end:
                    raise
                self.refused_starts += 1
                await asyncio.sleep(0.5)
            else:
                return

    async def serves(self) -> bool:
        """Tell whether it answers, or has said that it works."""
        if self.url is None:
            with self.log.open("rb") as log:
                log.seek(self._seen)
                return re.search(rb"^\d+ workers?$", log.read(), re.MULTILINE) is not None
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=2.0) as client:
                return (await client.get(f"{self.url}/healthz")).is_success
        except httpx2.TransportError:
            return False
