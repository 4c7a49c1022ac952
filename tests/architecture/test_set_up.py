"""The set-up takes pip's registry for its own and says in one line what stops it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.environment import main, merge_pip_settings, uv_settings
from tests.architecture.source_tree import ROOT


def set_up(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "setup.sh", *arguments],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("listing", "merged"),
    [
        ("global.index-url='https://a.example/simple'", {"index-url": "https://a.example/simple"}),
        ("global.cert='/a'\ninstall.cert='/b'", {"cert": "/b"}),
        ("install.cert='/b'\nglobal.cert='/a'", {"cert": "/b"}),
        (":env:.cert='/c'\ninstall.cert='/b'", {"cert": "/c"}),
        (":env:.default-timeout='30'", {"timeout": "30"}),
        ("global.find-links='/a\\n/b'", {"find-links": "/a\n/b"}),
        ("wheel.index-url='https://b.example'\nnot a setting", {}),
    ],
)
def test_pip_settings_are_merged_as_pip_does(listing: str, merged: Mapping[str, str]) -> None:
    assert merge_pip_settings(listing) == merged


def test_pip_registry_becomes_uv_registry() -> None:
    pip_settings = {
        "index-url": "https://a.example/simple",
        "extra-index-url": "https://b.example/simple\nhttps://c.example/simple",
        "find-links": "/wheels\n/more-wheels",
        "cert": "/ca.pem",
        "no-input": "1",
    }

    assert uv_settings(pip_settings, {}) == {
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_INDEX": "https://b.example/simple https://c.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more-wheels",
        "SSL_CERT_FILE": "/ca.pem",
    }


@pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_uv_was_told_in_its_own_words_holds(variable: str) -> None:
    pip_settings = {"index-url": "https://a.example/simple"}

    assert uv_settings(pip_settings, {variable: "https://own.example/simple"}) == {}


def test_python_that_is_too_old_is_refused_in_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)

    outcome = set_up("default", PATH=os.defpath, PYTHON=str(old))

    assert outcome.returncode == 1
    assert outcome.stderr == (f"set-up: PYTHON={old} is not a python of version 3.11 or later\n")


def test_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")

    outcome = set_up("default", PATH=str(tmp_path))

    assert outcome.returncode == 1
    assert outcome.stderr.startswith("set-up: no python of version 3.11 or later was found")
    assert outcome.stderr.count("\n") == 1


def test_unknown_kind_of_set_up_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["everything"])

    assert status == 2
    assert capsys.readouterr().err.startswith("set-up: usage:")
