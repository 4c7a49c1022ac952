"""`config.pbtxt` of a neural slot, for a CPU and for a GPU, from one template."""

from dataclasses import dataclass
from string import Template

from adapters.detectors.neural.slots import NeuralSlot

TEMPLATE = "config.pbtxt.template"
CONFIG = "config.pbtxt"
UNBUILT = "unbuilt"
"""The version in the configuration of a slot that holds no weights yet."""

LONGEST_WINDOW = 256
"""Tokens that a row has at most, special ones included."""

_SHORTEST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placement:
    """How a model is put on a machine; the delay, for filling batches, is in microseconds."""

    kind: str
    instances: int
    delay: int


_CPU = _Placement(kind="KIND_CPU", instances=2, delay=1000)
_GPU = _Placement(kind="KIND_GPU", instances=1, delay=2000)


def render(
    template: str,
    slot: NeuralSlot,
    *,
    labels: int,
    is_per_token: bool,
    version: str,
    device: str,
    window: int = LONGEST_WINDOW,
) -> str:
    """Return the configuration of a model for a device such as `cpu` or `cuda:0`.

    It is warmed up with rows of the shortest length and of `window` tokens.
    """
    placement = _CPU if device == "cpu" else _GPU
    return Template(template).substitute(
        comment=f"{slot.name} on {device.partition(':')[0]}: made from {TEMPLATE}",
        name=slot.name,
        rows=slot.max_batch,
        dims=f"-1, {labels}" if is_per_token else str(labels),
        delay=placement.delay,
        instances=placement.instances,
        kind=placement.kind,
        warmup="\n".join(map(_warm_up, sorted({_SHORTEST, window}))),
        version=version,
    )


def _warm_up(length: int) -> str:
    inputs = "\n".join(
        f'  inputs {{ key: "INPUT__{at}" value: {{ '
        f"data_type: TYPE_INT64 dims: [ {length} ] zero_data: true }} }}"
        for at in range(2)
    )
    return f'model_warmup {{\n  name: "{length} tokens"\n  batch_size: 1\n{inputs}\n}}'
