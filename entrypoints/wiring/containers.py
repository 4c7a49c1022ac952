"""How everything is put together, one provider a collaborator, each typed by its port."""

from importlib.util import find_spec

from dependency_injector import containers, providers

from adapters.in_process.circuit_breaker import InProcessCircuitBreakers
from adapters.in_process.key_cache import InProcessKeyCache
from adapters.in_process.rate_limiter import InProcessRateLimiter
from adapters.pattern_matching import Re2PatternMatcher
from adapters.security.digests import HmacDigests
from adapters.security.encryption import AesGcmCipher
from adapters.security.keyring import HomeSecrets, KeyRing
from adapters.security.signing import HmacSigner
from adapters.sqlite.store import SqliteStore
from adapters.system import SystemClock, SystemRandomness, UuidIds
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.analytics.accept_event import AcceptEvent
from application.analytics.analyse import AnalyseObject
from application.analytics.dead_letters import DiscardDeadLetter, RetryDeadLetter
from application.analytics.prune_jobs import PruneJobs
from application.analytics.reconcile import Reconcile
from application.analytics.replay import ReplayObjects
from application.analytics.worker import WorkOnJobs
from application.audit_objects import UnpackLimits
from application.detection import DetectionPipeline
from application.gateway.alerts import SaveAlertSettings
from application.gateway.audit import AnchorChains, ShipAudit
from application.gateway.authenticate import Authenticate, ForgetPrincipals
from application.gateway.detect import DetectTexts
from application.gateway.digests import ScheduleDigests
from application.gateway.exchange import ExchangeRecorder
from application.gateway.keys import IssueKey, RevokeKey, RotateKey
from application.gateway.models import ListModels
from application.gateway.policies import ActivatePolicy, AddPolicy
from application.gateway.relay import RelayChat
from application.gateway.upstream_calls import UpstreamCalls
from application.gateway.upstreams import ConnectUpstream
from application.gateway.verify_audit import VerifyAudit
from application.inspection import Inspector
from application.outbox import RelayOutbox
from application.platform.tenants import FoundTenant, StorageDefaults
from application.ports.audit_journal import AuditJournal
from application.ports.credentials import CredentialCipher, Digests, Signer
from application.ports.detector import Detector
from application.ports.job_queue import JobQueue, StoredJobQueue
from application.ports.job_records import JobRecords
from application.ports.key_cache import KeyCache
from application.ports.limits import CircuitBreakers, RateLimiter
from application.ports.mailer import Mailer, MailTemplates
from application.ports.model_provider import ModelProviders
from application.ports.notifications import EventQueue, EventVerifier
from application.ports.object_events import ObjectEvents
from application.ports.object_storage import ObjectStorages
from application.ports.outbox import Outbox
from application.ports.pattern_matcher import PatternMatcher
from application.ports.readers import GatewayReader, ViolationReader
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.unit_of_work import Transactions
from domain.job import RetryPolicy
from domain.tenant import StorageProvider
from entrypoints.settings import MailProvider, Settings, SettingsError
from entrypoints.wiring import factories, jobs
from entrypoints.wiring.alerts import make_handlers
from entrypoints.wiring.cloud_events import CloudEvents, make_cloud_events, make_event_queue
from entrypoints.wiring.storage import make_storages


