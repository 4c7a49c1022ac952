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
from entrypoints.storage_credentials import (
    AzureCredentials,
    GcsCredentials,
    S3Credentials,
    load_storage_credentials,
)

_DEFAULT_REGION = "us-east-1"


def make_storages(settings: Settings) -> ObjectStorages:
    """Return the storages of every provider that the settings can reach.

    Azure needs a connection string; S3 and Google Cloud Storage fall back to what their SDKs find
    on the machine (a role, application default credentials). Tenants may have credentials of their
    own, by name.

    Raises:
        SettingsError: the file of named credentials is wrong.
    """
    named = load_storage_credentials(settings.storage_credentials)
    s3 = {name: _s3_named(one) for name, one in named.items() if isinstance(one, S3Credentials)}
    gcs = {name: _gcs_named(one) for name, one in named.items() if isinstance(one, GcsCredentials)}
    azure = {
        name: AzureAccount(connection_string=one.connection_string.get_secret_value())
        for name, one in named.items()
        if isinstance(one, AzureCredentials)
    }
    storages: dict[StorageProvider, ObjectStorages] = {
        StorageProvider.LOCAL: LocalObjectStorages(settings.home / "storage"),
        StorageProvider.S3: S3ObjectStorages(_s3_account(settings), named=s3),
        StorageProvider.GCP: GcsObjectStorages(_gcs_account(settings), named=gcs),
    }
    own = settings.azure_connection_string
    if own is not None or azure:
        storages[StorageProvider.AZURE] = AzureObjectStorages(
            None if own is None else AzureAccount(connection_string=own.get_secret_value()),
            named=azure,
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


def _s3_named(one: S3Credentials) -> S3Account:
    secret, token = one.secret_access_key, one.session_token
    return S3Account(
        region=one.region or _DEFAULT_REGION,
        endpoint_url=one.endpoint_url,
        access_key_id=one.access_key_id,
        secret_access_key=None if secret is None else secret.get_secret_value(),
        session_token=None if token is None else token.get_secret_value(),
        owner=one.owner,
        kms_key=one.kms_key,
    )


def _gcs_account(settings: Settings) -> GcsAccount:
    key = settings.google_credentials
    return GcsAccount(
        credentials_file=Path(key) if key else None, endpoint=settings.storage_emulator_host
    )


def _gcs_named(one: GcsCredentials) -> GcsAccount:
    return GcsAccount(
        project=one.project,
        credentials_file=one.credentials_file,
        endpoint=one.endpoint,
        location=one.location,
        kms_key=one.kms_key,
    )
