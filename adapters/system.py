"""The machine's own clock, identifiers and chance: the only file that may ask for them."""

import random
import secrets
import threading
import time
from datetime import UTC, datetime

from application.ports.system import Clock, IdFactory, Randomness
from domain.identifiers import BODY_LENGTH, encode_crockford, make_id

_COUNTER_BITS = 74
_LOW_BITS = 62
_LARGEST_STEP = 1 << 32


class SystemClock(Clock):
    """Tell the machine's time."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that never runs backwards; only differences mean anything."""
        return time.monotonic()


class UuidIds(IdFactory):
    """Make ids of UUIDv7, monotonic within the process and safe in threads.

    After RFC 9562, section 6.2, method 2: within one millisecond, and while the clock runs
    backwards, the 74 random bits are a counter that grows by random steps.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def new(self, prefix: str) -> str:
        """Return a new id, `ten_…`; ids of one process sort in the order they were made."""
        return make_id(prefix, self.uuid())

    def ulid(self) -> str:
        """Return the sortable body of an id alone, 26 characters."""
        return encode_crockford(int.from_bytes(self.uuid()), BODY_LENGTH)

    def uuid(self) -> bytes:
        """Return the 16 bytes of a new UUIDv7."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        fresh = milliseconds << _COUNTER_BITS | secrets.randbits(_COUNTER_BITS)
        with self._lock:
            if fresh >> _COUNTER_BITS > self._last >> _COUNTER_BITS:
                self._last = fresh
            else:
                # A full counter carries into the milliseconds, which RFC 9562 allows.
                self._last += 1 + secrets.randbelow(_LARGEST_STEP)
            state = self._last
        time_part = state >> _COUNTER_BITS
        high = state >> _LOW_BITS & 0xFFF
        low = state & ((1 << _LOW_BITS) - 1)
        return (time_part << 80 | 0x7 << 76 | high << 64 | 0b10 << _LOW_BITS | low).to_bytes(16)


class SystemRandomness(Randomness):
    """Give the operating system's chance."""

    def token(self, size: int) -> bytes:
        """Return `size` bytes fit for secrets."""
        return secrets.token_bytes(size)

    def fraction(self) -> float:
        """Return a number in (0, 1] for choices that need not be secret."""
        return 1.0 - random.random()  # noqa: S311 (spreading load is no secret)
