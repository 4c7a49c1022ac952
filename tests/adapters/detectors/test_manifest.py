"""A model file is read only if the manifest of its folder names it, with its digest."""

import json
from pathlib import Path

import pytest

from adapters.detectors.manifest import FILE, problems, read_checked, write_manifest
from domain.errors import Unavailable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "model.pt").write_bytes(b"weights")
    (tmp_path / "labels.txt").write_bytes(b"O\n")
    write_manifest(tmp_path)
    return tmp_path


def test_written_manifest_names_every_file(folder: Path) -> None:
    files = json.loads((folder / FILE).read_bytes())["files"]

    assert set(files) == {"1/model.pt", "labels.txt"}
    assert files["1/model.pt"]["bytes"] == 7
    assert list(problems(folder, names_all=True)) == []
    assert read_checked(folder / "1" / "model.pt", folder) == b"weights"


def test_changed_file_is_refused_and_told(folder: Path) -> None:
    (folder / "1" / "model.pt").write_bytes(b"Weights")

    with pytest.raises(Unavailable, match=r"model\.pt is not the one that its manifest names"):
        read_checked(folder / "1" / "model.pt", folder)
    assert list(problems(folder)) == [("1/model.pt", "not the file that the manifest names")]


def test_missing_file_is_told(folder: Path) -> None:
    (folder / "labels.txt").unlink()

    with pytest.raises(Unavailable, match="cannot be read"):
        read_checked(folder / "labels.txt")
    assert list(problems(folder)) == [("labels.txt", "cannot be read")]


def test_file_that_no_manifest_names_is_refused(folder: Path) -> None:
    (folder / "2").mkdir()
    (folder / "2" / "model.pt").write_bytes(b"others")

    with pytest.raises(Unavailable, match="not the one"):
        read_checked(folder / "2" / "model.pt", folder)
    assert list(problems(folder)) == []
    assert list(problems(folder, names_all=True)) == [("2/model.pt", "not named by the manifest")]


def test_what_python_compiled_is_no_file_of_its_own(folder: Path) -> None:
    (folder / "1" / "__pycache__").mkdir()
    (folder / "1" / "__pycache__" / "model.cpython-311.pyc").write_bytes(b"compiled")

    assert list(problems(folder, names_all=True)) == []


@pytest.mark.parametrize("manifest", ["", "[]", '{"files": []}', '{"files": {"a": 1}}', "{}"])
def test_manifest_that_is_none_is_told(folder: Path, manifest: str) -> None:
    (folder / FILE).write_text(manifest)

    with pytest.raises(Unavailable, match="cannot be read"):
        read_checked(folder / "labels.txt")
    assert list(problems(folder)) == [(FILE, "missing or damaged")]
