"""Tenants with accounts of their own: the file of named credentials."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import Unavailable
from domain.tenant import StorageProvider, StorageSettings
from entrypoints.settings import SettingsError, load_settings
from entrypoints.storage_credentials import load_storage_credentials
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.storage import make_storages
from tests.counterpart_servers import azurite_connection_string

SECRET = "hush-this-is-secret"


def written(folder: Path, text: str) -> Path:
    path = folder / "credentials.yaml"
    path.write_text(text, encoding="utf-8")
    return path


async def test_tenant_reaches_its_bucket_with_its_own_account(
    tmp_path: Path, counterpart_server: Callable[[str], str]
) -> None:
    connection = azurite_connection_string(counterpart_server("azurite"))
    path = written(
        tmp_path,
        f"""
        acme-aws: {{provider: S3, access_key_id: AKIA, secret_access_key: {SECRET},
                    region: eu-central-1, endpoint_url: "{counterpart_server("moto")}"}}
        acme-azure: {{provider: AZURE, connection_string: "{connection}"}}
        acme-google: {{provider: GCP, project: acme,
                       endpoint: "{counterpart_server("gcp-storage-emulator")}"}}
        """,
    )
    storages = make_storages(
        load_settings({"TRUEPORT_HOME": str(tmp_path), "TRUEPORT_STORAGE_CREDENTIALS": str(path)})
    )

    for provider, name in (("S3", "acme-aws"), ("AZURE", "acme-azure"), ("GCP", "acme-google")):
        settings = StorageSettings(
            provider=StorageProvider(provider),
            bucket=f"t{abs(hash(tmp_path)) % 10**8}-{provider.lower()}",
            credentials=name,
        )
        storage = storages.of(settings)
        await storage.prepare()
        await storage.create("key", b"data", content_type="text/plain")
        assert [item.key async for item in storage.list("")] == ["key"]
        with pytest.raises(Unavailable, match="no credentials of the name"):
            storages.of(replace(settings, credentials="nobodys"))


def test_provider_without_credentials_of_the_deployment_says_so(tmp_path: Path) -> None:
    pytest.importorskip("azure.storage.blob")
    path = written(tmp_path, "acme: {provider: AZURE, connection_string: x}")
    storages = make_storages(
        load_settings({"TRUEPORT_HOME": str(tmp_path), "TRUEPORT_STORAGE_CREDENTIALS": str(path)})
    )

    with pytest.raises(Unavailable, match="deployment's own"):
        storages.of(StorageSettings(provider=StorageProvider.AZURE, bucket="acme-audit-logs"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {provider: FTP}", "a"),
        ("a: {access_key_id: x}", "provider"),
        (f"a: {{provider: S3, secret: {SECRET}}}", "a.S3.secret"),
        (f"a: {{provider: S3, owner: {SECRET}}}", "owner"),
        ("a: {provider: AZURE}", "connection_string"),
        (f"- {SECRET}", "dictionary"),
        (f"a: {{{SECRET}", "no YAML at line"),
    ],
)
def test_wrong_file_is_refused_at_start_without_its_values(
    tmp_path: Path, text: str, words: str
) -> None:
    path = written(tmp_path, text)
    settings = load_settings(
        {"TRUEPORT_HOME": str(tmp_path), "TRUEPORT_STORAGE_CREDENTIALS": str(path)}
    )

    with pytest.raises(SettingsError) as refusal:
        make_container(settings)

    assert "TRUEPORT_STORAGE_CREDENTIALS" in str(refusal.value)
    assert words in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_storage_credentials(tmp_path / "missing.yaml")


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    path = written(tmp_path, f"a: {{provider: S3, secret_access_key: {SECRET}}}")

    assert SECRET not in repr(load_storage_credentials(path))
