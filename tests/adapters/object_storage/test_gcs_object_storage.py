"""What leaves for Google Cloud Storage, what becomes of its answers, and how buckets are set up."""

import hashlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.object_storage.gcs import GcsAccount, GcsObjectStorage, GcsObjectStorages
from application.ports.object_storage import AccessDenied, ObjectExists, ObjectNotFound
from domain.errors import DomainError, Unavailable
from domain.tenant import StorageProvider, StorageSettings
from tests.fakes.google_storage import GoogleStorageRules
from tests.fakes.recording_proxy import Answer, Behaviour, Forward, RecordingProxy, Request

MIB = 1 << 20
numbers = itertools.count(1)


@pytest.fixture
def rules() -> GoogleStorageRules:
    return GoogleStorageRules(page=3)


@pytest.fixture
def proxy(
    counterpart_server: Callable[[str], str], rules: GoogleStorageRules
) -> Iterator[RecordingProxy]:
    with RecordingProxy(counterpart_server("gcp-storage-emulator"), rules) as proxy:
        yield proxy


@pytest.fixture
def account(proxy: RecordingProxy) -> GcsAccount:
    return GcsAccount(
        project="acme",
        endpoint=proxy.url,
        location="europe-west3",
        connect_timeout=1,
        read_timeout=1,
    )


@pytest.fixture
def storages(account: GcsAccount) -> Iterator[GcsObjectStorages]:
    with closing(GcsObjectStorages(account)) as storages:
        yield storages


@pytest.fixture
def settings() -> StorageSettings:
    return StorageSettings(provider=StorageProvider.GCP, bucket=f"acme-logs-{next(numbers)}")


@pytest.fixture
async def bucket(storages: GcsObjectStorages, settings: StorageSettings) -> GcsObjectStorage:
    bucket = storages.of(settings)
    await bucket.prepare()
    return bucket


def answering(rules: Behaviour, *answers: Answer) -> Behaviour:
    """Return a behaviour that gives these answers one after the other, then the real ones."""
    left = iter(answers)
    return lambda request, forward: next(left, None) or rules(request, forward)


def failure(status: int) -> Answer:
    body = b'{"error": {"message": "secret"}}'
    return Answer(status=status, headers={"content-type": "application/json"}, body=body)


def found_at(proxy: RecordingProxy, path: str) -> Any:
    """Return what the emulator says at a path of the JSON API."""
    target = f"/storage/v1/{path}"
    request = Request(method="GET", target=target, headers={}, body=b"")
    return json.loads(proxy.forward(request).body)


async def put(bucket: GcsObjectStorage, key: str = "key", data: bytes = b"data") -> None:
    await bucket.create(key, data, content_type="application/gzip")


async def read(bucket: GcsObjectStorage, key: str = "key") -> bytes:
    return b"".join([piece async for piece in bucket.read(key)])


@pytest.mark.parametrize("size", [0, 4, 9 * MIB], ids=["empty", "small", "resumable"])
async def test_write_asks_for_generation_zero_and_carries_its_digest(
    bucket: GcsObjectStorage, proxy: RecordingProxy, settings: StorageSettings, size: int
) -> None:
    data = b"x" * size

    await put(bucket, data=data)

    sent = proxy.sent("POST", holding="/upload/")[0]
    stored = found_at(proxy, f"b/{settings.bucket}/o/key")
    assert sent.query["ifGenerationMatch"] == "0"
    assert stored["metadata"] == {"sha256": hashlib.sha256(data).hexdigest()}
    assert stored["contentType"] == "application/gzip"
    assert await read(bucket) == data


async def test_large_object_is_written_once_too(bucket: GcsObjectStorage) -> None:
    await put(bucket, data=b"first" * 2 * MIB)

    with pytest.raises(ObjectExists):
        await put(bucket, data=b"later" * 2 * MIB)


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_write_is_not_repeated(
    bucket: GcsObjectStorage, proxy: RecordingProxy, rules: Behaviour, status: int
) -> None:
    proxy.behaviour = answering(rules, failure(status))

    with pytest.raises(Unavailable):
        await put(bucket)

    assert len(proxy.sent("POST", holding="/upload/")) == 1


async def test_reading_is_repeated(
    bucket: GcsObjectStorage, proxy: RecordingProxy, rules: Behaviour
) -> None:
    await put(bucket)
    proxy.behaviour = answering(rules, failure(503))

    assert await read(bucket) == b"data"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessDenied),
        (403, AccessDenied),
        (404, ObjectNotFound),
        (412, ObjectExists),
        (429, Unavailable),
        (503, Unavailable),
        (400, Unavailable),
        (502, Unavailable),
    ],
)
async def test_answer_becomes_an_error_of_the_port(
    bucket: GcsObjectStorage,
    proxy: RecordingProxy,
    rules: Behaviour,
    status: int,
    error: type[DomainError],
) -> None:
    proxy.behaviour = answering(rules, failure(status))

    with pytest.raises(error) as raised:
        await put(bucket)

    assert type(raised.value) is error
    assert "secret" not in raised.value.message


