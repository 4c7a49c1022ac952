"""Messages that nobody understood are kept for a person, the newest ones and no more."""

import logging
from pathlib import Path

import pytest

from adapters.notifications.quarantine import FolderQuarantine
from tests.fakes.ids import CountingIds


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_body_is_kept_as_it_came_for_this_user_alone(tmp_path: Path) -> None:
    quarantine = FolderQuarantine(tmp_path / "quarantine", ids=CountingIds())

    await quarantine.keep("s3", b"\xff{")

    (path,) = files(tmp_path / "quarantine")
    assert path.read_bytes() == b"\xff{"
    assert path.name.endswith("-s3")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


async def test_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    quarantine = FolderQuarantine(tmp_path, ids=CountingIds(), max_files=3)

    for number in range(5):
        await quarantine.keep("azure", b"%d" % number)

    assert {path.read_bytes() for path in files(tmp_path)} == {b"2", b"3", b"4"}


async def test_folder_that_cannot_be_written_is_logged_and_holds_nobody_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    quarantine = FolderQuarantine(tmp_path / "file", ids=CountingIds())

    with caplog.at_level(logging.ERROR):
        await quarantine.keep("s3", b"secret text")

    assert "cannot be kept" in caplog.text
    assert "secret text" not in caplog.text
