"""How everything is put together, one provider a collaborator, each typed by its port."""

from collections.abc import Iterator
from importlib.util import find_spec

from dependency_injector import providers

from application.gateway.audit import AnchorChains, ShipAudit
from application.gateway.authenticate import Authenticate
from application.gateway.detect import DetectTexts
from application.gateway.exchange import ExchangeRecorder
from application.gateway.models import ListModels
from application.gateway.relay import RelayChat
from application.gateway.upstream_calls import UpstreamCalls
from domain.tenant import StorageProvider
from entrypoints.settings import MailProvider, Settings, SettingsError
from entrypoints.storage_credentials import load_storage_credentials
from entrypoints.wiring.analytics import Analytics
from entrypoints.wiring.management import Management
from entrypoints.wiring.store import Service


class Container(Management):
    """Everything that one process needs, made on first use."""

    authenticate: providers.Provider[Authenticate] = providers.Singleton(
        Authenticate,
        digests=Analytics.digests,
        cache=Analytics.key_cache,
        reader=Analytics.gateway_reader,
        clock=Analytics.clock,
    )
    recorder: providers.Provider[ExchangeRecorder] = providers.Singleton(
        ExchangeRecorder,
        inspector=Analytics.inspector,
        journal=Analytics.journal,
        limiter=Analytics.limiter,
        digests=Analytics.digests,
        clock=Analytics.clock,
        telemetry=Analytics.telemetry,
    )
    relay_chat: providers.Provider[RelayChat] = providers.Singleton(
        RelayChat,
        authenticate=authenticate,
        limiter=Analytics.limiter,
        recorder=recorder,
        calls=providers.Singleton(
            UpstreamCalls,
            providers=Analytics.model_providers,
            breakers=Analytics.breakers,
            cipher=Analytics.cipher,
            randomness=Analytics.randomness,
        ),
        clock=Analytics.clock,
        telemetry=Analytics.telemetry,
        stream_window=Analytics.settings.provided.stream_window,
    )
    detect_texts: providers.Provider[DetectTexts] = providers.Singleton(
        DetectTexts,
        authenticate=authenticate,
        limiter=Analytics.limiter,
        pipeline=Analytics.pipeline,
        basic=Analytics.basic_pipeline,
        custom=Analytics.custom_detectors,
        clock=Analytics.clock,
    )
    list_models: providers.Provider[ListModels] = providers.Singleton(
        ListModels, authenticate=authenticate
    )

    ship_audit: providers.Provider[ShipAudit] = providers.Factory(
        ShipAudit,
        journal=Analytics.journal,
        transactions=Analytics.transactions,
        storages=Analytics.storages,
        events=Analytics.object_events,
        clock=Analytics.clock,
        telemetry=Analytics.telemetry,
    )
    anchor_chains: providers.Provider[AnchorChains] = providers.Singleton(
        AnchorChains,
        journal=Analytics.journal,
        transactions=Analytics.transactions,
        write_anchor=Analytics.write_anchor,
    )


def make_container(settings: Settings, service: Service = Service.EVERYTHING) -> Container:
    """Return the container of a service for these settings.

    Raises:
        SettingsError: a setting asks for something that is not part of this installation.
    """
    missing = [*_missing_libraries(settings), *_missing_settings(settings)]
    if missing:
        raise SettingsError("\n".join(missing))
    load_storage_credentials(settings.storage_credentials)
    container = Container(settings=settings, service=service)
    container.store()  # whether its address is one shows when it is made
    return container


def served_at(container: Container, address: str) -> None:
    """Let links begin with the address that is served where no setting names another."""
    settings = container.settings()
    if settings.public_url is None:
        container.settings.override(settings.model_copy(update={"public_url": address}))


def _missing_libraries(settings: Settings) -> Iterator[str]:
    """Yield a line for each setting that asks for a library of an extra that is not there."""
    mail = settings.mail_provider
    asked = (
        (settings.mongo_uri, "MONGO_URI", "motor", "mongo"),
        (settings.redis_url, "REDIS_URL", "redis", "redis"),
        (settings.triton_url, "TRITON_URL", "tritonclient", "triton"),
        (settings.events_queue_url, "TRUEPORT_EVENTS_QUEUE_URL", "boto3", "s3"),
        (settings.jobs_queue_url, "TRUEPORT_JOBS_QUEUE_URL", "boto3", "s3"),
        (settings.stripe_api_key, "STRIPE_API_KEY", "stripe", "stripe"),
        (mail is MailProvider.SMTP, "MAIL_PROVIDER: SMTP", "aiosmtplib", "smtp"),
        (mail is MailProvider.SES, "MAIL_PROVIDER: SES", "boto3", "ses"),
    )
    for is_asked, setting, module, extra in asked:
        if is_asked and find_spec(module) is None:
            yield f'{setting} needs a library: pip install "trueport[{extra}]"'


def _missing_settings(settings: Settings) -> Iterator[str]:
    """Yield a line for each setting that is nothing without another one."""
    if (
        settings.storage_provider is StorageProvider.AZURE
        and settings.azure_connection_string is None
    ):
        yield "STORAGE_PROVIDER: AZURE needs AZURE_STORAGE_CONNECTION_STRING"
    stripe = (
        settings.stripe_api_key,
        settings.stripe_webhook_secret,
        settings.stripe_price_team,
    )
    if 0 < sum(one is not None for one in stripe) < len(stripe):
        yield (
            "STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET and TRUEPORT_STRIPE_PRICE_TEAM go together: "
            "state all or none"
        )
