"""Everything that use cases stand on: keys, stores, storages, limits, detectors."""

from dependency_injector import containers, providers

from adapters.detectors.custom.detector import Re2CustomDetectors
from adapters.detectors.neural.model_store import ModelStore
from adapters.in_process.request_quota import InProcessRequestQuota
from adapters.pattern_matching import Re2PatternMatcher
from adapters.security.digests import HmacDigests
from adapters.security.encryption import AesGcmCipher
from adapters.security.keyring import HomeSecrets, KeyRing
from adapters.security.signing import HmacSigner
from adapters.system import SystemClock, SystemRandomness, UuidIds
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.administration import AdministrationLog
from application.audit_anchors import WriteAnchor
from application.audit_objects import UnpackLimits
from application.authorisation import Authorise
from application.deeds import Deeds
from application.detection import DetectionPipeline
from application.gateway.plan_limits import PlanLimiter
from application.inspection import Inspector
from application.mail_once import EachMailOnce
from application.platform.founding import StorageDefaults
from application.platform.purge import PurgeTenants
from application.policy_drafts import PolicyDrafts
from application.ports.access_tokens import AccessTokens
from application.ports.attempts import AttemptCounters
from application.ports.audit_journal import AuditJournal
from application.ports.credentials import CredentialCipher, Digests, Signer
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import Detector
from application.ports.job_queue import JobQueue, StoredJobQueue
from application.ports.job_records import JobRecords
from application.ports.key_cache import KeyCache
from application.ports.limits import CircuitBreakers, RateLimiter
from application.ports.mailer import Mailer, MailTemplates, SentMails
from application.ports.model_provider import ModelProviders
from application.ports.object_storage import ObjectStorages
from application.ports.outbox import Outbox
from application.ports.pattern_matcher import PatternMatcher
from application.ports.quotas import RequestQuota
from application.ports.readers import GatewayReader, UsageReader, ViolationReader
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookDeliveries, WebhookSender
from domain.job import RetryPolicy
from entrypoints.settings import Settings
from entrypoints.wiring import factories, jobs, mail
from entrypoints.wiring import store as stores
from entrypoints.wiring.detectors import make_basic_pipeline, make_rule_names
from entrypoints.wiring.limits import Counting, make_counting
from entrypoints.wiring.store import Service, Store
from entrypoints.wiring.triton import TritonLink, make_triton


