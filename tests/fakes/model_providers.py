"""A model provider that says exactly what a test tells it, chunk by chunk."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager

from application.ports.model_provider import ModelCall, ModelProvider, ModelProviders
from domain.errors import DomainError
from domain.routing import UpstreamKind

Json = Mapping[str, object]


def completion(text: str, **fields: object) -> dict[str, object]:
    """Return a whole answer with one choice."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "upstream-model",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        **fields,
    }


def chunk(
    delta: Json, *, choice: int = 0, finish_reason: str | None = None, **fields: object
) -> dict[str, object]:
    """Return one chunk of a stream."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "upstream-model",
        "choices": [{"index": choice, "delta": delta, "finish_reason": finish_reason}],
        **fields,
    }


def text_chunks(*pieces: str, choice: int = 0) -> list[dict[str, object]]:
    """Return a whole stream of one choice: its role, the pieces, its end."""
    return [
        chunk({"role": "assistant", "content": ""}, choice=choice),
        *(chunk({"content": piece}, choice=choice) for piece in pieces),
        chunk({}, choice=choice, finish_reason="stop"),
    ]


class ScriptedProvider(ModelProvider):
    """Answer every call with `answer`, or with the chunks of `chunks`; raise what stands there.

    Errors of `before` are raised first, one a call, None for a call that may pass. None among
    the chunks is a wait: the stream then says nothing until it is cancelled.
    """

    def __init__(self) -> None:
        self.answer: Json | DomainError = completion("fine")
        self.chunks: Sequence[Json | DomainError | None] = text_chunks("fine")
        self.before: list[DomainError | None] = []
        self.calls: list[ModelCall] = []
        self.opened = 0
        self.closed = 0
        self.waits = asyncio.Event()

    async def complete(self, call: ModelCall) -> Json:
        self._begin(call)
        if isinstance(self.answer, DomainError):
            raise self.answer
        return self.answer

    @asynccontextmanager
    async def stream(self, call: ModelCall) -> AsyncIterator[AsyncIterator[Json]]:
        self._begin(call)
        self.opened += 1
        try:
            async with aclosing(self._say()) as chunks:
                yield chunks
        finally:
            self.closed += 1

    async def close(self) -> None:
        return

    def _begin(self, call: ModelCall) -> None:
        self.calls.append(call)
        trouble = self.before.pop(0) if self.before else None
        if trouble is not None:
            raise trouble

    async def _say(self) -> AsyncGenerator[Json, None]:
        for item in self.chunks:
            if item is None:
                self.waits.set()
                await asyncio.Event().wait()
            elif isinstance(item, DomainError):
                raise item
            else:
                await asyncio.sleep(0)
                yield item


class Providers(ModelProviders):
    """Give the provider of a kind."""

    def __init__(self, providers: Mapping[UpstreamKind, ModelProvider]) -> None:
        self._providers = providers

    def of(self, kind: UpstreamKind) -> ModelProvider:
        return self._providers[kind]

    async def close(self) -> None:
        for provider in self._providers.values():
            await provider.close()
