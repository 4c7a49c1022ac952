"""`trueport completion`."""

import os
import subprocess
import sys

import pytest

from tests.entrypoints.cli.conftest import CommandLine


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_asks_the_program(trueport: CommandLine, shell: str) -> None:
    ended = trueport("completion", shell)

    assert ended.status == 0, ended.err
    assert f"_TRUEPORT_COMPLETE={shell}_complete" in ended.out


def test_unknown_shell_is_refused(trueport: CommandLine) -> None:
    ended = trueport("completion", "tcsh")

    assert ended.status == 2
    assert "'tcsh' is not one of" in ended.err


def test_program_completes_what_the_shell_asks_about() -> None:
    asked = {"_TRUEPORT_COMPLETE": "bash_complete", "COMP_WORDS": "trueport sc", "COMP_CWORD": "1"}

    answered = subprocess.run(
        [sys.executable, "-m", "entrypoints.cli.main"],
        env={"PATH": os.defpath, **asked},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answered.stdout.split() == ["plain,scan"]
