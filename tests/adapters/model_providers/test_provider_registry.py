"""The registry of model providers."""

import pytest

from adapters.model_providers.echo import EchoProvider
from adapters.model_providers.registry import ProviderRegistry
from domain.errors import InvalidValue
from domain.routing import UpstreamKind
from tests.fakes.clock import FakeClock


class _Closing(EchoProvider):
    def __init__(self, *, fails: bool = False) -> None:
        super().__init__(clock=FakeClock())
        self.is_closed = False
        self._fails = fails

    async def close(self) -> None:
        self.is_closed = True
        if self._fails:
            raise RuntimeError("could not close")


def test_each_kind_has_its_provider() -> None:
    echo, openai = _Closing(), _Closing()

    registry = ProviderRegistry({UpstreamKind.ECHO: echo, UpstreamKind.OPENAI: openai})

    assert registry.of(UpstreamKind.ECHO) is echo
    assert registry.of(UpstreamKind.OPENAI) is openai


def test_a_kind_without_a_provider_is_noticed_at_the_start() -> None:
    with pytest.raises(InvalidValue, match="openai"):
        ProviderRegistry({UpstreamKind.ECHO: _Closing()})


async def test_closing_closes_the_others_when_one_fails() -> None:
    echo, openai = _Closing(fails=True), _Closing(fails=True)
    registry = ProviderRegistry({UpstreamKind.ECHO: echo, UpstreamKind.OPENAI: openai})

    with pytest.raises(RuntimeError, match="could not close"):
        await registry.close()

    assert echo.is_closed
    assert openai.is_closed
