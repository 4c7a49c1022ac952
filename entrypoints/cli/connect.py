"""Choose the script that connects a tenant's storage, with what the settings know."""

import re

import click

from domain.tenant import StorageProvider, Tenant
from entrypoints.cli.connect_aws import aws_script
from entrypoints.cli.connect_others import azure_script, gcp_script, local_script
from entrypoints.cli.connect_script import Connection, Way
from entrypoints.settings import Settings

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?")
_LOCAL_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/[A-Za-z0-9._~/-]*)?")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_ACCOUNT_NAME = re.compile(r"(?:^|;)\s*AccountName=([a-z0-9]{3,24})(?:;|$)", re.IGNORECASE)
_OWN = "http://127.0.0.1:8080"


def connect_script(
    tenant: Tenant, settings: Settings, *, via: Way | None, url: str | None, region: str | None
) -> str:
    """Return the script for the provider of a tenant's storage.

    Raises:
        UsageError: an option makes no sense there, or an address is missing.
    """
    provider = tenant.storage.provider
    if provider is not StorageProvider.S3 and (via or region):
        raise click.UsageError(
            f"--via and --region are for S3; {tenant.slug} lies at {provider.value}"
        )
    way = via or Way.QUEUE
    region = region or settings.aws_region or "us-east-1"
    if not _REGION.fullmatch(region):
        raise click.UsageError("--region: expected a region such as eu-central-1")
    connection = Connection(
        slug=tenant.slug,
        storage=tenant.storage,
        address=_address(provider, way, url or settings.public_url),
        shares_bucket=tenant.storage.bucket == settings.aws_s3_bucket,
        region=region,
        queue_url=settings.events_queue_url,
        topic_arns=settings.sns_topic_arns,
        azure_account=None if tenant.storage.credentials else _azure_account(settings),
        pubsub_email=settings.pubsub_email,
        pubsub_audience=settings.pubsub_audience,
    )
    match provider:
        case StorageProvider.S3:
            return aws_script(connection, way)
        case StorageProvider.AZURE:
            return azure_script(connection)
        case StorageProvider.GCP:
            return gcp_script(connection)
        case StorageProvider.LOCAL:
            return local_script(connection)


def _address(provider: StorageProvider, way: Way, address: str | None) -> str | None:
    """Return the engine's address where the cloud has to reach it."""
    if provider is StorageProvider.S3 and way is Way.QUEUE:
        return None
    if provider is StorageProvider.LOCAL:
        address = address or _OWN
        if not _LOCAL_ADDRESS.fullmatch(address):
            raise click.UsageError("--url: expected an address such as http://127.0.0.1:8080")
        return address
    if address is None:
        raise click.UsageError(
            "name the engine's public address: --url https://…, or TRUEPORT_PUBLIC_URL"
        )
    if not _ADDRESS.fullmatch(address):
        raise click.UsageError("--url: a cloud posts to https:// addresses alone, without a query")
    return address


def _azure_account(settings: Settings) -> str | None:
    """Return the name of the storage account, which is no secret, out of the connection string."""
    if settings.azure_connection_string is None:
        return None
    found = _ACCOUNT_NAME.search(settings.azure_connection_string.get_secret_value())
    return None if found is None else found[1]
