"""A process that races others: `python -m tests.adapters.redis.race_process URL RACE ATTEMPTS`.

It says `ready`, starts when it reads a line, and says how many of its attempts got through; then it
lives on until its input ends, holding what it got.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from application.ports.attempts import AttemptLimit, TooManyAttempts
from domain.api_key import KeyLimits
from domain.identifiers import UpstreamId
from tests.adapters.redis.keepers import PATIENT, Keepers, keepers
from tests.contract.samples import ACME, sample_id

UPSTREAM = UpstreamId(sample_id("ups", 1))
RATE = KeyLimits(requests_per_minute=50)
TOKENS = KeyLimits(tokens_per_minute=7000)
CONCURRENT = KeyLimits(concurrent=37)
BUDGET = KeyLimits(budget_per_day_nano=1000, budget_per_month_nano=10_000)
ATTEMPTS = AttemptLimit(subject="code:ada", count=5, period=timedelta(hours=1))


async def _attempt(one: Keepers) -> bool:
    try:
        await one.attempts.attempt([ATTEMPTS])
    except TooManyAttempts:
        return False
    return True


async def _probe(one: Keepers) -> bool:
    return (await one.breakers.request(ACME, UPSTREAM)).allowed


RACES: Mapping[str, Callable[[Keepers], Awaitable[bool]]] = {
    "rate": lambda one: one.gets_in(RATE),
    "tokens": lambda one: one.gets_in(TOKENS, tokens=700),
    "concurrent": lambda one: one.gets_in(CONCURRENT),
    "budget": lambda one: one.gets_in(BUDGET, cost_nano=10),
    "attempts": _attempt,
    "probe": _probe,
}


async def main(url: str, race: str, attempts: int) -> None:
    one = keepers(url, PATIENT)
    loop = asyncio.get_running_loop()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.readline)
    through = await asyncio.gather(*(RACES[race](one) for _ in range(attempts)))
    sys.stdout.write(f"{through.count(True)}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    await one.presence.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
