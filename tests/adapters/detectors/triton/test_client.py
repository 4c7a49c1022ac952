"""The client asks the server that is best off, and goes on where one is not."""

import asyncio
import gc

import pytest

from adapters.detectors.triton.errors import (
    ModelMismatch,
    ModelMissing,
    RequestFailed,
    RequestRefused,
    ServerBusy,
    TritonUnavailable,
)
from adapters.telemetry.prometheus import PrometheusTelemetry
from tests.fakes.triton import FAST, TOY, FakeTransport, ToyModel, client_of, other_version

TEXTS = ["ada", "bob"]
ANSWERS = ["ADA", "BOB"]


@pytest.fixture
def telemetry() -> PrometheusTelemetry:
    return PrometheusTelemetry()


def counted(telemetry: PrometheusTelemetry, reason: str) -> bool:
    line = f'trueport_triton_errors_total{{model="toy",reason="{reason}"}}'
    return line in telemetry.render().decode()


async def test_batches_go_to_the_server_with_the_least_to_do(
    telemetry: PrometheusTelemetry,
) -> None:
    servers = [FakeTransport(seconds=0.02), FakeTransport(seconds=0.02)]
    client = client_of(servers, telemetry=telemetry)

    await asyncio.gather(*(client.infer(ToyModel(), ["a"] * 8) for _ in range(4)))

    assert [len(server.batches) for server in servers] == [2, 2]


async def test_server_that_is_away_is_left_out_without_a_failed_call(
    telemetry: PrometheusTelemetry,
) -> None:
    servers = [FakeTransport(is_away=True), FakeTransport()]
    client = client_of(servers, telemetry=telemetry)

    answers = [await client.infer(ToyModel(), TEXTS) for _ in range(5)]

    assert answers == [ANSWERS] * 5
    assert len(servers[1].batches) == 5
    assert counted(telemetry, "away")


async def test_silent_server_is_given_up_for_another(telemetry: PrometheusTelemetry) -> None:
    servers = [FakeTransport(is_silent=True), FakeTransport()]
    client = client_of(servers, telemetry=telemetry)
    loop = asyncio.get_running_loop()
    started = loop.time()

    answers = await client.infer(ToyModel(), TEXTS)

    assert answers == ANSWERS
    assert loop.time() - started < FAST.deadline
    assert counted(telemetry, "timeout")


async def test_slow_server_is_waited_for_where_it_is_the_only_one(
    telemetry: PrometheusTelemetry,
) -> None:
    client = client_of([FakeTransport(seconds=3 * FAST.attempt)], telemetry=telemetry)

    assert await client.infer(ToyModel(), TEXTS) == ANSWERS


async def test_server_is_taken_back_once_it_answers(telemetry: PrometheusTelemetry) -> None:
    servers = [FakeTransport(is_away=True), FakeTransport()]
    client = client_of(servers, telemetry=telemetry)
    await client.infer(ToyModel(), TEXTS)
    servers[0].is_away = False

    async with asyncio.timeout(5):
        while not servers[0].batches:
            await client.infer(ToyModel(), TEXTS)
            await asyncio.sleep(0.05)

    assert servers[0].batches


async def test_only_server_comes_back_within_the_deadline(telemetry: PrometheusTelemetry) -> None:
    server = FakeTransport(is_away=True)
    client = client_of([server], telemetry=telemetry)
    asking = asyncio.ensure_future(client.infer(ToyModel(), TEXTS))
    await asyncio.sleep(0.2)

    server.is_away = False

    assert await asking == ANSWERS


async def test_servers_that_stay_away_are_told_after_the_deadline(
    telemetry: PrometheusTelemetry,
) -> None:
    client = client_of([FakeTransport(is_away=True)], telemetry=telemetry)

    with pytest.raises(TritonUnavailable) as told:
        await client.infer(ToyModel(), TEXTS)

    assert told.value.service == "triton"
    assert "did not answer in time" in told.value.message


async def test_full_queue_is_met_by_coming_again(telemetry: PrometheusTelemetry) -> None:
    server = FakeTransport(problems=[ServerBusy("full"), ServerBusy("full")])
    client = client_of([server], telemetry=telemetry)

    answers = await client.infer(ToyModel(), TEXTS)

    assert answers == ANSWERS
    assert len(server.batches) == 3
    assert counted(telemetry, "busy")


async def test_request_that_failed_is_tried_again(telemetry: PrometheusTelemetry) -> None:
    server = FakeTransport(problems=[RequestFailed("no")])
    client = client_of([server], telemetry=telemetry)

    assert await client.infer(ToyModel(), TEXTS) == ANSWERS