async def test_silent_server_is_unavailable_after_the_time_out(
    bucket: GcsObjectStorage, proxy: RecordingProxy
) -> None:
    released = threading.Event()

    def silent(request: Request, forward: Forward) -> Answer:
        released.wait(10)
        return forward(request)

    proxy.behaviour = silent

    with pytest.raises(Unavailable, match="in time"):
        await put(bucket)

    released.set()


async def test_every_range_is_of_one_generation(
    bucket: GcsObjectStorage, proxy: RecordingProxy
) -> None:
    data = bytes(range(251)) * (9 * MIB // 251)
    await put(bucket, data=data)
    proxy.requests.clear()

    content = await read(bucket)

    ranges = [request for request in proxy.sent("GET") if "range" in request.headers]
    assert content == data
    assert len(ranges) == 3
    assert len({request.query["generation"] for request in ranges}) == 1


async def test_listing_goes_through_all_pages(
    bucket: GcsObjectStorage, proxy: RecordingProxy
) -> None:
    keys = [f"dt=1/{number:02}" for number in range(7)]
    for key in keys:
        await put(bucket, key)
    proxy.requests.clear()

    found = [found.key async for found in bucket.list("dt=1/", start_after="dt=1/00")]

    assert found == keys[1:]
    assert len(proxy.requests) == 3
    assert {request.query["startOffset"] for request in proxy.requests} == {"dt=1/00"}
    assert "timeCreated" in proxy.requests[0].query["fields"]


async def test_bucket_is_asked_for_as_private_in_its_place(
    storages: GcsObjectStorages, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    await storages.of(settings).prepare()

    made = json.loads(proxy.sent("POST")[0].body)
    assert made["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"] is True
    assert made["iamConfiguration"]["publicAccessPrevention"] == "enforced"
    assert made["location"].lower() == "europe-west3"
    # The emulator forgets all of that when it makes a bucket, which `prepare` sees and mends.
    found = found_at(proxy, f"b/{settings.bucket}")
    assert found["iamConfiguration"].items() >= made["iamConfiguration"].items()


async def test_preparing_a_prepared_bucket_writes_nothing(
    storages: GcsObjectStorages, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    bucket = storages.of(settings)
    await bucket.prepare()
    await bucket.expire("audit/", after=timedelta(days=30))
    proxy.requests.clear()

    await bucket.prepare()
    await bucket.expire("audit/", after=timedelta(days=30))

    assert [request.method for request in proxy.requests] == ["GET", "GET"]


async def test_retention_becomes_a_rule_for_the_prefix_beside_those_of_others(
    storages: GcsObjectStorages, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    bucket = storages.of(settings)
    await bucket.prepare()

    assert await bucket.expire("acme/", after=timedelta(days=30))
    assert await bucket.expire("globex/", after=timedelta(days=1, hours=1))
    assert await bucket.expire("acme/", after=timedelta(days=90))
    await bucket.prepare()

    rules = found_at(proxy, f"b/{settings.bucket}")["lifecycle"]["rule"]
    kept = {rule["condition"]["matchesPrefix"][0]: rule["condition"]["age"] for rule in rules}
    assert kept == {"acme/": 90, "globex/": 2}


async def test_versions_and_the_key_are_set_where_they_are_wanted(
    account: GcsAccount, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    key = "projects/acme/locations/europe-west3/keyRings/ring/cryptoKeys/audit"
    with closing(GcsObjectStorages(replace(account, kms_key=key), versioning=True)) as storages:
        await storages.of(settings).prepare()

    found = found_at(proxy, f"b/{settings.bucket}")
    assert found["versioning"] == {"enabled": True}
    assert found["encryption"] == {"defaultKmsKeyName": key}


async def test_bucket_of_another_project_is_refused(
    storages: GcsObjectStorages, settings: StorageSettings, proxy: RecordingProxy, rules: Behaviour
) -> None:
    proxy.behaviour = answering(rules, failure(404), failure(409), failure(403))

    with pytest.raises(AccessDenied):
        await storages.of(settings).prepare()


async def test_bucket_that_another_process_made_meanwhile_is_taken_as_it_is(
    bucket: GcsObjectStorage, proxy: RecordingProxy, rules: Behaviour
) -> None:
    proxy.behaviour = answering(rules, failure(404), failure(409))

    await bucket.prepare()

    assert proxy.sent("POST")


@pytest.mark.parametrize("text", ["", "{}", "nonsense", "[]"])
async def test_unreadable_key_is_refused_and_not_repeated(
    account: GcsAccount, settings: StorageSettings, tmp_path: Path, text: str
) -> None:
    (tmp_path / "key.json").write_text(text)
    wrong = {
        "text": replace(account, service_account=text),
        "file": replace(account, credentials_file=tmp_path / "key.json"),
        "missing": replace(account, credentials_file=tmp_path / "missing.json"),
    }
    with closing(GcsObjectStorages(account, named=wrong)) as storages:
        for name in wrong:
            with pytest.raises(AccessDenied) as raised:
                await put(storages.of(replace(settings, credentials=name)))
            assert "nonsense" not in raised.value.message


def test_secrets_are_not_shown(account: GcsAccount) -> None:
    assert "BEGIN" not in repr(replace(account, service_account="BEGIN PRIVATE"))
