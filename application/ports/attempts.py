"""The conversation about attempts: one-time codes asked for, codes tried, sign-ins that failed."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.errors import InvalidValue, LimitExceeded

MAX_ATTEMPTS = 1000
"""Each attempt inside a period is remembered by its time, so that a limit is exact."""


class TooManyAttempts(LimitExceeded):
    """A subject has used up its attempts; `retry_after` seconds from now there is one again."""

    code = "too_many_attempts"

    def __init__(self, retry_after: float) -> None:
        super().__init__("too many attempts: try again later", retry_after=retry_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimit:
    """At most `count` attempts of `subject` in any span of time of length `period`.

    The subject says what is counted and whose it is, such as `code:address:` and a keyed digest;
    never an address in plain. Limits of one subject with several periods are given together, every
    time: an attempt older than the longest of them is forgotten.
    """

    subject: str
    count: int
    period: timedelta

    def __post_init__(self) -> None:
        if not self.subject:
            raise InvalidValue("attempts are somebody's", field="subject")
        if not 1 <= self.count <= MAX_ATTEMPTS:
            raise InvalidValue(f"a limit is 1 to {MAX_ATTEMPTS} attempts", field="count")
        if self.period <= timedelta(0):
            raise InvalidValue("a period is longer than nothing", field="period")


class AttemptCounters(Protocol):
    """Count attempts of people who have not shown who they are; they fail closed."""

    @abstractmethod
    async def attempt(
        self, limits: Sequence[AttemptLimit]
    ) -> None:  # tenant-free: nobody has signed in yet
        """Count one attempt against every limit, or against none where one of them refuses.

        A refused attempt is not counted: who keeps trying is let in when the first ones are over.

        Raises:
            TooManyAttempts: `retry_after` is the longest wait of those that refuse.
            Unavailable: attempts cannot be counted, so nobody may try.
        """

    @abstractmethod
    async def forget(
        self, subjects: Sequence[str]
    ) -> None:  # tenant-free: nobody has signed in yet
        """Begin anew for these subjects: the right code was given.

        Raises:
            Unavailable: they are still counted.
        """
