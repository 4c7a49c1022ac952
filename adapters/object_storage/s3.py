"""Audit objects in Amazon S3, or in a store that speaks its language.

Every object goes out with `If-None-Match: *`, a SHA-256 that the store checks, and encryption that
is asked for and looked for in the answer. All calls but this one may be repeated and are, by the
SDK; a write is not, since its answer may be lost after it was carried out.
"""

import base64
import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from adapters.object_storage.blocking import BlockingCalls
from adapters.object_storage.bucket_rules import BucketRules
from adapters.object_storage.clients import Clients, Library
from adapters.object_storage.listing import Page, in_order
from adapters.object_storage.s3_bucket import BucketSetUp
from adapters.object_storage.s3_errors import SERVICE, translated
from adapters.object_storage.threaded import PIECE, ThreadedObjectStorage
from application.ports.object_storage import ObjectStorages, StoredObject
from domain.errors import Unavailable
from domain.tenant import StorageProvider, StorageSettings

_ATTEMPTS = 3
_LIBRARY = Library(service=SERVICE, module="boto3", extra="s3")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Account:
    """With what, and how, one account of S3 is reached; time-outs are in seconds.

    Without an access key the SDK's own chain decides (environment, role of the machine). `owner`
    is the account number that must own the bucket; with it, no call reaches a bucket that
    somebody else made under a name we would have taken. With `kms_key`, objects are encrypted
    under it instead of under a key of S3's own.
    """

    region: str = "us-east-1"
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    owner: str | None = None
    kms_key: str | None = None
    connect_timeout: float = 5
    read_timeout: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Clients:
    """Two boto3 clients of one account: one repeats what failed, one never does."""

    repeating: Any
    once: Any

    def close(self) -> None:
        """Close the connections of both."""
        self.repeating.close()
        self.once.close()


class S3ObjectStorages(ObjectStorages):
    """Give the buckets of a default account and of named ones, with connections in common.

    `named` holds the accounts behind `StorageSettings.credentials`. `versioning` is what `prepare`
    brings a bucket to; None leaves it as it is.
    """

    def __init__(
        self,
        account: S3Account,
        *,
        named: Mapping[str, S3Account] | None = None,
        versioning: bool | None = None,
        calls: BlockingCalls | None = None,
    ) -> None:
        self._clients = Clients(
            provider=StorageProvider.S3,
            library=_LIBRARY,
            open_client=_open_clients,
            account=account,
            named=named if named is not None else {},
        )
        self._rules = BucketRules(versioning=versioning)
        self._calls = calls or BlockingCalls(SERVICE)

    def of(self, settings: StorageSettings) -> "S3ObjectStorage":
        """Return the bucket of these settings, with the prefix left to the caller.

        Raises:
            Unavailable: another provider, no library, or no credentials of the name.
        """
        account = self._clients.account(settings)
        return S3ObjectStorage(
            settings.bucket,
            account=account,
            clients=lambda: self._clients.client(account),
            rules=replace(self._rules, kms_key=account.kms_key),
            calls=self._calls,
        )

    def close(self) -> None:
        """Close all connections; calls under way end with an error."""
        self._calls.close()
        self._clients.close()


