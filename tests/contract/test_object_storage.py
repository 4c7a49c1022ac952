"""The contract of `ObjectStorage` and `ObjectStorages`."""

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.object_storage.azure_blob import AzureAccount, AzureObjectStorages
from adapters.object_storage.gcs import GcsAccount, GcsObjectStorages
from adapters.object_storage.local import LocalObjectStorages
from adapters.object_storage.s3 import S3Account, S3ObjectStorages
from application.ports.object_storage import (
    ObjectExists,
    ObjectNotFound,
    ObjectStorage,
    ObjectStorages,
)
from domain.errors import InvalidValue
from domain.tenant import StorageProvider, StorageSettings
from tests.counterpart_servers import azurite_connection_string
from tests.fakes.google_storage import GoogleStorageRules
from tests.fakes.recording_proxy import RecordingProxy

BUCKET = "acme-audit-logs"
MIB = 1 << 20


# All tests of a process share the servers: names of buckets are unique per opening.
_numbers = itertools.count(1)


class NumberedBuckets(ObjectStorages):
    """Give each bucket a name of its own in a server that all tests share."""

    def __init__(self, storages: ObjectStorages) -> None:
        self._storages = storages
        self._suffix = f"-{os.getpid()}-{next(_numbers)}"

    def of(self, settings: StorageSettings) -> ObjectStorage:
        return self._storages.of(replace(settings, bucket=settings.bucket + self._suffix))


Opened = tuple[ObjectStorages, StorageProvider]
OpenStorages = Callable[[Path], Opened]
Address = Callable[[str], str]


@contextmanager
def local(_: Address) -> Iterator[OpenStorages]:
    yield lambda folder: (LocalObjectStorages(folder / "objects"), StorageProvider.LOCAL)


@contextmanager
def s3(address: Address) -> Iterator[OpenStorages]:
    account = S3Account(
        endpoint_url=address("moto"),
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="example",
        region="eu-central-1",
    )
    with closing(S3ObjectStorages(account)) as storages:
        yield lambda _: (NumberedBuckets(storages), StorageProvider.S3)


@contextmanager
def azure(address: Address) -> Iterator[OpenStorages]:
    account = AzureAccount(connection_string=azurite_connection_string(address("azurite")))
    with closing(AzureObjectStorages(account)) as storages:
        yield lambda _: (NumberedBuckets(storages), StorageProvider.AZURE)


@contextmanager
def gcs(address: Address) -> Iterator[OpenStorages]:
    # The emulator has no preconditions and no pages: the rules before it have.
    with (
        RecordingProxy(address("gcp-storage-emulator"), GoogleStorageRules(page=4)) as proxy,
        closing(GcsObjectStorages(GcsAccount(project="acme", endpoint=proxy.url))) as storages,
    ):
        yield lambda _: (NumberedBuckets(storages), StorageProvider.GCP)


STORAGES: Mapping[str, Callable[[Address], AbstractContextManager[OpenStorages]]] = {
    "local": local,
    "s3": s3,
    "azure": azure,
    "gcs": gcs,
}
CLOUDS = [name for name in STORAGES if name != "local"]


@pytest.fixture(scope="module", params=STORAGES)
def opened(request: pytest.FixtureRequest, counterpart_server: Address) -> Iterator[OpenStorages]:
    """Return what opens storages in a folder; the clients of a cloud serve the whole module."""
    with STORAGES[request.param](counterpart_server) as storages:
        yield storages


@pytest.fixture
async def storage(opened: OpenStorages, tmp_path: Path) -> ObjectStorage:
    storages, provider = opened(tmp_path)
    bucket = storages.of(StorageSettings(provider=provider, bucket=BUCKET))
    await bucket.prepare()
    return bucket


async def put(storage: ObjectStorage, *keys: str) -> None:
    for key in keys:
        await storage.create(key, key.encode(), content_type="text/plain")


async def read(storage: ObjectStorage, key: str) -> bytes:
    return b"".join([piece async for piece in storage.read(key)])


async def keys(storage: ObjectStorage, prefix: str = "", *, start_after: str = "") -> list[str]:
    return [found.key async for found in storage.list(prefix, start_after=start_after)]


async def test_what_was_written_is_read_at_once(storage: ObjectStorage) -> None:
    await storage.create("audit/v1/a.jsonl.gz", b"\x00\xff\n", content_type="application/gzip")

    assert await read(storage, "audit/v1/a.jsonl.gz") == b"\x00\xff\n"


async def test_empty_object_is_an_object(storage: ObjectStorage) -> None:
    await storage.create("empty", b"", content_type="text/plain")

    assert await read(storage, "empty") == b""
    assert await keys(storage) == ["empty"]


