"""A model that is not the one that is expected is told by its first difference."""

from dataclasses import replace

import pytest

from adapters.detectors.triton.models import ModelSpec, ServedModel, TensorSpec, difference

IDS = TensorSpec(name="INPUT__0", datatype="INT64", dims=(-1,))
LOGITS = TensorSpec(name="OUTPUT__0", datatype="FP32", dims=(3,))
EXPECTED = ModelSpec(name="m", inputs=(IDS,), outputs=(LOGITS,), max_batch=32, version="v1")
SERVED = ServedModel(
    inputs=(IDS,), outputs=(LOGITS,), max_batch=32, parameters={"trueport_version": "v1"}
)


@pytest.mark.parametrize(
    "served",
    [
        SERVED,
        replace(SERVED, max_batch=64),
        replace(SERVED, outputs=(replace(LOGITS, dims=(-1,)),)),
        replace(SERVED, outputs=(LOGITS, replace(LOGITS, name="more"))),
        replace(SERVED, parameters={}),
        replace(SERVED, inputs=(replace(IDS, dims=(256,)),)),
    ],
)
def test_model_that_fits_has_no_difference(served: ServedModel) -> None:
    assert difference(EXPECTED, served) is None


@pytest.mark.parametrize(
    ("served", "told"),
    [
        (replace(SERVED, max_batch=16), "takes batches of 16, not of 32"),
        (replace(SERVED, max_batch=0), "takes batches of 0, not of 32"),
        (replace(SERVED, parameters={"trueport_version": "v2"}), "has the version v2, not v1"),
        (replace(SERVED, inputs=()), "has no input INPUT__0"),
        (replace(SERVED, outputs=()), "has no output OUTPUT__0"),
        (
            replace(SERVED, inputs=(replace(IDS, datatype="INT32"),)),
            "has the input INPUT__0 INT32 [-1], not INPUT__0 INT64 [-1]",
        ),
        (
            replace(SERVED, outputs=(replace(LOGITS, dims=(2,)),)),
            "has the output OUTPUT__0 FP32 [2], not OUTPUT__0 FP32 [3]",
        ),
        (
            replace(SERVED, outputs=(replace(LOGITS, dims=(-1, 3)),)),
            "has the output OUTPUT__0 FP32 [-1, 3], not OUTPUT__0 FP32 [3]",
        ),
        (
            replace(SERVED, inputs=(IDS, replace(IDS, name="types"))),
            "wants the input types as well",
        ),
    ],
)
def test_difference_is_named(served: ServedModel, told: str) -> None:
    assert difference(EXPECTED, served) == told