class S3ObjectStorage(ThreadedObjectStorage):
    """Keep the objects of one bucket; the SDK blocks, so it runs in threads."""

    def __init__(
        self,
        bucket: str,
        *,
        account: S3Account,
        clients: Callable[[], S3Clients],
        rules: BucketRules,
        calls: BlockingCalls,
    ) -> None:
        super().__init__(calls)
        self._bucket = bucket
        self._owner = {"ExpectedBucketOwner": account.owner} if account.owner else {}
        self._encryption = {"ServerSideEncryption": "AES256"}
        if account.kms_key is not None:
            self._encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": account.kms_key}
        self._clients = clients
        self._rules = rules

    def _prepare(self) -> None:
        with translated():
            self._set_up().run()

    def _expire(self, prefix: str, after: timedelta) -> bool:
        with translated():
            self._set_up().expire(prefix, after)
        return True

    def _set_up(self) -> BucketSetUp:
        return BucketSetUp(
            client=self._clients().repeating,
            bucket=self._bucket,
            owner=self._owner,
            rules=self._rules,
        )

    def _create(self, key: str, data: bytes, content_type: str) -> StoredObject:
        digest = hashlib.sha256(data)
        with translated():
            answer = self._clients().once.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                ContentType=content_type,
                IfNoneMatch="*",
                ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                Metadata={"sha256": digest.hexdigest()},
                **self._encryption,
                **self._owner,
            )
            self._require_encryption(key, answer)
        return StoredObject(
            key=key,
            size=len(data),
            revision=_revision(answer["ETag"]),
            modified_at=_date(answer["ResponseMetadata"]["HTTPHeaders"]),
        )

    def _require_encryption(self, key: str, answer: Mapping[str, Any]) -> None:
        if answer.get("ServerSideEncryption") == self._encryption["ServerSideEncryption"]:
            return
        # It is ours: the key was free when we wrote. Nothing may lie there in the clear.
        self._delete(key)
        raise Unavailable(SERVICE, "S3 did not encrypt the object as asked; it was taken back")

    def _pieces(self, key: str) -> Generator[bytes, None, None]:
        with translated():
            answer = self._clients().repeating.get_object(
                Bucket=self._bucket, Key=key, **self._owner
            )
            with closing(answer["Body"]) as body:
                while piece := body.read(PIECE):
                    yield piece

    def _listing(self, prefix: str, start_after: str) -> Generator[Page, None, None]:
        with translated():
            paginator = self._clients().repeating.get_paginator("list_objects_v2")
            answers = paginator.paginate(
                Bucket=self._bucket, Prefix=prefix, StartAfter=start_after, **self._owner
            )
            pages = (_stored(answer.get("Contents", ())) for answer in answers)
            yield from in_order(pages, service=SERVICE, start_after=start_after)

    def _delete(self, key: str) -> None:
        with translated():
            try:
                self._clients().repeating.delete_object(Bucket=self._bucket, Key=key, **self._owner)
            except self._clients().repeating.exceptions.NoSuchBucket:
                return


def _open_clients(account: S3Account) -> S3Clients:
    import boto3  # noqa: PLC0415 (an extra)
    from botocore.config import Config  # noqa: PLC0415 (an extra)

    # A session of its own: boto3's common one is not safe to make clients of in two threads.
    session = boto3.session.Session(
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
        aws_session_token=account.session_token,
        region_name=account.region,
    )
    config = Config(
        connect_timeout=account.connect_timeout,
        read_timeout=account.read_timeout,
        max_pool_connections=32,
        # Stores that speak S3's language know their buckets by path, and not every new checksum.
        s3={"addressing_style": "path" if account.endpoint_url else "auto"},
        request_checksum_calculation="when_required",
        user_agent_extra="trueport",
    )
    options: dict[str, Any] = {"service_name": "s3", "endpoint_url": account.endpoint_url}
    repeating, once = (
        session.client(
            **options,
            config=config.merge(
                Config(retries={"mode": "standard", "total_max_attempts": attempts})
            ),
        )
        for attempts in (_ATTEMPTS, 1)
    )
    return S3Clients(repeating=repeating, once=once)


def _stored(contents: Iterator[Mapping[str, Any]]) -> Iterator[StoredObject]:
    for found in contents:
        yield StoredObject(
            key=found["Key"],
            size=found["Size"],
            revision=_revision(found["ETag"]),
            modified_at=found["LastModified"].astimezone(UTC),
        )


def _revision(etag: str) -> str:
    return etag.strip('"')


def _date(headers: Mapping[str, str]) -> datetime:
    """Return when the store answered; it does not say when the object was written."""
    return parsedate_to_datetime(headers["date"]).astimezone(UTC)
