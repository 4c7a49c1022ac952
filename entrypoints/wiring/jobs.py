"""The queue of analysis jobs: in the store, or handed out by Redis or Amazon SQS."""

from datetime import timedelta
from typing import Protocol, runtime_checkable

from application.analytics.reconcile import Reconcile
from application.ports.job_queue import JobQueue, StoredJobQueue
from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock, IdFactory
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import Transactions
from entrypoints.settings import Settings


@runtime_checkable
class Connected(Protocol):
    """Something with connections of its own."""

    async def close(self) -> None:
        """Close them."""


def make_redis_queue(settings: Settings, stored: StoredJobQueue, ids: IdFactory) -> JobQueue:
    """Return the job queue whose turns Redis hands out."""
    from adapters.redis.client import RedisClient  # noqa: PLC0415 - a library of an extra
    from adapters.redis.job_queue import RedisStreamsJobQueue  # noqa: PLC0415 - the same

    url = "" if settings.redis_url is None else settings.redis_url.get_secret_value()
    lease = make_lease(settings)
    return RedisStreamsJobQueue(
        store=stored,
        redis=RedisClient(url),
        consumer=ids.ulid(),
        # Holders give a sign of life every third of a lease, and nobody waits for two whole ones.
        reclaim_after=lease / 2,
    )


def make_sqs_job_queue(settings: Settings, stored: StoredJobQueue, clock: Clock) -> JobQueue:
    """Return the job queue whose turns Amazon SQS hands out."""
    from adapters.sqs.job_queue import SqsJobQueue  # noqa: PLC0415 - few processes have one
    from entrypoints.wiring.cloud_senders import make_sqs_queue  # noqa: PLC0415 - the same

    return SqsJobQueue(
        store=stored,
        queue=make_sqs_queue(settings, settings.jobs_queue_url or ""),
        clock=clock,
    )


def make_lease(settings: Settings) -> timedelta:
    """Return how long a worker holds a job without a sign of life."""
    return timedelta(seconds=settings.lease_seconds)


def make_job_retention(settings: Settings) -> timedelta:
    """Return how long finished jobs are remembered."""
    return timedelta(days=settings.jobs_keep_days)


def make_reconcile(
    *,
    settings: Settings,
    transactions: Transactions,
    storages: ObjectStorages,
    queue: JobQueue,
    clock: Clock,
    telemetry: Telemetry,
) -> Reconcile:
    """Return the sweep; it looks back as far as every job is remembered for certain.

    An event has as long as from one sweep to the next before its object counts as missed.
    """
    return Reconcile(
        transactions=transactions,
        storages=storages,
        queue=queue,
        clock=clock,
        telemetry=telemetry,
        horizon=make_job_retention(settings) - timedelta(days=1),
        grace=timedelta(seconds=settings.sweep_seconds),
    )
