"""The wheel holds the five packages with their data, and nothing that does not belong there."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from email.message import Message
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, project_files

EXTRAS = {"mongo", "redis", "s3", "azure", "gcp", "triton", "neural", "models", "stripe", "all"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Build the wheel with the backend that is installed: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return ZipFile(path)


@pytest.fixture(scope="module")
def wheel_metadata(wheel: ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(wheel.read(name).decode())


def test_wheel_holds_every_file_of_the_packages(
    wheel: ZipFile, counterpart: Callable[[str], str]
) -> None:
    paths = (path.relative_to(ROOT) for path in project_files(counterpart("git")))
    expected = {path.as_posix() for path in paths if path.parts[0] in PACKAGES}

    missing = expected - set(wheel.namelist())

    assert missing == set()


def test_wheel_holds_nothing_else(wheel: ZipFile) -> None:
    folders = {Path(name).parts[0] for name in wheel.namelist()}

    distribution = {folder for folder in folders if folder.endswith(".dist-info")}

    assert len(distribution) == 1
    assert folders - distribution == set(PACKAGES)


@pytest.mark.parametrize(
    ("folder", "suffix"),
    [
        ("adapters/sqlite/schema/", ".sql"),
        ("adapters/redis/scripts/", ".lua"),
        ("adapters/mail/templates/", ""),
        ("model_store/embedded/", ""),
        ("model_store/exfil-regex-entropy/1/", "model.py"),
        ("model_store/exfil-regex-entropy/warmup/", "channel"),
        ("model_store/pii-ner-roberta/", "config.pbtxt"),
        ("model_store/bias-deberta-v3/configs/", "gpu.pbtxt"),
        ("model_store/injection-distilbert/", "labels.txt"),
        ("model_store/", "config.pbtxt.template"),
        *((f"{package}/py.typed", "") for package in PACKAGES),
    ],
)
def test_wheel_holds_the_data_that_the_code_reads(wheel: ZipFile, folder: str, suffix: str) -> None:
    found = [name for name in wheel.namelist() if name.startswith(folder) and name.endswith(suffix)]

    assert found


def test_wheel_brings_the_command(wheel: ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))

    assert "trueport = entrypoints.cli.main:main" in wheel.read(name).decode()


def test_one_version_is_told_everywhere(wheel_metadata: Message) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = subprocess.run(
        [sys.executable, "-m", "entrypoints.cli.main", "version"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert wheel_metadata["Version"] == declared["version"]
    assert metadata.version("trueport") == declared["version"]
    assert declared["version"] in told.stdout


def test_extras_can_be_asked_for(wheel_metadata: Message) -> None:
    assert set(wheel_metadata.get_all("Provides-Extra", [])) >= EXTRAS


def test_licence_is_stated_and_shipped(wheel: ZipFile, wheel_metadata: Message) -> None:
    assert wheel_metadata["License-Expression"] == "Apache-2.0"
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())
