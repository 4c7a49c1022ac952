"""What leaves for Azure Blob Storage, what becomes of its answers, and how containers are made."""

import hashlib
import itertools
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from azure.storage.blob import BlobServiceClient, PublicAccess

from adapters.object_storage.azure_blob import (
    AzureAccount,
    AzureObjectStorage,
    AzureObjectStorages,
)
from application.ports.object_storage import AccessDenied, ObjectExists, ObjectNotFound
from domain.errors import DomainError, Unavailable
from domain.tenant import StorageProvider, StorageSettings
from tests.counterpart_servers import AZURITE_KEY, azurite_connection_string
from tests.fakes.recording_proxy import Answer, Forward, RecordingProxy, Request

MIB = 1 << 20
numbers = itertools.count(1)


@pytest.fixture
def proxy(counterpart_server: Callable[[str], str]) -> Iterator[RecordingProxy]:
    with RecordingProxy(counterpart_server("azurite")) as proxy:
        yield proxy


@pytest.fixture
def account(proxy: RecordingProxy) -> AzureAccount:
    return AzureAccount(
        connection_string=azurite_connection_string(proxy.url), connect_timeout=1, read_timeout=1
    )


@pytest.fixture
def storages(account: AzureAccount) -> Iterator[AzureObjectStorages]:
    with closing(AzureObjectStorages(account)) as storages:
        yield storages


@pytest.fixture
def azurite(counterpart_server: Callable[[str], str]) -> Iterator[BlobServiceClient]:
    address = counterpart_server("azurite")
    with BlobServiceClient.from_connection_string(azurite_connection_string(address)) as client:
        yield client


@pytest.fixture
def settings() -> StorageSettings:
    return StorageSettings(provider=StorageProvider.AZURE, bucket=f"acme-logs-{next(numbers)}")


@pytest.fixture
async def container(storages: AzureObjectStorages, settings: StorageSettings) -> AzureObjectStorage:
    container = storages.of(settings)
    await container.prepare()
    return container


def answering(*answers: Answer) -> Callable[[Request, Forward], Answer]:
    """Return a behaviour that gives these answers one after the other, then the real ones."""
    left = iter(answers)
    return lambda request, forward: next(left, None) or forward(request)


def failure(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>secret</Message></Error>".encode()
    headers = {"content-type": "application/xml", "x-ms-error-code": code}
    return Answer(status=status, headers=headers, body=body)


async def put(container: AzureObjectStorage, key: str = "key", data: bytes = b"data") -> None:
    await container.create(key, data, content_type="application/gzip")


async def read(container: AzureObjectStorage, key: str = "key") -> bytes:
    return b"".join([piece async for piece in container.read(key)])


async def test_write_is_conditional_and_carries_its_digest(
    container: AzureObjectStorage, proxy: RecordingProxy
) -> None:
    await put(container)

    (sent,) = proxy.sent("PUT", holding="/key")
    assert sent.headers["if-none-match"] == "*"
    assert sent.headers["x-ms-meta-sha256"] == hashlib.sha256(b"data").hexdigest()
    assert sent.headers["x-ms-blob-content-type"] == "application/gzip"
    assert sent.body == b"data"


@pytest.mark.parametrize("code", ["InternalError", "ServerBusy", "OperationTimedOut"])
async def test_write_is_not_repeated(
    container: AzureObjectStorage, proxy: RecordingProxy, code: str
) -> None:
    proxy.behaviour = answering(failure(503 if code == "ServerBusy" else 500, code))

    with pytest.raises(Unavailable):
        await put(container)

    assert len(proxy.sent("PUT", holding="/key")) == 1


async def test_reading_is_repeated(container: AzureObjectStorage, proxy: RecordingProxy) -> None:
    await put(container)
    proxy.behaviour = answering(failure(500, "InternalError"))

    assert await read(container) == b"data"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failure(403, "AuthenticationFailed"), AccessDenied),
        (failure(403, "AuthorizationPermissionMismatch"), AccessDenied),
        (failure(409, "AccountIsDisabled"), AccessDenied),
        (failure(404, "ContainerNotFound"), ObjectNotFound),
        (failure(409, "BlobAlreadyExists"), ObjectExists),
        (failure(412, "ConditionNotMet"), ObjectExists),
        (failure(409, "ContainerBeingDeleted"), Unavailable),
        (failure(503, "ServerBusy"), Unavailable),
        (failure(400, "InvalidHeaderValue"), Unavailable),
        (Answer(status=502, body=b"<html>"), Unavailable),
    ],
    ids=lambda value: str(value.body[:50]) if isinstance(value, Answer) else value.__name__,
)
async def test_answer_becomes_an_error_of_the_port(
    container: AzureObjectStorage,
    proxy: RecordingProxy,
    answer: Answer,
    error: type[DomainError],
) -> None:
    proxy.behaviour = answering(answer)

    with pytest.raises(error) as raised:
        await put(container)

    assert type(raised.value) is error
    assert "secret" not in raised.value.message


