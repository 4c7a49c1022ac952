"""A checkpoint becomes a model that both engines can run, or is refused with what is wrong."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.detectors.manifest import problems
from adapters.detectors.neural.built_model import ONNX, TORCHSCRIPT, BuiltModel
from adapters.detectors.neural.labels import Activation, Kind
from domain.errors import InvalidValue, Unavailable
from entrypoints.wiring.models import BuildReport, BuildRequest, build_model
from tests.counterpart_servers import free_port
from tests.fakes.model_hub import model_hub

SLOT = "injection-distilbert"


@pytest.fixture(scope="module")
def fakes(counterpart: Callable[[str], str]) -> Any:
    """Return the modules that make checkpoints, which need PyTorch."""
    counterpart("torch")
    from tests.fakes import built_models, checkpoints  # noqa: PLC0415 - need PyTorch

    return checkpoints, built_models


@pytest.fixture(scope="module")
def template(fakes: Any, tmp_path_factory: pytest.TempPathFactory) -> BuildRequest:
    """Return a good request, of which tests spoil a copy."""
    request: BuildRequest = fakes[1].injection_request(tmp_path_factory.mktemp("good"))
    return request


@pytest.fixture
def request_(template: BuildRequest, tmp_path: Path) -> BuildRequest:
    folder = tmp_path / "checkpoint"
    shutil.copytree(template.source, folder)
    return replace(template, source=str(folder), label_file=folder / "labels.yaml")


def build(request: BuildRequest, store: Path) -> BuildReport:
    return build_model(request, store, lambda _: None)


def refused(request: BuildRequest, store: Path) -> str:
    with pytest.raises(InvalidValue) as raised:
        build(request, store)
    assert not (store / SLOT).exists()
    return raised.value.message


def test_every_architecture_fills_its_slot(built_models: Path) -> None:
    models = {path.name: BuiltModel.load(path) for path in built_models.iterdir()}

    assert {name: model.architecture for name, model in models.items()} == {
        "pii-ner-roberta": "RobertaForTokenClassification",
        "bias-deberta-v3": "DebertaV2ForSequenceClassification",
        "injection-distilbert": "DistilBertForSequenceClassification",
    }
    assert {name: model.labels.kind for name, model in models.items()} == {
        "pii-ner-roberta": Kind.TOKEN,
        "bias-deberta-v3": Kind.SEQUENCE,
        "injection-distilbert": Kind.SEQUENCE,
    }
    assert models["bias-deberta-v3"].labels.activation is Activation.SIGMOID
    assert {model.window for model in models.values()} == {256}
    for name in models:
        assert list(problems(built_models / name, names_all=True)) == []


def test_version_follows_from_weights_and_labels(
    request_: BuildRequest, template: BuildRequest, tmp_path: Path, fakes: Any
) -> None:
    before = build(template, tmp_path / "z").model
    again = build(request_, tmp_path / "a").model
    assert request_.label_file is not None
    request_.label_file.write_text("labels: {SAFE: null, JAILBREAK: OVERRIDE}")
    relabelled = build(request_, tmp_path / "b").model
    other = build(fakes[1].injection_request(tmp_path / "other", seed=2), tmp_path / "c").model

    digests = [one.version.rpartition("-")[2] for one in (before, again, relabelled, other)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_build_takes_the_place_of_the_one_before(request_: BuildRequest, tmp_path: Path) -> None:
    store = tmp_path / "models"
    first = build(request_, store).model
    (store / SLOT / "left").write_text("over")
    assert request_.label_file is not None
    request_.label_file.write_text("labels: {SAFE: null, JAILBREAK: null}")

    second = build(request_, store).model

    assert BuiltModel.load(store / SLOT).version == second.version != first.version
    assert list(problems(store / SLOT, names_all=True)) == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_label_file_is_found_in_the_folder(request_: BuildRequest, tmp_path: Path) -> None:
    assert request_.label_file is not None
    request_.label_file.rename(request_.label_file.with_name("trueport-labels.yaml"))

    built = build(replace(request_, label_file=None), tmp_path / "models").model

    assert built.labels.reported == ("OVERRIDE", "JAILBREAK")


def test_shorter_model_has_a_shorter_window(fakes: Any, tmp_path: Path) -> None:
    checkpoints, made = fakes
    recipe = replace(
        checkpoints.DISTILBERT,
        sizes={**checkpoints.DISTILBERT.sizes, "max_position_embeddings": 100},
    )
    folder = checkpoints.write_checkpoint(tmp_path / "short", recipe, made.CLASSES)
    labels = checkpoints.write_labels(folder, {"labels": {"SAFE": None}})

    built = build(BuildRequest(slot=SLOT, source=str(folder), label_file=labels), tmp_path / "m")

    assert built.model.window == 64


def test_category_that_is_lost_is_told(fakes: Any, tmp_path: Path) -> None:
    checkpoints, _ = fakes
    folder = checkpoints.write_checkpoint(
        tmp_path / "toxic", checkpoints.DISTILBERT, ("fine", "toxic")
    )
    labels = checkpoints.write_labels(folder, {"labels": {"fine": None, "toxic": "INSULT"}})

    report = build(
        BuildRequest(slot="bias-deberta-v3", source=str(folder), label_file=labels), tmp_path / "m"
    )

    assert report.lost == ("bias",)


@pytest.mark.parametrize(
    ("architecture", "told"),
    [
        ("DistilBertForMaskedLM", "is a DistilBertForMaskedLM; a slot takes a model"),
        (None, "does not say what it was trained for; a slot takes a model"),
    ],
)
def test_checkpoint_of_another_kind_is_refused(
    request_: BuildRequest, architecture: str | None, told: str, tmp_path: Path
) -> None:
    config = Path(request_.source) / "config.json"
    stated = "null" if architecture is None else f'["{architecture}"]'
    config.write_text(
        config.read_text().replace('[\n    "DistilBertForSequenceClassification"\n  ]', stated)
    )

    assert told in refused(request_, tmp_path / "models")


def test_checkpoint_without_a_head_is_refused(
    request_: BuildRequest, fakes: Any, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file  # noqa: PLC0415 - needs PyTorch

    weights = Path(request_.source) / "model.safetensors"
    kept = {
        name: one for name, one in load_file(weights).items() if not name.startswith("classifier")
    }
    save_file(kept, weights, {"format": "pt"})

    message = refused(request_, tmp_path / "models")

    assert "lacks 2 weights of a DistilBertForSequenceClassification" in message
    assert "classifier.bias" in message


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("config.json", "it has no config.json"),
        ("model.safetensors", "holds no weights in *.safetensors; other formats can run code"),
        ("tokenizer.json", "cannot be read as a checkpoint"),
    ],
)
def test_checkpoint_that_lacks_a_file_is_refused(
    request_: BuildRequest, name: str, told: str, tmp_path: Path
) -> None:
    (Path(request_.source) / name).unlink()

    assert told in refused(request_, tmp_path / "models")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_checkpoint_with_a_damaged_file_is_refused(
    request_: BuildRequest, name: str, tmp_path: Path
) -> None:
    (Path(request_.source) / name).write_bytes(b"{damaged")

    assert "cannot be read as a checkpoint" in refused(request_, tmp_path / "models")


def test_tokenizer_of_another_model_is_refused(
    request_: BuildRequest, fakes: Any, tmp_path: Path
) -> None:
    checkpoints, made = fakes
    folder = Path(request_.source)
    other = checkpoints.write_checkpoint(tmp_path / "other", checkpoints.ROBERTA, made.TAGS)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(other / name, folder / name)

    assert "the tokenizer of another model" in refused(request_, tmp_path / "models")


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("labels: {SAFE: null, OVERRIDE: NOTHING}", "'OVERRIDE' means 'NOTHING'"),
        ("labels: {BENIGN: null}", "the model has no label 'BENIGN'; it has SAFE, OVERRIDE"),
        ("labels: {SAFE: null", "cannot be read as YAML or JSON"),
    ],
)
def test_label_file_that_does_not_fit_is_refused(
    request_: BuildRequest, labels: str, told: str, tmp_path: Path
) -> None:
    assert request_.label_file is not None
    request_.label_file.write_text(labels)

    assert told in refused(request_, tmp_path / "models")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"device": "cuda:7"}, "sees no device cuda:7"),
        ({"device": "meta"}, "on cpu or cuda"),
        ({"device": "abacus"}, "sees no device abacus"),
        ({"source": "./nowhere"}, "is no folder, nor the id of a model on the hub"),
        ({"source": "/nowhere/at/all"}, "is no folder, nor the id of a model on the hub"),
    ],
)
def test_wrong_word_is_refused(
    request_: BuildRequest, change: dict[str, Any], told: str, tmp_path: Path
) -> None:
    assert told in refused(replace(request_, **change), tmp_path / "models")


def test_store_that_cannot_be_written_is_told(request_: BuildRequest, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")

    with pytest.raises(Unavailable, match="models cannot be written"):
        build(request_, tmp_path / "models")


def test_failed_build_leaves_the_one_before(request_: BuildRequest, tmp_path: Path) -> None:
    store = tmp_path / "models"
    before = build(request_, store).model
    (Path(request_.source) / "model.safetensors").write_bytes(b"damaged")

    with pytest.raises(InvalidValue):
        build(request_, store)

    assert BuiltModel.load(store / SLOT) == before
    assert (store / SLOT / ONNX).is_file()
    assert (store / SLOT / TORCHSCRIPT).is_file()


def command(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `trueport` in another process, after some code."""
    program = f"import sys; {code}; from entrypoints.cli.main import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
        check=False,
    )


