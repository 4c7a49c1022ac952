"""The conversation about patterns that tenants write."""

from abc import abstractmethod
from typing import Protocol


class PatternMatcher(Protocol):
    """Match RE2 expressions: linear time, whatever the expression."""

    @abstractmethod
    def check(self, pattern: str) -> None:
        """Accept a pattern.

        Raises:
            InvalidValue: not RE2, or too large; the message says what and where.
        """

    @abstractmethod
    def matches(self, pattern: str, text: str) -> bool:
        """Tell whether the pattern matches the whole text."""
