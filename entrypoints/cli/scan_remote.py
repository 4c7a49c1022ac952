"""Objects of a cloud's storage as inputs of a scan: `s3://`, `az://` and `gs://` prefixes."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import BinaryIO

from application.audit_objects import UnreadableObject, unpack
from application.ports.object_storage import (
    AccessDenied,
    ObjectNotFound,
    ObjectStorage,
    StoredObject,
)
from domain.errors import InvalidValue, Unavailable
from domain.tenant import StorageProvider, StorageSettings
from entrypoints.cli.exits import EXIT_UNAVAILABLE, EXIT_USAGE, Failure
from entrypoints.cli.scan_ignore import is_left_out
from entrypoints.cli.scan_paths import (
    Input,
    Reason,
    Selection,
    Skipped,
    Source,
    Unreadable,
    is_binary,
)

PROVIDERS = {
    "s3://": StorageProvider.S3,
    "az://": StorageProvider.AZURE,
    "gs://": StorageProvider.GCP,
}


@contextmanager
def remote_inputs(urls: list[str], selection: Selection) -> Iterator[Iterator[Input]]:
    """Give the objects below some addresses as inputs, each fetched when its turn comes.

    An object lies in a file that only this user can read until it was scanned; compressed ones are
    unpacked on the way, within the limits for audit objects. Credentials are those of the settings.

    Raises:
        Failure: settings, an address or the storage are not as they should be.
    """
    with (
        tempfile.TemporaryDirectory(prefix="trueport-scan-") as folder,
        asyncio.Runner() as runner,
    ):
        yield _inputs(urls, selection, Path(folder), runner)


def _inputs(
    urls: list[str], selection: Selection, folder: Path, runner: asyncio.Runner
) -> Iterator[Input]:
    number = 0
    for url in urls:
        storage, root, prefix = _opened(url)
        try:
            items = runner.run(_listed(storage, prefix))
            if not items:
                yield Unreadable(name=url, message="no object begins with it")
            for item in items:
                number += 1
                name = root + item.key
                skipped = _left_out(item, name, selection)
                path = folder / f"{number}.txt"
                yield skipped or _fetched(storage, item, name, path, runner)
        except InvalidValue as error:
            raise Failure(f"{url}: {error.message}", EXIT_USAGE) from None
        except ObjectNotFound:
            yield Unreadable(name=url, message="there is no such bucket")
        except AccessDenied as error:
            yield Unreadable(name=url, message=error.message)
        except Unavailable as error:
            raise Failure(f"{url}: {error.message}", EXIT_UNAVAILABLE) from None


def _opened(url: str) -> tuple[ObjectStorage, str, str]:
    """Return the bucket of an address, how addresses in it begin, and the prefix."""
    # What a scan of files needs none of stays unloaded there.
    from entrypoints.settings import SettingsError, load_settings  # noqa: PLC0415
    from entrypoints.wiring.storage import make_storages  # noqa: PLC0415

    scheme = next(one for one in PROVIDERS if url.startswith(one))
    bucket, _, prefix = url.removeprefix(scheme).partition("/")
    if not bucket:
        raise Failure(f"{url}: name a bucket, as in {scheme}BUCKET/PREFIX", EXIT_USAGE)
    try:
        storages = make_storages(load_settings())
        settings = StorageSettings(provider=PROVIDERS[scheme], bucket=bucket)
        return storages.of(settings), f"{scheme}{bucket}/", prefix
    except SettingsError as error:
        raise Failure(str(error), EXIT_USAGE) from None
    except InvalidValue as error:
        raise Failure(f"{url}: {error.message}", EXIT_USAGE) from None
    except Unavailable as error:
        raise Failure(f"{url}: {error.message}", EXIT_UNAVAILABLE) from None


async def _listed(storage: ObjectStorage, prefix: str) -> list[StoredObject]:
    return [item async for item in storage.list(prefix)]


def _left_out(item: StoredObject, name: str, selection: Selection) -> Skipped | None:
    if is_left_out(selection.exclude, item.key, is_folder=False) or (
        selection.include and not is_left_out(selection.include, item.key, is_folder=False)
    ):
        return Skipped(name=name, reason=Reason.IGNORED)
    if selection.max_size and item.size > selection.max_size:
        return Skipped(name=name, reason=Reason.TOO_LARGE)
    return None


def _fetched(
    storage: ObjectStorage, item: StoredObject, name: str, path: Path, runner: asyncio.Runner
) -> Input:
    try:
        with path.open("xb") as file:
            size = runner.run(_copied(storage, item.key, file))
    except (ObjectNotFound, AccessDenied, UnreadableObject) as error:
        path.unlink()
        return Unreadable(name=name, message=error.message)
    if size and is_binary(path):
        path.unlink()
        return Skipped(name=name, reason=Reason.BINARY)
    return Source(name=name, path=path, size=size, is_temporary=True)


async def _copied(storage: ObjectStorage, key: str, file: BinaryIO) -> int:
    size = 0
    async with aclosing(_content(storage, key)) as pieces:
        async for piece in pieces:
            size += file.write(piece)
    return size


async def _content(storage: ObjectStorage, key: str) -> AsyncGenerator[bytes, None]:
    if not key.endswith(".gz"):
        async for piece in storage.read(key):
            yield piece
        return
    async for line in unpack(storage.read(key)):
        yield line + b"\n"