def test_model_of_the_hub_is_built(request_: BuildRequest, tmp_path: Path) -> None:
    with model_hub("somebody/classifier", Path(request_.source)) as address:
        ended = command(
            "pass",
            *("models", "build", SLOT, "--from", "somebody/classifier", "--format", "json"),
            *("--labels", str(request_.label_file)),
            TRUEPORT_HOME=str(tmp_path / "home"),
            HOME=str(tmp_path),
            HF_ENDPOINT=address,
        )

    assert ended.returncode == 0, ended.stderr
    built = BuiltModel.load(tmp_path / "home" / "models" / SLOT)
    assert built.source == "somebody/classifier"
    assert built.version.startswith("classifier-")


def test_hub_that_is_not_reached_is_told(fakes: Any, tmp_path: Path) -> None:
    ended = command(
        "pass",
        "models",
        "build",
        SLOT,
        "--from",
        "nobody/nothing",
        TRUEPORT_HOME=str(tmp_path),
        HOME=str(tmp_path),
        HF_ENDPOINT=f"http://127.0.0.1:{free_port()}",
    )

    assert ended.returncode == 4
    (line,) = [one for one in ended.stderr.splitlines() if one.startswith("Error: ")]
    assert line.startswith("Error: nobody/nothing cannot be had from the model hub (")
    assert line.endswith("Without a network, download it elsewhere and name its folder")


def test_build_without_pytorch_names_the_extra(tmp_path: Path) -> None:
    ended = command(
        "sys.modules['torch'] = None",
        *("models", "build", SLOT, "--from", str(tmp_path)),
        TRUEPORT_HOME=str(tmp_path),
    )

    assert ended.returncode == 4
    assert ended.stderr == 'Error: to build models takes PyTorch: pip install "trueport[models]"\n'


def test_model_without_its_engine_names_the_extra(built_models: Path, tmp_path: Path) -> None:
    ended = command(
        "sys.modules['onnxruntime'] = None",
        *("scan", str(tmp_path), "--model-store", str(built_models)),
    )

    assert ended.returncode == 4
    assert ended.stderr == (
        "Error: the model built for pii-ner-roberta needs a library: "
        'pip install "trueport[neural]"\n'
    )
