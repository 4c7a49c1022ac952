"""Attempts to sign in, counted for every process together."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from adapters.redis.client import RedisUnavailable
from adapters.redis.presence import RedisPresence
from application.ports.attempts import AttemptCounters, AttemptLimit, TooManyAttempts
from application.ports.system import IdFactory

PREFIX = "trueport:{attempts}:"
"""Before every key; the braces keep them on one node of a cluster."""

_MICROSECONDS = 1_000_000


class RedisAttemptCounters(AttemptCounters):
    """Remember the time of every attempt that still counts, by the clock of Redis.

    While Redis is away nobody may try: guesses that are not counted are not bounded.
    """

    def __init__(self, *, redis: RedisPresence, ids: IdFactory, prefix: str = PREFIX) -> None:
        self._redis = redis
        self._ids = ids
        self._prefix = prefix
        self._attempt = redis.script("attempt")
        self._forget = redis.script("attempt_forget")

    async def attempt(self, limits: Sequence[AttemptLimit]) -> None:
        """Count one attempt against every limit, or against none where one of them refuses.

        Raises:
            TooManyAttempts: a limit is used up.
            Unavailable: Redis is away.
        """
        subjects = list(dict.fromkeys(limit.subject for limit in limits))
        if not subjects:
            return
        arguments: list[int] = []
        for limit in limits:
            period = limit.period // timedelta(microseconds=1)
            arguments += [subjects.index(limit.subject) + 1, limit.count, period]
        wait = await self._redis.ask(
            self._attempt, [self._key(one) for one in subjects], self._ids.ulid(), *arguments
        )
        if not isinstance(wait, int):
            raise RedisUnavailable("redis gave an answer that is none")
        if wait > 0:
            raise TooManyAttempts(wait / _MICROSECONDS)

    async def forget(self, subjects: Sequence[str]) -> None:
        """Begin anew for these subjects.

        Raises:
            Unavailable: Redis is away.
        """
        if subjects:
            await self._redis.ask(self._forget, [self._key(one) for one in subjects])

    def _key(self, subject: str) -> str:
        return self._prefix + hashlib.sha256(subject.encode()).hexdigest()
