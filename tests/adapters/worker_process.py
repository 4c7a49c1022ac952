"""A worker of its own: `python -m tests.adapters.worker_process DATABASE BROKER LEASE WORK`.

The broker is the address of a Redis, or of a queue of SQS; a job takes WORK seconds. The worker
works for ever, prints `ready PID` and then `leased ID` and `done ID` as it goes, and books a usage
entry of its own in the transaction that finishes a job, so that one done twice would show.
"""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import timedelta

from adapters.redis.client import RedisClient
from adapters.redis.job_queue import RedisStreamsJobQueue
from adapters.sqlite.store import SqliteStore
from adapters.sqs.client import SqsQueue
from adapters.sqs.job_queue import SqsJobQueue
from adapters.system import SystemClock, SystemRandomness, UuidIds
from adapters.telemetry.silent import SilentTelemetry
from application.analytics.analyse import Analysis
from application.analytics.worker import WorkOnJobs
from application.ports.job_queue import JobQueue
from domain.errors import DomainError
from domain.identifiers import RecordId
from domain.job import Job, RetryPolicy
from tests.adapters.sqs.queues import account_of
from tests.contract.samples import ACME, a_usage

RETRY = RetryPolicy(max_attempts=20, base=timedelta(milliseconds=20))


def say(word: str, what: object) -> None:
    sys.stdout.write(f"{word} {what}\n")
    sys.stdout.flush()


async def main(database: str, url: str, lease: timedelta, work_seconds: float) -> None:
    clock = SystemClock()
    ids = UuidIds(clock)
    store = SqliteStore(database, clock, ids, busy_timeout=timedelta(seconds=60))
    await store.open()

    async def analyse(job: Job) -> Analysis:
        say("leased", job.id)
        await asyncio.sleep(work_seconds)
        async with store.transactions() as uow:
            await uow.jobs.finish(ACME, job.id, lease=job.lease or "", at=clock.now())
            booked = replace(a_usage(), record_id=RecordId(ids.new("req")))
            await uow.audit.add_usage(ACME, [booked])
            await uow.commit()
        say("done", job.id)
        return Analysis(records=1, skipped_lines=0, new_violations=0)

    stored = store.job_queue(capacity=1_000_000, retry=RETRY)
    queue: JobQueue
    if url.startswith("redis:"):
        queue = RedisStreamsJobQueue(
            store=stored,
            redis=RedisClient(url),
            consumer=ids.ulid(),
            reclaim_after=lease / 2,
            reclaim_every=lease / 4,
            restore_every=timedelta(seconds=0.5),
        )
    else:
        queue = SqsJobQueue(
            store=stored,
            queue=SqsQueue(account_of(url)),
            clock=clock,
            wait_seconds=1,
            look_every=timedelta(seconds=5),
        )
    work = WorkOnJobs(
        queue=queue,
        analyse=analyse,
        clock=clock,
        ids=ids,
        randomness=SystemRandomness(),
        telemetry=SilentTelemetry(),
        retry=RETRY,
        lease=lease,
    )
    say("ready", os.getpid())
    while True:
        try:
            has_more = await work()
        except DomainError:
            has_more = False
        if not has_more:
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    place, broker, *seconds = sys.argv[1:]
    asyncio.run(main(place, broker, timedelta(seconds=float(seconds[0])), float(seconds[1])))
