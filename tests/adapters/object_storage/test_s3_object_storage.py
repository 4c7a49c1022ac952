"""What leaves for S3, what becomes of its answers, and how buckets are set up."""

import base64
import hashlib
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from adapters.object_storage.blocking import BlockingCalls
from adapters.object_storage.s3 import S3Account, S3ObjectStorage, S3ObjectStorages
from application.ports.object_storage import AccessDenied, ObjectExists, ObjectNotFound
from domain.errors import DomainError, Unavailable
from domain.tenant import StorageProvider, StorageSettings
from tests.fakes.recording_proxy import Answer, Forward, RecordingProxy, Request

MIB = 1 << 20
OWNER = "123456789012"  # moto's own account
numbers = itertools.count(1)


@pytest.fixture
def proxy(counterpart_server: Callable[[str], str]) -> Iterator[RecordingProxy]:
    with RecordingProxy(counterpart_server("moto")) as proxy:
        yield proxy


@pytest.fixture
def account(proxy: RecordingProxy) -> S3Account:
    return S3Account(
        endpoint_url=proxy.url,
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="example",
        region="eu-central-1",
        owner=OWNER,
        connect_timeout=1,
        read_timeout=1,
    )


@pytest.fixture
def storages(account: S3Account) -> Iterator[S3ObjectStorages]:
    with closing(S3ObjectStorages(account)) as storages:
        yield storages


@pytest.fixture
def moto(counterpart_server: Callable[[str], str]) -> Iterator[Any]:
    client = boto3.client(
        "s3",
        endpoint_url=counterpart_server("moto"),
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="example",
        region_name="eu-central-1",
    )
    with closing(client):
        yield client


@pytest.fixture
def settings() -> StorageSettings:
    return StorageSettings(provider=StorageProvider.S3, bucket=f"acme-logs-{next(numbers)}")


@pytest.fixture
async def bucket(storages: S3ObjectStorages, settings: StorageSettings) -> S3ObjectStorage:
    bucket = storages.of(settings)
    await bucket.prepare()
    return bucket


def answering(*answers: Answer) -> Callable[[Request, Forward], Answer]:
    """Return a behaviour that gives these answers one after the other, then the real ones."""
    left = iter(answers)
    return lambda request, forward: next(left, None) or forward(request)


