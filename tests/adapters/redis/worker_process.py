"""A worker of its own: `python -m tests.adapters.redis.worker_process DATABASE REDIS_URL LEASE`.

It works for ever, prints `leased ID` and `done ID` as it goes, and books a usage entry of its
own in the transaction that finishes a job, so that one done twice would show.
"""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta

from adapters.redis.client import RedisClient
from adapters.redis.job_queue import RedisStreamsJobQueue
from adapters.sqlite.store import SqliteStore
from adapters.system import SystemClock, SystemRandomness, UuidIds
from adapters.telemetry.silent import SilentTelemetry
from application.analytics.analyse import Analysis
from application.analytics.worker import WorkOnJobs
from domain.errors import DomainError
from domain.identifiers import RecordId
from domain.job import Job, RetryPolicy
from tests.contract.samples import ACME, a_usage

RETRY = RetryPolicy(max_attempts=20, base=timedelta(milliseconds=20))
WORK_SECONDS = 0.02


def say(word: str, job: Job) -> None:
    sys.stdout.write(f"{word} {job.id}\n")
    sys.stdout.flush()


async def main(database: str, url: str, lease: timedelta) -> None:
    clock, redis = SystemClock(), RedisClient(url)
    ids = UuidIds(clock)
    store = SqliteStore(database, clock, ids, busy_timeout=timedelta(seconds=60))
    await store.open()

    async def analyse(job: Job) -> Analysis:
        say("leased", job)
        await asyncio.sleep(WORK_SECONDS)
        async with store.transactions() as uow:
            await uow.jobs.finish(ACME, job.id, lease=job.lease or "", at=clock.now())
            booked = replace(a_usage(), record_id=RecordId(ids.new("req")))
            await uow.audit.add_usage(ACME, [booked])
            await uow.commit()
        say("done", job)
        return Analysis(records=1, skipped_lines=0, new_violations=0)

    work = WorkOnJobs(
        queue=RedisStreamsJobQueue(
            store=store.job_queue(capacity=1_000_000, retry=RETRY),
            redis=redis,
            consumer=ids.ulid(),
            reclaim_after=lease / 2,
            reclaim_every=lease / 4,
            restore_every=timedelta(seconds=0.5),
        ),
        analyse=analyse,
        clock=clock,
        ids=ids,
        randomness=SystemRandomness(),
        telemetry=SilentTelemetry(),
        retry=RETRY,
        lease=lease,
    )
    while True:
        try:
            has_more = await work()
        except DomainError:
            has_more = False
        if not has_more:
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], timedelta(seconds=float(sys.argv[3]))))
