"""What one process adds to the contract of the key cache: bounded memory."""

from adapters.in_process.key_cache import InProcessKeyCache
from tests.contract.test_key_cache import a_principal
from tests.fakes.clock import FakeClock

BOUND = 100


async def test_principals_used_lately_stay() -> None:
    cache = InProcessKeyCache(clock=FakeClock(), max_principals=BOUND)
    await cache.put("used", a_principal(0))
    for number in range(1, 10 * BOUND):
        await cache.put(f"d{number}", a_principal(number))
        await cache.get("used")

    known = [number for number in range(1, 10 * BOUND) if await cache.get(f"d{number}")]

    assert await cache.get("used") is not None
    assert len(known) < BOUND
