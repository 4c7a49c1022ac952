"""Everything that counts in Redis, with a fallback in process, over one server."""

from dataclasses import dataclass

from adapters.in_process.circuit_breaker import InProcessCircuitBreakers
from adapters.in_process.key_cache import InProcessKeyCache
from adapters.in_process.rate_limiter import InProcessRateLimiter
from adapters.redis.attempt_counters import RedisAttemptCounters
from adapters.redis.circuit_breaker import RedisCircuitBreakers
from adapters.redis.client import Patience, RedisClient
from adapters.redis.key_cache import RedisKeyCache
from adapters.redis.presence import RedisPresence
from adapters.redis.rate_limiter import RedisRateLimiter
from adapters.security.keyring import KeyRing
from adapters.security.signing import HmacSigner
from adapters.system import SystemClock, UuidIds
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.ports.limits import Admission, AdmissionRefused, Reservation
from domain.api_key import KeyLimits
from domain.circuit_breaker import BreakerSettings
from domain.identifiers import KeyId
from domain.rate_limit import FailModes
from tests.contract.samples import ACME, sample_id
from tests.fakes.randomness import SeededRandomness
from tests.fakes.spending import SpendingReader

PATIENT = Patience(connect=10, answer=10)
HASTY = Patience(connect=0.05, answer=0.1)
"""As in the product."""

BREAKER = BreakerSettings(threshold=5, window=30, cool_down=2.0, lease=2.0)
KEY = KeyId(sample_id("key", 1))


@dataclass(frozen=True, kw_only=True)
class Keepers:
    """One process's view of what is counted."""

    presence: RedisPresence
    limiter: RedisRateLimiter
    breakers: RedisCircuitBreakers
    key_cache: RedisKeyCache
    attempts: RedisAttemptCounters
    telemetry: PrometheusTelemetry
    reader: SpendingReader

    async def acquire(
        self,
        limits: KeyLimits,
        *,
        tokens: int = 0,
        cost_nano: int = 0,
        fail_modes: FailModes | None = None,
    ) -> Admission:
        return await self.limiter.acquire(
            ACME,
            Reservation(
                key_id=KEY,
                limits=limits,
                tokens=tokens,
                cost_nano=cost_nano,
                at=SystemClock().now(),
                fail_modes=fail_modes or FailModes(),
            ),
        )

    async def gets_in(self, limits: KeyLimits, *, tokens: int = 0, cost_nano: int = 0) -> bool:
        try:
            await self.acquire(limits, tokens=tokens, cost_nano=cost_nano)
        except AdmissionRefused:
            return False
        return True


def keepers(url: str, patience: Patience, *, instances: int = 1) -> Keepers:
    clock, telemetry, reader = SystemClock(), PrometheusTelemetry(), SpendingReader()
    ids = UuidIds(clock)
    presence = RedisPresence(
        redis=RedisClient(url, patience=patience), clock=clock, telemetry=telemetry
    )
    return Keepers(
        presence=presence,
        limiter=RedisRateLimiter(
            redis=presence,
            fallback=InProcessRateLimiter(reader=reader, clock=clock, ids=ids),
            reader=reader,
            clock=clock,
            ids=ids,
            telemetry=telemetry,
            instances=instances,
        ),
        breakers=RedisCircuitBreakers(
            redis=presence,
            fallback=InProcessCircuitBreakers(clock=clock, settings=BREAKER),
            clock=clock,
            settings=BREAKER,
        ),
        key_cache=RedisKeyCache(
            redis=presence,
            fallback=InProcessKeyCache(clock=clock),
            signer=HmacSigner(KeyRing.generate(SeededRandomness(1))),
            clock=clock,
            release="1",
        ),
        attempts=RedisAttemptCounters(redis=presence, ids=ids),
        telemetry=telemetry,
        reader=reader,
    )
