"""Build the model of a slot: all that both engines need, in one folder, whole or not at all."""

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import torch

from adapters.detectors.manifest import write_manifest
from adapters.detectors.model_build.checkpoint import Checkpoint, open_checkpoint
from adapters.detectors.model_build.export import Exporter
from adapters.detectors.model_build.repository import put_in_place
from adapters.detectors.model_build.triton_config import CONFIG, render
from adapters.detectors.neural.built_model import (
    DESCRIPTION,
    LABELS,
    ONNX,
    TOKENIZER,
    TORCHSCRIPT,
    BuiltModel,
)
from adapters.detectors.neural.labels import Kind, LabelMap
from adapters.detectors.neural.slots import NeuralSlot
from domain.errors import Unavailable

_DIGITS = 12
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """What is built from what; `labels` is the content of a label file, None for no file."""

    slot: NeuralSlot
    source: str
    labels: object
    device: str = "cpu"
    revision: str | None = None


def build(order: BuildOrder, *, store: Path, template: str, tell: Tell) -> BuiltModel:
    """Fill a slot of the store and return what fills it now.

    Raises:
        InvalidValue: the checkpoint, its labels or the device do not fit.
        Unavailable: the hub cannot be reached, or the store not be written.
    """
    tell(f"reading {order.source}")
    checkpoint = open_checkpoint(order.source, order.revision)
    labels = LabelMap.parse(
        order.labels,
        slot=order.slot,
        kind=checkpoint.kind,
        labels=checkpoint.labels,
        activation=checkpoint.activation,
    )
    exporter = Exporter(checkpoint, order.device)
    described = BuiltModel(
        slot=order.slot,
        version="",
        source=checkpoint.name,
        architecture=checkpoint.architecture,
        labels=labels,
        window=exporter.window,
        pad_id=checkpoint.pad_id,
        device=order.device,
        torch=str(torch.__version__),
    )
    built = replace(described, version=_version(checkpoint, described))
    try:
        _write(built, checkpoint, exporter, store=store, template=template, tell=tell)
    except OSError as error:
        raise Unavailable(
            "models", f"the model store {store} cannot be written ({error.strerror})"
        ) from error
    return built


def _version(checkpoint: Checkpoint, built: BuiltModel) -> str:
    """Return a version that is the same wherever, and for whichever device, the same is built."""
    elsewhere = {"device", "torch", "source"}
    facts = {name: one for name, one in built.document().items() if name not in elsewhere}
    told = json.dumps(facts, sort_keys=True)
    digest = sha256(f"{checkpoint.digest()}\0{told}".encode()).hexdigest()
    name = _NO_NAME.sub("-", checkpoint.name.rpartition("/")[2]).strip("-.") or "model"
    return f"{name}-{digest[:_DIGITS]}"


def _write(
    built: BuiltModel,
    checkpoint: Checkpoint,
    exporter: Exporter,
    *,
    store: Path,
    template: str,
    tell: Tell,
) -> None:
    store.mkdir(parents=True, exist_ok=True)
    # Beside the store, since Triton takes every folder in it for a model.
    with tempfile.TemporaryDirectory(dir=store.parent, prefix=f".{store.name}-") as work:
        folder = Path(work) / "new"
        folder.mkdir(mode=0o755)
        tell("writing ONNX for this process")
        apart = exporter.onnx(folder / ONNX)
        tell(f"writing TorchScript for Triton on {built.device}")
        apart = max(apart, exporter.torchscript(folder / TORCHSCRIPT))
        tell(f"logits of both differ from the checkpoint's by {apart:.1e} at most")
        (folder / TOKENIZER).write_text(checkpoint.tokenizer, encoding="utf-8")
        (folder / LABELS).write_text("".join(f"{one}\n" for one in built.labels.labels), "utf-8")
        (folder / DESCRIPTION).write_text(json.dumps(built.document(), indent=2) + "\n", "utf-8")
        config = render(
            template,
            built.slot,
            labels=len(built.labels.labels),
            is_per_token=built.labels.kind is Kind.TOKEN,
            version=built.version,
            device=built.device,
            window=built.window,
        )
        (folder / CONFIG).write_text(config, encoding="utf-8")
        write_manifest(folder)
        put_in_place(folder, store / built.slot.name, Path(work) / "old")
