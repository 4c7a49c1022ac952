"""A real tritonserver gives what the process itself gives, and may be killed, frozen and slow."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.detectors.exfil_regex_entropy import ExfilRegexEntropyDetector
from adapters.detectors.triton.addresses import parse_addresses
from adapters.detectors.triton.client import ClientLimits, TritonClient
from adapters.detectors.triton.errors import ModelMismatch, TritonUnavailable
from adapters.detectors.triton.pattern_detector import SPEC, TritonPatternDetector
from adapters.detectors.triton.transports import make_transport
from adapters.telemetry.silent import SilentTelemetry
from application.ports.detector import Channel, DetectorText
from tests.fakes.detectors import AWS_KEY, CARD, MAIL
from tests.fakes.randomness import SeededRandomness
from tests.fakes.triton import TOY, ToyModel, capitals
from tests.triton_server import TritonServer

SAMPLES = Path(__file__).parents[4] / "samples"
LIMITS = ClientLimits(deadline=30.0, attempt=2.0)
PIECES = st.one_of(
    st.text(),
    st.sampled_from(
        [CARD, MAIL, AWS_KEY, " ", "\n", "grüße \N{GRINNING FACE} ", "\ud800", "e\u0301"]
    ),
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)


def client_of(*urls: str, limits: ClientLimits = LIMITS) -> TritonClient:
    return TritonClient(
        parse_addresses(",".join(urls)),
        make_transport=make_transport,
        randomness=SeededRandomness(1),
        telemetry=SilentTelemetry(),
        limits=limits,
    )


@pytest.fixture(scope="module")
def local() -> ExfilRegexEntropyDetector:
    return ExfilRegexEntropyDetector()


@pytest.fixture(params=["grpc", "http"])
def url(request: pytest.FixtureRequest, triton: TritonServer) -> str:
    return triton.url(str(request.param))


@pytest.fixture
async def client(url: str) -> AsyncIterator[TritonClient]:
    opened = client_of(url)
    yield opened
    await opened.close()


@pytest.fixture
def remote(client: TritonClient, local: ExfilRegexEntropyDetector) -> TritonPatternDetector:
    return TritonPatternDetector(client, version=local.version)


async def test_samples_give_the_same_findings_as_in_process(
    remote: TritonPatternDetector, local: ExfilRegexEntropyDetector
) -> None:
    texts = [
        DetectorText(text=line, channel=channel)
        for path in sorted(SAMPLES.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for channel in Channel
    ]

    answers = await remote.detect(texts)

    assert list(answers) == list(await local.detect(texts))
    assert sum(len(answer.findings) for answer in answers) > 100
    assert remote.version == local.version
    assert (remote.name, remote.categories) == (local.name, local.categories)


def test_made_up_texts_give_the_same_findings_as_in_process(
    url: str, local: ExfilRegexEntropyDetector
) -> None:
    client = client_of(url)
    remote = TritonPatternDetector(client, version=local.version)

    with asyncio.Runner() as runner:

        @settings(max_examples=40)
        @given(texts=st.lists(TEXTS, max_size=4))
        def check(texts: list[str]) -> None:
            asked = [DetectorText(text=text) for text in texts]
            # What has no encoding travels as U+FFFD, in the same place.
            plain = [
                DetectorText(
                    text=text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                )
                for text in texts
            ]

            answers = runner.run(remote.detect(asked))

            assert list(answers) == list(runner.run(local.detect(plain)))

        check()


@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
async def test_text_of_three_megabytes_is_read(
    remote: TritonPatternDetector, local: ExfilRegexEntropyDetector
) -> None:
    text = DetectorText(text="grüße und keine Befunde " * 125_000 + CARD)

    (answer,) = await remote.detect([text])

    assert len(text.text) > 3_000_000
    assert [(finding.type, finding.span.end) for finding in answer.at_least(None)] == [
        ("CREDIT_CARD", len(text.text))
    ]


async def test_rows_of_concurrent_callers_are_worked_on_together(
    client: TritonClient, triton: TritonServer
) -> None:
    before = triton.work_done("toy")
    callers = [[f"text {caller}", "b"] for caller in range(100)]

    answers = await asyncio.gather(*(client.infer(ToyModel(), texts) for texts in callers))

    # The server counts a batch after it has answered.
    rows = batches = 0
    async with asyncio.timeout(10):
        while rows < 200:
            rows, batches = (
                after - start for after, start in zip(triton.work_done("toy"), before, strict=True)
            )
            await asyncio.sleep(0.01)
    assert answers == [capitals(texts) for texts in callers]
    assert rows == 200
    assert batches <= 100


async def test_row_that_a_model_fails_over_fails_its_own_caller_only(client: TritonClient) -> None:
    outcomes: list[Any] = await asyncio.gather(
        *(client.infer(ToyModel(), [text]) for text in ("a", "fail", "b")), return_exceptions=True
    )

    assert [outcomes[0], outcomes[2]] == [["A"], ["B"]]
    assert isinstance(outcomes[1], TritonUnavailable)


async def test_model_that_is_not_there_is_told_by_name(client: TritonClient) -> None:
    with pytest.raises(TritonUnavailable, match="has no model nobody"):
        await client.check(replace(TOY, name="nobody"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"max_batch": 16}, "the model toy takes batches of 8, not of 16"),
        ({"version": "toy-2"}, "the model toy has the version toy-1, not toy-2"),
        ({"inputs": ()}, "the model toy wants the input TEXT as well"),
        (
            {"outputs": (replace(TOY.outputs[0], datatype="FP32"),)},
            r"the model toy has the output ANSWER BYTES \[1\], not ANSWER FP32 \[1\]",
        ),
    ],
)
async def test_model_that_is_another_one_is_told_with_the_difference(
    client: TritonClient, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(ModelMismatch, match=told):
        await client.check(replace(TOY, **change))


async def test_calls_survive_a_server_that_is_killed_and_started_again(
    client: TritonClient, triton: TritonServer
) -> None:
    texts = [f"text {number}" for number in range(7)]

    async def ask_often() -> list[list[str]]:
        return [await client.infer(ToyModel(), [*texts, "sleep 0.01"]) for _ in range(20)]

    asking = asyncio.gather(*(ask_often() for _ in range(4)))
    await asyncio.sleep(0.15)
    was_under_way = not asking.done()
    triton.kill()
    triton.launch()
    answers = await asking

    assert was_under_way
    assert answers == [[capitals([*texts, "sleep 0.01"])] * 20] * 4


@pytest.mark.parametrize("harm", ["kill", "freeze"])
async def test_no_call_fails_while_another_server_is_there(
    harm: str, triton: TritonServer, other_triton: TritonServer
) -> None:
    limits = ClientLimits(deadline=10.0, attempt=0.5)
    client = client_of(triton.grpc_url, other_triton.http_url, limits=limits)

    async def ask_often(caller: int) -> list[list[str]]:
        return [await client.infer(ToyModel(), [f"{caller}", "sleep 0.01"]) for _ in range(15)]

    asking = asyncio.gather(*(ask_often(caller) for caller in range(4)))
    await asyncio.sleep(0.1)
    was_under_way = not asking.done()
    getattr(triton, harm)()
    answers = await asking
    states = await client.states()
    await client.close()

    assert was_under_way
    assert answers == [[capitals([f"{caller}", "sleep 0.01"])] * 15 for caller in range(4)]
    assert states == {triton.grpc_url: False, other_triton.http_url: True}


async def test_frozen_server_is_told_after_the_deadline(url: str, triton: TritonServer) -> None:
    # Long enough for a busy machine to answer in, once the server goes on.
    client = client_of(url, limits=ClientLimits(deadline=2))
    await client.check(SPEC)
    loop = asyncio.get_running_loop()
    triton.freeze()
    started = loop.time()

    with pytest.raises(TritonUnavailable, match="did not answer in time"):
        await client.infer(ToyModel(), ["a"])
    took = loop.time() - started
    triton.thaw()
    answers = await client.infer(ToyModel(), ["a"])
    await client.close()

    assert 0.4 < took < 5
    assert answers == ["A"]


async def test_callers_beyond_the_bound_are_turned_away(url: str) -> None:
    client = client_of(url, limits=replace(LIMITS, callers=3))

    outcomes = await asyncio.gather(
        *(client.infer(ToyModel(), ["sleep 0.1"]) for _ in range(5)), return_exceptions=True
    )
    await client.close()

    assert outcomes[:3] == [["SLEEP 0.1"]] * 3
    assert [str(outcome) for outcome in outcomes[3:]] == ["too many callers wait for triton"] * 2