async def test_silent_server_is_unavailable_after_the_time_out(
    container: AzureObjectStorage, proxy: RecordingProxy
) -> None:
    released = threading.Event()

    def silent(request: Request, forward: Forward) -> Answer:
        released.wait(10)
        return forward(request)

    proxy.behaviour = silent

    with pytest.raises(Unavailable, match="in time"):
        await put(container)

    released.set()


async def test_every_range_is_of_the_object_that_the_first_one_was_of(
    container: AzureObjectStorage, proxy: RecordingProxy
) -> None:
    data = bytes(range(251)) * (9 * MIB // 251)
    await put(container, data=data)
    proxy.requests.clear()

    content = await read(container)

    first, *others = proxy.sent("GET")
    assert content == data
    assert "if-match" not in first.headers
    assert len(others) == 2
    assert all("if-match" in request.headers for request in others)


async def test_object_that_changes_while_it_is_read_is_not_mixed_with_its_successor(
    container: AzureObjectStorage,
) -> None:
    await put(container, data=b"x" * 9 * MIB)
    pieces = container.read("key")
    assert await anext(pieces) == b"x" * MIB

    await container.delete("key")
    await put(container, data=b"y" * 9 * MIB)

    with pytest.raises(Unavailable, match="changed"):
        [piece async for piece in pieces]


async def test_body_that_breaks_off_is_never_taken_for_a_whole_object(
    container: AzureObjectStorage, proxy: RecordingProxy
) -> None:
    await put(container, data=b"x" * 2 * MIB)
    proxy.behaviour = lambda request, forward: replace(forward(request), cut=MIB + 10)

    with pytest.raises(Unavailable):
        await read(container)


async def test_listing_goes_through_all_pages(
    container: AzureObjectStorage,
    account: AzureAccount,
    settings: StorageSettings,
    proxy: RecordingProxy,
) -> None:
    keys = [f"dt=1/{number:02}" for number in range(7)]
    for key in keys:
        await put(container, key)
    proxy.requests.clear()

    with closing(AzureObjectStorages(account, page=3)) as storages:
        listing = storages.of(settings).list("dt=1/", start_after="dt=1/00")
        found = [found.key async for found in listing]

    assert found == keys[1:]
    assert len(proxy.requests) == 3
    assert {request.query["prefix"] for request in proxy.requests} == {"dt=1/"}


async def test_order_of_a_hierarchical_namespace_is_refused(
    container: AzureObjectStorage, proxy: RecordingProxy
) -> None:
    for key in ("a!", "a/b"):
        await put(container, key)

    def hierarchical(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        head, first, second = answer.body.replace(b"</Blob>", b"</Blob>|").split(b"<Blob>")
        tail = second.partition(b"|")[2]
        blobs = (b"<Blob>" + second.partition(b"|")[0], b"<Blob>" + first.partition(b"|")[0])
        return replace(answer, body=head + b"".join(blobs) + tail)

    proxy.behaviour = hierarchical

    with pytest.raises(Unavailable, match="order"):
        [found async for found in container.list("")]


async def test_container_is_private(
    container: AzureObjectStorage, settings: StorageSettings, azurite: BlobServiceClient
) -> None:
    properties = azurite.get_container_client(settings.bucket).get_container_properties()

    assert properties.public_access is None


async def test_prepare_closes_a_container_that_was_open(
    storages: AzureObjectStorages, settings: StorageSettings, azurite: BlobServiceClient
) -> None:
    client = azurite.create_container(settings.bucket, public_access=PublicAccess.CONTAINER)

    await storages.of(settings).prepare()

    assert client.get_container_properties().public_access is None


async def test_wrong_key_is_refused(proxy: RecordingProxy, settings: StorageSettings) -> None:
    wrong = b64encode(b"another key of the same length!!" * 2).decode()
    connection_string = azurite_connection_string(proxy.url).replace(AZURITE_KEY, wrong)
    with (
        closing(AzureObjectStorages(AzureAccount(connection_string=connection_string))) as storages,
        pytest.raises(AccessDenied),
    ):
        await storages.of(settings).prepare()


@pytest.mark.parametrize("text", ["", "nonsense", "AccountName=a", "AccountName=a;AccountKey=1"])
async def test_malformed_connection_string_is_refused_and_not_repeated(
    settings: StorageSettings, text: str
) -> None:
    with (
        closing(AzureObjectStorages(AzureAccount(connection_string=text))) as storages,
        pytest.raises((AccessDenied, Unavailable)) as raised,
    ):
        await put(storages.of(settings))

    assert "nonsense" not in raised.value.message


async def test_named_credentials_lead_to_another_account(
    account: AzureAccount, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    globex = replace(
        account,
        connection_string=account.connection_string.replace("devstoreaccount1", "globexaccount"),
    )
    with closing(AzureObjectStorages(account, named={"globex": globex})) as storages:
        with pytest.raises((AccessDenied, Unavailable, ObjectNotFound)):
            await put(storages.of(replace(settings, credentials="globex")))

        with pytest.raises(Unavailable, match="credentials"):
            storages.of(replace(settings, credentials="initech"))

    assert proxy.requests[-1].path.startswith("/globexaccount/")


def test_secrets_are_not_shown(account: AzureAccount) -> None:
    assert AZURITE_KEY not in repr(account)
