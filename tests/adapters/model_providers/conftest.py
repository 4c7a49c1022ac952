"""The server and the provider that tests of the OpenAI dialect start from."""

from collections.abc import AsyncIterator

import pytest

from adapters.model_providers.openai import OpenAiProvider
from tests.adapters.model_providers.local_server import LocalServer, local_server
from tests.adapters.model_providers.openai_upstream import (
    answer,
    make_provider,
)


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with local_server(answer) as running:
        yield running


@pytest.fixture
async def provider() -> AsyncIterator[OpenAiProvider]:
    made = make_provider()
    yield made
    await made.close()
