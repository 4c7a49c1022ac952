"""A model that was built for a slot, as its folder in a model store describes it.

A folder is at the same time a model of a Triton repository:

    config.pbtxt, labels.txt, 1/model.pt     what Triton serves
    in_process/model.onnx                    what ONNX Runtime runs in the process
    model.json, tokenizer.json               what both need before and after
    MANIFEST.json                            the digests of all of these
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from adapters.detectors.manifest import read_checked
from adapters.detectors.neural.labels import Activation, Kind, LabelMap
from adapters.detectors.neural.slots import NEURAL_SLOTS, NeuralSlot
from domain.errors import InvalidValue, Unavailable

DESCRIPTION = "model.json"
TOKENIZER = "tokenizer.json"
LABELS = "labels.txt"
ONNX = "in_process/model.onnx"
TORCHSCRIPT = "1/model.pt"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltModel:
    """What there is to know about a model, beside its weights.

    `version` changes when weights, tokenizer, labels or window do, not with the device that it was
    built for. `window` is in tokens, special ones included.
    """

    slot: NeuralSlot
    version: str
    source: str
    architecture: str
    labels: LabelMap
    window: int
    pad_id: int
    device: str
    torch: str

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the description in a folder, checked against the manifest there.

        Raises:
            Unavailable: it is missing or damaged, or its manifest does not name it.
        """
        content = read_checked(folder / DESCRIPTION)
        try:
            return cls._parse(json.loads(content))
        except (ValueError, KeyError, TypeError, InvalidValue) as error:
            raise Unavailable(
                "models", f"{folder.name}/{DESCRIPTION} is no description of a model: build again"
            ) from error

    @classmethod
    def _parse(cls, parts: Mapping[str, Any]) -> Self:
        if parts["schema"] != SCHEMA:
            raise ValueError("another schema")
        slot = NEURAL_SLOTS[parts["slot"]]
        names = [name for name, _ in parts["labels"]]
        labels = LabelMap.parse(
            {"labels": dict(parts["labels"]), "operating_points": parts["operating_points"]},
            slot=slot,
            kind=Kind(parts["kind"]),
            labels=names,
            activation=Activation(parts["activation"]),
        )
        return cls(
            slot=slot,
            version=str(parts["version"]),
            source=str(parts["source"]),
            architecture=str(parts["architecture"]),
            labels=labels,
            window=int(parts["window"]),
            pad_id=int(parts["pad_id"]),
            device=str(parts["device"]),
            torch=str(parts["torch"]),
        )

    def document(self) -> dict[str, object]:
        """Return the description as `load` reads it."""
        labels = self.labels
        return {
            "schema": SCHEMA,
            "slot": self.slot.name,
            "version": self.version,
            "source": self.source,
            "architecture": self.architecture,
            "kind": labels.kind.value,
            "activation": labels.activation.value,
            "labels": [list(one) for one in zip(labels.labels, labels.types, strict=True)],
            "operating_points": dict(labels.points),
            "window": self.window,
            "pad_id": self.pad_id,
            "device": self.device,
            "torch": self.torch,
        }
