"""Every command helps, and the way out of a mistake is one line away."""

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from entrypoints.cli.main import trueport as root
from tests.entrypoints.cli.conftest import TEXT, CommandLine


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = list(commands(root))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_names_its_options_and_shows_examples(
    trueport: CommandLine, path: tuple[str, ...]
) -> None:
    ended = trueport(*path, "--help")

    assert ended.status == 0
    assert "Usage: trueport " + " ".join(path) in ended.out
    if path != ("version",):
        assert "Example" in ended.out
        assert f"trueport {path[0]}" in ended.out.partition("Example")[2]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_wrong_option_ends_with_2(trueport: CommandLine, path: tuple[str, ...]) -> None:
    ended = trueport(*path, "--no-such-option")

    assert ended.status == 2
    assert "No such option" in ended.err


@pytest.mark.parametrize(
    ("mistyped", "meant"), [("scna", "scan"), ("polices", "policies"), ("versoin", "version")]
)
def test_mistyped_command_gets_a_suggestion(
    trueport: CommandLine, mistyped: str, meant: str
) -> None:
    ended = trueport(mistyped)

    assert ended.status == 2
    assert f"Did you mean '{meant}'?" in ended.err


def test_mistyped_command_of_a_group_gets_a_suggestion(trueport: CommandLine) -> None:
    ended = trueport("tenants", "lst")

    assert ended.status == 2
    assert "'list'" in ended.err


def scan_into(stdout: Path) -> subprocess.CompletedProcess[bytes]:
    with stdout.open("wb") as stream:
        return subprocess.run(
            [
                *(sys.executable, "-m", "entrypoints.cli.main"),
                *("scan", "-", "--profile", "patterns", "--quiet"),
            ],
            check=False,
            input=TEXT.encode(),
            stdout=stream,
            stderr=subprocess.PIPE,
        )


def test_full_disk_is_one_line() -> None:
    ended = scan_into(Path("/dev/full"))

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        b"Error: standard output cannot be written: No space left on device"
    ]


def test_reader_that_has_seen_enough_changes_nothing() -> None:
    scan = subprocess.Popen(
        [sys.executable, "-m", "entrypoints.cli.main", "scan", "-", "--profile", "patterns"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert scan.stdout is not None
    scan.stdout.close()
    scan.stdout = None

    _, complaints = scan.communicate(TEXT.encode())

    assert scan.returncode == 1
    assert b"Traceback" not in complaints
    assert errno.errorcode[errno.EPIPE].encode() not in complaints
