"""Make adapters from settings.

A library of an extra is imported only where it is needed, and so is what takes long to import: a
function that starts on Lambda has no use for most of it.
"""

from collections.abc import Awaitable, Callable

from adapters.journal.file_journal import FileAuditJournal
from adapters.journal.instance_folder import abandoned_instances
from adapters.notifications.direct import DirectEvents
from adapters.security.keyring import HomeSecrets, KeyRing
from application.analytics.take_message import Accept
from application.audit_objects import UnpackLimits
from application.gateway.upstreams import UpstreamAddresses
from application.platform.founding import StorageDefaults
from application.ports.access_tokens import AccessTokens
from application.ports.audit_journal import AuditJournal
from application.ports.model_provider import ModelProviders
from application.ports.notifications import EventQueue
from application.ports.object_events import ObjectEvents
from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.telemetry import Telemetry
from application.ports.webhooks import WebhookSender
from domain.job import ObjectRef
from domain.routing import UpstreamKind
from entrypoints.settings import Settings
from entrypoints.wiring import detectors
from entrypoints.wiring.cloud_events import CloudEvents

make_detectors = detectors.make_detectors
make_model_store = detectors.make_model_store
"""Made as single commands make them."""


def make_home_secrets(settings: Settings, randomness: Randomness) -> HomeSecrets:
    """Return the secrets that live under `TRUEPORT_HOME`."""
    return HomeSecrets(settings.home, randomness)


def make_master_keys(settings: Settings, secrets: HomeSecrets) -> KeyRing:
    """Return the master key ring: the environment's, else the one kept at home."""
    if settings.master_keys is not None:
        return KeyRing.parse(settings.master_keys.get_secret_value())
    return secrets.master_keys()


def make_secret_keys(settings: Settings, secrets: HomeSecrets) -> KeyRing:
    """Return the ring that signs access tokens: the environment's, else the one kept at home."""
    if settings.secret_keys is not None:
        return KeyRing.parse(settings.secret_keys.get_secret_value())
    if settings.secret_key is not None:
        return KeyRing.single(settings.secret_key.get_secret_value())
    return secrets.secret_keys()


def make_access_tokens(keys: KeyRing, clock: Clock, ids: IdFactory) -> AccessTokens:
    """Return what signs and reads access tokens."""
    from adapters.security.access_tokens import JwtAccessTokens  # noqa: PLC0415 - takes long

    return JwtAccessTokens(keys, clock=clock, ids=ids)


def make_admin_token(settings: Settings, secrets: HomeSecrets) -> str:
    """Return the operator's token: the environment's, else the one kept at home."""
    if settings.admin_token is not None:
        return settings.admin_token.get_secret_value()
    return secrets.admin_token()


def make_upstream_addresses(settings: Settings) -> UpstreamAddresses:
    """Return what says where upstreams may stand."""
    return UpstreamAddresses(allow_private=settings.allow_private_upstreams)


def make_journal(settings: Settings, ids: IdFactory, randomness: Randomness) -> AuditJournal:
    """Return the audit journal."""
    return FileAuditJournal(settings.home / "journal", ids=ids, randomness=randomness)


def make_abandoned_journals(
    settings: Settings, ids: IdFactory, randomness: Randomness
) -> list[AuditJournal]:
    """Return the journals that nobody writes any more and that still hold records."""
    root = settings.home / "journal"
    return [
        FileAuditJournal(root, ids=ids, randomness=randomness, instance=name)
        for name in abandoned_instances(root)
    ]


def make_storages(settings: Settings) -> ObjectStorages:
    """Return the storages of every provider that the settings can reach.

    Raises:
        SettingsError: the file of named credentials is wrong.
    """
    from entrypoints.wiring import storage  # noqa: PLC0415 - takes long

    return storage.make_storages(settings)


def make_storage_defaults(settings: Settings) -> StorageDefaults:
    """Return where a new tenant's audit log goes."""
    return StorageDefaults(
        provider=settings.storage_provider,
        bucket_template=settings.bucket_template,
        shared_bucket=settings.aws_s3_bucket,
    )


def make_providers(settings: Settings, clock: Clock) -> ModelProviders:
    """Return a provider for each kind of upstream."""
    from adapters.guarded_network import GuardedNetwork  # noqa: PLC0415 - takes long
    from adapters.model_providers.echo import EchoProvider  # noqa: PLC0415 - the same
    from adapters.model_providers.openai import OpenAiProvider  # noqa: PLC0415 - the same
    from adapters.model_providers.registry import ProviderRegistry  # noqa: PLC0415 - the same
    from adapters.model_providers.transport import HttpTransport  # noqa: PLC0415 - the same

    allow_private = settings.allow_private_upstreams
    transport = HttpTransport(
        network=GuardedNetwork(allow_private=allow_private), allow_private=allow_private
    )
    return ProviderRegistry(
        {
            UpstreamKind.ECHO: EchoProvider(clock=clock),
            UpstreamKind.OPENAI: OpenAiProvider(transport=transport, clock=clock),
        }
    )


def make_webhook_sender(settings: Settings, clock: Clock) -> WebhookSender:
    """Return what posts to the receivers of alerts."""
    from adapters.guarded_network import GuardedNetwork  # noqa: PLC0415 - takes long
    from adapters.webhooks.http_sender import HttpWebhookSender  # noqa: PLC0415 - the same

    allow_private = settings.allow_private_webhooks
    return HttpWebhookSender(
        network=GuardedNetwork(allow_private=allow_private),
        clock=clock,
        seconds=settings.webhook_seconds,
        allow_private=allow_private,
    )


def make_object_events(accept: Callable[[ObjectRef], Awaitable[object]]) -> ObjectEvents:
    """Return what announces local objects within this process."""
    return DirectEvents(accept)


def make_cloud_events(
    settings: Settings, clock: Clock, telemetry: Telemetry, accept: Accept, ids: IdFactory
) -> CloudEvents:
    """Return what takes storage's events; where a setting is missing it refuses them."""
    from entrypoints.wiring import cloud_senders  # noqa: PLC0415 - few processes take events

    return cloud_senders.make_cloud_events(settings, clock, telemetry, accept, ids)


def make_event_queue(settings: Settings, clock: Clock, telemetry: Telemetry) -> EventQueue:
    """Return the queue that `TRUEPORT_EVENTS_QUEUE_URL` names."""
    from entrypoints.wiring import cloud_senders  # noqa: PLC0415 - few processes poll one

    return cloud_senders.make_event_queue(settings, clock, telemetry)


def make_unpack_limits(settings: Settings) -> UnpackLimits:
    """Return what an audit object may unpack to."""
    return UnpackLimits(size=settings.unpack_limit, ratio=settings.unpack_ratio)
