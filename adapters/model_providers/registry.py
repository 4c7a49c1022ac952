"""Which provider speaks which dialect."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from application.ports.model_provider import ModelProvider, ModelProviders
from domain.errors import InvalidValue
from domain.routing import UpstreamKind


class ProviderRegistry(ModelProviders):
    """Give the provider of a kind from a fixed table that serves every kind."""

    def __init__(self, providers: Mapping[UpstreamKind, ModelProvider]) -> None:
        missing = sorted(set(UpstreamKind) - set(providers))
        if missing:
            raise InvalidValue(f"no model provider for {', '.join(missing)}")
        self._providers = dict(providers)

    def of(self, kind: UpstreamKind) -> ModelProvider:
        """Return the provider for this kind."""
        return self._providers[kind]

    async def close(self) -> None:
        """Close every provider, the others as well when one fails."""
        async with AsyncExitStack() as stack:
            for provider in self._providers.values():
                stack.push_async_callback(provider.close)
