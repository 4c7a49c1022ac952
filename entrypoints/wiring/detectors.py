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
from application.ports.detector import Detector
from domain.detection.catalogue import RuleInfo


def models_folder() -> Path:
    """Return the folder of the in-process models, which lies in the installed package."""
    return Path(str(resources.files("model_store"))) / "embedded"


def make_detectors() -> tuple[Detector, ...]:
    """Return the four detectors, in process."""
    models = models_folder()
    return (
        ContextDetector(),
        ToxicityBiasDetector(models),
        InjectionDetector(models),
        ExfilRegexEntropyDetector(),
    )


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
            case ExfilRegexEntropyDetector():
                infos += pattern_catalogue()
            case ToxicityBiasDetector() | InjectionDetector():
                infos += detector.catalogue()
    return {info.id: info for info in infos}
