"""`trueport doctor`: each check tells its state and what to do, and changes nothing."""

import os
import shutil
import socket
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sqlite.migrations import shipped_migrations
from entrypoints.cli import doctor_checks
from entrypoints.cli.doctor_checks import (
    State,
    clock_check,
    disk_check,
    home_check,
    model_checks,
    port_check,
    secret_checks,
    store_check,
)
from entrypoints.settings import load_settings
from entrypoints.wiring.detectors import shipped_models
from tests.entrypoints.cli.conftest import CommandLine


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def test_fresh_machine_is_fine_and_stays_fresh(trueport: CommandLine, tmp_path: Path) -> None:
    ended = trueport("doctor", "--json", "--port", str(free_port()))

    states = {check["name"]: check["state"] for check in ended.json["checks"]}
    assert ended.status == 0
    assert {"python", "home", "disk", "store", "secrets", "clock", "port"} <= set(states)
    assert {"models", "detectors", "extras", "settings"} <= set(states)
    assert "fail" not in states.values()
    assert not (tmp_path / "home").exists()


def test_wrong_setting_is_a_failure_of_configuration(
    trueport: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORAGE_PROVIDER", "FLOPPY")

    ended = trueport("doctor")

    assert ended.status == 2
    assert "fail  settings   STORAGE_PROVIDER: must be" in ended.out
    assert "fix: " in ended.out


def test_working_installation_is_whole(trueport: CommandLine) -> None:
    trueport("tenants", "create", "acme", "--owner", "ada@example.org")

    ended = trueport("doctor", "--port", str(free_port()))

    assert ended.status == 0
    assert "store      whole, schema" in ended.out


def test_home_in_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    check = home_check(tmp_path / "file")

    assert check.state is State.FAIL
    assert check.fix


def test_home_that_others_can_write_is_a_warning(home: Path) -> None:
    home.chmod(0o777)

    assert home_check(home).state is State.WARN


def test_damaged_store_is_away(home: Path) -> None:
    (home / "trueport.sqlite3").write_bytes(b"this is no database" * 100)

    check = store_check(load_settings({"TRUEPORT_HOME": str(home)}))

    assert (check.state, check.status) == (State.FAIL, 4)


@pytest.mark.parametrize(("ahead", "state"), [(-1, State.OK), (0, State.OK), (1, State.FAIL)])
def test_store_of_a_newer_version_is_refused(home: Path, ahead: int, state: State) -> None:
    known = shipped_migrations()[-1].number
    raw = sqlite3.connect(home / "trueport.sqlite3")
    raw.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
    raw.execute("INSERT INTO schema_version VALUES (?)", (known + ahead,))
    raw.commit()
    raw.close()

    assert store_check(load_settings({"TRUEPORT_HOME": str(home)})).state is state


def test_secrets_that_others_can_read_are_named(home: Path) -> None:
    (home / "secrets").mkdir(mode=0o700)
    (home / "secrets" / "master-keys").write_text("k1:…")
    (home / "secrets" / "master-keys").chmod(0o644)

    (check,) = secret_checks(home)

    assert check.state is State.FAIL
    assert check.fix == f"chmod 600 {home / 'secrets' / 'master-keys'}"


def test_full_disk_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_checks, "_TOO_FEW_BYTES", 1 << 80)

    assert disk_check(home).state is State.FAIL


def test_port_in_use_is_a_warning() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        check = port_check(listener.getsockname()[1])

    assert check.state is State.WARN
    assert "--port" in check.fix


def test_clock_behind_what_was_written_is_a_warning(home: Path) -> None:
    database = home / "trueport.sqlite3"
    database.write_bytes(b"")
    later = datetime(2999, 1, 1, tzinfo=UTC).timestamp()
    os.utime(database, (later, later))

    assert clock_check(load_settings({"TRUEPORT_HOME": str(home)})).state is State.WARN


def test_damaged_model_is_named(tmp_path: Path) -> None:
    manifest = '{"files": {"a.bin": {"sha256": "00"}, "b.bin": {"sha256": "00"}}}'
    shutil.copytree(shipped_models(), tmp_path / "shipped")
    folder = tmp_path / "shipped" / "embedded"
    (folder / "MANIFEST.json").write_text(manifest)
    (folder / "a.bin").write_bytes(b"other")

    checks = list(model_checks(tmp_path / "models", tmp_path / "shipped"))

    assert [(check.state, check.status) for check in checks] == [(State.FAIL, 4)] * 2
    assert checks[0].message == "embedded/a.bin: not the file that the manifest names"
    assert checks[1].message == "embedded/b.bin: cannot be read"