class Infrastructure(containers.DeclarativeContainer):
    """What use cases share, made on first use."""

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
    secret_keys: providers.Provider[KeyRing] = providers.Singleton(
        factories.make_secret_keys, settings, home_secrets
    )
    access_tokens: providers.Provider[AccessTokens] = providers.Singleton(
        factories.make_access_tokens, secret_keys, clock, ids
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
    custom_detectors: providers.Provider[CustomDetectors] = providers.Singleton(Re2CustomDetectors)

    service: providers.Provider[Service] = providers.Object(Service.EVERYTHING)
    store: providers.Provider[Store] = providers.Singleton(
        stores.make_store, settings, service, clock, ids
    )
    transactions: providers.Provider[Transactions] = providers.Singleton(
        stores.make_transactions, store
    )
    authorise: providers.Provider[Authorise] = providers.Singleton(
        Authorise, transactions=transactions
    )
    administration_log: providers.Provider[AdministrationLog] = providers.Singleton(
        AdministrationLog, clock=clock, ids=ids
    )
    deeds: providers.Provider[Deeds] = providers.Singleton(
        Deeds,
        transactions=transactions,
        authorise=authorise,
        log=administration_log,
        clock=clock,
    )
    outbox: providers.Provider[Outbox] = providers.Singleton(stores.make_outbox, store)
    gateway_reader: providers.Provider[GatewayReader] = providers.Singleton(
        stores.make_gateway_reader, store
    )
    violation_reader: providers.Provider[ViolationReader] = providers.Singleton(
        stores.make_violation_reader, store
    )
    job_records: providers.Provider[JobRecords] = providers.Singleton(
        stores.make_job_records, store
    )
    usage_reader: providers.Provider[UsageReader] = providers.Singleton(
        stores.make_usage_reader, store
    )
    purge_tenants: providers.Provider[PurgeTenants] = providers.Singleton(
        stores.make_purge_tenants, store, transactions, clock, service
    )
    stored_queue: providers.Provider[StoredJobQueue] = providers.Singleton(
        stores.make_stored_queue, settings, store, retry
    )
    queue: providers.Provider[JobQueue] = providers.Selector(
        settings.provided.job_delivery.value,
        STORE=stored_queue,
        REDIS=providers.Singleton(jobs.make_redis_queue, settings, stored_queue, ids),
        SQS=providers.Singleton(jobs.make_sqs_job_queue, settings, stored_queue, clock),
    )

    journal: providers.Provider[AuditJournal] = providers.Singleton(
        factories.make_journal, settings, ids, randomness
    )
    storages: providers.Provider[ObjectStorages] = providers.Singleton(
        factories.make_storages, settings
    )
    write_anchor: providers.Provider[WriteAnchor] = providers.Singleton(
        WriteAnchor, storages=storages, signer=signer, clock=clock, ids=ids
    )
    storage_defaults: providers.Provider[StorageDefaults] = providers.Singleton(
        factories.make_storage_defaults, settings
    )
    unpack_limits: providers.Provider[UnpackLimits] = providers.Singleton(
        factories.make_unpack_limits, settings
    )
    sent_mails: providers.Provider[SentMails] = providers.Singleton(stores.make_sent_mails, store)
    carrier: providers.Provider[Mailer] = providers.Selector(
        settings.provided.mail_provider.value,
        OUTBOX=providers.Singleton(mail.make_outbox_mailer, settings, clock),
        SMTP=providers.Singleton(mail.make_smtp_mailer, settings, clock),
        SES=providers.Singleton(mail.make_ses_mailer, settings, clock),
    )
    mailer: providers.Provider[Mailer] = providers.Singleton(
        EachMailOnce, mailer=carrier, sent=sent_mails, clock=clock
    )
    templates: providers.Provider[MailTemplates] = providers.Singleton(mail.make_templates)
    webhook_sender: providers.Provider[WebhookSender] = providers.Singleton(
        factories.make_webhook_sender, settings, clock
    )
    webhook_deliveries: providers.Provider[WebhookDeliveries] = providers.Singleton(
        stores.make_webhook_deliveries, store
    )

    counting: providers.Provider[Counting] = providers.Singleton(
        make_counting,
        settings=settings,
        reader=gateway_reader,
        signer=signer,
        clock=clock,
        ids=ids,
        telemetry=telemetry,
    )
    request_quota: providers.Provider[RequestQuota] = providers.Singleton(
        InProcessRequestQuota, reader=usage_reader, clock=clock
    )
    limiter: providers.Provider[RateLimiter] = providers.Singleton(
        PlanLimiter, limiter=counting.provided.limiter, quota=request_quota
    )
    breakers: providers.Provider[CircuitBreakers] = counting.provided.breakers
    key_cache: providers.Provider[KeyCache] = counting.provided.key_cache
    attempts: providers.Provider[AttemptCounters] = counting.provided.attempts
    model_providers: providers.Provider[ModelProviders] = providers.Singleton(
        factories.make_providers, settings, clock
    )

    model_store: providers.Provider[ModelStore] = providers.Singleton(
        factories.make_model_store, settings.provided.model_store
    )
    triton: providers.Provider[TritonLink] = providers.Singleton(
        make_triton, settings, randomness, telemetry
    )
    detectors: providers.Provider[tuple[Detector, ...]] = providers.Singleton(
        factories.make_detectors, model_store, triton.provided.client
    )
    policy_drafts: providers.Provider[PolicyDrafts] = providers.Singleton(
        PolicyDrafts,
        patterns=patterns,
        custom=custom_detectors,
        rules=providers.Singleton(make_rule_names, detectors.provider),
        digests=digests,
    )
    pipeline: providers.Provider[DetectionPipeline] = providers.Singleton(
        DetectionPipeline,
        detectors=detectors,
        clock=clock,
        telemetry=telemetry,
        deadline=settings.provided.detector_seconds,
    )
    basic_pipeline: providers.Provider[DetectionPipeline] = providers.Singleton(
        make_basic_pipeline,
        pipeline,
        detectors,
        clock=clock,
        telemetry=telemetry,
        deadline=settings.provided.detector_seconds,
    )
    inspector: providers.Provider[Inspector] = providers.Singleton(
        Inspector,
        pipeline=pipeline,
        basic=basic_pipeline,
        digests=digests,
        patterns=patterns,
        custom=custom_detectors,
    )
