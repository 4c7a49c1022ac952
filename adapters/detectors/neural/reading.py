"""A text on its way through a model."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.detectors.neural.engine import Logits
from adapters.detectors.neural.tokens import Window
from application.ports.detector import DetectorText
from domain.detection.finding import Detection


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model is asked about a text, and what its answers, one a window, then mean."""

    windows: Sequence[Window]
    detection: Callable[[Sequence[Logits]], Detection]


class Reader(Protocol):
    """Know how models of one kind are asked."""

    @abstractmethod
    def open(self, text: DetectorText) -> Reading:
        """Return the text cut into windows."""
