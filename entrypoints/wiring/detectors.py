"""Make the detectors and tell their rules, for the container and for single commands.

Their tables take long to import; that is left to who makes one.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Protocol, runtime_checkable

from adapters.detectors.manifest import read_checked
from adapters.detectors.neural.built_model import ONNX, TOKENIZER, BuiltModel
from adapters.detectors.neural.model_store import ModelStore
from adapters.detectors.triton.client import TritonClient
from application.detection import DetectionPipeline
from application.ports.detector import Detector
from application.ports.system import Clock
from application.ports.telemetry import Telemetry
from domain.detection.catalogue import RuleInfo
from domain.errors import Unavailable
from entrypoints.wiring.rule_index import RuleIndex

PATTERNS = "exfil-regex-entropy"
"""The detector whose rules are the same wherever it runs."""


@runtime_checkable
class Catalogued(Protocol):
    """A detector that tells its own rules."""

    @abstractmethod
    def catalogue(self) -> Sequence[RuleInfo]:
        """Return the rules."""


SLOTS = ("pii-ner-roberta", "bias-deberta-v3", "injection-distilbert", PATTERNS)
"""The names of the four detectors, which are those of the models on Triton."""


def shipped_models() -> Path:
    """Return the model store of the installed package."""
    return Path(str(resources.files("model_store")))


def models_folder() -> Path:
    """Return the folder of the linear models, which lies in the installed package."""
    return shipped_models() / "embedded"


def make_model_store(own: Path) -> ModelStore:
    """Return where built models lie: in a folder of the operator, then in the package."""
    return ModelStore(own=own, shipped=shipped_models())


def make_detectors(store: ModelStore, triton: TritonClient | None = None) -> tuple[Detector, ...]:
    """Return the four detectors: on Triton what is built for it, the others in process.

    Raises:
        Unavailable: a built model is damaged, or what it needs is not installed.
    """
    return tuple(make_detector(slot, store, triton) for slot in SLOTS)


def make_detector(slot: str, store: ModelStore, triton: TritonClient | None = None) -> Detector:
    """Return the detector of a slot; rules or linear models where nobody built a model for it.

    Raises:
        Unavailable: the built model is damaged, or what it needs is not installed.
    """
    if slot == PATTERNS:
        return make_pattern_detector(triton)
    built = _neural(slot, store, triton)
    return _basic(slot) if built is None else built


def _basic(slot: str) -> Detector:
    """Return the detector of a slot that works by rules or a linear model."""
    match slot:
        case "pii-ner-roberta":
            from adapters.detectors.context.detector import (  # noqa: PLC0415 - takes long
                ContextDetector,
            )

            return ContextDetector(models_folder())
        case "bias-deberta-v3":
            from adapters.detectors.toxicity_bias import (  # noqa: PLC0415 - the same
                ToxicityBiasDetector,
            )

            return ToxicityBiasDetector(models_folder())
    from adapters.detectors.injection import InjectionDetector  # noqa: PLC0415 - the same

    return InjectionDetector(models_folder())


def make_basic_pipeline(
    pipeline: DetectionPipeline,
    detectors: Sequence[Detector],
    *,
    clock: Clock,
    telemetry: Telemetry,
    deadline: float,
) -> DetectionPipeline:
    """Return the pipeline of plans that have no neural models: the same where there are none."""
    basic = [_basic(one.name) if _is_neural(one) else one for one in detectors]
    if all(one is other for one, other in zip(basic, detectors, strict=True)):
        return pipeline
    return DetectionPipeline(detectors=basic, clock=clock, telemetry=telemetry, deadline=deadline)


def _is_neural(detector: Detector) -> bool:
    from adapters.detectors.context.detector import ContextDetector  # noqa: PLC0415 - takes long
    from adapters.detectors.injection import InjectionDetector  # noqa: PLC0415 - the same
    from adapters.detectors.toxicity_bias import ToxicityBiasDetector  # noqa: PLC0415 - the same

    if isinstance(detector, ContextDetector | ToxicityBiasDetector | InjectionDetector):
        return False
    try:
        from adapters.detectors.neural.detector import (  # noqa: PLC0415 - needs an extra
            NeuralDetector,
        )
    except ImportError:
        return False
    return isinstance(detector, NeuralDetector)


def _neural(slot: str, store: ModelStore, triton: TritonClient | None) -> Detector | None:
    """Return the detector of a built model, None where there is none."""
    folder, model = store.folder_of(slot), store.find(slot)
    if folder is None or model is None:
        return None
    try:
        from adapters.detectors.neural.detector import (  # noqa: PLC0415 - needs an extra
            NeuralDetector,
        )

        tokenizer = read_checked(folder / TOKENIZER, folder)
        if triton is not None:
            from adapters.detectors.triton.engine import (  # noqa: PLC0415 - the same
                TritonEngine,
                spec_of,
            )

            engine = TritonEngine(triton, spec_of(model), pad_id=model.pad_id)
            return NeuralDetector(model, tokenizer, engine)
        from adapters.detectors.neural.onnx_engine import OnnxEngine  # noqa: PLC0415 - the same

        return NeuralDetector(
            model, tokenizer, OnnxEngine(slot, read_checked(folder / ONNX, folder))
        )
    except ImportError:
        raise Unavailable(
            "models", f'the model built for {slot} needs a library: pip install "trueport[neural]"'
        ) from None


def make_pattern_detector(triton: TritonClient | None = None) -> Detector:
    """Return `exfil-regex-entropy`, on Triton where there is a connection."""
    from adapters.detectors.exfil_regex_entropy import (  # noqa: PLC0415 - takes long
        ExfilRegexEntropyDetector,
    )

    local = ExfilRegexEntropyDetector()
    if triton is None:
        return local
    from adapters.detectors.triton.pattern_detector import (  # noqa: PLC0415 - needs an extra
        TritonPatternDetector,
    )

    return TritonPatternDetector(triton, version=local.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """What fills one of the four slots, and what runs it; without a model, rules do."""

    name: str
    is_on_triton: bool
    model: BuiltModel | None = None

    def __str__(self) -> str:
        place = "triton" if self.is_on_triton else "in process"
        return f"{self.name} {place}"


def slots_with(store: ModelStore, triton: TritonClient | None) -> tuple[SlotState, ...]:
    """Return what fills each of the four slots.

    A neural slot that nobody has built stays in process, with the detector of this installation.

    Raises:
        Unavailable: the description of a built model is damaged.
    """
    models: Mapping[str, BuiltModel | None] = {
        name: None if name == PATTERNS else store.find(name) for name in SLOTS
    }
    return tuple(
        SlotState(
            name=name,
            model=model,
            is_on_triton=triton is not None and (name == PATTERNS or model is not None),
        )
        for name, model in models.items()
    )


def make_pattern_detectors() -> tuple[Detector, ...]:
    """Return the detectors that work by rules; the one of names asks a small model as well."""
    from adapters.detectors.context.detector import ContextDetector  # noqa: PLC0415 - takes long
    from adapters.detectors.exfil_regex_entropy import (  # noqa: PLC0415 - the same
        ExfilRegexEntropyDetector,
    )

    return (ContextDetector(models_folder()), ExfilRegexEntropyDetector())


def rules_of(detectors: Sequence[Detector]) -> Mapping[str, RuleInfo]:
    """Return every rule that these detectors can report, by its id.

    Rules that are learned tell their operating points out of the model: asking loads it.
    """
    catalogues: list[Callable[[], Sequence[RuleInfo]]] = []
    for detector in detectors:
        if detector.name == PATTERNS:
            from adapters.detectors.exfil_regex_entropy import (  # noqa: PLC0415 - takes long
                CATALOGUES,
            )

            catalogues += CATALOGUES
        elif isinstance(detector, Catalogued):
            catalogues.append(detector.catalogue)
    return RuleIndex(catalogues)


def make_rule_names(
    detectors: Callable[[], Sequence[Detector]],
) -> Callable[[], frozenset[str]]:
    """Return what tells the rules of these detectors and of those of plans without neural models.

    They are made and asked when somebody wants to know.
    """

    @cache
    def names() -> frozenset[str]:
        made = detectors()
        basic = (_basic(one.name) for one in made if _is_neural(one))
        return frozenset(rules_of((*made, *basic)))

    return names
