"""Where a run happens: engines over one store, their servers behind bad lines, and our own view."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from application.platform.tenants import FoundTenantCommand
from domain.subscription import UNLIMITED
from domain.tenant import Slug, Tenant
from domain.user import Email
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened
from tests.counterpart_servers import COMMANDS, free_port
from tests.end_to_end.chaos.corpus import SLUG, Corpus
from tests.end_to_end.chaos.processes import Controlled, Engine, Program, TritonProgram
from tests.fakes.fault_proxy import FaultProxy

LEASE = 1.5
"""Seconds of a lease: faults last longer than that."""

SWEEP = 2.0
SECRET = "the secret of the events of this run"
QUEUE = "trueport-chaos"

_COMMON = {
    "TRUEPORT_LEASE_SECONDS": str(LEASE),
    "TRUEPORT_SWEEP_SECONDS": str(SWEEP),
    "TRUEPORT_DETECTOR_SECONDS": "4",
    "TRUEPORT_DRAIN_SECONDS": "1",
    "TRUEPORT_QUEUE_CAPACITY": "150",
    "TRUEPORT_EVENTS_SECRET": SECRET,
}
_AWS = {
    "STORAGE_PROVIDER": "S3",
    "AWS_ACCESS_KEY_ID": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_REGION": "eu-central-1",
}


class Part(StrEnum):
    """What engines stand on; each runs as a process of its own behind a line."""

    REDIS = "redis"
    S3 = "s3"
    TRITON = "triton"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that engines reach over a line that can be made bad."""

    program: Controlled
    line: FaultProxy


@dataclass(kw_only=True)
class Site:
    """One deployment under test; `view` is our own container on its store, past all lines.

    `beginning` is a copy of its state from before anything happened.
    """

    name: str
    home: Path
    beginning: Path
    direct: Mapping[str, str]
    engines: Sequence[Engine]
    servers: Mapping[Part, Server]
    tenant: Tenant
    view: Container
    events_queue: str | None = None

    @property
    def receivers(self) -> list[str]:
        """Return where events may be posted."""
        return [engine.url for engine in self.engines if engine.url is not None]


def container_at(home: Path, environment: Mapping[str, str]) -> Container:
    """Return a container on a state folder."""
    return make_container(load_settings({**environment, "TRUEPORT_HOME": str(home)}))


async def found(home: Path, environment: Mapping[str, str], corpus: Corpus) -> Tenant:
    """Make the tenant, its bucket, and what the store knows of the writers' chains."""
    container = container_at(home, environment)
    container.master_keys()  # made now, so that the copy fingerprints alike
    async with opened(container):
        tenant = await container.found_tenant()(
            FoundTenantCommand(
                slug=Slug(SLUG),
                name="Chaos",
                owner_email=Email("owner@chaos.example.com"),
                owner_name="Owner",
                agreed=UNLIMITED,
            )
        )
        async with container.transactions()() as uow:
            for writer, head in corpus.heads.items():
                await uow.audit.save_head(tenant.id, writer, head)
            await uow.commit()
    # Now, while nobody has the store open: a process that reads the files of a database by itself
    # loses its locks on them (https://sqlite.org/howtocorrupt.html, section 2.2).
    shutil.copytree(home, beginning_of(home))
    return tenant


def beginning_of(home: Path) -> Path:
    """Return where the copy of a state folder from before the run lies."""
    return home.with_name("beginning")


@asynccontextmanager
async def embedded_site(folder: Path, corpus: Corpus) -> AsyncIterator[Site]:
    """Run one `trueport serve` on SQLite and local storage."""
    home = folder / "home"
    home.mkdir()
    direct = dict(_COMMON)
    tenant = await found(home, direct, corpus)
    engine = Engine("serve", "serve", home=home, environment={**direct, "TRUEPORT_WORKERS": "2"})
    view = container_at(home, direct)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.kill)
        await engine.start()
        await stack.enter_async_context(opened(view))
        yield Site(
            name="embedded queue, local storage",
            home=home,
            beginning=beginning_of(home),
            direct=direct,
            engines=[engine],
            servers={},
            tenant=tenant,
            view=view,
        )


@asynccontextmanager
async def distributed_site(
    folder: Path, corpus: Corpus, locate: Callable[[str], str]
) -> AsyncIterator[Site]:
    """Run three engines on one store, with Redis, S3 and Triton behind lines of their own."""
    home = folder / "home"
    home.mkdir()
    async with AsyncExitStack() as stack:
        servers: dict[Part, Server] = {}
        ports = {part: free_port() for part in (Part.REDIS, Part.S3)}
        for (part, port), name in zip(ports.items(), ("valkey", "moto"), strict=True):
            program = Program(
                COMMANDS[name](locate(name), str(port)), port=port, log=folder / f"{name}.log"
            )
            stack.push_async_callback(program.kill)
            await program.start()
            line = await stack.enter_async_context(FaultProxy("127.0.0.1", port))
            servers[part] = Server(program=program, line=line)
        triton = TritonProgram(locate("triton"), folder)
        stack.push_async_callback(triton.kill)
        await triton.start()
        line = await stack.enter_async_context(FaultProxy("127.0.0.1", triton.port))
        servers[Part.TRITON] = Server(program=triton, line=line)
        direct = {**_COMMON, **_AWS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports[Part.S3]}"}
        queue = await asyncio.to_thread(make_queue, direct)
        environment = {
            **direct,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{servers[Part.S3].line.port}",
            "REDIS_URL": f"redis://127.0.0.1:{servers[Part.REDIS].line.port}/0",
            "TRITON_URL": f"grpc://127.0.0.1:{line.port}",
            "TRUEPORT_EVENTS_QUEUE_URL": queue,
        }
        tenant = await found(home, direct, corpus)
        engines = [
            Engine(name, command, "--concurrency", "2", home=home, environment=environment)
            for name, command in (
                ("webhook-1", "webhook"),
                ("webhook-2", "webhook"),
                ("worker-3", "worker"),
            )
        ]
        async with asyncio.TaskGroup() as group:
            for engine in engines:
                stack.push_async_callback(engine.kill)
                group.create_task(engine.start())
        view = container_at(home, direct)
        await stack.enter_async_context(opened(view))
        yield Site(
            name="three engines on Redis, S3 and Triton",
            home=home,
            beginning=beginning_of(home),
            direct=direct,
            engines=engines,
            servers=servers,
            tenant=tenant,
            view=view,
            events_queue=queue,
        )


def sqs_client(environment: Mapping[str, str]) -> Any:
    """Return a client of SQS, past the lines."""
    import boto3  # noqa: PLC0415 - an extra

    return boto3.client(
        "sqs",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def make_queue(environment: Mapping[str, str]) -> str:
    """Make the queue of events and return its address."""
    client = sqs_client(environment)
    try:
        return str(client.create_queue(QueueName=QUEUE)["QueueUrl"])
    finally:
        client.close()
