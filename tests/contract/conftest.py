"""One store of each kind for the contract tests of ports that a store serves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.stores import STORES, Store
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=STORES)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Store]:
    async with STORES[request.param](tmp_path, clock, CountingIds()) as opened:
        yield opened
