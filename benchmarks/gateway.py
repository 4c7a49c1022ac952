"""What a request costs in the gateway: everything on, the built-in echo as its upstream.

The server runs in a process of its own; its CPU time is read from `/proc`. Detectors, policy,
limits and the synced audit journal are on, as for any tenant.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2

from benchmarks.options import Options
from entrypoints.demo import Demo
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.lifespan import opened

_TEXT = "Could you explain in simple words how a binary search works, and what it costs? " * 3
_REQUESTS = 400
_START_SECONDS = 30.0


async def measure(_: Options) -> None:
    """Print requests a second, median latency and CPU a request at 1 and 32 connections."""
    with tempfile.TemporaryDirectory(prefix="trueport-bench-") as folder:
        home = Path(folder)
        container = make_container(load_settings({"TRUEPORT_HOME": str(home)}))
        async with opened(container):
            demo = Demo(container, address="")
            key = (await demo.seed(limits=None)).api_key
        port = _free_port()
        server = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs yet
            [sys.executable, "-m", "entrypoints.cli.main", "serve", "--port", str(port)],
            env={**os.environ, "TRUEPORT_HOME": str(home), "TRUEPORT_LOG_LEVEL": "WARNING"},
            stderr=subprocess.DEVNULL,
        )
        try:
            async with httpx2.AsyncClient(
                base_url=f"http://127.0.0.1:{port}",
                headers={"authorization": f"Bearer {key}"},
                timeout=30.0,
                trust_env=False,
            ) as client:
                await _until_ready(client)
                await _load(client, connections=4, requests=40, stream=False)
                print(f"gateway: {len(_TEXT)} characters a request, {_REQUESTS} requests each")
                for stream in (False, True):
                    for connections in (1, 32):
                        await _report(client, server.pid, connections, stream=stream)
        finally:
            server.terminate()
            server.wait(timeout=60)


async def _report(client: httpx2.AsyncClient, pid: int, connections: int, *, stream: bool) -> None:
    cpu, started = _cpu_seconds(pid), time.perf_counter()
    latencies = await _load(client, connections=connections, requests=_REQUESTS, stream=stream)
    wall, used = time.perf_counter() - started, _cpu_seconds(pid) - cpu
    latencies.sort()
    print(
        f"  {'stream' if stream else 'whole ':6} {connections:3} connections "
        f"{_REQUESTS / wall:8.0f} requests/s  p50 {latencies[len(latencies) // 2] * 1e3:7.2f} ms  "
        f"p99 {latencies[int(len(latencies) * 0.99)] * 1e3:7.2f} ms  "
        f"{used / _REQUESTS * 1e3:6.2f} ms CPU a request"
    )


async def _load(
    client: httpx2.AsyncClient, *, connections: int, requests: int, stream: bool
) -> list[float]:
    body = {
        "model": "echo",
        "stream": stream,
        "messages": [{"role": "user", "content": _TEXT}],
    }
    latencies: list[float] = []
    left = requests

    async def one_connection() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            started = time.perf_counter()
            answer = await client.post("/v1/chat/completions", json=body)
            answer.raise_for_status()
            latencies.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(one_connection())
    return latencies


async def _until_ready(client: httpx2.AsyncClient) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            if (await client.get("/healthz")).is_success:
                return
        except httpx2.TransportError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the server did not answer in time")


def _cpu_seconds(pid: int) -> float:
    """Return user and system time of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
