"""Attempts as one process counts them."""

from collections import deque
from collections.abc import Sequence
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
        self._subjects: dict[str, dict[float, _Attempts]] = {}

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
        self._make_room({limit.subject for limit in limits}, now)
        for subject, period in {(limit.subject, limit.period) for limit in limits}:
            seconds = period.total_seconds()
            attempts = self._subjects.setdefault(subject, {}).setdefault(seconds, _Attempts())
            attempts.times.append(now)
            attempts.over_at = now + seconds

    async def forget(self, subjects: Sequence[str]) -> None:
        """Begin anew for these subjects."""
        for subject in subjects:
            self._subjects.pop(subject, None)

    def _wait(self, limit: AttemptLimit, now: float) -> float:
        """Return the seconds until there is an attempt again, 0 where there is one."""
        period = limit.period.total_seconds()
        attempts = self._subjects.get(limit.subject, {}).get(period)
        if attempts is None:
            return 0.0
        while attempts.times and attempts.times[0] + period <= now:
            attempts.times.popleft()
        if len(attempts.times) < limit.count:
            return 0.0
        return attempts.times[-limit.count] + period - now

    def _make_room(self, subjects: set[str], now: float) -> None:
        needed = len(subjects - self._subjects.keys())
        if len(self._subjects) + needed <= self._max_subjects:
            return
        self._subjects = {
            subject: periods
            for subject, periods in self._subjects.items()
            if any(one.over_at > now for one in periods.values())
        }
        if len(self._subjects) + len(subjects - self._subjects.keys()) > self._max_subjects:
            raise Unavailable("attempt counters", "too many people try to sign in at the moment")
