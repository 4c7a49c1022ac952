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


def test_scan_of_files_loads_nothing_for_other_inputs_formats_and_processes() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, "scan", "-", "--profile", "patterns"],
        check=True,
        input="mail ada@example.org",
        capture_output=True,
        text=True,
    )

    _, *modules = ended.stderr.splitlines()[-1].split()
    assert {"multiprocessing", "yaml"} & set(modules) == set()
