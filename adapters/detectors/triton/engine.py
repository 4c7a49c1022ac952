"""Run a neural model on Triton: token ids in, logits out."""

from collections.abc import Hashable, Sequence

import numpy as np

from adapters.detectors.neural.built_model import BuiltModel
from adapters.detectors.neural.engine import Engine, Logits, TokenRow
from adapters.detectors.neural.labels import Kind
from adapters.detectors.triton.client import BatchedModel, TritonClient
from adapters.detectors.triton.errors import TritonUnavailable
from adapters.detectors.triton.models import ModelSpec, TensorSpec
from adapters.detectors.triton.transport import Tensors

BUCKETS = (32, 64, 128, 256, 512)
"""Lengths in tokens that rows are padded to, since a server joins rows of equal shape only."""

_IDS, _MASK, _LOGITS = "INPUT__0", "INPUT__1", "OUTPUT__0"
_BYTES_A_TOKEN = 16

_Row = tuple[int, ...]


def bucket_of(length: int) -> int:
    """Return the length that a row of so many tokens is padded to."""
    longest = BUCKETS[-1]
    return next((size for size in BUCKETS if length <= size), -(-length // longest) * longest)


def neural_spec(
    name: str, *, labels: int, is_per_token: bool, max_batch: int, version: str | None = None
) -> ModelSpec:
    """Return what a neural slot takes and gives: one logit a label, for each token or the text."""
    dims = (-1, labels) if is_per_token else (labels,)
    return ModelSpec(
        name=name,
        inputs=(
            TensorSpec(name=_IDS, datatype="INT64", dims=(-1,)),
            TensorSpec(name=_MASK, datatype="INT64", dims=(-1,)),
        ),
        outputs=(TensorSpec(name=_LOGITS, datatype="FP32", dims=dims),),
        max_batch=max_batch,
        version=version,
    )


def spec_of(model: BuiltModel) -> ModelSpec:
    """Return a built model as a server must have it: the same labels, and the same version."""
    return neural_spec(
        model.slot.name,
        labels=len(model.labels.labels),
        is_per_token=model.labels.kind is Kind.TOKEN,
        max_batch=model.slot.max_batch,
        version=model.version,
    )


class NeuralModel(BatchedModel[_Row, Logits]):
    """Token ids a row; rows that are padded to the same length share a batch."""

    def __init__(self, spec: ModelSpec, *, pad_id: int) -> None:
        self._spec = spec
        self._pad_id = pad_id
        self._shape = spec.outputs[0].dims

    @property
    def spec(self) -> ModelSpec:
        """Return the model as it is expected."""
        return self._spec

    def kind(self, row: _Row) -> Hashable:
        """Return the length that a row is padded to."""
        return bucket_of(len(row))

    def weight(self, row: _Row) -> int:
        """Return the bytes of a row and its mask."""
        return bucket_of(len(row)) * _BYTES_A_TOKEN

    def collate(self, rows: Sequence[_Row]) -> Tensors:
        """Return ids, padded, and the mask that tells padding apart."""
        length = bucket_of(max(map(len, rows)))
        ids = np.full((len(rows), length), self._pad_id, dtype=np.int64)
        mask = np.zeros((len(rows), length), dtype=np.int64)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
            mask[at, : len(row)] = 1
        return {_IDS: ids, _MASK: mask}

    def split(self, rows: Sequence[_Row], outputs: Tensors) -> Sequence[Logits]:
        """Return the logits of each row, without those of padding."""
        logits = outputs[_LOGITS]
        shape = [len(rows), bucket_of(max(map(len, rows)))] if len(self._shape) > 1 else [len(rows)]
        is_right = logits is not None and list(logits.shape) == [*shape, self._shape[-1]]
        if not is_right or not np.isfinite(logits).all():
            raise TritonUnavailable(f"triton answered {self._spec.name} with no logits")
        if len(self._shape) == 1:
            return list(logits)
        return [logits[at, : len(row)] for at, row in enumerate(rows)]


class TritonEngine(Engine):
    """Infer on whichever server is best off."""

    def __init__(self, client: TritonClient, spec: ModelSpec, *, pad_id: int) -> None:
        self._client = client
        self._model = NeuralModel(spec, pad_id=pad_id)

    async def infer(self, windows: Sequence[TokenRow]) -> list[Logits]:
        """Return the logits of each window: one a label, or for each token one a label.

        Raises:
            TritonUnavailable: no server answered in time and as it should.
        """
        return await self._client.infer(self._model, [window.input_ids for window in windows])
