"""The conversation with whatever reads a text and reports findings."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.detection.finding import Detection
from domain.detection.taxonomy import Category

AT_ONCE = 4_096
"""Code points of texts that a detector which does not wait reads on the spot."""


class Channel(StrEnum):
    """Where a text came from; detectors may calibrate by it."""

    USER = "user"
    DOCUMENT = "document"
    TOOL_RESULT = "tool_result"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorText:
    """One text to read, with the channel it came through."""

    text: str
    channel: Channel = Channel.USER


class Detector(Protocol):
    """Read texts and report findings.

    The same text and the same version give the same findings, in any batch and on any path.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Return the model name of `product.md` section 7, such as `exfil-regex-entropy`."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Return the version of rules or weights; it changes when results may change."""

    @property
    @abstractmethod
    def categories(self) -> frozenset[Category]:
        """Return the categories that this detector can report."""

    @property
    def waits(self) -> bool:
        """Tell whether it may wait for anything, be it a thread, with texts up to `AT_ONCE`.

        One that does not answers before its call returns: no deadline could end it, and nothing
        is gained by asking others meanwhile.
        """
        return True

    @abstractmethod
    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text, in order.

        Findings carry code-point spans of the text as given and every score above 0; `scores`
        has an entry for each of `categories`. An empty text has no findings and scores of 0.

        Raises:
            Unavailable: the engine did not answer in time or not as it should.
        """
