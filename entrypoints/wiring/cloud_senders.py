"""Put together what takes the events of the clouds' storage."""

from datetime import timedelta

from pydantic import SecretStr

from adapters.notifications.certificates import Roots, SigningCertificates, system_roots
from adapters.notifications.event_grid import EventGridEvents
from adapters.notifications.fetching import DocumentFetcher, Fetch
from adapters.notifications.google_keys import GoogleKeys
from adapters.notifications.local import LocalEvents
from adapters.notifications.pub_sub import PubSubEvents
from adapters.notifications.quarantine import FolderQuarantine
from adapters.notifications.s3 import S3Events
from adapters.notifications.s3_queued import QueuedS3Messages
from adapters.notifications.shared_secret import SharedSecret
from adapters.notifications.sns import SnsEvents, SnsSignatures
from adapters.notifications.sns_topics import Topic
from adapters.sqs.client import SqsAccount, SqsQueue
from adapters.sqs.events import SqsEvents
from application.analytics.take_message import Accept, AllowSender, TakeMessage
from application.ports.notifications import EventQueue, EventVerifier
from application.ports.system import Clock, IdFactory
from application.ports.telemetry import Telemetry
from entrypoints.settings import Settings
from entrypoints.wiring.cloud_events import CloudEvents


def make_cloud_events(
    settings: Settings,
    clock: Clock,
    telemetry: Telemetry,
    accept: Accept,
    ids: IdFactory,
    *,
    fetch: Fetch | None = None,
    roots: Roots = system_roots,
) -> CloudEvents:
    """Return what takes storage's events; where a setting is missing it refuses them.

    `fetch` gets the keys and certificates that senders publish, `roots` is whom they lead to.
    """
    fetch = fetch or DocumentFetcher()
    sns = SnsEvents(
        signatures=make_sns_signatures(settings, clock, fetch=fetch, roots=roots),
        fetch=fetch,
        clock=clock,
        clock_skew=timedelta(seconds=settings.sns_clock_skew),
    )
    event_grid = EventGridEvents(
        secret=SharedSecret(
            _plain(settings.event_grid_secret), setting="TRUEPORT_EVENT_GRID_SECRET"
        )
    )
    events_secret = SharedSecret(_plain(settings.events_secret), setting="TRUEPORT_EVENTS_SECRET")
    pub_sub = PubSubEvents(
        audience=settings.pubsub_audience,
        email=settings.pubsub_email,
        keys=GoogleKeys(fetch=fetch, clock=clock),
        clock=clock,
    )

    quarantine = FolderQuarantine(settings.home / "quarantine", ids=ids)

    def taking(sender: str, verifier: EventVerifier) -> TakeMessage:
        return TakeMessage(
            sender=sender,
            verifier=verifier,
            accept=accept,
            telemetry=telemetry,
            quarantine=quarantine,
        )

    return CloudEvents(
        s3=taking("s3", S3Events(sns=sns, secret=events_secret)),
        azure=taking("azure", event_grid),
        gcp=taking("gcp", pub_sub),
        local=taking("local", LocalEvents(secret=_plain(settings.events_secret), clock=clock)),
        azure_handshake=AllowSender(sender="azure", handshake=event_grid, telemetry=telemetry),
    )


def make_sns_signatures(
    settings: Settings,
    clock: Clock,
    *,
    fetch: Fetch | None = None,
    roots: Roots = system_roots,
) -> SnsSignatures:
    """Return what checks the signatures of SNS for the topics of the settings."""
    return SnsSignatures(
        topics=[Topic.parse(arn) for arn in settings.sns_topic_arns],
        certificates=SigningCertificates(
            fetch=fetch or DocumentFetcher(), roots=roots, clock=clock
        ),
        allow_v1=settings.sns_allow_v1,
    )


def make_event_queue(settings: Settings, clock: Clock, telemetry: Telemetry) -> EventQueue:
    """Return the queue that `TRUEPORT_EVENTS_QUEUE_URL` names."""
    signatures = make_sns_signatures(settings, clock) if settings.events_queue_verify else None
    return SqsEvents(
        make_sqs_queue(settings, settings.events_queue_url or ""),
        read=QueuedS3Messages(signatures),
        clock=clock,
        telemetry=telemetry,
    )


def make_sqs_queue(settings: Settings, url: str) -> SqsQueue:
    """Return the queue of Amazon SQS at an address."""
    return SqsQueue(
        SqsAccount(
            queue_url=url,
            region=settings.aws_region,
            endpoint_url=settings.aws_endpoint_url,
            access_key_id=_plain(settings.aws_access_key_id),
            secret_access_key=_plain(settings.aws_secret_access_key),
        )
    )


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
