"""Turns among the jobs of a store, handed out by a queue of Amazon SQS.

What a job is (state, attempts, lease, last error) stands in the store alone. A message holds the
id of a job; it is hidden as long as the job is leased or has to wait, and deleted when the job has
ended. Messages can come twice, late, or never: the store says what a turn is worth, and now and
then a worker asks it for its oldest job instead.
"""

import asyncio
import logging
import math
import re
import time
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from adapters.sqs.client import MAX_VISIBILITY, SqsMessage, SqsQueue, SqsUnavailable
from application.ports.job_queue import JobQueue, StoredJobQueue
from application.ports.system import Clock
from domain.errors import NotFound, Refused
from domain.identifiers import JobId, TenantId
from domain.job import Failure, Job, JobState

_log = logging.getLogger(__name__)

_BODY = re.compile(r"job_[0-9a-f]{32}")
_MOST_HELD = 1000
"""Messages whose handles are kept: of a job that was lost to another worker nobody says so."""

_AWAY_SECONDS = 5.0
"""How long SQS is left alone after it did not answer: its time-outs are long."""


class SqsJobQueue(JobQueue):
    """Hand out the jobs of a store by way of SQS.

    Idle workers wait together for up to `wait_seconds`. Every `look_every` a worker takes the
    oldest job that the store has available, whether SQS knows it or not, and as long as there is
    one that SQS has not, so do the next.
    """

    def __init__(
        self,
        *,
        store: StoredJobQueue,
        queue: SqsQueue,
        clock: Clock,
        wait_seconds: int = 2,
        look_every: timedelta = timedelta(seconds=30),
    ) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock
        self._wait_seconds = wait_seconds
        self._look_every = look_every.total_seconds()
        self._handles: dict[JobId, str] = {}
        self._polling = asyncio.Lock()
        self._empty_polls = 0
        self._look_at = time.monotonic() + self._look_every
        self._has_forgotten = False
        self._away_until = -math.inf

    async def put(self, job: Job) -> bool:
        """Store a job durably, then give it a turn; False when its id is known already."""
        is_new = await self._store.put(job)
        if is_new:
            await self._tell(self._queue.send(job.id))
        return is_new

    async def lease(self, *, token: str, at: datetime, duration: timedelta) -> Job | None:
        """Lease an available job under a new token; without SQS, the store's oldest."""
        if self._is_away() or time.monotonic() >= self._look_at:
            if job := await self._look(token, at, duration):
                return job
            if self._is_away():
                return None
        try:
            job = await self._receive(token, duration)
        except SqsUnavailable as error:
            self._went_away(error)
        else:
            if job is not None or not self._has_forgotten:
                return job
        return await self._look(token, self._clock.now(), duration)

    async def extend(
        self, tenant_id: TenantId, job_id: JobId, *, lease: str, until: datetime
    ) -> None:
        """Prolong a lease, and hide its message as long."""
        try:
            await self._store.extend(tenant_id, job_id, lease=lease, until=until)
        except Refused:
            self._handles.pop(job_id, None)
            raise
        await self._hide(job_id, until - self._clock.now())

    async def acknowledge(self, tenant_id: TenantId, job_id: JobId) -> None:
        """Delete the message of a finished job."""
        await self._end_turn(job_id)

    async def fail(
        self, tenant_id: TenantId, job_id: JobId, failure: Failure, *, lease: str
    ) -> Job:
        """Put a leased job back for its next try, or among the dead."""
        job = await self._store.fail(tenant_id, job_id, failure, lease=lease)
        if job.state is JobState.NEW:
            await self._hide(job_id, (job.not_before or failure.at) - failure.at, is_last=True)
        else:
            await self._end_turn(job_id)
        return job

    async def release(self, tenant_id: TenantId, job_id: JobId, *, lease: str) -> None:
        """Give a leased job back untouched."""
        await self._store.release(tenant_id, job_id, lease=lease)
        await self._hide(job_id, timedelta(0), is_last=True)

    async def retry(self, job_id: JobId) -> Job:
        """Put a dead job back as a new one."""
        job = await self._store.retry(job_id)
        await self._tell(self._queue.send(job_id))
        return job

    async def close(self) -> None:
        """Close the connections to SQS."""
        self._queue.close()

    async def _look(self, token: str, at: datetime, duration: timedelta) -> Job | None:
        """Lease the store's oldest, for which there may be no message."""
        self._look_at = time.monotonic() + self._look_every
        job = await self._store.lease(token=token, at=at, duration=duration)
        self._has_forgotten = job is not None
        return job

    async def _receive(self, token: str, duration: timedelta) -> Job | None:
        """Lease the first job whose turn comes; who waited for a poll in vain asks no more.

        The lease begins when the message comes, not when the wait for it began.
        """
        seen = self._empty_polls
        async with self._polling:
            while self._empty_polls == seen:
                messages = await self._queue.receive(
                    limit=1,
                    wait_seconds=0 if self._has_forgotten else self._wait_seconds,
                    hidden_seconds=_seconds(duration),
                )
                if not messages:
                    self._empty_polls += 1
                for message in messages:
                    if job := await self._lease_one(message, token, duration):
                        return job
        return None

    async def _lease_one(self, message: SqsMessage, token: str, duration: timedelta) -> Job | None:
        """Lease the job whose turn it is; where the store says no, the turn ends or waits."""
        if not _BODY.fullmatch(message.body):
            await self._queue.hide(message.handle, MAX_VISIBILITY)
            _log.error("a message in the queue of jobs is none of ours and is left")
            return None
        at = self._clock.now()
        try:
            job = await self._store.lease_one(
                JobId(message.body), token=token, at=at, duration=duration
            )
        except NotFound:
            await self._queue.delete([message.handle])
            return None
        if job.lease == token:
            self._handles.pop(job.id, None)
            self._handles[job.id] = message.handle
            while len(self._handles) > _MOST_HELD:
                del self._handles[next(iter(self._handles))]
            return job
        until = {JobState.NEW: job.not_before, JobState.LEASED: job.lease_until}.get(job.state)
        if until is None:
            await self._queue.delete([message.handle])
        else:
            # Not at once: clocks differ, and whoever asks next would meet it again and again.
            await self._queue.hide(message.handle, max(1, _seconds(until - at)))
        return None

    async def _hide(self, job_id: JobId, duration: timedelta, *, is_last: bool = False) -> None:
        """Hide the message of a job; when that is the last thing to do with it, forget it."""
        handle = self._handles.get(job_id)
        if is_last:
            self._handles.pop(job_id, None)
        if handle is not None:
            await self._tell(self._queue.hide(handle, _seconds(duration)))

    async def _end_turn(self, job_id: JobId) -> None:
        handle = self._handles.pop(job_id, None)
        if handle is not None:
            await self._tell(self._queue.delete([handle]))

    async def _tell(self, call: Coroutine[Any, Any, None]) -> None:
        """Call SQS after the store has said its word; without it the turn is set right later."""
        if self._is_away():
            call.close()
            return
        try:
            await call
        except SqsUnavailable as error:
            self._went_away(error)

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _went_away(self, error: SqsUnavailable) -> None:
        if not self._is_away():
            _log.warning("SQS is away: jobs come from the store", extra={"code": error.message})
        self._away_until = time.monotonic() + _AWAY_SECONDS
        self._look_at = -math.inf


def _seconds(duration: timedelta) -> int:
    """Return whole seconds, which is all that SQS knows, never fewer than asked for."""
    return max(0, math.ceil(duration.total_seconds()))
