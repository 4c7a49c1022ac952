"""What a queue of jobs costs at depth: putting, leasing and finishing, counting, listing.

Jobs are put into the table in one transaction, which no figure counts; then every operation is
timed by itself, durable writes included. `waiting` jobs could be leased at once, `delayed` ones
wait for their next try, as after a model server was away.
"""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx2

from adapters.sqlite.job_rows import add_job
from application.ports.job_queue import JobQueue
from benchmarks.engine import Engine, Missing, deployed, machine
from benchmarks.options import Options
from domain.job import Job, ObjectRef
from entrypoints.wiring.applications import make_engine_app

_LEASE = timedelta(seconds=60)
_PAGES = 50


async def measure(options: Options) -> None:
    """Print rates and percentiles for each queue and depth."""
    depths, rounds = ((0, 1_000, 100_000), 300) if not options.is_tiny else ((0, 20), 3)
    print(f"queue: {rounds} operations of each kind, one after the other; {machine()}")
    for queue in ("STORE", "REDIS"):
        for depth in depths:
            for is_delayed in (False, True) if depth else (False,):
                try:
                    async with deployed(queue=queue) as engine:
                        await _Measurement(engine, queue, rounds).run(depth, is_delayed=is_delayed)
                except Missing as error:
                    print(f"  {queue:5} left out: {error}")
                    break


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """How long each operation took, and its share of the CPU seconds of the process.

    On a machine that others use as well, those say more: a wait for a core counts in the first.
    """

    seconds: Sequence[float]
    cpu: float = 0.0


class _Measurement:
    def __init__(self, engine: Engine, name: str, rounds: int) -> None:
        self._engine = engine
        self._name = name
        self._rounds = rounds
        self._numbers = itertools.count()

    async def run(self, depth: int, *, is_delayed: bool) -> None:
        container = self._engine.container
        queue, at = container.queue(), container.clock().now()
        self._fill(depth, at, is_delayed=is_delayed)
        print(f"  {self._name:5} depth {depth:7} {'delayed' if is_delayed else 'waiting'}")
        # Redis learns of what stands in the store, once.
        started = time.perf_counter()
        if depth:
            await self._lease(queue)
        first = time.perf_counter() - started
        _report("put", await _timed(self._rounds, lambda: queue.put(self._job(at))))
        _report("lease and finish", await _timed(self._rounds, lambda: self._do_one(queue)))
        _report("put, 32 at once", await self._at_once(queue, at))
        _report("counts", await _timed(self._rounds, container.job_records().counts))
        await self._pages()
        if depth:
            print(f"    {'first lease':18} {first * 1e3:9.2f} ms")

    def _fill(self, depth: int, at: datetime, *, is_delayed: bool) -> None:
        later = at + timedelta(hours=1) if is_delayed else None
        with closing(sqlite3.connect(self._engine.container.settings().database)) as raw, raw:
            for _ in range(depth):
                add_job(raw, replace(self._job(at), not_before=later))

    def _job(self, at: datetime) -> Job:
        settings = self._engine.tenant.storage
        key = f"audit/v1/dt=2026-11-24/hr=00/benchmark-{next(self._numbers):08}.jsonl.gz"
        ref = ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
        return Job.accept(tenant_id=self._engine.tenant.id, ref=ref, source="event", at=at)

    async def _lease(self, queue: JobQueue) -> Job | None:
        container = self._engine.container
        return await queue.lease(
            token=container.ids().ulid(), at=container.clock().now(), duration=_LEASE
        )

    async def _do_one(self, queue: JobQueue) -> None:
        job = await self._lease(queue)
        if job is None:
            raise RuntimeError("a job that was put is not there")
        container = self._engine.container
        async with container.transactions()() as uow:
            await uow.jobs.finish(
                job.tenant_id, job.id, lease=job.lease or "", at=container.clock().now()
            )
            await uow.commit()
        await queue.acknowledge(job.tenant_id, job.id)

    async def _at_once(self, queue: JobQueue, at: datetime) -> "_Times":
        """Return what each of many puts took on average, when many come together."""
        count = max(32, self._rounds)
        gate = asyncio.Semaphore(32)

        async def put() -> None:
            async with gate:
                await queue.put(self._job(at))

        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(put())
        return _Times(seconds=[(time.perf_counter() - started) / count])

    async def _pages(self) -> None:
        """Time `GET /metrics`, and `GET /jobs` from the newest page to those behind it."""
        container = self._engine.container
        transport = httpx2.ASGITransport(app=make_engine_app(container, is_ending=lambda: False))
        token = {"authorization": f"Bearer {container.admin_token()}"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://engine", headers=token
        ) as client:
            _report("GET /metrics", await _timed(_PAGES, lambda: client.get("/metrics")))
            cursor: str | None = None
            seconds: list[float] = []
            busy = time.process_time()
            for _ in range(_PAGES):
                started = time.perf_counter()
                answer = await client.get(
                    "/jobs", params={"limit": 200, **({"cursor": cursor} if cursor else {})}
                )
                seconds.append(time.perf_counter() - started)
                answer.raise_for_status()
                cursor = answer.json()["next_cursor"]
                if cursor is None:
                    break
            cpu = (time.process_time() - busy) / len(seconds)
            _report("GET /jobs, a page", _Times(seconds=seconds, cpu=cpu))


async def _timed(rounds: int, work: Callable[[], Awaitable[object]]) -> "_Times":
    seconds = []
    busy = time.process_time()
    for _ in range(rounds):
        started = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - started)
    return _Times(seconds=seconds, cpu=(time.process_time() - busy) / rounds)


def _report(name: str, times: "_Times") -> None:
    ordered = sorted(times.seconds)
    rate = len(ordered) / sum(ordered)
    line = f"    {name:18} {rate:9.0f}/s"
    if len(ordered) > 1:
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        line += f"  p50 {p50 * 1e3:7.2f} ms  p99 {p99 * 1e3:7.2f} ms  CPU {times.cpu * 1e3:6.2f} ms"
    print(line)
