"""The circuit breaker of one upstream, as a pure state machine.

Closed: calls pass and failures inside a rolling window are counted. Open: nothing passes until the
cool-down ends. Half open: exactly one probe holds a lease; its success closes the breaker, its
failure opens it again, its silence frees the place for another probe. All times are seconds on one
clock. (After M. Nygard, "Release It!", with the leased probe that several processes need.)
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.errors import InvalidValue


class BreakerPhase(StrEnum):
    """What the breaker does with calls."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """`threshold` failures within `window` seconds open it for `cool_down`; a probe has `lease`."""

    threshold: int = 5
    window: float = 30.0
    cool_down: float = 15.0
    lease: float = 30.0

    def __post_init__(self) -> None:
        if self.threshold < 1 or min(self.window, self.cool_down, self.lease) <= 0:
            raise InvalidValue("breaker settings are above zero", field="breaker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """Leave to make one call; `probe` is the lease number of a probe, 0 for an ordinary call."""

    allowed: bool
    probe: int = 0
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker:
    """State of one breaker; every transition returns a new one.

    `failures` are the times of failures inside the window, `opened_at` the time it last opened,
    `probe` the number of the last probe and `probe_until` the end of its lease.
    """

    settings: BreakerSettings
    phase: BreakerPhase = BreakerPhase.CLOSED
    failures: tuple[float, ...] = ()
    opened_at: float = 0.0
    probe: int = 0
    probe_until: float = 0.0

    def request(self, at: float) -> tuple["CircuitBreaker", Permit]:
        """Ask to make a call; return (the breaker afterwards, the answer)."""
        if self.phase is BreakerPhase.CLOSED:
            return self, Permit(allowed=True)
        if self.phase is BreakerPhase.OPEN:
            ready_at = self.opened_at + self.settings.cool_down
            if at < ready_at:
                return self, Permit(allowed=False, retry_after=ready_at - at)
            return self._with_probe(at)
        if at < self.probe_until:
            return self, Permit(allowed=False, retry_after=self.probe_until - at)
        return self._with_probe(at)

    def succeeded(self, at: float, *, probe: int = 0) -> "CircuitBreaker":
        """Report a call that worked; `probe` is what its permit said."""
        if self.phase is BreakerPhase.HALF_OPEN and probe == self.probe:
            return CircuitBreaker(settings=self.settings, probe=self.probe)
        return self

    def failed(self, at: float, *, probe: int = 0) -> "CircuitBreaker":
        """Report a call that failed; late reports of ordinary calls leave an open breaker alone."""
        if self.phase is BreakerPhase.HALF_OPEN and probe == self.probe:
            return replace(self, phase=BreakerPhase.OPEN, opened_at=at, failures=())
        if self.phase is not BreakerPhase.CLOSED or probe:
            return self
        recent = tuple(time for time in self.failures if time > at - self.settings.window)
        failures = (*recent, at)
        if len(failures) >= self.settings.threshold:
            return replace(self, phase=BreakerPhase.OPEN, opened_at=at, failures=())
        return replace(self, failures=failures)

    def abandoned(self, *, probe: int) -> "CircuitBreaker":
        """Report a probe that ended without a verdict (the caller went away): free its place."""
        if self.phase is BreakerPhase.HALF_OPEN and probe and probe == self.probe:
            return replace(self, probe_until=0.0)
        return self

    def _with_probe(self, at: float) -> tuple["CircuitBreaker", Permit]:
        number = self.probe + 1
        probing = replace(
            self,
            phase=BreakerPhase.HALF_OPEN,
            probe=number,
            probe_until=at + self.settings.lease,
        )
        return probing, Permit(allowed=True, probe=number)
