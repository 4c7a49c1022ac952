"""Decide what becomes of a job that nobody could do."""

import logging

from application.administration import AdministrationLog
from application.analytics.job_access import JobAccess
from application.ports.job_queue import JobQueue
from application.ports.job_records import JobRecords
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.authorisation import Action, Principal
from domain.identifiers import JobId
from domain.job import Job

_log = logging.getLogger(__name__)


class RetryDeadLetter:
    """Let the workers try a dead job again, from its first attempt."""

    def __init__(
        self,
        *,
        access: JobAccess,
        queue: JobQueue,
        transactions: Transactions,
        log: AdministrationLog,
    ) -> None:
        self._access = access
        self._queue = queue
        self._transactions = transactions
        self._log = log

    async def __call__(self, job_id: JobId, *, by: Principal | None = None) -> Job:
        """Return the job as it waits now; `by` is None for the operator.

        Raises:
            Unauthenticated, NotFound, Refused: as `JobAccess.job` says.
            Conflict: it is not dead (`job.not_dead`).
        """
        action = Action.RETRY_DEAD_LETTER
        await self._access.job(by, job_id, action)
        job = await self._queue.retry(job_id)
        async with self._transactions() as uow:
            await self._log.note(uow, job.tenant_id, by=by, deed=action, target=job.id)
            await uow.commit()
        _log.info("dead letter is tried again", extra={"job": job.id})
        return job


class DiscardDeadLetter:
    """Give a dead job up for good; the object itself stays where it is."""

    def __init__(
        self,
        *,
        access: JobAccess,
        records: JobRecords,
        transactions: Transactions,
        log: AdministrationLog,
        clock: Clock,
    ) -> None:
        self._access = access
        self._records = records
        self._transactions = transactions
        self._log = log
        self._clock = clock

    async def __call__(self, job_id: JobId, *, by: Principal | None = None) -> Job:
        """Return the job as it stands now; `by` is None for the operator.

        Raises:
            Unauthenticated, NotFound, Refused: as `JobAccess.job` says.
            Conflict: it is not dead (`job.not_dead`).
        """
        action = Action.DISCARD_DEAD_LETTER
        await self._access.job(by, job_id, action)
        job = await self._records.discard(job_id, at=self._clock.now())
        async with self._transactions() as uow:
            await self._log.note(uow, job.tenant_id, by=by, deed=action, target=job.id)
            await uow.commit()
        _log.warning("dead letter is discarded", extra={"job": job.id})
        return job
