"""Rows of whoever asks at the same time go together, and nobody waits for others too long."""

import asyncio
from collections.abc import Coroutine, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.triton.batcher import Batcher, BatchLimits
from adapters.detectors.triton.errors import RequestRefused, TritonUnavailable


class Bench:
    """A batcher whose batches are noted; rows are texts, and their length is their kind."""

    def __init__(self, limits: BatchLimits) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.most_at_once = 0
        self._at_once = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.batcher = Batcher[str, str](
            self.send, kind=len, weight=len, limits=limits, spawn=self.spawn
        )

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def send(self, rows: Sequence[str], deadline: float) -> Sequence[str]:
        self.batches.append(list(rows))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            if "bad" in rows:
                raise RequestRefused("no")
            if "away" in rows:
                raise TritonUnavailable("triton is away")
            return [row.upper() for row in rows]
        finally:
            self._at_once -= 1

    async def ask(self, *rows: str, seconds: float = 5.0) -> list[str]:
        return await self.batcher(rows, asyncio.get_running_loop().time() + seconds)


@pytest.fixture
async def bench() -> Bench:
    return Bench(BatchLimits(rows=4, weight=100, linger=0.005, parallel=2, callers=5))


@given(calls=st.lists(st.lists(st.text("abc", max_size=3), max_size=9), max_size=5))
def test_everybody_gets_their_own_answers_in_order(calls: list[list[str]]) -> None:
    async def ask_all() -> tuple[list[list[str]], Bench]:
        bench = Bench(BatchLimits(rows=4, weight=5, linger=0.0001, parallel=2))
        return list(await asyncio.gather(*(bench.ask(*rows) for rows in calls))), bench

    answers, bench = asyncio.run(ask_all())

    assert answers == [[row.upper() for row in rows] for rows in calls]
    assert all(len(batch) <= 4 for batch in bench.batches)
    assert all(len(set(map(len, batch))) == 1 for batch in bench.batches)
    assert all(len(batch) == 1 or sum(map(len, batch)) <= 5 for batch in bench.batches)
    assert bench.most_at_once <= 2


async def test_rows_of_several_callers_share_a_batch(bench: Bench) -> None:
    await asyncio.gather(bench.ask("a"), bench.ask("b", "c"), bench.ask("d"))

    assert bench.batches == [["a", "b", "c", "d"]]


async def test_rows_of_another_kind_go_apart(bench: Bench) -> None:
    await asyncio.gather(bench.ask("a", "long"), bench.ask("b"))

    assert sorted(bench.batches) == [["a", "b"], ["long"]]


async def test_batch_that_is_not_full_leaves_after_a_while(bench: Bench) -> None:
    answers = await bench.ask("a")

    assert answers == ["A"]


async def test_no_more_batches_are_under_way_than_allowed(bench: Bench) -> None:
    bench.gate.clear()
    asking = asyncio.gather(*(bench.ask(*"abcd") for _ in range(5)))
    await asyncio.sleep(0.02)

    under_way = len(bench.batches)
    bench.gate.set()
    await asking

    assert under_way == 2
    assert len(bench.batches) == 5


async def test_callers_beyond_the_bound_are_turned_away_at_once(bench: Bench) -> None:
    bench.gate.clear()
    asking = asyncio.gather(*(bench.ask("a") for _ in range(5)))
    await asyncio.sleep(0)

    with pytest.raises(TritonUnavailable, match="too many callers wait") as turned_away:
        await bench.ask("b")
    bench.gate.set()
    answers = await asking
    later = await bench.ask("c")

    assert turned_away.value.retry_after == 1
    assert answers == [["A"]] * 5
    assert later == ["C"]


async def test_row_that_is_refused_fails_its_own_caller_only(bench: Bench) -> None:
    outcomes = await asyncio.gather(
        bench.ask("abc"), bench.ask("bad"), bench.ask("xyz"), return_exceptions=True
    )

    assert [outcomes[0], outcomes[2]] == [["ABC"], ["XYZ"]]
    assert isinstance(outcomes[1], TritonUnavailable)
    assert bench.batches == [["abc", "bad", "xyz"], ["abc"], ["bad"], ["xyz"]]


async def test_server_that_is_away_fails_all_of_the_batch(bench: Bench) -> None:
    outcomes = await asyncio.gather(bench.ask("four"), bench.ask("away"), return_exceptions=True)

    assert [str(outcome) for outcome in outcomes] == ["triton is away"] * 2
    assert outcomes[0] is not outcomes[1]


async def test_caller_does_not_wait_beyond_the_deadline(bench: Bench) -> None:
    bench.gate.clear()

    with pytest.raises(TritonUnavailable, match="did not answer in time"):
        await bench.ask("a", seconds=0.02)


async def test_rows_of_callers_who_left_are_not_sent(bench: Bench) -> None:
    bench.gate.clear()
    first = [asyncio.ensure_future(bench.ask(*"abcd")) for _ in range(2)]
    await asyncio.sleep(0.01)
    with pytest.raises(TritonUnavailable):
        await bench.ask("e", seconds=0.02)

    bench.gate.set()
    await asyncio.gather(*first, bench.ask("f"))

    assert bench.batches == [list("abcd"), list("abcd"), ["f"]]


async def test_error_that_nobody_foresaw_leaves_no_caller_hanging() -> None:
    async def broken(rows: Sequence[str], deadline: float) -> Sequence[str]:
        raise ZeroDivisionError

    tasks: list[asyncio.Future[None]] = []
    batcher = Batcher[str, str](
        broken,
        kind=len,
        weight=len,
        limits=BatchLimits(rows=4),
        spawn=lambda work: tasks.append(asyncio.ensure_future(work)),
    )

    with pytest.raises(TritonUnavailable):
        await batcher(["a"], asyncio.get_running_loop().time() + 5)
    (outcome,) = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(outcome, ZeroDivisionError)


async def test_closing_turns_away_those_who_wait(bench: Bench) -> None:
    bench.gate.clear()
    asking = [asyncio.ensure_future(bench.ask(*"abcd")) for _ in range(3)]
    await asyncio.sleep(0.01)

    bench.batcher.close()
    bench.gate.set()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)

    assert [outcomes[0], outcomes[1]] == [list("ABCD")] * 2
    assert isinstance(outcomes[2], TritonUnavailable)