def failure(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>secret AKIA</Message></Error>".encode()
    return Answer(status=status, headers={"content-type": "application/xml"}, body=body)


async def put(bucket: S3ObjectStorage, key: str = "key", data: bytes = b"data") -> None:
    await bucket.create(key, data, content_type="application/gzip")


async def read(bucket: S3ObjectStorage, key: str = "key") -> bytes:
    return b"".join([piece async for piece in bucket.read(key)])


async def test_write_is_conditional_encrypted_checked_and_meant_for_the_owner(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    digest = hashlib.sha256(b"data")

    await put(bucket)

    (sent,) = proxy.sent("PUT", holding="/key")
    assert sent.headers["if-none-match"] == "*"
    assert sent.headers["x-amz-server-side-encryption"] == "AES256"
    assert sent.headers["x-amz-expected-bucket-owner"] == OWNER
    assert sent.headers["x-amz-checksum-sha256"] == base64.b64encode(digest.digest()).decode()
    assert sent.headers["x-amz-meta-sha256"] == digest.hexdigest()
    assert sent.headers["content-type"] == "application/gzip"
    assert sent.body == b"data"


async def test_own_key_encrypts_objects_and_is_the_default_of_the_bucket(
    account: S3Account, settings: StorageSettings, proxy: RecordingProxy, moto: Any
) -> None:
    with closing(S3ObjectStorages(replace(account, kms_key="alias/audit"))) as storages:
        bucket = storages.of(settings)
        await bucket.prepare()

        await put(bucket)

    (sent,) = proxy.sent("PUT", holding="/key")
    assert sent.headers["x-amz-server-side-encryption"] == "aws:kms"
    assert sent.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/audit"
    found = moto.get_bucket_encryption(Bucket=settings.bucket)
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "alias/audit"


async def test_every_call_but_the_making_of_the_bucket_names_the_owner(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    await put(bucket)
    await read(bucket)
    [found async for found in bucket.list("")]
    await bucket.delete("key")

    unnamed = [
        request
        for request in proxy.requests
        if "x-amz-expected-bucket-owner" not in request.headers
    ]

    assert [request.method for request in unnamed] == ["PUT"]
    assert unnamed[0].query == {}
    assert unnamed[0].path.count("/") == 1


async def test_object_that_was_not_encrypted_is_taken_back(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    def plain(request: Request, forward: Forward) -> Answer:
        return forward(request).with_headers(x_amz_server_side_encryption=None)

    proxy.behaviour = plain

    with pytest.raises(Unavailable, match="did not encrypt"):
        await put(bucket)

    with pytest.raises(ObjectNotFound):
        await read(bucket)


@pytest.mark.parametrize("answer", [failure(500, "InternalError"), failure(503, "SlowDown")])
async def test_write_is_not_repeated(
    bucket: S3ObjectStorage, proxy: RecordingProxy, answer: Answer
) -> None:
    proxy.behaviour = answering(answer)

    with pytest.raises(Unavailable):
        await put(bucket)

    assert len(proxy.sent("PUT", holding="/key")) == 1


async def test_write_whose_answer_is_lost_is_met_by_the_next_attempt(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    def losing(request: Request, forward: Forward) -> Answer:
        forward(request)
        return failure(500, "InternalError")

    proxy.behaviour = losing
    with pytest.raises(Unavailable):
        await put(bucket)
    proxy.behaviour = answering()

    with pytest.raises(ObjectExists):
        await put(bucket)

    assert await read(bucket) == b"data"


async def test_reading_listing_and_deleting_are_repeated(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    await put(bucket)

    proxy.behaviour = answering(failure(503, "SlowDown"))
    content = await read(bucket)
    proxy.behaviour = answering(failure(500, "InternalError"))
    found = [found.key async for found in bucket.list("")]
    proxy.behaviour = answering(failure(500, "InternalError"))
    await bucket.delete("key")

    assert (content, found) == (b"data", ["key"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failure(403, "AccessDenied"), AccessDenied),
        (failure(403, "InvalidAccessKeyId"), AccessDenied),
        (failure(403, "SignatureDoesNotMatch"), AccessDenied),
        (failure(400, "ExpiredToken"), AccessDenied),
        (failure(404, "NoSuchBucket"), ObjectNotFound),
        (failure(412, "PreconditionFailed"), ObjectExists),
        (failure(409, "ConditionalRequestConflict"), Unavailable),
        (failure(503, "SlowDown"), Unavailable),
        (failure(501, "NotImplemented"), Unavailable),
        (Answer(status=502, body=b"<html>"), Unavailable),
    ],
    ids=lambda value: str(value.body[:40]) if isinstance(value, Answer) else value.__name__,
)
async def test_answer_becomes_an_error_of_the_port(
    bucket: S3ObjectStorage, proxy: RecordingProxy, answer: Answer, error: type[DomainError]
) -> None:
    proxy.behaviour = answering(answer)

    with pytest.raises(error) as raised:
        await put(bucket)

    assert type(raised.value) is error
    assert "AKIA" not in raised.value.message


async def test_conflict_of_two_conditional_writes_may_be_tried_again_soon(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    proxy.behaviour = answering(failure(409, "ConditionalRequestConflict"))

    with pytest.raises(Unavailable) as raised:
        await put(bucket)

    assert raised.value.retry_after == 1
    await put(bucket)


async def test_silent_server_is_unavailable_after_the_time_out(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    released = threading.Event()

    def silent(request: Request, forward: Forward) -> Answer:
        released.wait(10)
        return forward(request)

    proxy.behaviour = silent

    with pytest.raises(Unavailable, match="in time"):
        await put(bucket)

    released.set()


async def test_call_is_over_at_its_deadline(
    account: S3Account, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    released = threading.Event()

    def silent(request: Request, forward: Forward) -> Answer:
        released.wait(10)
        return forward(request)

    proxy.behaviour = silent
    calls = BlockingCalls("S3", deadline=timedelta(seconds=0.2))
    with closing(S3ObjectStorages(replace(account, read_timeout=5), calls=calls)) as storages:
        with pytest.raises(Unavailable, match="in time"):
            await put(storages.of(settings))
        released.set()


async def test_refused_connection_is_unavailable(
    account: S3Account, settings: StorageSettings
) -> None:
    nobody = replace(account, endpoint_url="http://127.0.0.1:1")
    with (
        closing(S3ObjectStorages(nobody)) as storages,
        pytest.raises(Unavailable, match="cannot be reached"),
    ):
        await put(storages.of(settings))


async def test_body_that_breaks_off_is_never_taken_for_a_whole_object(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    await put(bucket, data=b"x" * 2 * MIB)
    proxy.behaviour = lambda request, forward: replace(forward(request), cut=MIB + 10)

    with pytest.raises(Unavailable):
        await read(bucket)


async def test_body_that_was_changed_on_the_way_is_refused(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    await put(bucket, data=b"x" * 100)
    digest = base64.b64encode(hashlib.sha256(b"x" * 100).digest()).decode()

    def changed(request: Request, forward: Forward) -> Answer:
        assert request.headers["x-amz-checksum-mode"] == "ENABLED"
        # S3 answers so to this header; moto does not.
        answer = forward(request).with_headers(x_amz_checksum_sha256=digest)
        return replace(answer, body=b"y" * 100)

    proxy.behaviour = changed

    with pytest.raises(Unavailable, match="as it was stored"):
        await read(bucket)


async def test_listing_goes_through_all_pages(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    keys = [f"dt=1/{number:02}" for number in range(7)]
    for key in keys:
        await put(bucket, key)

    def three_at_a_time(request: Request, forward: Forward) -> Answer:
        return forward(replace(request, target=request.target + "&max-keys=3"))

    proxy.requests.clear()
    proxy.behaviour = three_at_a_time
    found = [found.key async for found in bucket.list("dt=1/", start_after="dt=1/00")]

    assert found == keys[1:]
    first, second = proxy.requests
    assert first.query["start-after"] == "dt=1/00"
    assert second.query["continuation-token"]


async def test_foreign_object_under_an_unreadable_key_is_not_listed(
    bucket: S3ObjectStorage, settings: StorageSettings, moto: Any
) -> None:
    for key in ("a//b", "folder/", "with space", "z"):
        moto.put_object(Bucket=settings.bucket, Key=key, Body=b"")

    found = [found.key async for found in bucket.list("")]

    assert found == ["z"]


async def test_bucket_is_private_encrypted_and_in_its_region(
    bucket: S3ObjectStorage, settings: StorageSettings, moto: Any
) -> None:
    access = moto.get_public_access_block(Bucket=settings.bucket)
    encryption = moto.get_bucket_encryption(Bucket=settings.bucket)
    ownership = moto.get_bucket_ownership_controls(Bucket=settings.bucket)
    location = moto.get_bucket_location(Bucket=settings.bucket)

    assert set(access["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    (rule,) = ownership["OwnershipControls"]["Rules"]
    assert rule == {"ObjectOwnership": "BucketOwnerEnforced"}
    assert location["LocationConstraint"] == "eu-central-1"


async def test_bucket_of_the_first_region_is_made_without_a_constraint(
    account: S3Account, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    with closing(S3ObjectStorages(replace(account, region="us-east-1"))) as storages:
        await storages.of(settings).prepare()

    made = next(request for request in proxy.sent("PUT") if not request.query)
    assert made.body == b""


async def test_preparing_a_prepared_bucket_writes_nothing(
    storages: S3ObjectStorages, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    bucket = storages.of(settings)
    await bucket.prepare()
    await bucket.expire("audit/", after=timedelta(days=30))
    proxy.requests.clear()

    await bucket.prepare()
    await bucket.expire("audit/", after=timedelta(days=30))

    assert {request.method for request in proxy.requests} <= {"HEAD", "GET"}


async def test_prepare_closes_a_bucket_that_was_open(
    storages: S3ObjectStorages, settings: StorageSettings, moto: Any
) -> None:
    moto.create_bucket(
        Bucket=settings.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    moto.put_public_access_block(
        Bucket=settings.bucket,
        PublicAccessBlockConfiguration={"BlockPublicAcls": True, "BlockPublicPolicy": False},
    )

    await storages.of(settings).prepare()

    access = moto.get_public_access_block(Bucket=settings.bucket)
    assert access["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] is True


async def test_retention_becomes_a_rule_for_the_prefix_beside_those_of_others(
    storages: S3ObjectStorages, settings: StorageSettings, moto: Any
) -> None:
    bucket = storages.of(settings)
    await bucket.prepare()

    assert await bucket.expire("acme/", after=timedelta(days=30))
    assert await bucket.expire("globex/", after=timedelta(days=1, hours=1))
    assert await bucket.expire("acme/", after=timedelta(days=90))
    await bucket.prepare()

    rules = moto.get_bucket_lifecycle_configuration(Bucket=settings.bucket)["Rules"]
    kept = {rule["Filter"]["Prefix"]: rule["Expiration"]["Days"] for rule in rules}
    assert kept == {"acme/": 90, "globex/": 2}
    assert all(rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 1 for rule in rules)


@pytest.mark.parametrize(("wanted", "status"), [(True, "Enabled"), (False, None), (None, None)])
async def test_versions_are_kept_where_it_is_wanted(
    account: S3Account,
    settings: StorageSettings,
    moto: Any,
    wanted: bool | None,
    status: str | None,
) -> None:
    with closing(S3ObjectStorages(account, versioning=wanted)) as storages:
        await storages.of(settings).prepare()

    assert moto.get_bucket_versioning(Bucket=settings.bucket).get("Status") == status


async def test_bucket_of_somebody_else_is_refused(
    storages: S3ObjectStorages, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    def taken(request: Request, forward: Forward) -> Answer:
        if request.method == "HEAD":
            return Answer(status=404)
        return failure(409, "BucketAlreadyExists")

    proxy.behaviour = taken

    with pytest.raises(AccessDenied, match="another account"):
        await storages.of(settings).prepare()


async def test_bucket_that_another_process_made_meanwhile_is_taken_as_it_is(
    bucket: S3ObjectStorage, proxy: RecordingProxy
) -> None:
    proxy.behaviour = answering(Answer(status=404), failure(409, "BucketAlreadyOwnedByYou"))

    await bucket.prepare()

    assert proxy.sent("HEAD")


async def test_named_credentials_are_the_ones_that_sign(
    account: S3Account, settings: StorageSettings, proxy: RecordingProxy
) -> None:
    globex = replace(account, access_key_id="AKIAI44QH8DHBEXAMPLE")
    with closing(S3ObjectStorages(account, named={"globex": globex})) as storages:
        await storages.of(replace(settings, credentials="globex")).prepare()
        await storages.of(settings).prepare()

        with pytest.raises(Unavailable, match="credentials"):
            storages.of(replace(settings, credentials="initech"))

    signers = [request.headers["authorization"] for request in proxy.sent("HEAD")]
    assert ["AKIAI44QH8DHBEXAMPLE" in signer for signer in signers] == [True, False]


def test_secrets_are_not_shown(account: S3Account) -> None:
    shown = repr(replace(account, session_token="token", secret_access_key="wJalrXUtnFEMI"))

    assert "wJalrXUtnFEMI" not in shown
    assert "token" not in shown.replace("session_token", "")
