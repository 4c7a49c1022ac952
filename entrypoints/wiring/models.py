"""What `trueport models` does: tell what fills the slots, build, check, and lay out for Triton.

PyTorch is imported only where something is built.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from adapters.detectors.model_build.repository import lay_out
from adapters.detectors.model_build.triton_config import TEMPLATE
from adapters.detectors.neural.built_model import BuiltModel
from adapters.detectors.neural.slots import NEURAL_SLOTS
from domain.errors import DomainError, InvalidValue, Unavailable
from entrypoints.wiring.detectors import (
    PATTERNS,
    SLOTS,
    make_detector,
    make_model_store,
    shipped_models,
)
from entrypoints.wiring.diagnosis import damaged_models

NEURAL_NAMES = tuple(NEURAL_SLOTS)
"""The slots that a model can be built for."""

_LARGEST_LABEL_FILE = 1024 * 1024
_STAND_INS = {
    "pii-ner-roberta": "rules and gazetteers",
    "bias-deberta-v3": "linear models and rules",
    "injection-distilbert": "linear model and rules",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReport:
    """What fills one of the four slots: `version` is that of weights or rules.

    `problem` says why what was built cannot be used.
    """

    name: str
    engine: str
    version: str | None = None
    finds: tuple[str, ...] = ()
    model: BuiltModel | None = None
    folder: Path | None = None
    problem: str | None = None

    @property
    def told(self) -> str:
        """Return in a sentence what fills the slot."""
        if self.problem is not None:
            return self.problem
        if self.model is not None or self.name == PATTERNS:
            return f"{self.version}, {self.engine}"
        return f"no model is built: {self.engine} serve this name ({self.version})"


def slot_reports(store: Path, *, is_on_triton: bool = False) -> tuple[SlotReport, ...]:
    """Return what fills each of the four slots, here or with Triton."""
    return tuple(_report(name, store, is_on_triton=is_on_triton) for name in SLOTS)


def _report(name: str, store: Path, *, is_on_triton: bool) -> SlotReport:
    models = make_model_store(store)
    folder = None if name == PATTERNS else models.folder_of(name)
    engine = "Triton" if is_on_triton else "in process"
    if folder is not None and not is_on_triton:
        engine = "ONNX Runtime in process"
    if folder is None and name != PATTERNS:
        engine = f"{_STAND_INS[name]} in process"
    try:
        detector = make_detector(name, models)
        return SlotReport(
            name=name,
            engine=engine,
            version=detector.version,
            finds=tuple(sorted(category.value for category in detector.categories)),
            model=None if folder is None else models.find(name),
            folder=folder,
        )
    except DomainError as error:
        return SlotReport(name=name, engine=engine, folder=folder, problem=error.message)


def damaged(store: Path) -> tuple[tuple[str, str], ...]:
    """Return each model file that is not the one of its manifest, with what is wrong with it."""
    return tuple(damaged_models(store, shipped_models()))


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """What somebody wants built: a slot, from a folder or the hub."""

    slot: str
    source: str
    label_file: Path | None = None
    device: str = "cpu"
    revision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What was built, and the categories of its slot that it does not report."""

    model: BuiltModel
    lost: tuple[str, ...] = field(default=())


def build_model(request: BuildRequest, store: Path, tell: Callable[[str], None]) -> BuildReport:
    """Fill a slot of the store.

    Raises:
        InvalidValue: checkpoint, labels or device do not fit.
        Unavailable: the extra is not installed, the hub cannot be reached, or the store not be
            written.
    """
    try:
        from adapters.detectors.model_build.build import (  # noqa: PLC0415 - needs an extra
            BuildOrder,
            build,
        )
        from adapters.detectors.model_build.checkpoint import (  # noqa: PLC0415 - the same
            is_folder,
            label_file_in,
        )
    except ImportError:
        raise Unavailable(
            "models", 'to build models takes PyTorch: pip install "trueport[models]"'
        ) from None
    file = request.label_file
    if file is None and is_folder(request.source):
        file = label_file_in(request.source)
    model = build(
        BuildOrder(
            slot=NEURAL_SLOTS[request.slot],
            source=request.source,
            labels=None if file is None else _label_document(file),
            device=request.device,
            revision=request.revision,
        ),
        store=store,
        template=(shipped_models() / TEMPLATE).read_text(encoding="utf-8"),
        tell=tell,
    )
    reported = {model.slot.types[kind] for kind in model.labels.reported}
    lost = tuple(one.value for one in model.slot.categories if one not in reported)
    return BuildReport(model=model, lost=lost)


def _label_document(file: Path) -> object:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_LABEL_FILE + 1)
        if len(content) > _LARGEST_LABEL_FILE:
            raise InvalidValue(f"{file} is larger than a label file", field="--labels")
        document: object = yaml.safe_load(content)
    except (OSError, yaml.YAMLError) as error:
        raise InvalidValue(f"{file} cannot be read as YAML or JSON", field="--labels") from error
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class TritonPlan:
    """A repository that is laid out, the models in it, and the program that serves it."""

    program: str
    arguments: tuple[str, ...]
    models: tuple[str, ...]


def plan_triton(
    store: Path,
    repository: Path,
    *,
    program: str,
    host: str,
    ports: Sequence[int],
    others: Sequence[str] = (),
) -> TritonPlan:
    """Lay out the repository and return how a tritonserver serves it.

    `ports` are those of HTTP, gRPC and metrics; `others` goes to the program as it is.

    Raises:
        Unavailable: the program is not there, a model is damaged, or the repository cannot be
            written.
    """
    found = shutil.which(program)
    if found is None:
        raise Unavailable(
            "triton",
            f"{program} is not on the PATH: install Triton Inference Server, or name the program "
            "in TRUEPORT_TRITONSERVER; in a container of its own it serves the folder that "
            "--print lays out",
        )
    models, arguments = laid_out(store, repository, host=host, ports=ports, others=others)
    return TritonPlan(program=found, arguments=arguments, models=models)


def laid_out(
    store: Path,
    repository: Path,
    *,
    host: str,
    ports: Sequence[int],
    others: Sequence[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lay out the repository and return the models in it and the arguments to serve it with.

    Raises:
        Unavailable: a model is damaged, or the repository cannot be written.
    """
    models = lay_out(make_model_store(store), repository)
    http, grpc, metrics = ports
    return models, (
        f"--model-repository={repository.absolute()}",
        "--model-control-mode=none",
        f"--http-address={host}",
        f"--http-port={http}",
        f"--grpc-address={host}",
        f"--grpc-port={grpc}",
        f"--metrics-address={host}",
        f"--metrics-port={metrics}",
        *others,
    )
