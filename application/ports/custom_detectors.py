"""The conversation about what tenants describe in their policies."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from application.ports.detector import Detector
from domain.policy.custom_detector import CustomDetector


class CustomDetectors(Protocol):
    """Try what tenants describe, and run it."""

    @abstractmethod
    def check(self, detectors: Sequence[CustomDetector]) -> None:
        """Accept descriptions that do what their examples say, with bounded work.

        A pattern that is not RE2, is too large, matches the empty text or much of ordinary text is
        refused, and so is whatever misses one of its own examples or finds something in one that it
        is to leave alone.

        Raises:
            InvalidValue: the field is a path below `detectors`, such as `[1].examples.match[0]`;
                the message quotes neither values nor examples.
        """

    @abstractmethod
    def detector(self, detectors: Sequence[CustomDetector]) -> Detector:
        """Return what finds all that these describe, the same for equal descriptions.

        It is called `custom`, and raises `Unavailable` where a description cannot be run.
        """
