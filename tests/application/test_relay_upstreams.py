"""Several upstreams: which one answers, and whose error the caller gets."""

from dataclasses import replace
from typing import Any

import pytest

from application.gateway.relay import StreamedChat
from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from domain.routing import UpstreamKind
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.model_providers import text_chunks

AWAY = UpstreamUnavailable("scripted", "away", status=503, body={"error": "busy"}, retry_after=7)
SILENT = UpstreamUnavailable("scripted", "silent", is_timeout=True)
BUSY = UpstreamRefused(status=429, body={"error": "slow down"}, retry_after=3)
WRONG = UpstreamRefused(status=401, body={"error": "who are you"}, retry_after=None)


@pytest.fixture
async def pair(deployment: Deployment) -> Customer:
    """A tenant whose model `gpt` is served by `first` and then by `second`."""
    customer = await deployment.customer()
    await customer.connect("first", "gpt", tier=0)
    await customer.connect("second", "gpt", tier=1)
    return customer


def called(deployment: Deployment) -> list[str]:
    return [call.upstream.name for call in deployment.provider.calls]


@pytest.mark.parametrize("trouble", [AWAY, SILENT, BUSY])
async def test_next_upstream_answers_when_one_is_away_or_busy(
    deployment: Deployment, pair: Customer, trouble: UpstreamUnavailable | UpstreamRefused
) -> None:
    deployment.provider.before = [trouble]

    await pair.chat("hello", model="gpt")

    (record,) = await deployment.records()
    assert called(deployment) == ["first", "second"]
    assert (record["upstream"], record["status"]) == ("second", 200)


async def test_refusal_is_the_callers_answer(deployment: Deployment, pair: Customer) -> None:
    deployment.provider.before = [WRONG]

    with pytest.raises(UpstreamRefused) as refusal:
        await pair.chat("hello", model="gpt")

    (record,) = await deployment.records()
    assert called(deployment) == ["first"]
    assert (refusal.value.status, refusal.value.body) == (401, WRONG.body)
    assert record["status"] == 401


@pytest.mark.parametrize(("last", "status"), [(AWAY, 503), (SILENT, 504), (BUSY, 429)])
async def test_last_trouble_is_the_callers_answer_and_its_status_the_records(
    deployment: Deployment,
    pair: Customer,
    last: UpstreamUnavailable | UpstreamRefused,
    status: int,
) -> None:
    deployment.provider.before = [AWAY, last]

    with pytest.raises(type(last)) as failure:
        await pair.chat("hello", model="gpt")

    (record,) = await deployment.records()
    assert failure.value is last
    assert record["status"] == status
    assert record["tokens"] == {"input": 0, "output": 0, "estimated": False}


@pytest.mark.parametrize("trouble", [AWAY, SILENT, BUSY])
async def test_stream_changes_its_upstream_before_the_first_chunk(
    deployment: Deployment, pair: Customer, trouble: UpstreamUnavailable | UpstreamRefused
) -> None:
    deployment.provider.before = [trouble]

    answer = await pair.stream("hello", model="gpt")
    await answer.aclose()

    assert called(deployment) == ["first", "second"]
    assert deployment.provider.opened == deployment.provider.closed == 1


async def test_stream_does_not_change_its_upstream_in_the_middle(
    deployment: Deployment, pair: Customer
) -> None:
    deployment.provider.chunks = [*text_chunks("half")[:2], AWAY]

    answer = await pair.stream("hello", model="gpt")
    with pytest.raises(UpstreamUnavailable):
        await drain(answer)

    assert called(deployment) == ["first"]


async def drain(answer: StreamedChat) -> None:
    try:
        async for _ in answer.chunks:
            pass
    finally:
        await answer.aclose()


