"""Calls that end before the process that makes them is ended."""

import asyncio
import time

import pytest

from adapters.model_providers.bounded import BoundedProviders
from adapters.model_providers.echo import EchoProvider
from adapters.system import SystemClock
from application.ports.model_provider import ModelCall, ModelProviders, UpstreamUnavailable
from domain.identifiers import UpstreamId
from domain.routing import ServedModel, Upstream, UpstreamKind
from tests.contract.samples import ACME, sample_id
from tests.fakes.clock import START


class EchoOnly(ModelProviders):
    def __init__(self) -> None:
        self.is_closed = False

    def of(self, kind: UpstreamKind) -> EchoProvider:
        return EchoProvider(clock=SystemClock())

    async def close(self) -> None:
        self.is_closed = True


def a_call(model: str) -> ModelCall:
    return ModelCall(
        upstream=Upstream(
            id=UpstreamId(sample_id("ups", 1)),
            tenant_id=ACME,
            name="echo",
            kind=UpstreamKind.ECHO,
            base_url="",
            models=(ServedModel(name=model, upstream_name=model),),
            created_at=START,
        ),
        body={"model": model, "messages": [{"role": "user", "content": "one two three four"}]},
        request_id="req_1",
    )


async def test_answer_in_time_is_given_as_it_is() -> None:
    providers = EchoOnly()
    bounded = BoundedProviders(providers, seconds_left=lambda: 30.0)
    provider = bounded.of(UpstreamKind.ECHO)

    answer = await provider.complete(a_call("echo"))
    async with provider.stream(a_call("echo")) as chunks:
        count = len([chunk async for chunk in chunks])
    await bounded.close()

    assert answer["object"] == "chat.completion"
    assert count > 1
    assert providers.is_closed


async def test_late_answer_is_a_silent_upstream() -> None:
    provider = BoundedProviders(EchoOnly(), seconds_left=lambda: 0.05).of(UpstreamKind.ECHO)

    with pytest.raises(UpstreamUnavailable) as trouble:
        await provider.complete(a_call("echo-slow-60000"))

    assert trouble.value.answer_status == 504


async def test_stream_ends_when_the_time_is_over() -> None:
    end = time.monotonic() + 0.5
    bounded = BoundedProviders(EchoOnly(), seconds_left=lambda: end - time.monotonic())
    provider = bounded.of(UpstreamKind.ECHO)

    async def read() -> None:
        async with provider.stream(a_call("echo-slow-200")) as chunks:
            async for _ in chunks:
                await asyncio.sleep(0)

    with pytest.raises(UpstreamUnavailable) as trouble:
        await read()
    assert trouble.value.is_timeout


async def test_no_time_left_is_told_at_once() -> None:
    provider = BoundedProviders(EchoOnly(), seconds_left=lambda: -1.0).of(UpstreamKind.ECHO)

    with pytest.raises(UpstreamUnavailable):
        await provider.complete(a_call("echo-slow-60000"))
