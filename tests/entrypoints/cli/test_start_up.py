"""Commands that work alone start quickly: they load no web framework, container or settings."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

HEAVY = {
    "cryptography",
    "dependency_injector",
    "fastapi",
    "httpx2",
    "jinja2",
    "pydantic",
    "pydantic_settings",
    "starlette",
    "uvicorn",
}
PROBE = """
import sys
from entrypoints.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    status = ended.code
print(status, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
CPU = """
import resource, subprocess, sys
def seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
bare = [sys.executable, "-c", "pass"]
version = [sys.executable, "-m", "entrypoints.cli.main", "version"]
print(min(seconds(bare) for _ in range(7)), min(seconds(version) for _ in range(7)))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["version"],
        ["--help"],
        ["scan", "-"],
        ["scan", "--help"],
        ["detect", "-"],
        ["explain", "email"],
    ],
    ids=" ".join,
)
def test_command_loads_nothing_heavy(arguments: Sequence[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        check=True,
        input="",
        capture_output=True,
        text=True,
    )

    status, *modules = ended.stderr.splitlines()[-1].split()
    assert status == "0"
    assert HEAVY & set(modules) == set()


def test_version_takes_little_more_than_a_bare_interpreter() -> None:
    measured = subprocess.run(
        [sys.executable, "-c", CPU], check=True, capture_output=True, text=True
    )

    bare, version = map(float, measured.stdout.split())

    assert version <= 2 * bare + 0.1
