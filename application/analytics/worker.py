"""Work on jobs under a lease: one at a time, with a heartbeat, giving back what cannot be done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from application.analytics.analyse import Analysis
from application.audit_objects import UnreadableObject
from application.ports.job_queue import JobQueue
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.telemetry import Metric, Telemetry
from domain.errors import ConcurrentUpdate, DomainError, InvalidValue, Refused, Unavailable
from domain.job import Failure, FailureKind, Job, JobState, RetryPolicy

_log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has the job now: leave everything as it is."""


class WorkOnJobs:
    """Lease a job, analyse its object, and say how it went."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        analyse: Callable[[Job], Awaitable[Analysis]],
        clock: Clock,
        ids: IdFactory,
        randomness: Randomness,
        telemetry: Telemetry,
        retry: RetryPolicy,
        lease: timedelta = timedelta(seconds=120),
    ) -> None:
        self._queue = queue
        self._analyse = analyse
        self._clock = clock
        self._ids = ids
        self._randomness = randomness
        self._telemetry = telemetry
        self._retry = retry
        self._lease = lease

    async def __call__(self) -> bool:
        """Do one job; False when there was none to do.

        Being cancelled gives the job back untouched.
        """
        token = self._ids.ulid()
        job = await self._leased(token)
        if job is None:
            return False
        if job.attempts == 1:
            waited = self._clock.now() - job.created_at
            self._telemetry.observe(Metric.JOB_SECONDS, waited.total_seconds(), stage="wait")
        try:
            analysis = await self._analysed(job, token)
        except asyncio.CancelledError:
            await asyncio.shield(self._queue.release(job.tenant_id, job.id, lease=token))
            raise
        except LeaseLost:
            self._fenced(job)
        except DomainError as error:
            await self._failed(job, token, error)
        else:
            await self._queue.acknowledge(job.tenant_id, job.id)
            self._telemetry.count(Metric.JOBS, result="done")
            _log.info(
                "object analysed",
                extra={
                    "job": job.id,
                    "records": analysis.records,
                    "skipped_lines": analysis.skipped_lines,
                    "new_violations": analysis.new_violations,
                },
            )
        return True

    async def _leased(self, token: str) -> Job | None:
        """Lease a job; one that arrives while this is cancelled is given back, not forgotten."""
        leasing = asyncio.ensure_future(
            self._queue.lease(token=token, at=self._clock.now(), duration=self._lease)
        )
        try:
            return await asyncio.shield(leasing)
        except asyncio.CancelledError:
            with suppress(DomainError):
                job = await leasing
                if job is not None:
                    await self._queue.release(job.tenant_id, job.id, lease=token)
            raise

    async def _analysed(self, job: Job, token: str) -> Analysis:
        """Analyse while a heartbeat keeps the lease; raise the first error bare."""
        try:
            async with asyncio.TaskGroup() as group:
                heart = group.create_task(self._beat(job, token))
                analysis = await self._analyse(job)
                heart.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return analysis

    async def _beat(self, job: Job, token: str) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await self._queue.extend(
                    job.tenant_id, job.id, lease=token, until=self._clock.now() + self._lease
                )
            except Refused:
                raise LeaseLost from None

    def _fenced(self, job: Job) -> None:
        self._telemetry.count(Metric.LEASE_FENCED)
        _log.warning("a job went to another worker", extra={"job": job.id})

    async def _failed(self, job: Job, token: str, error: DomainError) -> None:
        if error.code == "job.lease_lost":
            self._fenced(job)
            return
        failure = Failure(
            reason=f"{error.code}: {error.message}",
            at=self._clock.now(),
            retry=self._retry,
            draw=self._randomness.fraction(),
            kind=_kind_of(error),
        )
        failed = await self._queue.fail(job.tenant_id, job.id, failure, lease=token)
        is_dead = failed.state is JobState.DEAD
        self._telemetry.count(Metric.JOBS, result="dead" if is_dead else "retried")
        _log.warning(
            "job failed",
            extra={"job": job.id, "code": error.code, "state": failed.state.value},
        )


def _kind_of(error: DomainError) -> FailureKind:
    if isinstance(error, UnreadableObject | InvalidValue):
        return FailureKind.FINAL
    # Who was overtaken by others again and again says nothing about the object either.
    is_passing = isinstance(error, Unavailable | ConcurrentUpdate)
    return FailureKind.TRANSIENT if is_passing else FailureKind.COUNTED
