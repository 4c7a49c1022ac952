"""The packages of the functions: whole, small, and fit for the runtime."""

import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from scripts.environment import SetUpFailed
from scripts.lambda_packages import PACKAGES, check_libraries, pack, report


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a folder as an installation makes it, with what is left out."""
    folder = tmp_path / "site"
    for name in (
        "mangum/__init__.py",
        "mangum/adapter.pyi",
        "mangum/tests/test_adapter.py",
        "mangum-0.22.0.dist-info/METADATA",
        "mangum-0.22.0.dist-info/RECORD",
        "stripe/__init__.py",
        "stripe-16.1.0.dist-info/METADATA",
        "bin/something",
        ".lock",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return folder


@pytest.mark.parametrize("name", PACKAGES)
def test_package_holds_the_sources_and_one_entry(
    name: str, tmp_path: Path, installed: Path
) -> None:
    module, without = PACKAGES[name]

    with ZipFile(pack(tmp_path / "one.zip", installed, module, without=without)) as package:
        names = set(package.namelist())
        entry = package.read("zappa_entry.py").decode()

    assert f"from {module} import handler" in entry
    assert {
        f"{module.replace('.', '/')}.py",
        "adapters/redis/scripts/limits_acquire.lua",
        "model_store/embedded/MANIFEST.json",
        "mangum/__init__.py",
        "mangum-0.22.0.dist-info/METADATA",
    } <= names
    assert any(one.startswith("trueport-") for one in names)
    assert not {"mangum/adapter.pyi", "mangum/tests/test_adapter.py", ".lock"} & names
    assert not any(one.startswith(("entrypoints/cli/", "bin/", "tests/")) for one in names)
    assert ("stripe/__init__.py" in names) is ("stripe" not in without)


def test_same_sources_make_the_same_files(tmp_path: Path, installed: Path) -> None:
    packages = [
        ZipFile(pack(tmp_path / f"{number}.zip", installed, "entrypoints.lambda_gateway"))
        for number in range(2)
    ]

    # Python itself does not write the same bytecode twice.
    one, two = (
        [
            (entry.filename, entry.CRC)
            for entry in package.infolist()
            if ".pyc" not in entry.filename
        ]
        for package in packages
    )
    for package in packages:
        package.close()
    assert one == two


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="bytecode is that of Python 3.11")
def test_bytecode_stands_beside_the_sources(tmp_path: Path, installed: Path) -> None:
    with ZipFile(pack(tmp_path / "one.zip", installed, "entrypoints.lambda_gateway")) as package:
        assert "domain/__pycache__/tenant.cpython-311.pyc" in package.namelist()
        assert "__pycache__/zappa_entry.cpython-311.pyc" in package.namelist()


def test_size_and_what_most_of_it_is_are_told(
    tmp_path: Path, installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(pack(tmp_path / "one.zip", installed, "entrypoints.lambda_gateway"))

    told = capsys.readouterr().out
    assert "MB unpacked" in told
    assert "adapters" in told


@pytest.mark.parametrize("symbol", [b"GLIBC_2.28", b"GLIBCXX_3.4.29"])
def test_library_that_the_runtime_lacks_is_refused(tmp_path: Path, symbol: bytes) -> None:
    (tmp_path / "fine.so").write_bytes(b"\0GLIBC_2.17\0GLIBCXX_3.4.21\0")
    check_libraries(tmp_path)
    (tmp_path / "new.so").write_bytes(b"\0GLIBC_2.17\0" + symbol + b"\0")

    with pytest.raises(SetUpFailed, match=r"new\.so needs GLIBC"):
        check_libraries(tmp_path)
