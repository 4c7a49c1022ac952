"""A clock that stands still until a test advances it."""

from datetime import UTC, datetime, timedelta

from application.ports.system import Clock

START = datetime(2026, 11, 24, 2, 44, tzinfo=UTC)


class FakeClock(Clock):
    """Tell a time that only `advance` moves; both clocks move together."""

    def __init__(self, at: datetime = START, *, monotonic: float = 1000.0) -> None:
        self._now = at
        self._monotonic = monotonic

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set_back(self, seconds: float) -> None:
        """Turn the time of day back, as an operator or NTP may; the monotonic clock stays."""
        self._now -= timedelta(seconds=seconds)
