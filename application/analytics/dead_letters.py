"""Decide what becomes of a job that nobody could do."""

import logging

from application.ports.job_queue import JobQueue
from application.ports.job_records import JobRecords
from application.ports.system import Clock
from domain.identifiers import JobId
from domain.job import Job

_log = logging.getLogger(__name__)


class RetryDeadLetter:
    """Let the workers try a dead job again, from its first attempt."""

    def __init__(self, *, queue: JobQueue) -> None:
        self._queue = queue

    async def __call__(self, job_id: JobId) -> Job:
        """Return the job as it waits now.

        Raises:
            NotFound: there is no such job.
            Conflict: it is not dead (`job.not_dead`).
        """
        job = await self._queue.retry(job_id)
        _log.info("dead letter is tried again", extra={"job": job.id})
        return job


class DiscardDeadLetter:
    """Give a dead job up for good; the object itself stays where it is."""

    def __init__(self, *, records: JobRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def __call__(self, job_id: JobId) -> Job:
        """Return the job as it stands now.

        Raises:
            NotFound: there is no such job.
            Conflict: it is not dead (`job.not_dead`).
        """
        job = await self._records.discard(job_id, at=self._clock.now())
        _log.warning("dead letter is discarded", extra={"job": job.id})
        return job
