"""`trueport webhook` and `trueport worker` as processes: signals, drains, and Redis beside them."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx2
import pytest

from application.audit_objects import pack
from application.platform.tenants import FoundTenantCommand
from domain.audit import ChainHead, chain
from domain.job import Job, JobState, ObjectRef
from domain.tenant import Slug
from domain.user import Email
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened
from tests.contract.journals import a_record
from tests.end_to_end.server import Server

ROOT = Path(__file__).resolve().parents[2]
KEY = "audit/v1/dt=2026-11-24/hr=02/otherone-01x.jsonl.gz"
LARGE = 1500
"""Records that take a worker some seconds."""


async def queue_object(home: Path, records: int, environment: Mapping[str, str]) -> ObjectRef:
    """Store an object of a new tenant and announce it, as another process would."""
    container = make_container(load_settings({"TRUEPORT_HOME": str(home), **environment}))
    async with opened(container):
        tenant = await container.found_tenant()(
            FoundTenantCommand(
                slug=Slug("acme"),
                name="Acme",
                owner_email=Email("owner@acme.example.com"),
                owner_name="Owner",
            )
        )
        lines, head = [], ChainHead()
        for number in range(records):
            text = f"{number} my card is 4111 1111 1111 1111 " + "and quiet words " * 60
            request = {"messages": [{"role": "user", "content": text}]}
            chained = chain(a_record(number, request=request, response={}), head)
            lines.append(chained.line)
            head = chained.head
        storage = container.storages().of(tenant.storage)
        await storage.create(KEY, pack(lines), content_type="application/gzip")
        ref = ObjectRef(provider="LOCAL", bucket=tenant.storage.bucket, key=KEY)
        await container.accept_event()(ref)
    return ref


async def until(container: Container, ref: ObjectRef, state: JobState) -> Job:
    async with asyncio.timeout(60):
        while True:
            job = await container.job_records().get(ref.job_id)
            if job.state is state:
                return job
            await asyncio.sleep(0.02)


async def job_at(home: Path, ref: ObjectRef, state: JobState | None = None) -> Job:
    """Return the job of an object, when it stands as asked."""
    container = make_container(load_settings({"TRUEPORT_HOME": str(home)}))
    async with opened(container):
        if state is not None:
            return await until(container, ref, state)
        return await container.job_records().get(ref.job_id)


@pytest.mark.parametrize(
    ("drain", "records", "state", "attempts"),
    [("0", 5 * LARGE, JobState.NEW, 0), ("50", LARGE, JobState.DONE, 1)],
    ids=["no time", "time"],
)
async def test_engine_that_is_asked_to_end_finishes_its_job_or_gives_it_back(
    tmp_path: Path, drain: str, records: int, state: JobState, attempts: int
) -> None:
    ref = await queue_object(tmp_path, records, {})
    server = Server(tmp_path, command="webhook", environment={"TRUEPORT_DRAIN_SECONDS": drain})
    server.start()
    await job_at(tmp_path, ref, JobState.LEASED)

    server.ask_to_stop()
    seen = watch(server)
    status = server.ended()

    job = await job_at(tmp_path, ref)
    assert status == 0
    assert (job.state, job.attempts, job.lease) == (state, attempts, None)
    assert drain == "0" or 503 in seen


def watch(server: Server) -> list[int]:
    """Ask whether a server is ready until it is gone, and return its answers."""
    seen, end = [], time.monotonic() + 60
    while time.monotonic() < end:
        try:
            seen.append(httpx2.get(f"{server.url}/readyz", timeout=5, trust_env=False).status_code)
        except httpx2.TransportError:
            return seen
        time.sleep(0.02)
    raise AssertionError("the server did not end")


async def test_worker_process_does_what_others_queue_through_redis(
    tmp_path: Path, counterpart_server: Callable[[str], str]
) -> None:
    redis = {"REDIS_URL": counterpart_server("valkey").replace("http:", "redis:")}
    process = worker(tmp_path, redis)
    try:
        ref = await queue_object(tmp_path, 3, redis)
        job = await job_at(tmp_path, ref, JobState.DONE)
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()

    assert (job.attempts, status) == (1, 0)


def worker(home: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "entrypoints.cli.main", "worker", "--concurrency", "2"],
        env={"PATH": "", "TRUEPORT_HOME": str(home), **environment},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
