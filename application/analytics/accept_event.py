"""Take note of a stored object: one durable job for each."""

import logging
from enum import StrEnum

from application.ports.job_queue import JobQueue
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from application.ports.unit_of_work import Transactions
from domain.errors import NotFound
from domain.job import Job, ObjectRef
from domain.log_objects import as_one_job, is_log

_log = logging.getLogger(__name__)


class Acceptance(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class AcceptEvent:
    """Turn a verified event about an object into a job."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        queue: JobQueue,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._transactions = transactions
        self._queue = queue
        self._clock = clock
        self._telemetry = telemetry

    async def __call__(self, ref: ObjectRef, *, sender: str = "local") -> Acceptance:
        """Store a job durably before returning; what is no log is ignored.

        `sender` is the label under which the event is counted.

        Raises:
            Unavailable: the queue is full or away; the sender must come again.
        """
        result = await self._accept(ref)
        self._telemetry.count(Metric.EVENTS, source=sender, result=result.value)
        return result

    async def _accept(self, ref: ObjectRef) -> Acceptance:
        if not is_log(ref.key):
            return Acceptance.IGNORED
        try:
            async with self._transactions() as uow:
                tenant = await uow.tenants.by_object(ref)
        except NotFound:
            _log.warning("event about an object of nobody", extra={"provider": ref.provider})
            return Acceptance.IGNORED
        job = Job.accept(
            tenant_id=tenant.id, ref=as_one_job(ref), source="event", at=self._clock.now()
        )
        is_new = await self._queue.put(job)
        return Acceptance.ACCEPTED if is_new else Acceptance.DUPLICATE
