"""The model store of the package is a Triton repository in which everything is as derived."""

import re
from typing import Any

import pytest
from google.protobuf import text_format
from tritonclient.grpc.model_config_pb2 import ModelConfig

from adapters.detectors.manifest import problems
from adapters.detectors.model_build.triton_config import CONFIG, TEMPLATE, render
from adapters.detectors.neural.labels import Activation, Kind, LabelMap
from adapters.detectors.neural.slots import NEURAL_SLOTS
from adapters.detectors.triton.pattern_detector import SPEC
from entrypoints.wiring.detectors import SLOTS
from scripts.model_store import RULES, STORE, configurations

_REJECT = 0
"""The value of `timeout_action: REJECT` in Triton's model_config.proto."""


def test_configurations_follow_from_the_one_template() -> None:
    derived = configurations(STORE)

    assert len(derived) == 2 * len(NEURAL_SLOTS)
    assert {path: path.read_text(encoding="utf-8") for path in derived} == derived


@pytest.mark.parametrize("name", SLOTS)
def test_manifest_names_every_file(name: str) -> None:
    assert list(problems(STORE / name, names_all=True)) == []


@pytest.mark.parametrize("slot", NEURAL_SLOTS)
def test_labels_of_a_slot_mean_what_it_reports(slot: str) -> None:
    found = NEURAL_SLOTS[slot]
    labels = (STORE / found.name / "labels.txt").read_text(encoding="utf-8").split()
    kind = Kind.TOKEN if labels[0] == "O" else Kind.SEQUENCE
    activation = Activation.SIGMOID if found.name == "bias-deberta-v3" else Activation.SOFTMAX
    benign = {"BENIGN": None} if "BENIGN" in labels else {}

    parsed = LabelMap.parse(
        {"labels": benign}, slot=found, kind=kind, labels=labels, activation=activation
    )

    reported = {found.types[one] for one in parsed.reported}
    assert reported == set(found.categories)


@pytest.mark.parametrize(
    "name", sorted(path.relative_to(STORE).as_posix() for path in STORE.rglob("*.pbtxt"))
)
def test_triton_can_parse_every_configuration(name: str) -> None:
    path = STORE / name
    config: Any = ModelConfig()
    text_format.Parse(path.read_text(encoding="utf-8"), config)

    assert config.name in path.parts
    assert config.dynamic_batching.default_queue_policy.max_queue_size == 512
    assert config.dynamic_batching.default_queue_policy.timeout_action == _REJECT
    assert len(config.model_warmup) >= 1


@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
def test_configuration_has_the_bounds_of_a_slot(device: str) -> None:
    slot = NEURAL_SLOTS["injection-distilbert"]
    template = (STORE / TEMPLATE).read_text(encoding="utf-8")

    config = render(
        template, slot, labels=3, is_per_token=False, version="a-1", device=device, window=64
    )

    assert 'platform: "pytorch_libtorch"' in config
    assert "max_batch_size: 64" in config
    assert "timeout_action: REJECT" in config
    assert "default_timeout_microseconds: 2000000" in config
    assert "max_queue_size: 512" in config
    assert re.findall(r"count: (\d) kind: (\w+)", config) == [
        ("2", "KIND_CPU") if device == "cpu" else ("1", "KIND_GPU")
    ]
    assert 'key: "trueport_version" value: { string_value: "a-1" }' in config
    assert re.findall(r"dims: \[ (\d+) \] zero_data", config) == ["32", "32", "64", "64"]


def test_configuration_of_the_rules_is_what_the_client_expects() -> None:
    config = (STORE / RULES / CONFIG).read_text(encoding="utf-8")

    assert f"max_batch_size: {SPEC.max_batch}" in config
    for tensor in (*SPEC.inputs, *SPEC.outputs):
        assert f'name: "{tensor.name}" data_type: TYPE_STRING dims: [ 1 ]' in config