class Container(containers.DeclarativeContainer):
    """Everything that one process needs, made on first use."""

    settings: providers.Provider[Settings] = providers.Dependency(instance_of=Settings)
    retry: providers.Provider[RetryPolicy] = providers.Singleton(RetryPolicy)

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    ids: providers.Provider[IdFactory] = providers.Singleton(UuidIds, clock)
    randomness: providers.Provider[Randomness] = providers.Singleton(SystemRandomness)
    telemetry: providers.Provider[PrometheusTelemetry] = providers.Singleton(PrometheusTelemetry)

    home_secrets: providers.Provider[HomeSecrets] = providers.Singleton(
        factories.make_home_secrets, settings, randomness
    )
    master_keys: providers.Provider[KeyRing] = providers.Singleton(
        factories.make_master_keys, settings, home_secrets
    )
    admin_token: providers.Provider[str] = providers.Singleton(
        factories.make_admin_token, settings, home_secrets
    )
    digests: providers.Provider[Digests] = providers.Singleton(HmacDigests, master_keys)
    cipher: providers.Provider[CredentialCipher] = providers.Singleton(
        AesGcmCipher, master_keys, randomness
    )
    signer: providers.Provider[Signer] = providers.Singleton(HmacSigner, master_keys)
    patterns: providers.Provider[PatternMatcher] = providers.Singleton(Re2PatternMatcher)

    store: providers.Provider[SqliteStore] = providers.Singleton(
        factories.make_store, settings, clock, ids
    )
    transactions: providers.Provider[Transactions] = providers.Singleton(
        factories.make_transactions, store
    )
    outbox: providers.Provider[Outbox] = providers.Singleton(factories.make_outbox, store)
    gateway_reader: providers.Provider[GatewayReader] = providers.Singleton(
        factories.make_gateway_reader, store
    )
    violation_reader: providers.Provider[ViolationReader] = providers.Singleton(
        factories.make_violation_reader, store
    )
    job_records: providers.Provider[JobRecords] = providers.Singleton(jobs.make_job_records, store)
    stored_queue: providers.Provider[StoredJobQueue] = providers.Singleton(
        jobs.make_stored_queue, settings, store, retry
    )
    queue: providers.Provider[JobQueue] = providers.Selector(
        settings.provided.job_delivery.value,
        STORE=stored_queue,
        REDIS=providers.Singleton(jobs.make_redis_queue, settings, stored_queue, ids),
    )

    journal: providers.Provider[AuditJournal] = providers.Singleton(
        factories.make_journal, settings, ids, randomness
    )
    storages: providers.Provider[ObjectStorages] = providers.Singleton(make_storages, settings)
    storage_defaults: providers.Provider[StorageDefaults] = providers.Singleton(
        factories.make_storage_defaults, settings
    )
    unpack_limits: providers.Provider[UnpackLimits] = providers.Singleton(
        factories.make_unpack_limits, settings
    )
    mailer: providers.Provider[Mailer] = providers.Selector(
        settings.provided.mail_provider.value,
        OUTBOX=providers.Singleton(factories.make_outbox_mailer, settings, clock),
    )
    templates: providers.Provider[MailTemplates] = providers.Singleton(factories.make_templates)

    limiter: providers.Provider[RateLimiter] = providers.Singleton(
        InProcessRateLimiter, reader=gateway_reader, clock=clock, ids=ids
    )
    breakers: providers.Provider[CircuitBreakers] = providers.Singleton(
        InProcessCircuitBreakers, clock=clock
    )
    key_cache: providers.Provider[KeyCache] = providers.Singleton(InProcessKeyCache, clock=clock)
    model_providers: providers.Provider[ModelProviders] = providers.Singleton(
        factories.make_providers,
        transport=providers.Singleton(factories.make_transport, settings),
        clock=clock,
    )

    detectors: providers.Provider[tuple[Detector, ...]] = providers.Singleton(
        factories.make_detectors
    )
    pipeline: providers.Provider[DetectionPipeline] = providers.Singleton(
        DetectionPipeline,
        detectors=detectors,
        clock=clock,
        telemetry=telemetry,
        deadline=settings.provided.detector_seconds,
    )
    inspector: providers.Provider[Inspector] = providers.Singleton(
        Inspector, pipeline=pipeline, digests=digests, patterns=patterns
    )

    authenticate: providers.Provider[Authenticate] = providers.Singleton(
        Authenticate, digests=digests, cache=key_cache, reader=gateway_reader, clock=clock
    )
    recorder: providers.Provider[ExchangeRecorder] = providers.Singleton(
        ExchangeRecorder,
        inspector=inspector,
        journal=journal,
        limiter=limiter,
        digests=digests,
        clock=clock,
        telemetry=telemetry,
    )
    relay_chat: providers.Provider[RelayChat] = providers.Singleton(
        RelayChat,
        authenticate=authenticate,
        limiter=limiter,
        recorder=recorder,
        calls=providers.Singleton(
            UpstreamCalls,
            providers=model_providers,
            breakers=breakers,
            cipher=cipher,
            randomness=randomness,
        ),
        clock=clock,
        telemetry=telemetry,
        stream_window=settings.provided.stream_window,
    )
    detect_texts: providers.Provider[DetectTexts] = providers.Singleton(
        DetectTexts, authenticate=authenticate, limiter=limiter, pipeline=pipeline, clock=clock
    )
    list_models: providers.Provider[ListModels] = providers.Singleton(
        ListModels, authenticate=authenticate
    )

    found_tenant: providers.Provider[FoundTenant] = providers.Factory(
        FoundTenant,
        transactions=transactions,
        storages=storages,
        defaults=storage_defaults,
        clock=clock,
        ids=ids,
    )
    issue_key: providers.Provider[IssueKey] = providers.Factory(
        IssueKey,
        transactions=transactions,
        digests=digests,
        clock=clock,
        ids=ids,
        randomness=randomness,
    )
    rotate_key: providers.Provider[RotateKey] = providers.Factory(
        RotateKey,
        transactions=transactions,
        digests=digests,
        clock=clock,
        ids=ids,
        randomness=randomness,
    )
    revoke_key: providers.Provider[RevokeKey] = providers.Factory(
        RevokeKey, transactions=transactions, clock=clock
    )
    add_policy: providers.Provider[AddPolicy] = providers.Factory(
        AddPolicy, transactions=transactions, patterns=patterns, clock=clock, ids=ids
    )
    activate_policy: providers.Provider[ActivatePolicy] = providers.Factory(
        ActivatePolicy, transactions=transactions, clock=clock
    )
    connect_upstream: providers.Provider[ConnectUpstream] = providers.Factory(
        ConnectUpstream, transactions=transactions, cipher=cipher, clock=clock, ids=ids
    )
    save_alert_settings: providers.Provider[SaveAlertSettings] = providers.Factory(
        SaveAlertSettings, transactions=transactions
    )

    accept_event: providers.Provider[AcceptEvent] = providers.Singleton(
        AcceptEvent, transactions=transactions, queue=queue, clock=clock, telemetry=telemetry
    )
    object_events: providers.Provider[ObjectEvents] = providers.Singleton(
        factories.make_object_events, accept_event
    )
    local_events: providers.Provider[EventVerifier] = providers.Singleton(
        factories.make_local_events, settings, clock
    )
    cloud_events: providers.Provider[CloudEvents] = providers.Singleton(
        make_cloud_events, settings, clock, telemetry, accept_event
    )
    event_queue: providers.Provider[EventQueue] = providers.Singleton(
        make_event_queue, settings, clock, telemetry
    )
    ship_audit: providers.Provider[ShipAudit] = providers.Factory(
        ShipAudit,
        journal=journal,
        transactions=transactions,
        storages=storages,
        events=object_events,
        clock=clock,
        telemetry=telemetry,
    )
    anchor_chains: providers.Provider[AnchorChains] = providers.Singleton(
        AnchorChains,
        journal=journal,
        transactions=transactions,
        storages=storages,
        signer=signer,
        clock=clock,
        ids=ids,
    )
    verify_audit: providers.Provider[VerifyAudit] = providers.Factory(
        VerifyAudit, transactions=transactions, storages=storages, signer=signer
    )
    work_on_jobs: providers.Provider[WorkOnJobs] = providers.Singleton(
        WorkOnJobs,
        queue=queue,
        analyse=providers.Singleton(
            AnalyseObject,
            transactions=transactions,
            storages=storages,
            inspector=inspector,
            clock=clock,
            telemetry=telemetry,
            limits=unpack_limits,
        ),
        clock=clock,
        ids=ids,
        randomness=randomness,
        telemetry=telemetry,
        retry=retry,
        lease=providers.Callable(jobs.make_lease, settings),
    )
    retry_dead_letter: providers.Provider[RetryDeadLetter] = providers.Singleton(
        RetryDeadLetter, queue=queue
    )
    discard_dead_letter: providers.Provider[DiscardDeadLetter] = providers.Singleton(
        DiscardDeadLetter, records=job_records, clock=clock
    )
    prune_jobs: providers.Provider[PruneJobs] = providers.Singleton(
        PruneJobs,
        records=job_records,
        clock=clock,
        keep=providers.Callable(jobs.make_job_retention, settings),
    )
    reconcile: providers.Provider[Reconcile] = providers.Singleton(
        jobs.make_reconcile,
        settings=settings,
        transactions=transactions,
        storages=storages,
        queue=queue,
        clock=clock,
        telemetry=telemetry,
    )
    replay: providers.Provider[ReplayObjects] = providers.Singleton(
        ReplayObjects,
        transactions=transactions,
        storages=storages,
        queue=queue,
        clock=clock,
        ids=ids,
    )
    schedule_digests: providers.Provider[ScheduleDigests] = providers.Singleton(
        ScheduleDigests, transactions=transactions, clock=clock
    )
    forget_principals: providers.Provider[ForgetPrincipals] = providers.Singleton(
        ForgetPrincipals, cache=key_cache
    )
    relay_outbox: providers.Provider[RelayOutbox] = providers.Singleton(
        RelayOutbox,
        outbox=outbox,
        handlers=providers.Singleton(
            make_handlers,
            settings=settings,
            transactions=transactions,
            reader=violation_reader,
            mailer=mailer,
            templates=templates,
            telemetry=telemetry,
            forget_principals=forget_principals,
        ),
        clock=clock,
        randomness=randomness,
        retry=retry,
    )


