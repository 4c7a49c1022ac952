"""A neural model on Triton gives each text its own logits, whatever shares its batch."""

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.detectors.triton.addresses import parse_addresses
from adapters.detectors.triton.client import TritonClient
from adapters.detectors.triton.engine import (
    BUCKETS,
    NeuralModel,
    TritonEngine,
    bucket_of,
    neural_spec,
)
from adapters.detectors.triton.errors import TritonUnavailable
from adapters.detectors.triton.transports import make_transport
from adapters.telemetry.silent import SilentTelemetry
from tests.fakes.randomness import SeededRandomness
from tests.triton_server import TritonServer

SPEC = neural_spec(
    "injection-distilbert", labels=2, is_per_token=False, max_batch=64, version="numbers-1"
)
TOKENS = neural_spec("pii-ner-roberta", labels=2, is_per_token=True, max_batch=32)
ROWS = st.lists(st.lists(st.integers(0, 1000), min_size=1, max_size=140).map(tuple), max_size=6)
PAD = 7


@dataclass(frozen=True, kw_only=True)
class Row:
    input_ids: tuple[int, ...]


@given(length=st.integers(1, 5000))
def test_rows_are_padded_to_few_lengths(length: int) -> None:
    bucket = bucket_of(length)

    assert bucket >= length
    assert bucket in BUCKETS or (bucket % BUCKETS[-1] == 0 and bucket - length < BUCKETS[-1])


def test_padding_is_masked() -> None:
    tensors = NeuralModel(SPEC, pad_id=PAD).collate([(1, 2, 3), (4,)])

    assert tensors["INPUT__0"].shape == (2, 32)
    assert tensors["INPUT__0"][1].tolist() == [4] + [PAD] * 31
    assert tensors["INPUT__1"].sum(axis=1).tolist() == [3, 1]


def test_logits_of_padding_are_dropped() -> None:
    logits = np.zeros((2, 32, 2), dtype=np.float32)

    first, second = NeuralModel(TOKENS, pad_id=PAD).split([(1, 2, 3), (4,)], {"OUTPUT__0": logits})

    assert (first.shape, second.shape) == ((3, 2), (1, 2))


@pytest.mark.parametrize(
    "logits",
    [
        None,
        np.zeros((1, 2), dtype=np.float32),
        np.zeros((2, 3), dtype=np.float32),
        np.full((2, 2), np.nan, dtype=np.float32),
    ],
)
def test_what_is_no_logits_is_no_answer(logits: object) -> None:
    with pytest.raises(TritonUnavailable, match="with no logits"):
        NeuralModel(SPEC, pad_id=PAD).split([(1,), (2,)], {"OUTPUT__0": logits})


@pytest.mark.parametrize("scheme", ["grpc", "http"])
def test_logits_do_not_depend_on_the_batch(scheme: str, triton: TritonServer) -> None:
    client = TritonClient(
        parse_addresses(triton.url(scheme)),
        make_transport=make_transport,
        randomness=SeededRandomness(1),
        telemetry=SilentTelemetry(),
    )
    engine = TritonEngine(client, SPEC, pad_id=PAD)

    with asyncio.Runner() as runner:

        @settings(max_examples=25)
        @given(rows=ROWS)
        def check(rows: list[tuple[int, ...]]) -> None:
            answers = runner.run(engine.infer([Row(input_ids=row) for row in rows]))

            expected = [[sum(row) / 1000, len(row) / 10] for row in rows]
            assert len(answers) == len(rows)
            for answer, numbers in zip(answers, expected, strict=True):
                np.testing.assert_allclose(answer, numbers, rtol=1e-5)

        check()
