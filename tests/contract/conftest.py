"""One store of each kind for the contract tests of ports that a store serves."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.contract.stores import STORES, Store
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def opened(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FakeClock,
    counterpart_server: Callable[[str], str],
) -> AsyncIterator[Store]:
    """Open the store that the parameter names."""
    async with STORES[request.param](tmp_path, clock, CountingIds(), counterpart_server) as store:
        yield store


store = pytest.fixture(opened, params=STORES, name="store")

# The counterpart of MongoDB takes minutes for some thousand documents.
roomy_store = pytest.fixture(opened, params=["sqlite-file", "sqlite-memory"], name="roomy_store")
