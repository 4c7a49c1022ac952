"""Several processes at one Redis: a limit of N admits exactly N of them together."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from application.ports.limits import CallOutcome
from domain.identifiers import UpstreamId
from domain.rate_limit import LimitKind
from tests.adapters.redis.keepers import BREAKER, PATIENT, keepers
from tests.adapters.redis.race_process import BUDGET, CONCURRENT, UPSTREAM
from tests.adapters.redis.server import RedisServer
from tests.contract.samples import ACME

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 4


@pytest.fixture
def server(counterpart: Callable[[str], str], tmp_path: Path) -> Iterator[RedisServer]:
    one = RedisServer(counterpart("valkey"), tmp_path)
    one.start()
    yield one
    one.stop()


class Race:
    """Processes that wait for one another and then try all at once."""

    def __init__(self, stack: ExitStack, url: str, race: str, attempts: int) -> None:
        command = [sys.executable, "-m", "tests.adapters.redis.race_process", url, race]
        self.processes = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, str(attempts // PROCESSES)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(PROCESSES)
        ]
        for process in self.processes:
            stack.callback(process.kill)
            assert self._line(process) == "ready"

    def run(self) -> list[int]:
        """Return how many attempts of each process got through."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [int(self._line(process)) for process in self.processes]

    @staticmethod
    def _line(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()


@pytest.fixture
def race(server: RedisServer) -> Iterator[Callable[[str, int], Race]]:
    with ExitStack() as stack:
        yield lambda name, attempts: Race(stack, server.url, name, attempts)


@pytest.mark.parametrize(
    ("name", "admitted"), [("concurrent", 37), ("budget", 100), ("attempts", 5)]
)
def test_processes_together_get_exactly_the_limit(
    race: Callable[[str, int], Race], name: str, admitted: int
) -> None:
    through = race(name, 400).run()

    assert sum(through) == admitted


@pytest.mark.parametrize(("name", "burst"), [("rate", 50), ("tokens", 10)])
def test_rate_never_gives_more_than_its_burst_and_what_came_back_since(
    race: Callable[[str, int], Race], name: str, burst: int
) -> None:
    runners = race(name, 400)
    started = time.monotonic()

    through = runners.run()

    assert burst <= sum(through) <= burst + (time.monotonic() - started) * burst / 60


async def test_one_probe_of_five_hundred_gets_through_and_one_more_when_its_process_died(
    race: Callable[[str, int], Race], server: RedisServer
) -> None:
    one = keepers(server.url, PATIENT)
    for _ in range(BREAKER.threshold):
        permit = await one.breakers.request(ACME, UPSTREAM)
        await one.breakers.report(ACME, UPSTREAM, permit, CallOutcome.FAILED)
    closed = await asyncio.gather(*(one.breakers.request(ACME, UPSTREAM) for _ in range(200)))
    runners = await asyncio.to_thread(race, "probe", 500)
    await asyncio.sleep(BREAKER.cool_down)

    through = await asyncio.to_thread(runners.run)
    for process in runners.processes:
        process.kill()
    await asyncio.sleep(BREAKER.lease)
    again = await asyncio.gather(*(one.breakers.request(ACME, UPSTREAM) for _ in range(500)))

    assert not any(permit.allowed for permit in closed)
    assert sum(through) == 1
    assert [permit.probe for permit in again if permit.allowed] == [2]
    await one.presence.close()


async def test_what_processes_settle_is_there_for_the_others(server: RedisServer) -> None:
    here, there = keepers(server.url, PATIENT), keepers(server.url, PATIENT)
    admissions = await asyncio.gather(*(here.acquire(BUDGET, cost_nano=100) for _ in range(10)))
    assert not await there.gets_in(BUDGET, cost_nano=1)

    for admission in admissions:
        for _ in range(3):
            await there.limiter.settle(admission, tokens=0, cost_nano=40)

    windows = (await here.acquire(BUDGET, cost_nano=600)).windows
    assert windows[LimitKind.BUDGET_DAY].remaining == 0
    assert windows[LimitKind.BUDGET_MONTH].remaining == 9000
    await here.presence.close()
    await there.presence.close()


async def test_places_are_freed_across_processes(server: RedisServer) -> None:
    here, there = keepers(server.url, PATIENT), keepers(server.url, PATIENT)
    admissions = [await here.acquire(CONCURRENT) for _ in range(37)]
    assert not await there.gets_in(CONCURRENT)

    await there.limiter.settle(admissions[0], tokens=0, cost_nano=0)

    assert await there.gets_in(CONCURRENT)
    assert not await here.gets_in(CONCURRENT)
    await here.presence.close()
    await there.presence.close()


async def test_key_that_changed_is_forgotten_everywhere_at_once(server: RedisServer) -> None:
    here, there = keepers(server.url, PATIENT), keepers(server.url, PATIENT)
    await here.key_cache.put("digest", None)
    known = await there.key_cache.get("digest")

    await here.key_cache.forget(ACME)

    assert known is not None
    assert await there.key_cache.get("digest") is None
    await here.presence.close()
    await there.presence.close()


async def test_late_verdict_of_a_silent_probe_is_ignored(server: RedisServer) -> None:
    upstream = UpstreamId("ups_other")
    here, there = keepers(server.url, PATIENT), keepers(server.url, PATIENT)
    for _ in range(BREAKER.threshold):
        permit = await here.breakers.request(ACME, upstream)
        await here.breakers.report(ACME, upstream, permit, CallOutcome.FAILED)
    await asyncio.sleep(BREAKER.cool_down)
    silent = await here.breakers.request(ACME, upstream)
    await asyncio.sleep(BREAKER.lease)
    second = await there.breakers.request(ACME, upstream)

    await here.breakers.report(ACME, upstream, silent, CallOutcome.SUCCEEDED)

    assert (silent.probe, second.probe) == (1, 2)
    assert not (await here.breakers.request(ACME, upstream)).allowed
    await here.presence.close()
    await there.presence.close()
