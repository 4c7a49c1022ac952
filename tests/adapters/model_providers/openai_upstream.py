"""An OpenAI upstream played by a local server, and the provider that calls it."""

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.guarded_network import GuardedNetwork, resolve
from adapters.model_providers.openai import OpenAiProvider
from adapters.model_providers.transport import HttpTransport
from application.ports.model_provider import ModelCall, UpstreamUnavailable
from domain.routing import Timeouts
from tests.adapters.model_providers.calls import PATIENT, call, upstream
from tests.adapters.model_providers.local_server import Exchange, LocalServer
from tests.fakes.clock import FakeClock

ANSWER: dict[str, object] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "fine"}}],
    "unknown_field": {"kept": True},
}
HIDDEN = "text-of-the-provider-that-no-message-may-quote"
IMPATIENT = Timeouts(connect=0.1, first_byte=0.1, idle=0.1, total=2.0)


def chunk(text: str) -> dict[str, object]:
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": text}}],
    }


async def answer(exchange: Exchange) -> None:
    await exchange.respond(ANSWER)


async def answer_in_pieces(exchange: Exchange) -> None:
    await exchange.begin()
    for number in range(3):
        await exchange.event(chunk(str(number)))
    await exchange.event(b"[DONE]")
    await exchange.end()


def make_provider(**options: Any) -> OpenAiProvider:
    allow_private = options.pop("allow_private", True)
    network = GuardedNetwork(allow_private=allow_private, resolver=options.pop("resolver", resolve))
    transport = HttpTransport(network=network, allow_private=allow_private, **options)
    return OpenAiProvider(transport=transport, clock=FakeClock())


def ask(server: LocalServer, *, timeouts: Timeouts = PATIENT, **more: Any) -> ModelCall:
    return call(upstream(server.address, timeouts=timeouts), **more)


async def collect(provider: OpenAiProvider, asked: ModelCall) -> list[Mapping[str, object]]:
    async with provider.stream(asked) as chunks:
        return [item async for item in chunks]


async def failure_of(
    provider: OpenAiProvider, asked: ModelCall, *, streams: bool = False
) -> UpstreamUnavailable:
    with pytest.raises(UpstreamUnavailable) as failure:
        await (collect(provider, asked) if streams else provider.complete(asked))
    assert HIDDEN not in str(failure.value)
    assert "127.0.0.1" not in str(failure.value)
    return failure.value
