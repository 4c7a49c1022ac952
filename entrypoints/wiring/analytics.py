"""The analytics engine: events become jobs, jobs become violations."""

from dependency_injector import providers

from application.analytics.accept_event import AcceptEvent
from application.analytics.analyse import AnalyseObject
from application.analytics.dead_letters import DiscardDeadLetter, RetryDeadLetter
from application.analytics.expire import ExpireObjects
from application.analytics.job_access import JobAccess
from application.analytics.list_jobs import ListJobs, ShowJob
from application.analytics.prune_jobs import PruneJobs
from application.analytics.reconcile import Reconcile
from application.analytics.replay import ReplayObjects
from application.analytics.worker import WorkOnJobs
from application.ports.notifications import EventQueue
from application.ports.object_events import ObjectEvents
from entrypoints.wiring import factories, jobs
from entrypoints.wiring.cloud_events import CloudEvents
from entrypoints.wiring.infrastructure import Infrastructure


class Analytics(Infrastructure):
    """Events, jobs and the sweeps around them."""

    accept_event: providers.Provider[AcceptEvent] = providers.Singleton(
        AcceptEvent,
        transactions=Infrastructure.transactions,
        queue=Infrastructure.queue,
        clock=Infrastructure.clock,
        telemetry=Infrastructure.telemetry,
    )
    object_events: providers.Provider[ObjectEvents] = providers.Singleton(
        factories.make_object_events, accept_event
    )
    cloud_events: providers.Provider[CloudEvents] = providers.Singleton(
        factories.make_cloud_events,
        Infrastructure.settings,
        Infrastructure.clock,
        Infrastructure.telemetry,
        accept_event,
        Infrastructure.ids,
    )
    event_queue: providers.Provider[EventQueue] = providers.Singleton(
        factories.make_event_queue,
        Infrastructure.settings,
        Infrastructure.clock,
        Infrastructure.telemetry,
    )
    work_on_jobs: providers.Provider[WorkOnJobs] = providers.Singleton(
        WorkOnJobs,
        queue=Infrastructure.queue,
        analyse=providers.Singleton(
            AnalyseObject,
            transactions=Infrastructure.transactions,
            storages=Infrastructure.storages,
            inspector=Infrastructure.inspector,
            clock=Infrastructure.clock,
            telemetry=Infrastructure.telemetry,
            limits=Infrastructure.unpack_limits,
        ),
        clock=Infrastructure.clock,
        ids=Infrastructure.ids,
        randomness=Infrastructure.randomness,
        telemetry=Infrastructure.telemetry,
        retry=Infrastructure.retry,
        lease=providers.Callable(jobs.make_lease, Infrastructure.settings),
    )
    job_access: providers.Provider[JobAccess] = providers.Singleton(
        JobAccess,
        authorise=Infrastructure.authorise,
        transactions=Infrastructure.transactions,
        records=Infrastructure.job_records,
    )
    list_jobs: providers.Provider[ListJobs] = providers.Singleton(
        ListJobs, access=job_access, records=Infrastructure.job_records
    )
    show_job: providers.Provider[ShowJob] = providers.Singleton(ShowJob, access=job_access)
    retry_dead_letter: providers.Provider[RetryDeadLetter] = providers.Singleton(
        RetryDeadLetter,
        access=job_access,
        queue=Infrastructure.queue,
        transactions=Infrastructure.transactions,
        log=Infrastructure.administration_log,
    )
    discard_dead_letter: providers.Provider[DiscardDeadLetter] = providers.Singleton(
        DiscardDeadLetter,
        access=job_access,
        records=Infrastructure.job_records,
        transactions=Infrastructure.transactions,
        log=Infrastructure.administration_log,
        clock=Infrastructure.clock,
    )
    prune_jobs: providers.Provider[PruneJobs] = providers.Singleton(
        PruneJobs,
        records=Infrastructure.job_records,
        clock=Infrastructure.clock,
        keep=providers.Callable(jobs.make_job_retention, Infrastructure.settings),
    )
    expire_objects: providers.Provider[ExpireObjects] = providers.Singleton(
        ExpireObjects,
        transactions=Infrastructure.transactions,
        storages=Infrastructure.storages,
        signer=Infrastructure.signer,
        write_anchor=Infrastructure.write_anchor,
        clock=Infrastructure.clock,
    )
    reconcile: providers.Provider[Reconcile] = providers.Singleton(
        jobs.make_reconcile,
        settings=Infrastructure.settings,
        transactions=Infrastructure.transactions,
        storages=Infrastructure.storages,
        queue=Infrastructure.queue,
        clock=Infrastructure.clock,
        telemetry=Infrastructure.telemetry,
    )
    replay: providers.Provider[ReplayObjects] = providers.Singleton(
        ReplayObjects,
        transactions=Infrastructure.transactions,
        storages=Infrastructure.storages,
        queue=Infrastructure.queue,
        clock=Infrastructure.clock,
        ids=Infrastructure.ids,
        authorise=Infrastructure.authorise,
        log=Infrastructure.administration_log,
        limits=Infrastructure.unpack_limits,
    )
