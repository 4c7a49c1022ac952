"""Loops that go on after errors, and workers that end in good order."""

import asyncio
from contextlib import suppress
from itertools import pairwise

from domain.errors import Unavailable
from entrypoints.wiring.background import Workers, repeat


class Jobs:
    """Work that waits at a gate; what is cancelled there is given back."""

    def __init__(self, count: int) -> None:
        self.waiting = count
        self.held = self.most = self.done = self.given_back = 0
        self.gate = asyncio.Event()

    async def __call__(self) -> bool:
        if not self.waiting:
            return False
        self.waiting -= 1
        self.held += 1
        self.most = max(self.most, self.held)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.given_back += 1
            self.waiting += 1
            raise
        finally:
            self.held -= 1
        self.done += 1
        return True


async def until(jobs: Jobs, held: int) -> None:
    async with asyncio.timeout(5):
        while jobs.held < held:  # noqa: ASYNC110 - the work says nothing
            await asyncio.sleep(0)


async def test_workers_of_one_process_work_at_once() -> None:
    jobs = Jobs(10)
    workers = Workers(jobs, 4)

    async with asyncio.TaskGroup() as group:
        workers.start(group)
        await until(jobs, 4)
        jobs.gate.set()
        async with asyncio.timeout(5):
            while jobs.done < 10:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0)
        await workers.drain(1)

    assert (jobs.most, jobs.done) == (4, 10)


async def test_drain_waits_for_what_is_under_way_and_takes_nothing_new() -> None:
    jobs = Jobs(10)
    workers = Workers(jobs, 2)

    async with asyncio.TaskGroup() as group:
        workers.start(group)
        await until(jobs, 2)
        draining = group.create_task(workers.drain(5))
        await asyncio.sleep(0)
        jobs.gate.set()
        await draining

    assert (jobs.done, jobs.waiting, jobs.given_back) == (2, 8, 0)


async def test_drain_gives_back_what_takes_too_long() -> None:
    jobs = Jobs(10)
    workers = Workers(jobs, 2)

    async with asyncio.TaskGroup() as group:
        workers.start(group)
        await until(jobs, 2)
        await workers.drain(0.01)

    assert (jobs.done, jobs.waiting, jobs.given_back) == (0, 10, 2)


async def test_drain_of_idle_workers_is_at_once() -> None:
    workers = Workers(Jobs(0), 3)

    async with asyncio.timeout(1), asyncio.TaskGroup() as group:
        workers.start(group)
        await asyncio.sleep(0)
        await workers.drain(60)


async def test_loop_goes_on_after_an_error() -> None:
    stop, turns = asyncio.Event(), list[int]()

    async def work() -> bool:
        turns.append(len(turns))
        if len(turns) == 1:
            raise Unavailable("store")
        if len(turns) == 2:
            raise ValueError("a bug")
        stop.set()
        return False

    async with asyncio.timeout(10):
        await repeat("test", work, 0, until=stop)

    assert turns == [0, 1, 2]


async def test_rare_work_that_fails_stays_rare() -> None:
    """The sweep of a bucket that nobody may read would else be repeated every second, for ever."""
    stop, waits = asyncio.Event(), list[float]()
    loop = asyncio.get_running_loop()

    async def work() -> bool:
        waits.append(loop.time())
        if len(waits) == 4:
            stop.set()
        raise Unavailable("storage")

    async with asyncio.timeout(20):
        await repeat("test", work, 3.0, until=stop)

    pauses = [round(after - before) for before, after in pairwise(waits)]
    assert pauses == [1, 2, 3]


async def test_loop_ends_though_its_work_lost_the_cancellation() -> None:
    stop, begun = asyncio.Event(), asyncio.Event()

    async def work() -> bool:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return True

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(repeat("test", work, 0, until=stop))
        await begun.wait()
        stop.set()
        task.cancel()

    assert not task.cancelled()


async def test_loop_waits_before_its_first_turn() -> None:
    turns = list[int]()

    async def work() -> bool:
        turns.append(1)
        return False

    with suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await repeat("test", work, 0, first_after=60)

    assert turns == []
