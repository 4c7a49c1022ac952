"""Audit objects in Azure Blob Storage.

Containers are made without public access; Azure encrypts every blob by itself. How long blobs are
kept is a rule of the whole account there (a lifecycle management policy, set through Azure's
resource manager and not through the account's own key), so that `expire` leaves it to the engine's
daily sweep. An account with a hierarchical namespace lists in another order and is refused.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from adapters.object_storage.blocking import BlockingCalls
from adapters.object_storage.clients import Clients, Library
from adapters.object_storage.listing import Page, in_order
from adapters.object_storage.threaded import PIECE, ThreadedObjectStorage
from application.ports.object_storage import (
    AccessDenied,
    ObjectExists,
    ObjectNotFound,
    ObjectStorages,
    StoredObject,
)
from domain.errors import DomainError, Unavailable
from domain.tenant import StorageProvider, StorageSettings

SERVICE = "Azure Blob Storage"
_RANGE = 4 * PIECE
_LIBRARY = Library(service=SERVICE, module="azure.storage.blob", extra="azure")

# https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
_BUSY_CODES = ("ContainerBeingDeleted", "ServerBusy", "OperationTimedOut", "AccountBeingCreated")
_DENIED_CODES = ("AccountIsDisabled", "PublicAccessNotPermitted", "KeyVaultAccessTokenCannotBe")


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureAccount:
    """With what, and how, one storage account is reached; time-outs are in seconds.

    The connection string is Azure's own, with the account's key or a shared access signature.
    `api_version` is for servers that are behind the SDK, such as emulators.
    """

    connection_string: str = field(repr=False)
    api_version: str | None = None
    connect_timeout: float = 5
    read_timeout: float = 30


class AzureObjectStorages(ObjectStorages):
    """Give the containers of a default account, if any, and of named ones, with few connections.

    `named` holds the accounts behind `StorageSettings.credentials`; `page` is how many objects
    one answer to a listing holds at most (Azure allows 5000).
    """

    def __init__(
        self,
        account: AzureAccount | None,
        *,
        named: Mapping[str, AzureAccount] | None = None,
        page: int = 5000,
        calls: BlockingCalls | None = None,
    ) -> None:
        self._clients = Clients(
            provider=StorageProvider.AZURE,
            library=_LIBRARY,
            open_client=_open_client,
            account=account,
            named=named if named is not None else {},
        )
        self._page = page
        self._calls = calls or BlockingCalls(SERVICE)

    def of(self, settings: StorageSettings) -> "AzureObjectStorage":
        """Return the container of these settings, with the prefix left to the caller.

        Raises:
            Unavailable: another provider, no library, or no credentials of the name.
        """
        account = self._clients.account(settings)
        return AzureObjectStorage(
            settings.bucket,
            client=lambda: self._clients.client(account),
            page=self._page,
            calls=self._calls,
        )

    def close(self) -> None:
        """Close all connections; calls under way end with an error."""
        self._calls.close()
        self._clients.close()


class AzureObjectStorage(ThreadedObjectStorage):
    """Keep the objects of one container; the SDK blocks, so it runs in threads."""

    def __init__(
        self, container: str, *, client: Callable[[], Any], page: int, calls: BlockingCalls
    ) -> None:
        super().__init__(calls)
        self._container = container
        self._client = client
        self._page = page

    def _prepare(self) -> None:
        from azure.core.exceptions import ResourceExistsError  # noqa: PLC0415 (an extra)

        with translated():
            container = self._client().get_container_client(self._container)
            try:
                container.create_container()
            except ResourceExistsError as error:
                if getattr(error, "error_code", None) != "ContainerAlreadyExists":
                    raise
            if container.get_container_properties().public_access is not None:
                policies = container.get_container_access_policy()["signed_identifiers"]
                container.set_container_access_policy(
                    {policy.id: policy.access_policy for policy in policies}, public_access=None
                )

    def _expire(self, prefix: str, after: timedelta) -> bool:
        # The account's key cannot make Azure delete anything by itself.
        return False

    def _create(self, key: str, data: bytes, content_type: str) -> StoredObject:
        from azure.storage.blob import ContentSettings  # noqa: PLC0415 (an extra)

        with translated():
            # Without `overwrite` the SDK sends `If-None-Match: *`. Nothing is repeated, since the
            # answer to a write may be lost after it was carried out.
            answer = self._blob(key).upload_blob(
                data,
                overwrite=False,
                content_settings=ContentSettings(content_type=content_type),
                metadata={"sha256": hashlib.sha256(data).hexdigest()},
                retry_total=0,
            )
        return StoredObject(
            key=key,
            size=len(data),
            revision=_revision(answer["etag"]),
            modified_at=answer["last_modified"].astimezone(UTC),
        )

    def _pieces(self, key: str) -> Generator[bytes, None, None]:
        from azure.core.exceptions import ResourceModifiedError  # noqa: PLC0415 (an extra)

        with translated():
            try:
                # Every range but the first is asked for under the etag of the first.
                for chunk in self._blob(key).download_blob(max_concurrency=1).chunks():
                    for start in range(0, len(chunk), PIECE):
                        yield chunk[start : start + PIECE]
            except ResourceModifiedError as error:
                raise Unavailable(SERVICE, "the object changed while it was read") from error

    def _listing(self, prefix: str, start_after: str) -> Generator[Page, None, None]:
        # Azure begins at the prefix: what comes before the key is listed, and left out here.
        with translated():
            container = self._client().get_container_client(self._container)
            answers = container.list_blobs(
                name_starts_with=prefix or None, results_per_page=self._page
            ).by_page()
            yield from in_order(
                (_stored(answer) for answer in answers), service=SERVICE, start_after=start_after
            )

    def _delete(self, key: str) -> None:
        from azure.core.exceptions import ResourceNotFoundError  # noqa: PLC0415 (an extra)

        with translated():
            try:
                self._blob(key).delete_blob(delete_snapshots="include")
            except ResourceNotFoundError:
                return

    def _blob(self, key: str) -> Any:
        return self._client().get_blob_client(self._container, key)


def _open_client(account: AzureAccount) -> Any:
    from azure.storage.blob import BlobServiceClient, ExponentialRetry  # noqa: PLC0415 (an extra)

    options: dict[str, Any] = {}
    if account.api_version is not None:
        options["api_version"] = account.api_version
    try:
        return BlobServiceClient.from_connection_string(
            account.connection_string,
            connection_timeout=account.connect_timeout,
            read_timeout=account.read_timeout,
            retry_policy=ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=2),
            max_single_get_size=_RANGE,
            max_chunk_get_size=_RANGE,
            user_agent="trueport",
            **options,
        )
    except ValueError as error:
        raise AccessDenied("the connection string of Azure Blob Storage is malformed") from error


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the SDK raises inside as an error of the port."""
    from azure.core import exceptions  # noqa: PLC0415 (an extra)

    try:
        yield
    except (exceptions.ServiceRequestTimeoutError, exceptions.ServiceResponseTimeoutError) as error:
        raise Unavailable(SERVICE, f"{SERVICE} did not answer in time") from error
    except exceptions.HttpResponseError as error:
        raise _from_answer(_code(error), error.status_code) from error
    except exceptions.AzureError as error:
        raise Unavailable(
            SERVICE, f"{SERVICE} cannot be reached, or broke off its answer"
        ) from error


