"""TruePort put together by hand: the real use cases over the embedded adapters, with a still clock.

Collaborators are plain attributes, so that a test can exchange one before it uses the use cases,
which are put together anew at every look.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from adapters.detectors.custom.detector import Re2CustomDetectors
from adapters.in_process.circuit_breaker import InProcessCircuitBreakers
from adapters.in_process.key_cache import InProcessKeyCache
from adapters.in_process.rate_limiter import InProcessRateLimiter
from adapters.journal.file_journal import FileAuditJournal
from adapters.mail.jinja_templates import JinjaTemplates
from adapters.mail.outbox_folder import OutboxFolderMailer
from adapters.model_providers.echo import EchoProvider
from adapters.notifications.direct import DirectEvents
from adapters.object_storage.local import LocalObjectStorages
from adapters.pattern_matching import Re2PatternMatcher
from adapters.security.digests import HmacDigests
from adapters.security.encryption import AesGcmCipher
from adapters.security.keyring import KeyRing
from adapters.security.signing import HmacSigner
from adapters.sqlite.store import SqliteStore
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.administration import AdministrationLog
from application.analytics.accept_event import AcceptEvent
from application.analytics.analyse import AnalyseObject
from application.analytics.dead_letters import DiscardDeadLetter, RetryDeadLetter
from application.analytics.expire import ExpireObjects
from application.analytics.job_access import JobAccess
from application.analytics.policy_replay import PolicyReplay
from application.analytics.reconcile import Reconcile
from application.analytics.replay import ReplayObjects
from application.analytics.worker import WorkOnJobs
from application.audit_anchors import WriteAnchor
from application.audit_objects import UnpackLimits, unpack
from application.authorisation import Authorise
from application.deeds import Deeds
from application.detection import DetectionPipeline
from application.gateway.alert_mails import AlertMails
from application.gateway.alerts import SendAlerts, SendDamageAlerts
from application.gateway.audit import AnchorChains, ShipAudit
from application.gateway.audit_log import AuditLog
from application.gateway.authenticate import Authenticate
from application.gateway.deliver_webhooks import DeliverWebhooks, SignedPosts
from application.gateway.detect import DetectTexts
from application.gateway.digests import PeriodViolations, ScheduleDigests, SendDigests
from application.gateway.exchange import ExchangeRecorder
from application.gateway.keys import (
    IssuedKey,
    IssueKey,
    IssueKeyCommand,
    NewSecrets,
    RevokeKey,
    RotateKey,
)
from application.gateway.models import ListModels
from application.gateway.policies import ActivatePolicy, AddPolicy, AddPolicyCommand
from application.gateway.policy_trial import PolicyTrial
from application.gateway.queue_webhooks import QueueWebhooks
from application.gateway.relay import CompletedChat, RelayChat, RelayChatCommand, StreamedChat
from application.gateway.upstream_calls import UpstreamCalls
from application.gateway.upstreams import (
    ConnectUpstream,
    ConnectUpstreamCommand,
    UpstreamAddresses,
)
from application.gateway.verify_audit import VerifyAudit
from application.gateway.webhook_contents import WebhookContents
from application.gateway.webhooks import AddWebhook, WebhookSecrets
from application.inspection import Inspector
from application.outbox import RelayOutbox
from application.platform.founding import Founding, StorageDefaults
from application.platform.storage import ChangeRetention, ChangeStorage, VerifyStorage
from application.platform.tenants import FoundTenant, FoundTenantCommand
from application.policy_drafts import PolicyDrafts
from application.ports.audit_journal import AuditJournal
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import Detector
from application.ports.job_queue import JobQueue
from application.ports.limits import RateLimiter
from application.ports.mailer import Mailer
from application.ports.object_events import ObjectEvents
from application.ports.object_storage import ObjectStorages, StoredObject
from application.ports.readers import GatewayReader, Page, ViolationFilter
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookSender
from domain.alert import AlertSettings
from domain.api_key import KeyLimits, Scope
from domain.authorisation import OPERATOR
from domain.events import AuditDamaged, DigestDue, ViolationsRecorded
from domain.identifiers import RequestId
from domain.job import RetryPolicy
from domain.money import TokenPrice
from domain.policy.rule import Policy
from domain.routing import ServedModel, Upstream, UpstreamKind
from domain.subscription import UNLIMITED
from domain.tenant import Slug, Tenant
from domain.user import Email
from domain.violation import Violation
from tests.fakes.clock import FakeClock
from tests.fakes.detectors import KeywordDetector
from tests.fakes.ids import CountingIds
from tests.fakes.model_providers import Providers, ScriptedProvider
from tests.fakes.randomness import SeededRandomness

INSTANCE = "testinstance"
CUSTOM: CustomDetectors = Re2CustomDetectors()
PRICE = TokenPrice(input_nano=100, output_nano=1000)
ECHO_MODELS = ("echo", "echo-fail-503", "echo-fail-429", "echo-fail-401", "echo-break-3")
RETRY = RetryPolicy(max_attempts=3, base=timedelta(seconds=1), limit=timedelta(seconds=8))

Json = Mapping[str, object]


@dataclass(kw_only=True)
class Customer:
    """A tenant with one key, and the means to use it."""

    deployment: "Deployment"
    tenant: Tenant
    issued: IssuedKey

    @property
    def authorization(self) -> str:
        return f"Bearer {self.issued.secret.value}"

    async def ask(self, **body: object) -> CompletedChat | StreamedChat:
        """Send a body as it is."""
        return await self.deployment.relay(
            RelayChatCommand(
                request_id=RequestId(self.deployment.ids.new("req")),
                authorization=self.authorization,
                body=body,
            )
        )

    async def chat(self, text: str, *, model: str = "echo", **fields: object) -> CompletedChat:
        """Send one user message and return the whole answer."""
        answer = await self.ask(model=model, messages=[{"role": "user", "content": text}], **fields)
        assert isinstance(answer, CompletedChat)
        return answer

    async def stream(self, text: str, *, model: str = "echo", **fields: object) -> StreamedChat:
        """Send one user message and return the running answer, which the caller closes."""
        answer = await self.ask(
            model=model, messages=[{"role": "user", "content": text}], stream=True, **fields
        )
        assert isinstance(answer, StreamedChat)
        return answer

    async def violations(self) -> Sequence[Violation]:
        reader = self.deployment.store.violation_reader
        page = await reader.violations(self.tenant.id, ViolationFilter(), Page(limit=500))
        return page.items

    async def add_policy(self, policy: Policy) -> str:
        """Activate a policy and return its reference; cached principals see it later."""
        added = await self.deployment.add_policy(
            OPERATOR, AddPolicyCommand(slug=self.tenant.slug, policy=policy)
        )
        revision = added.item
        await self.deployment.activate_policy(
            OPERATOR, self.tenant.slug, revision.policy_id, revision.number
        )
        return revision.reference

    async def connect(
        self,
        name: str,
        *models: str,
        kind: UpstreamKind = UpstreamKind.OPENAI,
        tier: int = 0,
        credential: str | None = None,
        price: TokenPrice | None = PRICE,
    ) -> Upstream:
        connected = await self.deployment.connect_upstream(
            OPERATOR,
            ConnectUpstreamCommand(
                slug=self.tenant.slug,
                name=name,
                kind=kind,
                base_url="" if kind is UpstreamKind.ECHO else "https://models.example.com/v1",
                models=tuple(
                    ServedModel(name=model, upstream_name=model, price=price) for model in models
                ),
                tier=tier,
                credential=credential,
            ),
        )
        return connected.item

    async def objects(self) -> list[StoredObject]:
        storage = self.deployment.storages.of(self.tenant.storage)
        return [item async for item in storage.list("audit/v1/dt=")]

    async def stored_records(self) -> list[Json]:
        """Return the records of every audit object."""
        storage = self.deployment.storages.of(self.tenant.storage)
        return [
            json.loads(line)
            for item in await self.objects()
            async for line in unpack(storage.read(item.key))
        ]


@dataclass(kw_only=True)
class Deployment:
    """One running instance; `home` is what `TRUEPORT_HOME` would be."""

    home: Path
    store: SqliteStore
    clock: FakeClock
    ids: IdFactory
    journal: AuditJournal
    storages: ObjectStorages
    queue: JobQueue
    transactions: Transactions
    reader: GatewayReader
    mailer: Mailer
    limiter: RateLimiter
    breakers: InProcessCircuitBreakers
    cache: InProcessKeyCache
    keys: KeyRing
    randomness: SeededRandomness
    events: ObjectEvents | None = None
    detectors: Sequence[Detector] = field(default_factory=lambda: [KeywordDetector()])
    provider: ScriptedProvider = field(default_factory=ScriptedProvider)
    telemetry: PrometheusTelemetry = field(default_factory=PrometheusTelemetry)
    stream_window: int = 64
    deadline: float = 5.0
    custom: CustomDetectors = CUSTOM
    unpack_limits: UnpackLimits = field(default_factory=UnpackLimits)
    lease: timedelta = timedelta(seconds=120)

    async def customer(
        self,
        slug: str = "acme",
        *,
        policy: Policy | None = None,
        limits: KeyLimits | None = None,
        models: frozenset[str] = frozenset(),
        scopes: frozenset[Scope] = frozenset(Scope),
        expires_at: datetime | None = None,
    ) -> Customer:
        """Found a tenant that reaches the echo upstream, and the scripted one as `scripted`."""
        tenant = await found_tenant_of(
            self.transactions, self.storages, clock=self.clock, ids=self.ids
        )(
            FoundTenantCommand(
                slug=Slug(slug),
                name=slug.title(),
                owner_email=Email.parse(f"owner@{slug}.example.com"),
                owner_name="Owner",
                agreed=UNLIMITED,
            )
        )
        issued = await self.issue_key(
            OPERATOR,
            IssueKeyCommand(
                slug=tenant.slug,
                name="test",
                limits=limits or KeyLimits(),
                models=models,
                scopes=scopes,
                expires_at=expires_at,
            ),
        )
        customer = Customer(deployment=self, tenant=tenant, issued=issued)
        await customer.connect("echo", *ECHO_MODELS, kind=UpstreamKind.ECHO)
        await customer.connect("scripted", "scripted")
        if policy is not None:
            await customer.add_policy(policy)
        return customer

    async def restart(self) -> None:
        """Open the journal anew, as the next process does."""
        await self.journal.close()
        journal = FileAuditJournal(
            self.home / "journal", ids=self.ids, randomness=self.randomness, instance=INSTANCE
        )
        async with self.transactions() as uow:
            heads = await uow.audit.heads_of_instance(INSTANCE)
        await journal.open(heads)
        self.journal = journal

    async def records(self) -> list[Json]:
        """Return the records that are in the journal now, sealed or not, oldest first."""
        return [
            json.loads(line.split(b" ", 2)[2])
            for file in sorted((self.home / "journal").glob("*/*.*"))
            for line in file.read_bytes().splitlines()
        ]

    async def analyse_all(self) -> int:
        """Work until no job can be leased, and return how many were tried."""
        work, count = self.worker, 0
        while await work():
            count += 1
        return count

    async def settle(self) -> None:
        """Ship, analyse and deliver what there is."""
        await self.ship()
        await self.analyse_all()
        while await self.relay_outbox():
            pass

    async def save_alerts(self, customer: Customer, settings: AlertSettings) -> None:
        async with self.transactions() as uow:
            await uow.settings.save_alerts(customer.tenant.id, settings)
            await uow.commit()

    @property
    def digests(self) -> HmacDigests:
        return HmacDigests(self.keys)

    @property
    def cipher(self) -> AesGcmCipher:
        return AesGcmCipher(self.keys, self.randomness)

    @property
    def pipeline(self) -> DetectionPipeline:
        return DetectionPipeline(
            detectors=self.detectors,
            clock=self.clock,
            telemetry=self.telemetry,
            deadline=self.deadline,
        )

    @property
    def inspector(self) -> Inspector:
        return Inspector(
            pipeline=self.pipeline,
            digests=self.digests,
            patterns=Re2PatternMatcher(),
            custom=self.custom,
        )

    @property
    def drafts(self) -> PolicyDrafts:
        return PolicyDrafts(
            patterns=Re2PatternMatcher(),
            custom=self.custom,
            rules=lambda: {"word-email", "word-credit_card"},
            digests=self.digests,
        )

    @property
    def authenticate(self) -> Authenticate:
        return Authenticate(
            digests=self.digests, cache=self.cache, reader=self.reader, clock=self.clock
        )

    @property
    def relay(self) -> RelayChat:
        return RelayChat(
            authenticate=self.authenticate,
            limiter=self.limiter,
            recorder=ExchangeRecorder(
                inspector=self.inspector,
                journal=self.journal,
                limiter=self.limiter,
                digests=self.digests,
                clock=self.clock,
                telemetry=self.telemetry,
            ),
            calls=UpstreamCalls(
                providers=Providers(
                    {
                        UpstreamKind.ECHO: EchoProvider(clock=self.clock),
                        UpstreamKind.OPENAI: self.provider,
                    }
                ),
                breakers=self.breakers,
                cipher=self.cipher,
                randomness=self.randomness,
            ),
            clock=self.clock,
            telemetry=self.telemetry,
            stream_window=self.stream_window,
        )

    @property
    def detect(self) -> DetectTexts:
        return DetectTexts(
            authenticate=self.authenticate,
            limiter=self.limiter,
            pipeline=self.pipeline,
            custom=self.custom,
            clock=self.clock,
        )

    @property
    def list_models(self) -> ListModels:
        return ListModels(authenticate=self.authenticate)

    @property
    def deeds(self) -> Deeds:
        return Deeds(
            transactions=self.transactions,
            authorise=Authorise(transactions=self.transactions),
            log=AdministrationLog(clock=self.clock, ids=self.ids),
            clock=self.clock,
        )

    @property
    def new_secrets(self) -> NewSecrets:
        return NewSecrets(digests=self.digests, randomness=self.randomness)

    @property
    def issue_key(self) -> IssueKey:
        return IssueKey(deeds=self.deeds, secrets=self.new_secrets, ids=self.ids)

    @property
    def rotate_key(self) -> RotateKey:
        return RotateKey(deeds=self.deeds, secrets=self.new_secrets, ids=self.ids)

    @property
    def revoke_key(self) -> RevokeKey:
        return RevokeKey(deeds=self.deeds)

    @property
    def add_policy(self) -> AddPolicy:
        return AddPolicy(deeds=self.deeds, drafts=self.drafts, ids=self.ids)

    @property
    def activate_policy(self) -> ActivatePolicy:
        return ActivatePolicy(deeds=self.deeds)

    @property
    def connect_upstream(self) -> ConnectUpstream:
        return ConnectUpstream(
            deeds=self.deeds,
            cipher=self.cipher,
            addresses=UpstreamAddresses(allow_private=False),
            ids=self.ids,
        )

    @property
    def accept_event(self) -> AcceptEvent:
        return AcceptEvent(
            transactions=self.transactions,
            queue=self.queue,
            clock=self.clock,
            telemetry=self.telemetry,
        )

    @property
    def ship(self) -> ShipAudit:
        return ShipAudit(
            journal=self.journal,
            transactions=self.transactions,
            storages=self.storages,
            events=self.events or DirectEvents(self.accept_event),
            clock=self.clock,
            telemetry=self.telemetry,
        )

    @property
    def anchor(self) -> AnchorChains:
        return AnchorChains(
            journal=self.journal, transactions=self.transactions, write_anchor=self.write_anchor
        )

    @property
    def write_anchor(self) -> WriteAnchor:
        return WriteAnchor(
            storages=self.storages, signer=HmacSigner(self.keys), clock=self.clock, ids=self.ids
        )

    @property
    def expire(self) -> ExpireObjects:
        return ExpireObjects(
            transactions=self.transactions,
            storages=self.storages,
            signer=HmacSigner(self.keys),
            write_anchor=self.write_anchor,
            clock=self.clock,
        )

    @property
    def verify_storage(self) -> VerifyStorage:
        return VerifyStorage(
            deeds=self.deeds, storages=self.storages, clock=self.clock, ids=self.ids
        )

    @property
    def change_storage(self) -> ChangeStorage:
        return ChangeStorage(
            deeds=self.deeds, storages=self.storages, write_anchor=self.write_anchor
        )

    @property
    def change_retention(self) -> ChangeRetention:
        return ChangeRetention(
            deeds=self.deeds,
            storages=self.storages,
            signer=HmacSigner(self.keys),
            write_anchor=self.write_anchor,
            clock=self.clock,
        )

    @property
    def verify(self) -> VerifyAudit:
        return VerifyAudit(
            deeds=self.deeds,
            transactions=self.transactions,
            storages=self.storages,
            signer=HmacSigner(self.keys),
            clock=self.clock,
        )

    @property
    def audit_log(self) -> AuditLog:
        return AuditLog(storages=self.storages, limits=self.unpack_limits)

    @property
    def policy_replay(self) -> PolicyReplay:
        return PolicyReplay(
            transactions=self.transactions,
            storages=self.storages,
            log=self.audit_log,
            inspector=self.inspector,
            drafts=self.drafts,
            clock=self.clock,
            limits=self.unpack_limits,
            seconds=self.deadline,
        )

    @property
    def policy_trial(self) -> PolicyTrial:
        return PolicyTrial(
            inspector=self.inspector,
            digests=self.digests,
            drafts=self.drafts,
            clock=self.clock,
        )

    @property
    def analyse(self) -> AnalyseObject:
        return AnalyseObject(
            transactions=self.transactions,
            storages=self.storages,
            inspector=self.inspector,
            clock=self.clock,
            telemetry=self.telemetry,
            limits=self.unpack_limits,
        )

    @property
    def worker(self) -> WorkOnJobs:
        return WorkOnJobs(
            queue=self.queue,
            analyse=self.analyse,
            clock=self.clock,
            ids=self.ids,
            randomness=self.randomness,
            telemetry=self.telemetry,
            retry=RETRY,
            lease=self.lease,
        )

    @property
    def relay_outbox(self) -> RelayOutbox:
        return RelayOutbox(
            outbox=self.store.outbox,
            handlers={
                ViolationsRecorded: [self.queue_webhooks, self.send_alerts],
                AuditDamaged: [
                    self.queue_webhooks,
                    SendDamageAlerts(transactions=self.transactions, mails=self.alert_mails),
                ],
                DigestDue: [
                    SendDigests(
                        transactions=self.transactions,
                        violations=self.period_violations,
                        mails=self.alert_mails,
                    )
                ],
            },
            clock=self.clock,
            randomness=self.randomness,
            retry=RETRY,
        )

    @property
    def period_violations(self) -> PeriodViolations:
        return PeriodViolations(reader=self.store.violation_reader)

    @property
    def queue_webhooks(self) -> QueueWebhooks:
        return QueueWebhooks(transactions=self.transactions, telemetry=self.telemetry)

    @property
    def webhook_secrets(self) -> WebhookSecrets:
        return WebhookSecrets(cipher=self.cipher, randomness=self.randomness)

    @property
    def webhook_contents(self) -> WebhookContents:
        return WebhookContents(
            transactions=self.transactions,
            violations=self.period_violations,
            public_url="https://trueport.example.com",
        )

    def deliver_webhooks(self, sender: WebhookSender) -> DeliverWebhooks:
        return DeliverWebhooks(
            transactions=self.transactions,
            deliveries=self.store.webhook_deliveries,
            contents=self.webhook_contents,
            posts=self.signed_posts(sender),
            clock=self.clock,
            randomness=self.randomness,
            telemetry=self.telemetry,
        )

    def signed_posts(self, sender: WebhookSender) -> SignedPosts:
        return SignedPosts(sender=sender, secrets=self.webhook_secrets, clock=self.clock)

    def add_webhook(self, sender: WebhookSender) -> AddWebhook:
        return AddWebhook(
            deeds=self.deeds, sender=sender, secrets=self.webhook_secrets, ids=self.ids
        )

    @property
    def send_alerts(self) -> SendAlerts:
        return SendAlerts(
            transactions=self.transactions, mails=self.alert_mails, telemetry=self.telemetry
        )

    @property
    def alert_mails(self) -> AlertMails:
        return AlertMails(
            mailer=self.mailer,
            templates=JinjaTemplates(),
            telemetry=self.telemetry,
            public_url="https://trueport.example.com",
        )

    @property
    def reconcile(self) -> Reconcile:
        return Reconcile(
            transactions=self.transactions,
            storages=self.storages,
            queue=self.queue,
            clock=self.clock,
            telemetry=self.telemetry,
            horizon=timedelta(days=29),
        )

    @property
    def replay(self) -> ReplayObjects:
        return ReplayObjects(
            transactions=self.transactions,
            storages=self.storages,
            queue=self.queue,
            clock=self.clock,
            ids=self.ids,
            limits=self.unpack_limits,
            authorise=self.authorise,
            log=self.administration_log,
        )

    @property
    def authorise(self) -> Authorise:
        return Authorise(transactions=self.transactions)

    @property
    def administration_log(self) -> AdministrationLog:
        return AdministrationLog(clock=self.clock, ids=self.ids)

    @property
    def job_access(self) -> JobAccess:
        return JobAccess(
            authorise=self.authorise,
            transactions=self.transactions,
            records=self.store.job_records,
        )

    @property
    def retry_dead_letter(self) -> RetryDeadLetter:
        return RetryDeadLetter(
            access=self.job_access,
            queue=self.queue,
            transactions=self.transactions,
            log=self.administration_log,
        )

    @property
    def discard_dead_letter(self) -> DiscardDeadLetter:
        return DiscardDeadLetter(
            access=self.job_access,
            records=self.store.job_records,
            transactions=self.transactions,
            log=self.administration_log,
            clock=self.clock,
        )

    @property
    def schedule_digests(self) -> ScheduleDigests:
        return ScheduleDigests(transactions=self.transactions, clock=self.clock)


def found_tenant_of(
    transactions: Transactions,
    storages: ObjectStorages,
    *,
    clock: Clock,
    ids: IdFactory,
    defaults: StorageDefaults | None = None,
) -> FoundTenant:
    """Return the use case that makes tenants in these storages."""
    return FoundTenant(
        transactions=transactions,
        founding=Founding(
            storages=storages, defaults=defaults or StorageDefaults(), clock=clock, ids=ids
        ),
        log=AdministrationLog(clock=clock, ids=ids),
        clock=clock,
        ids=ids,
    )


@asynccontextmanager
async def deployed(home: Path) -> AsyncIterator[Deployment]:
    """Open a deployment over an in-memory store and folders under `home`."""
    clock, ids, randomness = FakeClock(), CountingIds(), SeededRandomness()
    store = SqliteStore(":memory:", clock, ids)
    journal = FileAuditJournal(home / "journal", ids=ids, randomness=randomness, instance=INSTANCE)
    await store.open()
    await journal.open([])
    deployment = Deployment(
        home=home,
        store=store,
        clock=clock,
        ids=ids,
        journal=journal,
        storages=LocalObjectStorages(home / "storage"),
        queue=store.job_queue(capacity=100, retry=RETRY),
        transactions=store.transactions,
        reader=store.gateway_reader,
        mailer=OutboxFolderMailer(
            home / "outbox", sender="TruePort <trueport@example.com>", clock=clock
        ),
        limiter=InProcessRateLimiter(reader=store.gateway_reader, clock=clock, ids=ids),
        breakers=InProcessCircuitBreakers(clock=clock),
        cache=InProcessKeyCache(clock=clock),
        keys=KeyRing.generate(randomness),
        randomness=randomness,
    )
    try:
        yield deployment
    finally:
        await deployment.journal.close()
        await store.close()