def make_container(settings: Settings) -> Container:
    """Return the container for these settings.

    Raises:
        SettingsError: a setting asks for something that is not part of this installation.
    """
    missing = [
        line
        for is_asked, line in (
            (settings.mongo_uri, "MONGO_URI: this version stores in SQLite only; unset it"),
            (
                settings.redis_url and find_spec("redis") is None,
                'REDIS_URL needs a library: pip install "trueport[redis]"',
            ),
            (settings.triton_url, "TRITON_URL: this version detects in process only; unset it"),
            (
                settings.events_queue_url and find_spec("boto3") is None,
                'TRUEPORT_EVENTS_QUEUE_URL needs a library: pip install "trueport[s3]"',
            ),
            (
                settings.storage_provider is StorageProvider.AZURE
                and settings.azure_connection_string is None,
                "STORAGE_PROVIDER: AZURE needs AZURE_STORAGE_CONNECTION_STRING",
            ),
            (
                settings.mail_provider is not MailProvider.OUTBOX,
                "MAIL_PROVIDER: this version writes mails to the OUTBOX folder only; "
                "unset SMTP_HOST_URL or state MAIL_PROVIDER=OUTBOX",
            ),
        )
        if is_asked
    ]
    if missing:
        raise SettingsError("\n".join(missing))
    return Container(settings=settings)
