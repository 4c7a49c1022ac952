"""What it costs to count: in this process, and in Redis for all processes, beside `PING`.

Everything is measured in one run, in turns, so that what else the machine does falls on all alike.
A round is so many operations, one after the other or 32 at once; the median of the rounds counts.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from redis.asyncio import Redis

from application.ports.attempts import AttemptLimit
from application.ports.limits import Reservation
from benchmarks.engine import Engine, Missing, deployed, machine
from benchmarks.options import Options
from domain.api_key import KeyLimits
from domain.identifiers import KeyId, UpstreamId
from entrypoints.wiring.limits import Counting

_AT_ONCE = 32
_PLENTY = 1_000_000_000
# Every kind of limit, none of which is ever used up.
_LIMITS = KeyLimits(
    requests_per_minute=_PLENTY,
    tokens_per_minute=_PLENTY,
    concurrent=_PLENTY,
    budget_per_day_nano=_PLENTY**2,
    budget_per_month_nano=_PLENTY**2,
)

Work = Callable[[], Awaitable[object]]


async def measure(options: Options) -> None:
    """Print operations a second, CPU of this process for each, and their ratio to `PING`."""
    rounds, operations = (9, 500) if not options.is_tiny else (1, 64)
    try:
        async with deployed(queue="REDIS") as shared, deployed() as alone:
            print(f"limits: {rounds} rounds of {operations} operations; {machine()}")
            url = shared.environment["REDIS_URL"]
            ping = Redis.from_url(url)
            works: dict[str, Work] = {"PING": ping.ping}
            for name, engine in (("process", alone), ("redis", shared)):
                works |= {f"{name}: {label}": work for label, work in _works(engine).items()}
            for at_once in (1, _AT_ONCE):
                await _compare(works, at_once=at_once, rounds=rounds, operations=operations)
            await ping.aclose()
    except Missing as error:
        print(f"limits: left out: {error}")


def _works(engine: Engine) -> dict[str, Work]:
    counting: Counting = engine.container.counting()
    clock, tenant_id = engine.container.clock(), engine.tenant.id
    upstreams = (UpstreamId(f"ups_{number}") for number in itertools.count())

    async def admit_and_settle() -> None:
        admission = await counting.limiter.acquire(
            tenant_id,
            Reservation(
                key_id=KeyId("key_bench"),
                limits=_LIMITS,
                tokens=500,
                cost_nano=1000,
                at=clock.now(),
            ),
        )
        await counting.limiter.settle(admission, tokens=400, cost_nano=900)

    async def attempt() -> None:
        subject = f"bench:{next(upstreams)}"
        limits = [
            AttemptLimit(subject=subject, count=1, period=timedelta(minutes=1)),
            AttemptLimit(subject=subject, count=5, period=timedelta(hours=1)),
        ]
        await counting.attempts.attempt(limits)

    async def one_breaker() -> None:
        await counting.breakers.request(tenant_id, UpstreamId("ups_bench"))

    async def many_breakers() -> None:
        await counting.breakers.request(tenant_id, next(upstreams))

    async def unknown_key() -> None:
        await counting.key_cache.get("bench")

    return {
        "admit and settle, five limits": admit_and_settle,
        "breaker of a busy upstream": one_breaker,
        "breaker of an idle upstream": many_breakers,
        "key that nobody has": unknown_key,
        "attempt, two limits": attempt,
    }


async def _compare(works: dict[str, Work], *, at_once: int, rounds: int, operations: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in works}
    cpu: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        await work()
    for _ in range(rounds):
        for name, work in works.items():
            wall, used = time.perf_counter(), time.process_time()
            await _run(work, at_once, operations)
            seconds[name].append((time.perf_counter() - wall) / operations)
            cpu[name].append((time.process_time() - used) / operations)
    print(f"  {at_once} at once")
    baseline = statistics.median(seconds["PING"])
    for name in works:
        each = statistics.median(seconds[name])
        print(
            f"    {name:38} {1 / each:9.0f}/s  {baseline / each:7.2f} of PING"
            f"  {statistics.median(cpu[name]) * 1e6:7.0f} us CPU"
        )


async def _run(work: Work, at_once: int, operations: int) -> None:
    async def several() -> None:
        for _ in range(operations // at_once):
            await work()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(several())
