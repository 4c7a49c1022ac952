"""A deployment for each test of a use case."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.system import UuidIds
from tests.fakes.deployment import Customer, Deployment, deployed


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path) as opened:
        yield opened


@pytest.fixture
async def acme(deployment: Deployment) -> Customer:
    """A tenant under the starter policy, without limits."""
    return await deployment.customer("acme")


@pytest.fixture
async def timely_ids(deployment: Deployment) -> None:
    """Have ids that tell when they were made, as the keys of audit objects do by them."""
    deployment.ids = UuidIds(deployment.clock)
    await deployment.restart()
