"""Attempts as one process counts them."""

from collections import deque
from collections.abc import KeysView, Sequence
from dataclasses import dataclass, field

from application.ports.attempts import AttemptCounters, AttemptLimit, TooManyAttempts
from application.ports.system import Clock
from domain.errors import Unavailable

MAX_SUBJECTS = 100_000


@dataclass(slots=True)
class _Attempts:
    """Times of attempts, the oldest first, and when the last of them stops to count."""

    times: deque[float] = field(default_factory=deque)
    over_at: float = 0.0


class InProcessAttemptCounters(AttemptCounters):
    """Remember the time of every attempt that still counts.

    Nothing is awaited between looking and counting. Subjects whose attempts are over are dropped;
    where more than `max_subjects` are left, new ones are refused rather than old ones forgotten.
    """

    def __init__(self, *, clock: Clock, max_subjects: int = MAX_SUBJECTS) -> None:
        self._clock = clock
        self._max_subjects = max_subjects
        self._subjects: dict[str, _Attempts] = {}

    def __len__(self) -> int:
        return len(self._subjects)

    async def attempt(self, limits: Sequence[AttemptLimit]) -> None:
        """Count one attempt against every limit, or against none where one of them refuses.

        Raises:
            TooManyAttempts: a limit is used up.
            Unavailable: there is no room for another subject.
        """
        now = self._clock.monotonic()
        waits = [wait for limit in limits if (wait := self._wait(limit, now)) > 0]
        if waits:
            raise TooManyAttempts(max(waits))
        longest = _longest_periods(limits)
        self._make_room(longest.keys(), now)
        for subject, period in longest.items():
            attempts = self._subjects.setdefault(subject, _Attempts())
            attempts.times.append(now)
            attempts.over_at = now + period
            while attempts.times[0] + period <= now:
                attempts.times.popleft()

    async def forget(self, subjects: Sequence[str]) -> None:
        """Begin anew for these subjects."""
        for subject in subjects:
            self._subjects.pop(subject, None)

    def _wait(self, limit: AttemptLimit, now: float) -> float:
        """Return the seconds until there is an attempt again, 0 where there is one."""
        attempts = self._subjects.get(limit.subject)
        if attempts is None or len(attempts.times) < limit.count:
            return 0.0
        return attempts.times[-limit.count] + limit.period.total_seconds() - now

    def _make_room(self, subjects: KeysView[str], now: float) -> None:
        if len(self._subjects) + len(subjects) <= self._max_subjects:
            return
        self._subjects = {
            subject: attempts
            for subject, attempts in self._subjects.items()
            if attempts.over_at > now
        }
        if len(self._subjects.keys() | subjects) > self._max_subjects:
            raise Unavailable("attempt counters", "too many people try to sign in at the moment")


def _longest_periods(limits: Sequence[AttemptLimit]) -> dict[str, float]:
    """Return each subject with its longest period in seconds."""
    longest = dict[str, float]()
    for limit in limits:
        period = limit.period.total_seconds()
        longest[limit.subject] = max(period, longest.get(limit.subject, 0.0))
    return longest
