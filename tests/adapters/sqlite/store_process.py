"""Another process on the same file: `python -m tests.adapters.sqlite.store_process PATH ROLE NAME`.

`write` commits for ever and prints the number of each commit once it is acknowledged; `drain`
opens the store, waits for a line on its standard input, leases and finishes every job and prints
their ids; `lock` holds the write lock until it reads a line.
"""

import asyncio
import sqlite3
import sys
from datetime import timedelta
from itertools import count

from adapters.sqlite.store import SqliteStore
from domain.events import TenantFounded
from domain.job import JobState, RetryPolicy
from tests.contract.samples import ACME, a_job, a_tenant, a_usage
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds

RETRY = RetryPolicy()
MANY = 1_000_000
LEASE = timedelta(hours=1)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def write(store: SqliteStore, first: int) -> None:
    queue = store.job_queue(capacity=MANY, retry=RETRY)
    for number in count(first):
        async with store.transactions() as uow:
            await uow.tenants.add(a_tenant(number))
            await uow.audit.add_usage(ACME, [a_usage(number)])
            uow.record(TenantFounded(tenant_id=a_tenant(number).id))
            await uow.commit()
        await queue.put(a_job(number))
        say(str(number))


async def drain(store: SqliteStore, clock: FakeClock, name: str) -> None:
    queue = store.job_queue(capacity=MANY, retry=RETRY)
    say("open")
    await asyncio.to_thread(sys.stdin.readline)
    turn = 0
    while job := await queue.lease(token=f"{name}-{turn}", at=clock.now(), duration=LEASE):
        async with store.transactions() as uow:
            done = await uow.jobs.finish(ACME, job.id, lease=f"{name}-{turn}", at=clock.now())
            await uow.commit()
        assert done.state is JobState.DONE
        turn += 1
        say(job.id)


def lock(path: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    say("locked")
    sys.stdin.readline()
    connection.execute("ROLLBACK")
    connection.close()


async def main(path: str, role: str, name: str) -> None:
    clock = FakeClock()
    first = int(name) if role == "write" else 1
    store = SqliteStore(path, clock, CountingIds(first), busy_timeout=timedelta(seconds=60))
    await store.open()
    try:
        if role == "write":
            await write(store, first)
        else:
            await drain(store, clock, name)
    finally:
        await store.close()


if __name__ == "__main__":
    if sys.argv[2] == "lock":
        lock(sys.argv[1])
    else:
        asyncio.run(main(*sys.argv[1:4]))
