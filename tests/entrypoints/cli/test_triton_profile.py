"""Commands that detect on Triton, and what they say when nobody answers there."""

from pathlib import Path

import pytest

from entrypoints.wiring.detectors import PATTERNS, SLOTS
from entrypoints.wiring.local_detection import LocalDetection, Profile
from tests.counterpart_servers import free_port
from tests.entrypoints.cli.conftest import CARD, TEXT, CommandLine
from tests.triton_server import TritonServer


@pytest.fixture
def nobody() -> str:
    return f"grpc://127.0.0.1:{free_port()}"


def test_command_reads_on_triton(
    trueport: CommandLine, triton: TritonServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_URL", triton.http_url)
    Path("note.txt").write_text(TEXT, encoding="utf-8")

    here = trueport("scan", "note.txt", "--format", "json")
    there = trueport("scan", "note.txt", "--format", "json", "--profile", "triton")

    assert there.status == 1
    assert there.json["findings"] == here.json["findings"]
    assert CARD not in there.out


def test_profile_has_every_rule(triton: TritonServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRITON_URL", triton.grpc_url)

    there = LocalDetection(Profile.TRITON)

    assert there.rules == LocalDetection().rules
    assert there.versions == LocalDetection().versions


def test_command_without_an_address_ends_with_4(trueport: CommandLine) -> None:
    ended = trueport("detect", "-", "--profile", "triton")

    assert ended.status == 4
    assert "the profile triton needs TRITON_URL" in ended.err


def test_command_whose_server_is_away_ends_with_4_at_once(
    trueport: CommandLine, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_URL", nobody)

    ended = trueport("detect", "-", "--profile", "triton")

    assert ended.status == 4
    assert ended.err == f"Error: triton at {nobody} cannot be reached\n"


def test_doctor_tells_servers_and_engines(
    trueport: CommandLine, triton: TritonServer, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_URL", f"{triton.grpc_url},{nobody}")

    ended = trueport("doctor", "--json", "--port", str(free_port()))

    checks = {check["name"]: check for check in ended.json["checks"]}
    assert ended.status == 0
    assert checks["triton"]["state"] == "warn"
    assert nobody in checks["triton"]["message"]
    assert checks["engines"]["message"] == (
        "on Triton: exfil-regex-entropy; in this process, since not built for Triton: "
        + ", ".join(name for name in SLOTS if name != PATTERNS)
    )


def test_doctor_fails_where_no_server_answers(
    trueport: CommandLine, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_URL", nobody)

    ended = trueport("doctor", "--json", "--port", str(free_port()))

    checks = {check["name"]: check for check in ended.json["checks"]}
    assert ended.status == 4
    assert checks["triton"]["state"] == "fail"
    assert checks["triton"]["message"] == f"triton at {nobody} cannot be reached"
