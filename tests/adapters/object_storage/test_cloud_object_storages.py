"""What the storages of all clouds share: threads, deadlines, libraries, order and choice."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Generator
from contextlib import aclosing, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.object_storage.azure_blob import AzureAccount, AzureObjectStorages
from adapters.object_storage.blocking import BlockingCalls
from adapters.object_storage.bucket_rules import whole_days
from adapters.object_storage.by_provider import ObjectStoragesByProvider
from adapters.object_storage.clients import Clients, Library
from adapters.object_storage.gcs import GcsAccount, GcsObjectStorages
from adapters.object_storage.listing import in_order
from adapters.object_storage.local import LocalObjectStorage, LocalObjectStorages
from adapters.object_storage.s3 import S3Account, S3ObjectStorage, S3ObjectStorages
from application.ports.object_storage import StoredObject
from domain.errors import Unavailable
from domain.tenant import StorageProvider, StorageSettings


@pytest.fixture
async def calls() -> AsyncIterator[BlockingCalls]:
    with closing(BlockingCalls("the service", threads=2, deadline=timedelta(seconds=0.2))) as calls:
        yield calls


async def test_no_more_calls_run_at_once_than_there_are_threads(calls: BlockingCalls) -> None:
    running: list[int] = []
    most: list[int] = []

    def work() -> None:
        running.append(1)
        most.append(len(running))
        running.pop()

    await asyncio.gather(*(calls.run(work) for _ in range(50)))

    assert len(most) == 50
    assert max(most) <= 2


async def test_wait_for_a_thread_counts_for_the_deadline(calls: BlockingCalls) -> None:
    released = threading.Event()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(_outcome(calls, released)) for _ in range(3)]

    released.set()

    assert [task.result() for task in waiting] == ["the service did not answer in time"] * 3


async def _outcome(calls: BlockingCalls, released: threading.Event) -> str:
    with pytest.raises(Unavailable) as raised:
        await calls.run(lambda: released.wait(10))
    return raised.value.message


async def test_stream_that_is_left_early_is_closed(calls: BlockingCalls) -> None:
    closed = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    async with aclosing(calls.stream(endless)) as stream:
        async for item in stream:
            assert item == 1
            break

    assert closed.is_set()


async def test_stream_may_yield_what_is_false(calls: BlockingCalls) -> None:
    def numbers() -> Generator[int | None, None, None]:
        yield from (0, None, 2)

    assert [number async for number in calls.stream(numbers)] == [0, None, 2]


async def test_closed_pool_takes_no_more_and_forgets_what_waits() -> None:
    calls = BlockingCalls("the service", threads=1)
    released = threading.Event()

    async def close() -> None:
        await asyncio.sleep(0.05)
        calls.close()
        released.set()

    first, second, _ = await asyncio.gather(
        calls.run(released.wait), calls.run(released.wait), close(), return_exceptions=True
    )

    assert first is True
    assert isinstance(second, asyncio.CancelledError)
    with pytest.raises(RuntimeError, match="no more work"):
        await calls.run(released.wait)


def test_process_ends_while_a_store_says_nothing() -> None:
    """An SDK may wait minutes for a server that is away, repeating its call."""
    program = """
import asyncio, time
from adapters.object_storage.blocking import BlockingCalls

async def main():
    async with asyncio.timeout(0.1):
        await BlockingCalls("S3").run(lambda: time.sleep(60))

try:
    asyncio.run(main())
except TimeoutError:
    print("ends")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], check=True, timeout=30, stdout=subprocess.PIPE
    )

    assert ended.stdout == b"ends\n"


def stored(key: str) -> StoredObject:
    return StoredObject(key=key, size=1, revision="1", modified_at=datetime(2026, 1, 1, tzinfo=UTC))


@given(st.sets(st.text("ab/. ", min_size=1, max_size=4)), st.text("ab/", max_size=3), st.data())
def test_pages_in_order_become_what_comes_after_a_key(
    keys: set[str], after: str, data: st.DataObject
) -> None:
    ordered = sorted(keys)
    cut = data.draw(st.integers(0, len(ordered)))
    pages = [[stored(key) for key in part] for part in (ordered[:cut], ordered[cut:])]

    found = [item.key for page in in_order(pages, service="S", start_after=after) for item in page]

    readable = [
        key for key in ordered if " " not in key and not {"", ".", ".."} & set(key.split("/"))
    ]
    assert found == [key for key in readable if key > after]


@pytest.mark.parametrize("keys", [("b", "a"), ("a", "a"), ("a/b", "a!")])
def test_page_out_of_order_is_refused(keys: tuple[str, ...]) -> None:
    pages = [[stored(key) for key in keys]]

    with pytest.raises(Unavailable, match="order"):
        list(in_order(pages, service="S", start_after=""))


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_retention_in_days_is_never_too_short(retention: timedelta) -> None:
    days = whole_days(retention)

    assert timedelta(days=days) >= retention
    assert days == 1 or timedelta(days=days - 1) < retention


def test_missing_library_is_named_with_its_extra() -> None:
    for module in ("no_such_library", "no_such.library"):
        library = Library(service="S3", module=module, extra="s3")

        with pytest.raises(Unavailable, match=r'pip install "trueport\[s3\]"'):
            library.require()


async def test_of_many_first_callers_one_opens_the_client() -> None:
    opened: list[str] = []

    def open_client(account: str) -> list[str]:
        opened.append(account)
        return opened

    clients = Clients(
        provider=StorageProvider.S3,
        library=Library(service="S3", module="boto3", extra="s3"),
        open_client=open_client,
        account="default",
        named={},
    )

    await asyncio.gather(*(asyncio.to_thread(clients.client, "default") for _ in range(20)))

    assert opened == ["default"]


def test_sdk_is_not_imported_before_the_first_call() -> None:
    script = (
        "import sys\n"
        "from adapters.object_storage.azure_blob import *\n"
        "from adapters.object_storage.gcs import *\n"
        "from adapters.object_storage.s3 import *\n"
        "S3ObjectStorages(S3Account()).of(\n"
        "    StorageSettings(provider=StorageProvider.S3, bucket='acme-logs'))\n"
        "print(sorted({'boto3', 'botocore', 'requests', 'azure.core'} & set(sys.modules)))\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout

    assert said == "[]\n"


def test_provider_of_the_settings_chooses(tmp_path: Path) -> None:
    with closing(S3ObjectStorages(S3Account())) as s3:
        storages = ObjectStoragesByProvider(
            {StorageProvider.S3: s3, StorageProvider.LOCAL: LocalObjectStorages(tmp_path)}
        )

        local, cloud = (
            storages.of(StorageSettings(provider=provider, bucket="acme-logs"))
            for provider in (StorageProvider.LOCAL, StorageProvider.S3)
        )

    assert isinstance(local, LocalObjectStorage)
    assert isinstance(cloud, S3ObjectStorage)


def test_provider_that_is_not_configured_is_unavailable() -> None:
    settings = StorageSettings(provider=StorageProvider.AZURE, bucket="acme-logs")

    with pytest.raises(Unavailable, match="AZURE"):
        ObjectStoragesByProvider({}).of(settings)


def test_another_provider_is_not_served() -> None:
    settings = StorageSettings(provider=StorageProvider.LOCAL, bucket="acme-logs")

    with (
        closing(S3ObjectStorages(S3Account())) as s3,
        closing(AzureObjectStorages(AzureAccount(connection_string=""))) as azure,
        closing(GcsObjectStorages(GcsAccount())) as gcs,
    ):
        for storages in (s3, azure, gcs):
            with pytest.raises(Unavailable, match="LOCAL"):
                storages.of(settings)
