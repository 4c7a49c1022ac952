"""The detector of everything that rules alone can find, on Triton."""

import logging
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.detectors.detection_json import detection_from_json
from adapters.detectors.plain_text import without_surrogates
from adapters.detectors.triton.client import BatchedModel, TritonClient
from adapters.detectors.triton.errors import TritonUnavailable
from adapters.detectors.triton.models import ModelSpec, TensorSpec
from adapters.detectors.triton.transport import Tensors
from application.ports.detector import Detector, DetectorText
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from domain.errors import InvalidValue

_log = logging.getLogger(__name__)

SPEC = ModelSpec(
    name="exfil-regex-entropy",
    inputs=(
        TensorSpec(name="TEXT", datatype="BYTES", dims=(1,)),
        TensorSpec(name="CHANNEL", datatype="BYTES", dims=(1,)),
    ),
    outputs=(
        TensorSpec(name="DETECTION", datatype="BYTES", dims=(1,)),
        TensorSpec(name="VERSION", datatype="BYTES", dims=(1,)),
    ),
    max_batch=64,
)

_CATEGORIES = frozenset({Category.PII, Category.SECRETS, Category.EXFIL})

_Row = tuple[bytes, bytes]
_Answer = tuple[Detection, str]


class TritonPatternDetector(Detector):
    """Answer as `exfil-regex-entropy`, from a server that runs the very same rules.

    `version` is that of the rules in this installation; a server that works by others is believed,
    and told in the log.
    """

    def __init__(self, client: TritonClient, *, version: str) -> None:
        self._client = client
        self._expected = version
        self._version = version

    @property
    def name(self) -> str:
        """Return the model name of this detector."""
        return SPEC.name

    @property
    def version(self) -> str:
        """Return the versions of the rule sets, as a server last told them."""
        return self._version

    @property
    def categories(self) -> frozenset[Category]:
        """Return personal data, secrets and exfiltration."""
        return _CATEGORIES

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text."""
        rows = [
            (without_surrogates(text.text).encode(), text.channel.value.encode()) for text in texts
        ]
        answers = await self._client.infer(_PatternModel(), rows)
        for version in {version for _, version in answers} - {self._version}:
            self._version = version
            if version != self._expected:
                _log.warning(
                    "a Triton server works by other rules",
                    extra={"model": SPEC.name, "version": version, "expected": self._expected},
                )
        return [detection for detection, _ in answers]


class _PatternModel(BatchedModel[_Row, _Answer]):
    """A text and its channel a row; texts of any length share a batch."""

    @property
    def spec(self) -> ModelSpec:
        return SPEC

    def kind(self, row: _Row) -> Hashable:
        return None

    def weight(self, row: _Row) -> int:
        return len(row[0])

    def collate(self, rows: Sequence[_Row]) -> Tensors:
        return {
            "TEXT": _column([text for text, _ in rows]),
            "CHANNEL": _column([channel for _, channel in rows]),
        }

    def split(self, rows: Sequence[_Row], outputs: Tensors) -> Sequence[_Answer]:
        detections, versions = (outputs[tensor.name] for tensor in SPEC.outputs)
        try:
            return [
                (detection_from_json(detection), version.decode())
                for (detection,), (version,) in zip(
                    detections.reshape(len(rows), 1), versions.reshape(len(rows), 1), strict=True
                )
            ]
        except (ValueError, KeyError, TypeError, AttributeError, InvalidValue) as error:
            raise TritonUnavailable(f"triton answered {SPEC.name} with no detections") from error


def _column(values: Sequence[bytes]) -> NDArray[np.object_]:
    column = np.empty((len(values), 1), dtype=np.object_)
    column[:, 0] = values
    return column
