"""Turns of writes, and calls that nobody may leave half way."""

import asyncio
from datetime import timedelta

import pytest

from adapters.turns import Turns, to_its_end
from domain.errors import Unavailable


def turns(*, timeout: timedelta = timedelta(seconds=10)) -> Turns:
    return Turns(timeout=timeout, retry_after=1.5)


async def test_one_task_writes_at_a_time() -> None:
    right, order = turns(), list[str]()

    async def write(name: str) -> None:
        async with right.taken():
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(write("first"), write("second"))

    assert order == ["first begins", "first ends", "second begins", "second ends"]


async def test_who_waits_too_long_is_told_when_to_come_again() -> None:
    right = turns(timeout=timedelta(milliseconds=5))
    await right.take()

    with pytest.raises(Unavailable) as busy:
        await asyncio.gather(right.take())

    assert busy.value.retry_after == 1.5
    right.end()
    await asyncio.gather(right.take())


async def test_task_does_not_wait_for_itself() -> None:
    right = turns()

    async with right.taken():
        assert right.is_mine
        with pytest.raises(RuntimeError, match="a unit of work is open in this task"):
            await right.take()

    assert not right.is_mine


async def test_turn_of_another_task_is_not_mine() -> None:
    right = turns()
    await asyncio.gather(right.take())

    assert not right.is_mine


async def test_turn_ends_with_a_failed_write() -> None:
    right = turns()

    with pytest.raises(ValueError, match="odd"):
        async with right.taken():
            raise ValueError("odd")

    async with right.taken():
        assert right.is_mine


async def test_cancelled_call_is_waited_for_however_often_it_is_cancelled() -> None:
    call = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(to_its_end(call))
    await asyncio.sleep(0)

    for _ in range(2):
        waiting.cancel()
        await asyncio.sleep(0)
        assert not waiting.done()
    call.set_exception(ValueError("nobody hears of it"))

    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_failed_call_fails_for_its_caller() -> None:
    call = asyncio.get_running_loop().create_future()
    call.set_exception(ValueError("odd"))

    with pytest.raises(ValueError, match="odd"):
        await to_its_end(call)