async def test_large_object_comes_in_pieces_of_a_mebibyte_at_most(storage: ObjectStorage) -> None:
    data = bytes(range(256)) * (MIB // 256 * 2) + b"tail"
    await storage.create("large", data, content_type="application/octet-stream")

    pieces = [piece async for piece in storage.read("large")]

    assert b"".join(pieces) == data
    assert all(0 < len(piece) <= MIB for piece in pieces)


async def test_reader_may_stop_early(storage: ObjectStorage) -> None:
    await storage.create("large", b"x" * 3 * MIB, content_type="text/plain")

    async for piece in storage.read("large"):
        assert piece
        break

    assert len(await read(storage, "large")) == 3 * MIB


async def test_object_is_written_once(storage: ObjectStorage) -> None:
    await storage.create("key", b"first", content_type="text/plain")

    with pytest.raises(ObjectExists):
        await storage.create("key", b"second", content_type="text/plain")

    assert await read(storage, "key") == b"first"


async def test_of_many_writers_of_one_key_one_wins(storage: ObjectStorage) -> None:
    async def attempt(number: int) -> bool:
        try:
            await storage.create("dt=1/key", b"%d" % number * 5000, content_type="text/plain")
        except ObjectExists:
            return False
        return True

    won = await asyncio.gather(*(attempt(number) for number in range(20)))

    assert won.count(True) == 1
    assert await read(storage, "dt=1/key") == b"%d" % won.index(True) * 5000


async def test_missing_object_is_not_found(storage: ObjectStorage) -> None:
    await put(storage, "a/b")

    for missing in ("x", "a/x", "a", "a/b/c", "x/y/z"):
        with pytest.raises(ObjectNotFound):
            await read(storage, missing)


async def test_missing_bucket_is_not_found(opened: OpenStorages, tmp_path: Path) -> None:
    storages, provider = opened(tmp_path)
    storage = storages.of(StorageSettings(provider=provider, bucket="nobody-made-this"))

    with pytest.raises(ObjectNotFound):
        await storage.create("key", b"", content_type="text/plain")
    with pytest.raises(ObjectNotFound):
        await read(storage, "key")
    with pytest.raises(ObjectNotFound):
        await keys(storage)


async def test_buckets_do_not_see_each_other(opened: OpenStorages, tmp_path: Path) -> None:
    storages, provider = opened(tmp_path)
    acme, globex = (
        storages.of(StorageSettings(provider=provider, bucket=bucket))
        for bucket in ("acme-audit-logs", "globex-audit-logs")
    )
    await acme.prepare()
    await globex.prepare()

    await put(acme, "key")

    assert await keys(globex) == []
    with pytest.raises(ObjectNotFound):
        await read(globex, "key")


async def test_preparing_again_keeps_what_is_there(storage: ObjectStorage) -> None:
    await put(storage, "a/b")

    await storage.prepare()

    assert await keys(storage) == ["a/b"]


async def test_what_is_to_expire_is_there_until_then(storage: ObjectStorage) -> None:
    await put(storage, "audit/a")

    is_seen_to = await storage.expire("audit/", after=timedelta(days=30))
    again = await storage.expire("audit/", after=timedelta(days=2))

    assert again is is_seen_to
    assert await keys(storage) == ["audit/a"]


async def test_deleted_object_is_gone_and_may_be_deleted_again(storage: ObjectStorage) -> None:
    await put(storage, "a/b", "a/c")

    await storage.delete("a/b")
    await storage.delete("a/b")
    await storage.delete("never/was")
    await storage.delete("a")

    assert await keys(storage) == ["a/c"]
    await put(storage, "a/b")
    assert await read(storage, "a/b") == b"a/b"


async def test_listing_and_creation_say_the_same(storage: ObjectStorage) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)  # noqa: TID251 (the store's own clock)

    created = await storage.create("a", b"12345", content_type="text/plain")

    listed = [found async for found in storage.list("")]
    assert [(found.key, found.size, found.revision) for found in listed] == [
        ("a", 5, created.revision)
    ]
    assert created.revision
    assert before < listed[0].modified_at < before + timedelta(minutes=1)
    assert listed[0].modified_at.utcoffset() == timedelta(0)


async def test_object_written_anew_has_another_revision(storage: ObjectStorage) -> None:
    first = await storage.create("a", b"1", content_type="text/plain")
    await storage.delete("a")

    second = await storage.create("a", b"2", content_type="text/plain")

    assert second.revision != first.revision


# Characters on both sides of "/", so that folders and objects interleave.
TREE = ("a!", "a'b", "a-b", "a.b", "a/b", "a/b-c", "a/c/d", "a/c.d", "a0", "aA", "b/a", "Z", "_")


async def test_listing_is_in_order_of_code_points(storage: ObjectStorage) -> None:
    await put(storage, *reversed(TREE))

    assert await keys(storage) == sorted(TREE)


