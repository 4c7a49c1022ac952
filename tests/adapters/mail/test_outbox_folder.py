"""What a folder adds to the contract of mail: files, modes, and a line in the log."""

import logging
import stat
from pathlib import Path

import pytest

from adapters.mail.message import safe_id
from adapters.mail.outbox_folder import OutboxFolderMailer
from domain.errors import InvalidValue, Unavailable
from tests.contract.mails import SENDER, a_mail
from tests.fakes.clock import FakeClock


def mailer(folder: Path, sender: str = SENDER) -> OutboxFolderMailer:
    return OutboxFolderMailer(folder, sender=sender, clock=FakeClock())


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_mail_is_one_file_for_this_user_alone(tmp_path: Path) -> None:
    await mailer(tmp_path / "outbox").send(a_mail(id="evt_1"))

    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == "evt_1.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert b"\r\n" in file.read_bytes()


@pytest.mark.parametrize(
    "mail_id", ["../../x", "a/b", "/etc/x", "..", "", "\x00", "a" * 300, ".hidden", "é", "\ud800"]
)
async def test_no_id_leads_out_of_the_folder(tmp_path: Path, mail_id: str) -> None:
    await mailer(tmp_path / "outbox").send(a_mail(id=mail_id))

    files = files_below(tmp_path)
    assert [file.parent for file in files] == [tmp_path / "outbox"]
    assert files[0].name.endswith(".eml")
    assert not files[0].name.startswith(".")


def test_name_of_a_mail_does_not_show_its_address() -> None:
    names = [safe_id(f"evt_1{mark}ada@example.org") for mark in ":.-/ "]

    assert names[0].startswith("evt_1-")
    assert not any("ada@" in name or name.startswith("evt_1.ada") for name in names)


async def test_log_names_the_file_and_no_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    await mailer(tmp_path).send(a_mail(id="evt_1"))
    await mailer(tmp_path).send(a_mail(id="evt_1"))

    (record,) = caplog.records
    assert vars(record)["path"] == str(tmp_path / "evt_1.eml")
    assert "ada@" not in str(vars(record))


async def test_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file stands where the folder should be")

    with pytest.raises(Unavailable, match=r"File exists|Not a directory"):
        await mailer(tmp_path / "outbox").send(a_mail())


@pytest.mark.parametrize("sender", ["a\nb@example.org", "", "no address"])
async def test_broken_sender_is_refused(tmp_path: Path, sender: str) -> None:
    with pytest.raises(InvalidValue):
        await mailer(tmp_path, sender).send(a_mail())
