"""Providers whose calls end before the platform ends the process that makes them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from application.ports.model_provider import (
    ModelCall,
    ModelProvider,
    ModelProviders,
    UpstreamUnavailable,
)
from domain.routing import UpstreamKind

Json = Mapping[str, object]
SecondsLeft = Callable[[], float]


class BoundedProviders(ModelProviders):
    """Give providers that answer within `seconds_left`, whatever an upstream's own time-outs."""

    def __init__(self, providers: ModelProviders, *, seconds_left: SecondsLeft) -> None:
        self._providers = providers
        self._seconds_left = seconds_left

    def of(self, kind: UpstreamKind) -> ModelProvider:
        """Return the provider for this kind."""
        return _BoundedProvider(self._providers.of(kind), self._seconds_left)

    async def close(self) -> None:
        """Close every provider."""
        await self._providers.close()


class _BoundedProvider(ModelProvider):
    def __init__(self, provider: ModelProvider, seconds_left: SecondsLeft) -> None:
        self._provider = provider
        self._seconds_left = seconds_left

    async def complete(self, call: ModelCall) -> Json:
        """Return the whole answer, in time."""
        try:
            async with asyncio.timeout(self._left()):
                return await self._provider.complete(call)
        except TimeoutError as error:
            raise _too_late(call) from error

    @asynccontextmanager
    async def stream(self, call: ModelCall) -> AsyncIterator[AsyncIterator[Json]]:
        """Open a stream that ends in time."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._left()):
                    chunks = await stack.enter_async_context(self._provider.stream(call))
            except TimeoutError as error:
                raise _too_late(call) from error
            yield self._timed(call, chunks)

    async def close(self) -> None:
        """Close connections."""
        await self._provider.close()

    async def _timed(self, call: ModelCall, chunks: AsyncIterator[Json]) -> AsyncIterator[Json]:
        while True:
            try:
                async with asyncio.timeout(self._left()):
                    chunk = await anext(chunks, None)
            except TimeoutError as error:
                raise _too_late(call) from error
            if chunk is None:
                return
            yield chunk

    def _left(self) -> float:
        return max(0.0, self._seconds_left())


def _too_late(call: ModelCall) -> UpstreamUnavailable:
    return UpstreamUnavailable(
        call.upstream.name,
        f"the upstream {call.upstream.name!r} did not answer in the time that this server has",
        is_timeout=True,
    )
