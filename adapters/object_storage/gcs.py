"""Audit objects in Google Cloud Storage.

Every object goes out with `ifGenerationMatch=0`. Buckets are made with uniform access, with public
access prevented, and with a lifecycle rule for the retention; Google encrypts every object by
itself. What is deleted stays for the bucket's soft-delete period (seven days unless its owner
changes that), which does not count for reading or listing.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from adapters.object_storage.blocking import BlockingCalls
from adapters.object_storage.bucket_rules import BucketRules
from adapters.object_storage.clients import Clients, Library
from adapters.object_storage.gcs_bucket import BucketSetUp
from adapters.object_storage.gcs_errors import SERVICE, translated
from adapters.object_storage.listing import Page, in_order
from adapters.object_storage.threaded import PIECE, ThreadedObjectStorage
from application.ports.object_storage import (
    AccessDenied,
    ObjectNotFound,
    ObjectStorages,
    StoredObject,
)
from domain.tenant import StorageProvider, StorageSettings

_RANGE = 4 * PIECE
_PAGE = 1000
_REPEATING_SECONDS = 60.0
_LISTED_FIELDS = "items(name,size,generation,timeCreated),nextPageToken"
_LIBRARY = Library(service=SERVICE, module="google.cloud.storage", extra="gcp")


@dataclass(frozen=True, slots=True, kw_only=True)
class GcsAccount:
    """With what, and how, one project's storage is reached; time-outs are in seconds.

    `service_account` is the JSON text of a key, `credentials_file` the path of one; without
    either, Google's own chain decides (environment, role of the machine). An `endpoint` without
    credentials is spoken to without any, as emulators want it. `location` is where buckets are
    made (Google's default is `US`); `kms_key` is the key that they encrypt under by default.
    """

    project: str | None = None
    service_account: str | None = field(default=None, repr=False)
    credentials_file: Path | None = None
    endpoint: str | None = None
    location: str | None = None
    kms_key: str | None = None
    connect_timeout: float = 5
    read_timeout: float = 30


class GcsObjectStorages(ObjectStorages):
    """Give the buckets of a default account and of named ones, with connections in common.

    `named` holds the accounts behind `StorageSettings.credentials`. `versioning` is what `prepare`
    brings a bucket to; None leaves it as it is.
    """

    def __init__(
        self,
        account: GcsAccount,
        *,
        named: Mapping[str, GcsAccount] | None = None,
        versioning: bool | None = None,
        calls: BlockingCalls | None = None,
    ) -> None:
        self._clients = Clients(
            provider=StorageProvider.GCP,
            library=_LIBRARY,
            open_client=_open_client,
            account=account,
            named=named if named is not None else {},
        )
        self._rules = BucketRules(versioning=versioning)
        self._calls = calls or BlockingCalls(SERVICE)

    def of(self, settings: StorageSettings) -> "GcsObjectStorage":
        """Return the bucket of these settings, with the prefix left to the caller.

        Raises:
            Unavailable: another provider, no library, or no credentials of the name.
        """
        account = self._clients.account(settings)
        return GcsObjectStorage(
            settings.bucket,
            account=account,
            client=lambda: self._clients.client(account),
            rules=replace(self._rules, kms_key=account.kms_key),
            calls=self._calls,
        )

    def close(self) -> None:
        """Close all connections; calls under way end with an error."""
        self._calls.close()
        self._clients.close()


class GcsObjectStorage(ThreadedObjectStorage):
    """Keep the objects of one bucket; the SDK blocks, so it runs in threads."""

    def __init__(
        self,
        bucket: str,
        *,
        account: GcsAccount,
        client: Callable[[], Any],
        rules: BucketRules,
        calls: BlockingCalls,
    ) -> None:
        super().__init__(calls)
        self._bucket = bucket
        self._location = account.location
        self._timeout = (account.connect_timeout, account.read_timeout)
        self._client = client
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
            client=self._client(),
            bucket=self._bucket,
            location=self._location,
            rules=self._rules,
            options=self._repeating(),
        )

    def _create(self, key: str, data: bytes, content_type: str) -> StoredObject:
        with translated():
            blob = self._client().bucket(self._bucket).blob(key)
            blob.metadata = {"sha256": hashlib.sha256(data).hexdigest()}
            # Nothing is repeated: the answer to a write may be lost after it was carried out.
            blob.upload_from_string(
                data,
                content_type=content_type,
                if_generation_match=0,
                checksum="crc32c",
                timeout=self._timeout,
                retry=None,
            )
        return _stored_object(blob)

    def _pieces(self, key: str) -> Generator[bytes, None, None]:
        with translated():
            bucket = self._client().bucket(self._bucket)
            blob = bucket.get_blob(key, **self._repeating())
            if blob is None:
                raise ObjectNotFound("there is no such object or bucket")
            # The blob knows its generation, and every range is asked for of that one.
            for start in range(0, blob.size, _RANGE):
                part = blob.download_as_bytes(
                    start=start,
                    end=min(start + _RANGE, blob.size) - 1,
                    raw_download=True,
                    checksum=None,
                    **self._repeating(),
                )
                for at in range(0, len(part), PIECE):
                    yield part[at : at + PIECE]

    def _listing(self, prefix: str, start_after: str) -> Generator[Page, None, None]:
        with translated():
            answers = self._client().list_blobs(
                self._bucket,
                prefix=prefix or None,
                start_offset=start_after or None,
                page_size=_PAGE,
                fields=_LISTED_FIELDS,
                **self._repeating(),
            )
            pages = (_stored(page) for page in answers.pages)
            yield from in_order(pages, service=SERVICE, start_after=start_after)

    def _delete(self, key: str) -> None:
        from google.api_core.exceptions import NotFound  # noqa: PLC0415 (an extra)

        with translated():
            try:
                self._client().bucket(self._bucket).blob(key).delete(**self._repeating())
            except NotFound:
                return

    def _repeating(self) -> dict[str, Any]:
        """Return the options of a call that may be repeated."""
        from google.cloud.storage.retry import DEFAULT_RETRY  # noqa: PLC0415 (an extra)

        return {
            "timeout": self._timeout,
            "retry": DEFAULT_RETRY.with_timeout(_REPEATING_SECONDS),
        }


def _open_client(account: GcsAccount) -> Any:
    from google.cloud import storage  # noqa: PLC0415 (an extra)

    credentials, project = _credentials(account)
    return storage.Client(
        project=account.project or project,
        credentials=credentials,
        client_options={"api_endpoint": account.endpoint} if account.endpoint else None,
    )


def _credentials(account: GcsAccount) -> tuple[Any, str | None]:
    from google.auth import default  # noqa: PLC0415 (an extra)
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 (an extra)
    from google.oauth2.service_account import Credentials  # noqa: PLC0415 (an extra)

    try:
        if account.service_account is not None:
            key = json.loads(account.service_account)
        elif account.credentials_file is not None:
            key = json.loads(account.credentials_file.read_text(encoding="utf-8"))
        elif account.endpoint is not None:
            return AnonymousCredentials(), None
        else:
            return default()
        credentials = Credentials.from_service_account_info(dict(key))
    except (OSError, ValueError, TypeError) as error:
        raise AccessDenied(f"the key for {SERVICE} cannot be read") from error
    return credentials, credentials.project_id


def _stored(blobs: Iterable[Any]) -> Iterator[StoredObject]:
    return map(_stored_object, blobs)


def _stored_object(blob: Any) -> StoredObject:
    return StoredObject(
        key=blob.name,
        size=blob.size,
        revision=str(blob.generation),
        modified_at=blob.time_created.astimezone(UTC),
    )