@pytest.mark.parametrize(
    "prefix", ["", "a", "a/", "a/c", "a/c/", "a/c.", "b", "b/a", "q", "Z/", "a0x"]
)
async def test_listing_holds_what_begins_with_the_prefix(
    storage: ObjectStorage, prefix: str
) -> None:
    await put(storage, *TREE)

    assert await keys(storage, prefix) == sorted(key for key in TREE if key.startswith(prefix))


@pytest.mark.parametrize("start_after", [*TREE, "a/", "a/b/zzz", "", "zzz", "a/c/"])
async def test_listing_goes_on_after_a_key(storage: ObjectStorage, start_after: str) -> None:
    await put(storage, *TREE)

    assert await keys(storage, start_after=start_after) == sorted(
        key for key in TREE if key > start_after
    )
    assert await keys(storage, "a", start_after=start_after) == sorted(
        key for key in TREE if key > start_after and key.startswith("a")
    )


segment = st.text("a!./-0", min_size=1, max_size=3).filter(
    lambda text: "/" not in text and text not in (".", "..")
)
trees = st.sets(st.lists(segment, min_size=1, max_size=3).map("/".join), max_size=12).map(
    # A store that keeps folders cannot hold a key that is another one's folder.
    lambda found: {key for key in found if not any(other.startswith(f"{key}/") for other in found)}
)


any_tree = given(
    tree=trees, prefix=st.text("a!-0", max_size=2), after=st.text("a!./-0", max_size=4)
)


@pytest.mark.parametrize("opened", ["local"], indirect=True)
@any_tree
async def test_any_tree_is_listed_in_order(
    opened: OpenStorages,
    tmp_path_factory: pytest.TempPathFactory,
    tree: set[str],
    prefix: str,
    after: str,
) -> None:
    storages, provider = opened(tmp_path_factory.mktemp("tree"))
    storage = storages.of(StorageSettings(provider=provider, bucket=BUCKET))
    await storage.prepare()
    await put(storage, *tree)

    found = await keys(storage, prefix, start_after=after)

    assert found == sorted(key for key in tree if key.startswith(prefix) and key > after)


# The same law; a server on the other side makes each example dearer.
@pytest.mark.parametrize("opened", CLOUDS, indirect=True)
@settings(max_examples=8)
@any_tree
async def test_any_tree_is_listed_in_order_by_a_cloud(
    opened: OpenStorages,
    tmp_path_factory: pytest.TempPathFactory,
    tree: set[str],
    prefix: str,
    after: str,
) -> None:
    storages, provider = opened(tmp_path_factory.mktemp("tree"))
    storage = storages.of(StorageSettings(provider=provider, bucket=BUCKET))
    await storage.prepare()
    await put(storage, *tree)

    found = await keys(storage, prefix, start_after=after)

    assert found == sorted(key for key in tree if key.startswith(prefix) and key > after)


HOSTILE = [
    "",
    "/",
    "/etc/passwd",
    "//",
    "a//b",
    "a/",
    ".",
    "..",
    "../x",
    "a/../b",
    "a/..",
    "./a",
    "a/./b",
    "a\\b",
    "..\\x",
    "a\x00b",
    "a\nb",
    "a b",
    "a\tb",
    "a%2e%2e",
    "~",
    "~unfinished/x",
    "a+b",
    "a&b",
    "a?b",
    "a#b",
    "é",
    "a\u2215b",
    "\uff0e\uff0e/x",
    "\ud800",
    "C:x",
    "a" * 1025,
    "/".join(["a"] * 513),
]


@pytest.mark.parametrize("key", HOSTILE, ids=ascii)
async def test_hostile_key_is_refused_everywhere(storage: ObjectStorage, key: str) -> None:
    with pytest.raises(InvalidValue):
        await storage.create(key, b"", content_type="text/plain")
    with pytest.raises(InvalidValue):
        await read(storage, key)
    with pytest.raises(InvalidValue):
        await storage.delete(key)
    assert await keys(storage) == []


@pytest.mark.parametrize("prefix", ["/", "../", "a/../", "a//b", "./", "é", "a b", "~unfinished/"])
async def test_hostile_prefix_is_refused(storage: ObjectStorage, prefix: str) -> None:
    with pytest.raises(InvalidValue):
        await keys(storage, prefix)


@pytest.mark.parametrize(
    "key", ["!_.*'()=-", "...", "..a", "a..", "-", "audit/v1/dt=2026-11-24/hr=02/x", "a" * 200]
)
async def test_unusual_key_is_served(storage: ObjectStorage, key: str) -> None:
    await put(storage, key)

    assert await read(storage, key) == key.encode()
    assert await keys(storage, key[:2]) == [key]