async def test_request_that_always_fails_is_given_up_soon(telemetry: PrometheusTelemetry) -> None:
    server = FakeTransport(problems=[RequestFailed("no")] * 9)
    client = client_of([server], telemetry=telemetry)

    with pytest.raises(TritonUnavailable, match="triton does not take a text"):
        await client.infer(ToyModel(), TEXTS)

    assert len(server.batches) == 3


async def test_refused_request_is_not_repeated(telemetry: PrometheusTelemetry) -> None:
    servers = [FakeTransport(problems=[RequestRefused("no")]), FakeTransport()]
    client = client_of(servers, telemetry=telemetry)

    with pytest.raises(TritonUnavailable, match="triton does not take a text"):
        await client.infer(ToyModel(), TEXTS)

    assert [len(server.batches) for server in servers] == [1, 0]


async def test_model_that_is_another_one_is_told_at_once(telemetry: PrometheusTelemetry) -> None:
    client = client_of([other_version(FakeTransport(), "toy-2")], telemetry=telemetry)

    with pytest.raises(ModelMismatch) as told:
        await client.check(TOY)
    with pytest.raises(TritonUnavailable, match="has the version toy-2, not toy-1"):
        await client.infer(ToyModel(), TEXTS)

    assert told.value.message == (
        "triton at grpc://triton:1: the model toy has the version toy-2, not toy-1"
    )
    assert counted(telemetry, "mismatch")


async def test_server_with_another_model_is_left_out(telemetry: PrometheusTelemetry) -> None:
    servers = [other_version(FakeTransport(), "toy-2"), FakeTransport()]
    client = client_of(servers, telemetry=telemetry)

    answers = [await client.infer(ToyModel(), TEXTS) for _ in range(3)]

    assert answers == [ANSWERS] * 3
    assert servers[0].batches == []


async def test_model_is_checked_again_after_a_server_failed(
    telemetry: PrometheusTelemetry,
) -> None:
    server = FakeTransport()
    client = client_of([server], telemetry=telemetry)
    await client.infer(ToyModel(), TEXTS)

    server.is_away = True
    asking = asyncio.ensure_future(client.infer(ToyModel(), TEXTS))
    await asyncio.sleep(0.05)
    other_version(server, "toy-2").is_away = False

    with pytest.raises(TritonUnavailable, match="has the version toy-2, not toy-1"):
        await asking


async def test_model_that_was_there_may_be_missing_for_a_while(
    telemetry: PrometheusTelemetry,
) -> None:
    server = FakeTransport()
    client = client_of([server], telemetry=telemetry)
    await client.infer(ToyModel(), TEXTS)

    server.problems = [ModelMissing("gone"), ModelMissing("gone")]

    assert await client.infer(ToyModel(), TEXTS) == ANSWERS


async def test_check_tells_at_once_that_no_server_answers(telemetry: PrometheusTelemetry) -> None:
    client = client_of([FakeTransport(is_away=True)] * 2, telemetry=telemetry)
    loop = asyncio.get_running_loop()
    started = loop.time()

    with pytest.raises(TritonUnavailable, match=r"triton at grpc://triton:\d cannot be reached"):
        await client.check(TOY)

    assert loop.time() - started < FAST.deadline / 2


async def test_states_tell_each_server(telemetry: PrometheusTelemetry) -> None:
    client = client_of([FakeTransport(), FakeTransport(is_away=True)], telemetry=telemetry)

    states = await client.states()

    assert states == {"grpc://triton:1": True, "grpc://triton:2": False}


async def test_closing_ends_calls_and_connections_and_the_next_call_opens_them(
    telemetry: PrometheusTelemetry,
) -> None:
    server = FakeTransport(seconds=10)
    client = client_of([server], telemetry=telemetry)
    asking = asyncio.ensure_future(client.infer(ToyModel(), TEXTS))
    await asyncio.sleep(0.05)

    await client.close()
    with pytest.raises(TritonUnavailable):
        await asking
    server.seconds = 0
    answers = await client.infer(ToyModel(), TEXTS)

    assert server.is_closed
    assert answers == ANSWERS


def test_end_of_an_event_loop_closes_its_connections(telemetry: PrometheusTelemetry) -> None:
    server = FakeTransport()
    client = client_of([server], telemetry=telemetry)

    first = asyncio.run(client.infer(ToyModel(), TEXTS))
    was_closed = server.is_closed
    second = asyncio.run(client.infer(ToyModel(), TEXTS))
    gc.collect()

    assert (first, was_closed, second) == (ANSWERS, True, ANSWERS)
