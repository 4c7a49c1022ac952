"""A deployment of the analytics engine for measuring: its state, its servers, its processes."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from application.audit_objects import CONTENT_TYPE, pack
from benchmarks.traffic import Traffic
from domain.audit import object_key
from domain.job import JobState, ObjectRef
from domain.tenant import Tenant
from entrypoints.demo import SLUG, Demo
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened
from tests.counterpart_servers import CounterpartServers
from tests.counterparts import COUNTERPARTS

_LOOK = 0.02
_LONGEST_WAIT = 900.0
_CAPACITY = "1000000"


class Missing(Exception):
    """A server that a measurement needs is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An open deployment with one tenant, and the environment that other processes join it by."""

    container: Container
    tenant: Tenant
    environment: Mapping[str, str]

    async def store_objects(
        self, count: int, *, records: int, seed: int, prefix: str = "00"
    ) -> list[ObjectRef]:
        """Write audit objects of so many records each, and tell nobody."""
        settings = self.tenant.storage
        storage = self.container.storages().of(settings)
        at = self.container.clock().now()
        refs = []
        for number in range(count):
            traffic = Traffic(SLUG.value, seed=seed + number)
            key = object_key(
                prefix=settings.prefix,
                instance="benchmark",
                ulid=f"{prefix}{number:08}",
                at=at,
            )
            data = pack(list(traffic.lines(records=records)))
            await storage.create(key, data, content_type=CONTENT_TYPE)
            refs.append(
                ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
            )
        return refs

    async def announce(self, refs: Sequence[ObjectRef], *, at_once: int = 32) -> None:
        """Tell of objects as events do, some at a time."""
        accept, gate = self.container.accept_event(), asyncio.Semaphore(at_once)

        async def tell(ref: ObjectRef) -> None:
            async with gate:
                await accept(ref)

        async with asyncio.TaskGroup() as group:
            for ref in refs:
                group.create_task(tell(ref))

    async def until_done(self, count: int) -> None:
        """Wait until so many jobs are done.

        Raises:
            RuntimeError: a job died, or they are not done in fifteen minutes.
        """
        clock = self.container.clock()
        end = clock.monotonic() + _LONGEST_WAIT
        while clock.monotonic() < end:
            counts = await self.container.job_records().counts()
            if counts[JobState.DEAD]:
                raise RuntimeError("a job died")
            if counts[JobState.DONE] >= count:
                return
            await asyncio.sleep(_LOOK)
        raise RuntimeError("the jobs were not done in time")

    @contextmanager
    def processes(self, count: int, *, concurrency: int) -> Iterator[list[int]]:
        """Run `trueport worker` so many times; yields their process ids."""
        command = [sys.executable, "-m", "entrypoints.cli.main", "worker"]
        with ExitStack() as stack:
            started = []
            for _ in range(count):
                process = subprocess.Popen(
                    [*command, "--concurrency", str(concurrency)],
                    env={"PATH": os.environ["PATH"], **self.environment},
                    stderr=subprocess.DEVNULL,
                )
                stack.callback(_end, process)
                started.append(process.pid)
            yield started


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)


@asynccontextmanager
async def deployed(*, storage: str = "LOCAL", queue: str = "STORE") -> AsyncIterator[Engine]:
    """Open a deployment in a folder that is removed at the end; servers are started for it.

    `storage` is LOCAL or S3, `queue` STORE or REDIS.

    Raises:
        Missing: the counterpart of S3, or Redis, is not installed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="trueport-bench-") as folder,
        CounterpartServers(_locate) as servers,
    ):
        environment = {
            "TRUEPORT_HOME": folder,
            "TRUEPORT_LOG_LEVEL": "ERROR",
            "TRUEPORT_QUEUE_CAPACITY": _CAPACITY,
            "STORAGE_PROVIDER": storage,
        }
        if storage == "S3":
            environment |= {
                "AWS_ENDPOINT_URL": servers.address("moto"),
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": "us-east-1",
            }
        if queue == "REDIS":
            address = servers.address("valkey").removeprefix("http://")
            environment["REDIS_URL"] = f"redis://{address}/0"
        container = make_container(load_settings(environment))
        async with opened(container):
            await Demo(container, address="").seed(limits=None)
            async with container.transactions()() as uow:
                tenant = await uow.tenants.by_slug(SLUG)
            yield Engine(container=container, tenant=tenant, environment=environment)


def machine() -> str:
    """Return what figures depend on: cores, memory, Python."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    python = ".".join(str(part) for part in sys.version_info[:3])
    return f"{os.cpu_count()} cores, {pages / 1024**3:.0f} GiB, Python {python}"


def folder_of(engine: Engine) -> Path:
    """Return where the local storage of the tenant lies."""
    return engine.container.settings().home / "storage" / engine.tenant.storage.bucket


def _locate(name: str) -> str:
    found = COUNTERPARTS[name].find(os.environ)
    if found is None:
        raise Missing(f"{name} is missing: {COUNTERPARTS[name].how_to_get}")
    return found