async def test_upstream_sees_its_own_name_of_the_model(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat("hello", model="scripted", temperature=0.5)

    body: Any = deployment.provider.calls[0].body
    assert (body["model"], body["temperature"]) == ("scripted", 0.5)


async def test_credential_reaches_its_upstream_in_plain_and_nothing_else(
    deployment: Deployment, acme: Customer
) -> None:
    upstream = await acme.connect("sealed", "sealed", credential="sk-very-secret")

    await acme.chat("hello", model="sealed")

    (record,) = await deployment.records()
    assert deployment.provider.calls[0].credential == "sk-very-secret"
    assert "sk-very-secret" not in repr(deployment.provider.calls[0])
    assert "sk-very-secret" not in repr(upstream)
    assert "sk-very-secret" not in repr(record)


async def test_credential_that_cannot_be_read_makes_its_upstream_unavailable(
    deployment: Deployment, pair: Customer
) -> None:
    sealed = await pair.connect("sealed", "sealed", credential="sk-very-secret")
    async with deployment.transactions() as uow:
        damaged = replace(sealed, credential=f"{sealed.credential}x")
        await uow.upstreams.save(pair.tenant.id, damaged)
        await uow.commit()

    with pytest.raises(UpstreamUnavailable) as failure:
        await pair.chat("hello", model="sealed")
    deployment.clock.advance(5)
    await pair.connect("spare", "sealed", tier=1)
    await pair.chat("hello", model="sealed")

    assert "credential" in failure.value.message
    assert called(deployment) == ["spare"]


async def break_upstream(deployment: Deployment, customer: Customer, model: str) -> None:
    """Fail often enough that the breaker of the model's only upstream opens."""
    for _ in range(5):
        with pytest.raises(UpstreamUnavailable):
            await customer.chat("hello", model=model)


async def test_breaker_sets_a_failing_upstream_aside(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.answer = AWAY
    await break_upstream(deployment, acme, "scripted")
    asked = len(deployment.provider.calls)

    with pytest.raises(UpstreamUnavailable) as failure:
        await acme.chat("hello", model="scripted")

    assert len(deployment.provider.calls) == asked
    assert failure.value.retry_after == 15
    assert "set aside" in failure.value.message


async def test_breaker_closes_after_one_probe_that_succeeds(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.answer = AWAY
    await break_upstream(deployment, acme, "scripted")
    deployment.clock.advance(15)
    deployment.provider.chunks = [*text_chunks("fine")[:2], None]
    probe = await acme.stream("hello", model="scripted")

    with pytest.raises(UpstreamUnavailable):
        await acme.chat("hello", model="scripted")
    await probe.aclose()
    deployment.provider.chunks = text_chunks("fine")
    await drain(await acme.stream("hello", model="scripted"))
    await drain(await acme.stream("hello", model="scripted"))

    assert deployment.provider.opened == deployment.provider.closed == 3


async def test_breaker_opens_again_after_a_probe_that_fails(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.answer = AWAY
    await break_upstream(deployment, acme, "scripted")
    deployment.clock.advance(15)
    with pytest.raises(UpstreamUnavailable):
        await acme.chat("hello", model="scripted")
    asked = len(deployment.provider.calls)

    with pytest.raises(UpstreamUnavailable):
        await acme.chat("hello", model="scripted")

    assert len(deployment.provider.calls) == asked


async def test_refusals_do_not_open_the_breaker(deployment: Deployment, acme: Customer) -> None:
    deployment.provider.answer = WRONG

    for _ in range(10):
        with pytest.raises(UpstreamRefused):
            await acme.chat("hello", model="scripted")

    assert len(deployment.provider.calls) == 10


async def test_streams_that_break_off_open_the_breaker(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = [*text_chunks("half")[:2], AWAY]
    for _ in range(5):
        with pytest.raises(UpstreamUnavailable):
            await drain(await acme.stream("hello", model="scripted"))

    with pytest.raises(UpstreamUnavailable) as failure:
        await acme.stream("hello", model="scripted")

    assert "set aside" in failure.value.message


async def test_readers_that_go_away_do_not_open_the_breaker(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = [*text_chunks("half")[:2], None]

    for _ in range(10):
        await (await acme.stream("hello", model="scripted")).aclose()

    assert deployment.provider.opened == 10


@pytest.mark.parametrize("status", [503, 429, 401])
async def test_echo_fails_as_it_is_asked_to(
    deployment: Deployment, acme: Customer, status: int
) -> None:
    with pytest.raises((UpstreamRefused, UpstreamUnavailable)) as failure:
        await acme.chat("hello", model=f"echo-fail-{status}")

    (record,) = await deployment.records()
    error: Any = failure.value
    assert error.status == status
    assert record["status"] == status


async def test_disabled_upstream_is_not_tried(deployment: Deployment, pair: Customer) -> None:
    async with deployment.transactions() as uow:
        first = next(one for one in await uow.upstreams.all(pair.tenant.id) if one.name == "first")
        await uow.upstreams.save(pair.tenant.id, first.disable())
        await uow.commit()

    await pair.chat("hello", model="gpt")

    assert called(deployment) == ["second"]


async def test_upstreams_of_one_tenant_serve_no_other(
    deployment: Deployment, pair: Customer
) -> None:
    other = await deployment.customer("globex")

    models = [model.name for model in await deployment.list_models(other.authorization)]

    assert "gpt" not in models
    assert UpstreamKind.ECHO.value in models
