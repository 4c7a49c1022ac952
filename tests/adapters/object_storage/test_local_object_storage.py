"""What folders add to the contract of storage: modes, links, crashes."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.object_storage.local import LocalObjectStorage, LocalObjectStorages
from application.ports.object_storage import AccessDenied, ObjectNotFound
from domain.errors import InvalidValue, Unavailable
from domain.tenant import StorageProvider, StorageSettings

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def bucket(tmp_path: Path) -> LocalObjectStorage:
    storage = LocalObjectStorage(tmp_path / "objects", "acme")
    await storage.prepare()
    return storage


@pytest.fixture
def folder(tmp_path: Path, bucket: LocalObjectStorage) -> Path:
    return tmp_path / "objects" / "acme"


def start(script: str, *arguments: Path) -> "subprocess.Popen[bytes]":
    """Start a script in another process, with pipes to talk to it."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def put(bucket: LocalObjectStorage, key: str, data: bytes = b"data") -> None:
    await bucket.create(key, data, content_type="text/plain")


async def keys(bucket: LocalObjectStorage) -> list[str]:
    return [found.key async for found in bucket.list("")]


async def test_everything_is_readable_by_this_user_alone(
    bucket: LocalObjectStorage, folder: Path
) -> None:
    await put(bucket, "a/b/c")

    for path in [folder.parent, *folder.parent.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path
    assert (folder / "a" / "b" / "c").read_bytes() == b"data"


async def test_nothing_unfinished_is_left_behind(bucket: LocalObjectStorage, folder: Path) -> None:
    await put(bucket, "a")

    assert list((folder / "~unfinished").iterdir()) == []


@pytest.mark.parametrize(
    "plant",
    [
        lambda folder, outside: (folder / "dt=1").symlink_to(outside),
        lambda folder, outside: (folder / "dt=1").symlink_to("../../outside"),
    ],
    ids=["absolute", "relative"],
)
async def test_planted_link_to_a_folder_leads_nowhere(
    bucket: LocalObjectStorage,
    folder: Path,
    tmp_path: Path,
    plant: Callable[[Path, Path], None],
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    plant(folder, outside)

    with pytest.raises(ObjectNotFound):
        [piece async for piece in bucket.read("dt=1/secret")]
    with pytest.raises(AccessDenied):
        await put(bucket, "dt=1/new")
    with pytest.raises(AccessDenied):
        await put(bucket, "dt=1/deeper/new")
    await bucket.delete("dt=1/secret")
    assert [found async for found in bucket.list("dt=1/")] == []
    assert await keys(bucket) == []
    assert sorted(outside.iterdir()) == [outside / "secret"]


async def test_planted_link_to_a_file_is_no_object(
    bucket: LocalObjectStorage, folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    (folder / "key").symlink_to(outside)

    with pytest.raises(ObjectNotFound):
        [piece async for piece in bucket.read("key")]
    await bucket.delete("key")
    assert await keys(bucket) == []
    assert outside.read_text() == "secret"


async def test_link_in_place_of_the_bucket_is_no_bucket(
    bucket: LocalObjectStorage, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "objects" / "globex").symlink_to(tmp_path / "outside")
    globex = LocalObjectStorage(tmp_path / "objects", "globex")

    with pytest.raises(AccessDenied):
        await globex.prepare()
    with pytest.raises(ObjectNotFound):
        await put(globex, "key")
    assert list((tmp_path / "outside").iterdir()) == []


async def test_linked_unfinished_folder_is_refused(
    bucket: LocalObjectStorage, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (folder / "~unfinished").rmdir()
    (folder / "~unfinished").symlink_to(tmp_path / "outside")

    with pytest.raises(AccessDenied):
        await put(bucket, "key")
    assert list((tmp_path / "outside").iterdir()) == []


async def test_pipe_in_place_of_an_object_does_not_hang(
    bucket: LocalObjectStorage, folder: Path
) -> None:
    os.mkfifo(folder / "key")

    with pytest.raises(ObjectNotFound):
        [piece async for piece in bucket.read("key")]
    assert await keys(bucket) == []


async def test_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "objects").symlink_to(tmp_path / "disk")
    bucket = LocalObjectStorage(tmp_path / "objects", "acme")
    await bucket.prepare()

    await put(bucket, "a/b")

    assert (tmp_path / "disk" / "acme" / "a" / "b").read_bytes() == b"data"


async def test_key_that_is_another_ones_folder_is_refused(bucket: LocalObjectStorage) -> None:
    await put(bucket, "a/b")

    for key in ("a", "a/b/c", "a/b/c/d"):
        with pytest.raises(InvalidValue):
            await put(bucket, key)
    assert await keys(bucket) == ["a/b"]


async def test_segment_longer_than_the_file_system_allows_is_refused(
    bucket: LocalObjectStorage,
) -> None:
    with pytest.raises(InvalidValue, match="255"):
        await put(bucket, "a" * 300)


async def test_unfinished_files_of_the_dead_are_swept_and_those_of_the_living_stay(
    bucket: LocalObjectStorage, folder: Path
) -> None:
    unfinished = folder / "~unfinished"
    (unfinished / "1-0").write_text("left by a crash")
    script = (
        "import fcntl, sys\n"
        "file = open(sys.argv[1], 'w')\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with start(script, unfinished / "2-0") as living:
        assert living.stdout is not None
        assert living.stdout.readline() == b"locked\n"

        await bucket.prepare()

        assert [path.name for path in unfinished.iterdir()] == ["2-0"]
        living.communicate()
    assert await keys(bucket) == []


async def test_writer_killed_at_any_moment_leaves_whole_objects_only(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from adapters.object_storage.local import LocalObjectStorage\n"
        "async def main():\n"
        "    bucket = LocalObjectStorage(Path(sys.argv[1]), 'acme')\n"
        "    await bucket.prepare()\n"
        "    for number in range(1_000_000):\n"
        "        data = str(number).encode() * 20_000\n"
        "        await bucket.create(f'dt=1/{number:09}', data, content_type='text/plain')\n"
        "        print(number, flush=True)\n"
        "asyncio.run(main())\n"
    )
    with start(script, tmp_path) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
        writer.kill()
        acknowledged += [int(line) for line in writer.stdout.read().splitlines()]

    bucket = LocalObjectStorage(tmp_path, "acme")
    await bucket.prepare()

    found = [int(key.rpartition("/")[2]) for key in await keys(bucket)]
    assert set(acknowledged) <= set(found)
    for number in found:
        data = b"".join([piece async for piece in bucket.read(f"dt=1/{number:09}")])
        assert data == str(number).encode() * 20_000
    assert list((tmp_path / "acme" / "~unfinished").iterdir()) == []


async def test_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import asyncio, resource, sys\n"
        "from pathlib import Path\n"
        "from adapters.object_storage.local import LocalObjectStorage\n"
        "from domain.errors import Unavailable\n"
        "async def main():\n"
        "    bucket = LocalObjectStorage(Path(sys.argv[1]), 'acme')\n"
        "    await bucket.prepare()\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "    try:\n"
        "        await bucket.create('key', b'x' * 20_000, content_type='text/plain')\n"
        "    except Unavailable as error:\n"
        "        print(error.message)\n"
        "asyncio.run(main())\n"
    )

    with start(script, tmp_path) as child:
        said, _ = child.communicate()

    assert said == b"the storage folder failed: File too large\n"
    assert files_below(tmp_path) == []


def test_another_provider_is_not_served(tmp_path: Path) -> None:
    settings = StorageSettings(provider=StorageProvider.S3, bucket="acme-audit-logs")

    with pytest.raises(Unavailable, match="S3"):
        LocalObjectStorages(tmp_path).of(settings)
