"""One deadline for the whole of a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import Unavailable


@asynccontextmanager
async def within(seconds: float, service: str) -> AsyncIterator[None]:
    """Break off what takes longer, however the other side spends the time.

    Raises:
        Unavailable: the time was over.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Unavailable(service, f"{service} did not answer in time") from error
