"""The command line, run in this process and looked at from outside."""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from entrypoints.cli.main import main

CARD = "4111 1111 1111 1111"
MAIL = "ada@example.org"
TEXT = f"my card is {CARD} and my mail is {MAIL}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what standard output holds."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Return the JSON of each line of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]

    def named_fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprints of a JSON report by the type of the finding."""
        return {one["type"]: one["fingerprint"] for one in self.json["findings"]}


class CommandLine:
    """Run `trueport` in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        captured: pytest.CaptureFixture[str],
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._captured = captured

    def __call__(self, *arguments: str, stdin: bytes | BinaryIO = b"") -> Ended:
        """Run a command to its end."""
        raw = io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
        self._captured.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = self._captured.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        assert "Traceback" not in err
        return Ended(status=code, out=out, err=err)

    def scan(self, *arguments: str, stdin: bytes | BinaryIO = b"") -> Ended:
        """Run `trueport scan` with the detectors that need no model."""
        return self("scan", "--profile", "patterns", *arguments, stdin=stdin)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the folder, with the folders above it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def files(self) -> Sequence[str]:
        """Return the names of all files of the folder."""
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if not path.is_dir()
        )


@pytest.fixture
def trueport(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """Return the command line in an empty folder, with its state in another one."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TRUEPORT_HOME", str(tmp_path / "home"))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return CommandLine(folder, monkeypatch, capsys)