def _code(error: Exception) -> str:
    """Return Azure's own word for an error, which the SDK gives as text or as an enum's member."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def _from_answer(code: str, status: int | None) -> DomainError:
    match status:
        case 401 | 403:
            return AccessDenied(f"{SERVICE} refuses these credentials or this operation")
        case _ if code.startswith(_DENIED_CODES):
            return AccessDenied(f"{SERVICE} refuses these credentials or this operation")
        case _ if code in _BUSY_CODES or status in (429, 503):
            return Unavailable(SERVICE, f"{SERVICE} is busy with this container", retry_after=1)
        case 404:
            return ObjectNotFound("there is no such object or container")
        case 409 | 412 if code in ("BlobAlreadyExists", "ConditionNotMet", "TargetConditionNotMet"):
            return ObjectExists("an object of this key exists")
    shown = f" {code}" if code.isalnum() else ""
    return Unavailable(SERVICE, f"{SERVICE} answered {status}{shown}")


def _stored(blobs: Iterable[Any]) -> Iterator[StoredObject]:
    for found in blobs:
        yield StoredObject(
            key=found.name,
            size=found.size,
            revision=_revision(found.etag),
            modified_at=found.last_modified.astimezone(UTC),
        )


def _revision(etag: str) -> str:
    return etag.strip('"')
