"""Make the detectors and tell their rules, for the container and for single commands."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from adapters.detectors.context.detector import ContextDetector
from adapters.detectors.context.detector import catalogue as context_catalogue
from adapters.detectors.exfil_regex_entropy import ExfilRegexEntropyDetector
from adapters.detectors.exfil_regex_entropy import catalogue as pattern_catalogue
from adapters.detectors.injection import InjectionDetector
from adapters.detectors.toxicity_bias import ToxicityBiasDetector
from adapters.detectors.triton.client import TritonClient
from application.ports.detector import Detector
from domain.detection.catalogue import RuleInfo

PATTERNS = "exfil-regex-entropy"
"""The detector whose rules are the same wherever it runs."""

SLOTS = ("pii-ner-roberta", "bias-deberta-v3", "injection-distilbert", PATTERNS)
"""The names of the four detectors, which are those of the models on Triton."""


def models_folder() -> Path:
    """Return the folder of the in-process models, which lies in the installed package."""
    return Path(str(resources.files("model_store"))) / "embedded"


def make_detectors(triton: TritonClient | None = None) -> tuple[Detector, ...]:
    """Return the four detectors: on Triton what is built for it, the others in process."""
    models = models_folder()
    return (
        ContextDetector(),
        ToxicityBiasDetector(models),
        InjectionDetector(models),
        make_pattern_detector(triton),
    )


def make_pattern_detector(triton: TritonClient | None = None) -> Detector:
    """Return `exfil-regex-entropy`, on Triton where there is a connection."""
    local = ExfilRegexEntropyDetector()
    if triton is None:
        return local
    from adapters.detectors.triton.pattern_detector import (  # noqa: PLC0415 - needs an extra
        TritonPatternDetector,
    )

    return TritonPatternDetector(triton, version=local.version)


def engines_with(triton: TritonClient | None) -> dict[str, str]:
    """Return, for each of the four detectors, what runs it: `triton` or `in process`.

    A neural slot that nobody has built stays in process, with the detector of this installation.
    """
    on_triton = () if triton is None else (PATTERNS,)
    return {name: "triton" if name in on_triton else "in process" for name in SLOTS}


def make_pattern_detectors() -> tuple[Detector, ...]:
    """Return the detectors that work by rules alone and load no model."""
    return (ContextDetector(), ExfilRegexEntropyDetector())


def rules_of(detectors: Sequence[Detector]) -> dict[str, RuleInfo]:
    """Return every rule that these detectors can report, by its id.

    Rules that are learned tell their operating points out of the model, so that this loads it.
    """
    infos: list[RuleInfo] = []
    for detector in detectors:
        match detector:
            case ContextDetector():
                infos += context_catalogue()
            case ToxicityBiasDetector() | InjectionDetector():
                infos += detector.catalogue()
            case _ if detector.name == PATTERNS:
                infos += pattern_catalogue()
    return {info.id: info for info in infos}
