"""`trueport scan` of what lies in a cloud's storage."""

import asyncio
import gzip
import hashlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from domain.tenant import StorageProvider, StorageSettings
from entrypoints.settings import load_settings
from entrypoints.wiring.storage import make_storages
from tests.counterpart_servers import azurite_connection_string, free_port
from tests.entrypoints.cli.conftest import CARD, MAIL, TEXT, CommandLine

Address = Callable[[str], str]
SCHEMES = {StorageProvider.S3: "s3", StorageProvider.AZURE: "az", StorageProvider.GCP: "gs"}


def aws_at(address: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_REGION": "eu-central-1",
    }


def environment(provider: StorageProvider, address: Address) -> dict[str, str]:
    match provider:
        case StorageProvider.S3:
            return aws_at(address("moto"))
        case StorageProvider.AZURE:
            connection = azurite_connection_string(address("azurite"))
            return {"AZURE_STORAGE_CONNECTION_STRING": connection}
        case _:
            return {"STORAGE_EMULATOR_HOST": address("gcp-storage-emulator")}


def filled(
    variables: Mapping[str, str],
    provider: StorageProvider,
    objects: Mapping[str, bytes],
    home: Path,
) -> str:
    """Make a bucket with some objects and return its name."""
    bucket = f"exports-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"

    async def fill() -> None:
        storages = make_storages(load_settings({"TRUEPORT_HOME": str(home), **variables}))
        storage = storages.of(StorageSettings(provider=provider, bucket=bucket))
        await storage.prepare()
        for key, data in objects.items():
            await storage.create(key, data, content_type="application/octet-stream")

    asyncio.run(fill())
    return bucket


@pytest.mark.parametrize("provider", SCHEMES)
def test_objects_below_a_prefix_are_read(
    provider: StorageProvider,
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    counterpart_server: Address,
    tmp_path: Path,
) -> None:
    variables = environment(provider, counterpart_server)
    objects = {
        "2026/a.txt": f"\n{TEXT}".encode(),
        "2026/b.jsonl.gz": gzip.compress(f"nothing\n{TEXT}\n".encode()),
        "2026/c.bin": b"\0\1\2",
        "other/d.txt": TEXT.encode(),
    }
    bucket = filled(variables, provider, objects, tmp_path / "home")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    root = f"{SCHEMES[provider]}://{bucket}/"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    ended = trueport.scan(f"{root}2026/", "--format", "json", "--exclude", "nothing")

    assert ended.status == 1, ended.err
    found = {(one["path"], one["type"], one["line"]) for one in ended.json["findings"]}
    assert found == {
        (f"{root}2026/{name}", kind, 2)
        for name in ("a.txt", "b.jsonl.gz")
        for kind in ("CREDIT_CARD", "EMAIL")
    }
    assert ended.json["summary"]["skipped"]["binary"] == 1
    assert CARD not in ended.out + ended.err
    assert MAIL not in ended.out + ended.err
    assert not list(tmp_path.glob("trueport-scan-*"))


def test_several_processes_read_objects_as_one_does(
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    counterpart_server: Address,
    tmp_path: Path,
) -> None:
    variables = aws_at(counterpart_server("moto"))
    objects = {f"{number}.txt": TEXT.encode() for number in range(3)}
    bucket = filled(variables, StorageProvider.S3, objects, tmp_path / "home")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    alone = trueport.scan(f"s3://{bucket}", "--format", "json")
    together = trueport.scan(f"s3://{bucket}", "--format", "json", "--jobs", "2")

    assert alone.json["findings"] == together.json["findings"]
    assert len(alone.json["findings"]) == 6


def test_missing_bucket_and_damaged_object_make_a_scan_incomplete(
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    counterpart_server: Address,
    tmp_path: Path,
) -> None:
    variables = aws_at(counterpart_server("moto"))
    objects = {"a.gz": gzip.compress(b"x" * 100)[:-9], "b.txt": b"fine"}
    bucket = filled(variables, StorageProvider.S3, objects, tmp_path / "home")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    damaged = trueport.scan(f"s3://{bucket}/")
    missing = trueport.scan("s3://there-is-no-such-bucket/", f"s3://{bucket}/nothing/")

    assert damaged.status == 3
    assert f"error: s3://{bucket}/a.gz: cannot be read" in damaged.err
    assert missing.status == 3
    assert "there is no such bucket" in missing.err
    assert "no object begins with it" in missing.err


def test_storage_that_is_away_ends_with_4(
    trueport: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws_at(f"http://127.0.0.1:{free_port()}").items():
        monkeypatch.setenv(name, value)

    ended = trueport.scan("s3://bucket/")

    assert ended.status == 4
    assert ended.out == ""
