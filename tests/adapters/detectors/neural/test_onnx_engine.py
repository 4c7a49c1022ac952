"""ONNX Runtime gives each window its own answer, in order, and says what it cannot run."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from adapters.detectors.neural.onnx_engine import OnnxEngine
from domain.errors import Unavailable

ROWS = st.lists(st.lists(st.integers(0, 1000), min_size=1, max_size=40).map(tuple), max_size=20)


@dataclass(frozen=True, kw_only=True)
class Row:
    input_ids: tuple[int, ...]


def sums(*, factor: float = 1.0, ids: str = "input_ids") -> bytes:
    """Return a model that adds its ids up, and counts them, times a factor."""
    shape = ["rows", "tokens"]
    nodes = [
        helper.make_node("Mul", [ids, "attention_mask"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "axis"], ["sum"], keepdims=1),
        helper.make_node("ReduceSum", ["attention_mask", "axis"], ["count"], keepdims=1),
        helper.make_node("Concat", ["sum", "count"], ["both"], axis=1),
        helper.make_node("Cast", ["both"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["wide", "factor"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "sums",
        [
            helper.make_tensor_value_info(one, TensorProto.INT64, shape)
            for one in (ids, "attention_mask")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", 2])],
        [
            numpy_helper.from_array(np.array([1], np.int64), "axis"),
            numpy_helper.from_array(np.array([factor], np.float32), "factor"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def infer(engine: OnnxEngine, rows: Sequence[tuple[int, ...]]) -> list[list[float]]:
    answers = asyncio.run(engine.infer([Row(input_ids=row) for row in rows]))
    return [answer.tolist() for answer in answers]


@given(rows=ROWS)
def test_answers_stand_in_the_order_of_the_windows(rows: list[tuple[int, ...]]) -> None:
    answers = infer(OnnxEngine("sums", sums()), rows)

    assert answers == [[sum(row), len(row)] for row in rows]


async def test_short_text_does_not_wait_for_all_of_a_long_one() -> None:
    engine = OnnxEngine("sums", sums())
    long = asyncio.ensure_future(engine.infer([Row(input_ids=(1,))] * 3000))
    await asyncio.sleep(0)

    await engine.infer([Row(input_ids=(2,))])
    was_under_way = not long.done()
    await long

    assert was_under_way


async def test_caller_who_is_cancelled_leaves_no_work_behind() -> None:
    engine = OnnxEngine("sums", sums())
    asking = asyncio.ensure_future(engine.infer([Row(input_ids=(1,))] * 100_000))
    await asyncio.sleep(0.01)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    (answer,) = await engine.infer([Row(input_ids=(2,))])

    assert answer.tolist() == [2, 1]


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(Unavailable, match="ONNX Runtime cannot load the model broken"):
        OnnxEngine("broken", b"nothing")


def test_model_of_other_tensors_cannot_be_run() -> None:
    with pytest.raises(Unavailable, match="the model other cannot be run"):
        infer(OnnxEngine("other", sums(ids="ids")), [(1,)])


def test_answer_that_is_no_number_is_refused() -> None:
    with pytest.raises(Unavailable, match="answered with no numbers"):
        infer(OnnxEngine("sums", sums(factor=float("inf"))), [(1,)])
