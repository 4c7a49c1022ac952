"""Turns among the jobs of a store, handed out by a stream with a consumer group.

What a job is (state, attempts, lease, last error) stands in the store alone. Redis holds ids: a
stream of those whose turn it is, a sorted set of those whose turn comes later, and a hash from each
id to its entry. Everything in it can be lost: it is filled again from the store, and while it is
away workers ask the store. An entry that comes twice, or late, finds the job leased or finished.
"""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from adapters.redis.client import RedisClient, RedisUnavailable
from application.ports.job_queue import JobQueue, StoredJobQueue
from domain.errors import NotFound
from domain.identifiers import JobId, TenantId
from domain.job import Failure, Job, JobState

_log = logging.getLogger(__name__)

PREFIX = "trueport:{jobs}:"
"""Before every key; the braces keep them on one node of a cluster."""

_GROUP = "workers"
_FIRST = "0-0"
_PAGE = 500
_SILENT = timedelta(hours=1)
"""How long a consumer that holds nothing is kept."""


class RedisStreamsJobQueue(JobQueue):
    """Hand out the jobs of a store by way of a Redis stream.

    An entry that was not touched for `reclaim_after` is looked at again, every `reclaim_every` and
    whether or not new jobs come; the store says whether its lease is over. Every `restore_every`
    one process puts what the store has available and Redis does not know onto the stream.
    """

    def __init__(
        self,
        *,
        store: StoredJobQueue,
        redis: RedisClient,
        consumer: str,
        reclaim_after: timedelta,
        reclaim_every: timedelta = timedelta(seconds=2),
        restore_every: timedelta = timedelta(seconds=30),
        prefix: str = PREFIX,
    ) -> None:
        self._store = store
        self._redis = redis
        self._consumer = consumer
        self._reclaim_after = _milliseconds(reclaim_after)
        self._reclaim_every = reclaim_every.total_seconds()
        self._restore_every = restore_every
        self._stream = prefix + "stream"
        self._turns = prefix + "turns"
        self._later = prefix + "later"
        self._restored = prefix + "restored"
        self._deliver = redis.script("deliver")
        self._receive = redis.script("receive")
        self._reclaim = redis.script("reclaim")
        self._settle = redis.script("settle")
        self._touch = redis.script("touch")
        self._tidy = redis.script("tidy")
        self._cursor = _FIRST
        self._reclaim_at = self._restore_at = -math.inf
        self._is_away = False

    async def put(self, job: Job) -> bool:
        """Store a job durably, then give it a turn; False when its id is known already."""
        is_new = await self._store.put(job)
        if is_new:
            with self._unless_away():
                await self._give_turns([job.id])
        return is_new

    async def lease(self, *, token: str, at: datetime, duration: timedelta) -> Job | None:
        """Lease an available job under a new token; without Redis, the store's oldest."""
        try:
            await self._restore(at)
            job = await self._lease_reclaimed(token, at, duration)
            while job is None:
                job_id = await self._receive(
                    self._keys, _GROUP, self._consumer, math.floor(_epoch(at))
                )
                if not isinstance(job_id, str):
                    break
                job = await self._lease_one(JobId(job_id), token, at, duration)
        except RedisUnavailable as error:
            self._went_away(error)
            return await self._store.lease(token=token, at=at, duration=duration)
        self._is_away = False
        return job

    async def extend(
        self, tenant_id: TenantId, job_id: JobId, *, lease: str, until: datetime
    ) -> None:
        """Prolong a lease."""
        await self._store.extend(tenant_id, job_id, lease=lease, until=until)
        with self._unless_away():
            await self._touch([self._stream, self._turns], _GROUP, self._consumer, job_id)

    async def acknowledge(self, tenant_id: TenantId, job_id: JobId) -> None:
        """Forget the turn of a finished job."""
        with self._unless_away():
            await self._end_turn(job_id)

    async def fail(
        self, tenant_id: TenantId, job_id: JobId, failure: Failure, *, lease: str
    ) -> Job:
        """Put a leased job back for its next try, or among the dead."""
        job = await self._store.fail(tenant_id, job_id, failure, lease=lease)
        with self._unless_away():
            await self._end_turn(job_id, again=job.not_before)
        return job

    async def release(self, tenant_id: TenantId, job_id: JobId, *, lease: str) -> None:
        """Give a leased job back untouched."""
        await self._store.release(tenant_id, job_id, lease=lease)
        with self._unless_away():
            await self._settle(self._keys, _GROUP, job_id, 0)

    async def retry(self, job_id: JobId) -> Job:
        """Put a dead job back as a new one."""
        job = await self._store.retry(job_id)
        with self._unless_away():
            await self._give_turns([job_id])
        return job

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._redis.close()

    @property
    def _keys(self) -> list[str]:
        return [self._stream, self._turns, self._later]

    async def _lease_reclaimed(self, token: str, at: datetime, duration: timedelta) -> Job | None:
        """Look at entries that nobody touches; where one is leased, the next call goes on."""
        if time.monotonic() < self._reclaim_at:
            return None
        while True:
            answer = await self._reclaim(
                [self._stream, self._turns],
                _GROUP,
                self._consumer,
                self._reclaim_after,
                self._cursor,
            )
            cursor, job_id = answer if isinstance(answer, list) else (_FIRST, "")
            self._cursor = cursor
            job = await self._lease_one(JobId(job_id), token, at, duration) if job_id else None
            if cursor == _FIRST:
                self._reclaim_at = time.monotonic() + self._reclaim_every
            if job is not None or cursor == _FIRST:
                return job

    async def _lease_one(
        self, job_id: JobId, token: str, at: datetime, duration: timedelta
    ) -> Job | None:
        """Lease the job whose turn it is; where the store says no, the turn ends or waits."""
        try:
            job = await self._store.lease_one(job_id, token=token, at=at, duration=duration)
        except NotFound:
            await self._end_turn(job_id)
            return None
        if job.lease == token:
            return job
        # A job that somebody holds stays with its entry, which is looked at again later.
        if job.state is not JobState.LEASED:
            await self._end_turn(job_id, again=job.not_before)
        return None

    async def _restore(self, at: datetime) -> None:
        """Give a turn to all that waits in the store and has none; one process in a period."""
        if time.monotonic() < self._restore_at:
            return
        self._restore_at = time.monotonic() + self._restore_every.total_seconds()
        if not await self._redis.claim_turn(self._restored, every=self._restore_every):
            return
        restored, last = 0, None
        while page := await self._store.available(at=at, after=last, limit=_PAGE):
            restored += await self._give_turns(page)
            last = page[-1]
        await self._tidy([self._stream], _GROUP, _milliseconds(_SILENT))
        if restored:
            _log.warning("jobs were given a turn that they lacked", extra={"jobs": restored})

    async def _give_turns(self, job_ids: Sequence[JobId]) -> int:
        added = await self._deliver(self._keys, *job_ids)
        return added if isinstance(added, int) else 0

    async def _end_turn(self, job_id: JobId, *, again: datetime | None = None) -> None:
        due = "" if again is None else math.ceil(_epoch(again))
        await self._settle(self._keys, _GROUP, job_id, due)

    @contextmanager
    def _unless_away(self) -> Iterator[None]:
        """Do without Redis after the store has said its word: the turn is set right later."""
        try:
            yield
        except RedisUnavailable as error:
            self._went_away(error)

    def _went_away(self, error: RedisUnavailable) -> None:
        self._restore_at = -math.inf
        if not self._is_away:
            self._is_away = True
            _log.warning("redis is away: jobs come from the store", extra={"code": error.code})


def _epoch(at: datetime) -> float:
    return at.timestamp() * 1000


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
