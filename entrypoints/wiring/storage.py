"""The object storage of each tenant: one adapter a provider, its SDK loaded on first use."""

from pathlib import Path

from adapters.object_storage.azure_blob import AzureAccount, AzureObjectStorages
from adapters.object_storage.by_provider import ObjectStoragesByProvider
from adapters.object_storage.gcs import GcsAccount, GcsObjectStorages
from adapters.object_storage.local import LocalObjectStorages
from adapters.object_storage.s3 import S3Account, S3ObjectStorages
from application.ports.object_storage import ObjectStorages
from domain.tenant import StorageProvider
from entrypoints.settings import Settings

_DEFAULT_REGION = "us-east-1"


def make_storages(settings: Settings) -> ObjectStorages:
    """Return the storages of every provider that the settings can reach.

    Azure needs its connection string; S3 and Google Cloud Storage fall back to what their SDKs
    find on the machine (a role, application default credentials).
    """
    storages: dict[StorageProvider, ObjectStorages] = {
        StorageProvider.LOCAL: LocalObjectStorages(settings.home / "storage"),
        StorageProvider.S3: S3ObjectStorages(_s3_account(settings)),
        StorageProvider.GCP: GcsObjectStorages(
            GcsAccount(
                credentials_file=Path(settings.google_credentials)
                if settings.google_credentials
                else None,
                endpoint=settings.storage_emulator_host,
            )
        ),
    }
    if settings.azure_connection_string is not None:
        storages[StorageProvider.AZURE] = AzureObjectStorages(
            AzureAccount(connection_string=settings.azure_connection_string.get_secret_value())
        )
    return ObjectStoragesByProvider(storages)


def _s3_account(settings: Settings) -> S3Account:
    key, secret = settings.aws_access_key_id, settings.aws_secret_access_key
    return S3Account(
        region=settings.aws_region or _DEFAULT_REGION,
        endpoint_url=settings.aws_endpoint_url,
        access_key_id=None if key is None else key.get_secret_value(),
        secret_access_key=None if secret is None else secret.get_secret_value(),
    )
