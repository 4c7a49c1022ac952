"""Who counts: this process alone, or all processes together in Redis."""

from dataclasses import dataclass
from importlib.metadata import version

from adapters.in_process.attempt_counters import InProcessAttemptCounters
from adapters.in_process.circuit_breaker import InProcessCircuitBreakers
from adapters.in_process.key_cache import InProcessKeyCache
from adapters.in_process.rate_limiter import InProcessRateLimiter
from application.ports.attempts import AttemptCounters
from application.ports.credentials import Signer
from application.ports.key_cache import KeyCache
from application.ports.limits import CircuitBreakers, RateLimiter
from application.ports.readers import GatewayReader
from application.ports.system import Clock, IdFactory
from application.ports.telemetry import Telemetry
from entrypoints.settings import Settings
from entrypoints.wiring.jobs import Connected

_CONNECT_SECONDS = 0.05
_ANSWER_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Everything that counts; `connection` is what it needs closed at the end."""

    limiter: RateLimiter
    breakers: CircuitBreakers
    key_cache: KeyCache
    attempts: AttemptCounters
    connection: Connected | None = None

    async def close(self) -> None:
        """Close the connections, if there are any."""
        if self.connection is not None:
            await self.connection.close()


def make_counting(
    *,
    settings: Settings,
    reader: GatewayReader,
    signer: Signer,
    clock: Clock,
    ids: IdFactory,
    telemetry: Telemetry,
) -> Counting:
    """Return what counts in Redis where `REDIS_URL` names one, else in this process."""
    limiter = InProcessRateLimiter(reader=reader, clock=clock, ids=ids)
    breakers = InProcessCircuitBreakers(clock=clock)
    key_cache = InProcessKeyCache(clock=clock)
    if settings.redis_url is None:
        return Counting(
            limiter=limiter,
            breakers=breakers,
            key_cache=key_cache,
            attempts=InProcessAttemptCounters(clock=clock),
        )
    from adapters.redis.attempt_counters import RedisAttemptCounters  # noqa: PLC0415 - of an extra
    from adapters.redis.circuit_breaker import RedisCircuitBreakers  # noqa: PLC0415 - the same
    from adapters.redis.client import Patience, RedisClient  # noqa: PLC0415 - the same
    from adapters.redis.key_cache import RedisKeyCache  # noqa: PLC0415 - the same
    from adapters.redis.presence import RedisPresence  # noqa: PLC0415 - the same
    from adapters.redis.rate_limiter import RedisRateLimiter  # noqa: PLC0415 - the same

    redis = RedisPresence(
        redis=RedisClient(
            settings.redis_url.get_secret_value(),
            patience=Patience(connect=_CONNECT_SECONDS, answer=_ANSWER_SECONDS),
        ),
        clock=clock,
        telemetry=telemetry,
    )
    return Counting(
        limiter=RedisRateLimiter(
            redis=redis,
            fallback=limiter,
            reader=reader,
            clock=clock,
            ids=ids,
            telemetry=telemetry,
            instances=settings.instances,
        ),
        breakers=RedisCircuitBreakers(redis=redis, fallback=breakers, clock=clock),
        key_cache=RedisKeyCache(
            redis=redis,
            fallback=key_cache,
            signer=signer,
            clock=clock,
            release=version("trueport"),
        ),
        attempts=RedisAttemptCounters(redis=redis, ids=ids),
        connection=redis,
    )
