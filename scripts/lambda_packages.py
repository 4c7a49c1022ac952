"""Make the packages of the functions on AWS Lambda: `make lambda`.

`dist/platform-backend.zip` and `dist/trueportai-services.zip` hold the sources, what
`requirements/lambda.txt` locks for Python 3.11 on x86-64, and `zappa_entry.py`, whose `handler` is
the function's. Standard library only.
"""

import os
import py_compile
import re
import shutil
import sys
import tomllib
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from scripts.environment import ROOT, SetUpFailed, find_uv, run, say, tool_environment

PACKAGES: Mapping[str, tuple[str, frozenset[str]]] = {
    "platform-backend": ("entrypoints.lambda_platform", frozenset()),
    "trueportai-services": ("entrypoints.lambda_gateway", frozenset({"stripe"})),
}
"""The name of each package, the module that has its handler, and what it has no use for."""

LOCK = ROOT / "requirements" / "lambda.txt"
LARGEST = 50 * 1000 * 1000
"""Bytes that Lambda takes in a direct upload.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

_PYTHON = (3, 11)
_PLATFORM = "x86_64-manylinux2014"
# Its wheels name a newer platform than the symbols that they use; `check_libraries` looks.
_NEWER = {"google-re2": "x86_64-manylinux_2_28"}
# What Amazon Linux 2 has, on which python3.11 runs; later runtimes have more.
_GLIBC = (2, 26)
_GLIBCXX = (3, 4, 24)

_SOURCES = ("domain", "application", "adapters", "entrypoints", "model_store")
_NOT_SHIPPED = ("entrypoints/cli/", "model_store/embedded/cards/")
_SUFFIXES = frozenset({".pyi", ".pyc", ".pxd", ".pyx", ".c", ".h", ".md"})
_FOLDERS = frozenset({"__pycache__", "tests", "test", "bin"})
_METADATA = frozenset({"METADATA", "entry_points.txt"})
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_TOP = 8


def main() -> int:
    """Make both packages and say what they weigh."""
    work = ROOT / "build" / "lambda"
    try:
        shutil.rmtree(work, ignore_errors=True)
        installed = work / "site"
        _install(installed)
        check_libraries(installed)
        (ROOT / "dist").mkdir(exist_ok=True)
        for name, (module, without) in PACKAGES.items():
            report(pack(ROOT / "dist" / f"{name}.zip", installed, module, without=without))
    except SetUpFailed as problem:
        say(str(problem))
        return 1
    return 0


def _install(target: Path) -> None:
    environment = tool_environment()
    uv = find_uv(environment)
    for only, platform in ((None, _PLATFORM), *_NEWER.items()):
        requirements = target.parent / f"{only or 'most'}.txt"
        requirements.parent.mkdir(parents=True, exist_ok=True)
        requirements.write_text("".join(_entries(only)), encoding="utf-8")
        run(
            [
                *(uv, "pip", "install", "--target", target, "--no-deps", "--require-hashes"),
                *("--only-binary", ":all:", "--python-platform", platform),
                *("--python-version", ".".join(map(str, _PYTHON)), "--requirement", requirements),
            ],
            environment,
            f"installing {only or 'requirements/lambda.txt'} for {platform}",
        )


def _entries(only: str | None) -> Iterator[str]:
    """Yield the lines of the lock that speak of one distribution, or of all that remain."""
    name = ""
    for line in LOCK.read_text(encoding="utf-8").splitlines(keepends=True):
        if line[:1].isalnum():
            name = re.split(r"[=\s;]", line, maxsplit=1)[0]
        if name and (name == only if only else name not in _NEWER):
            yield line


def check_libraries(folder: Path) -> None:
    """Look at the symbols that compiled modules ask for.

    Raises:
        SetUpFailed: the runtime has no such library.
    """
    for path in folder.rglob("*.so*"):
        content = path.read_bytes()
        for prefix, newest in (("GLIBC", _GLIBC), ("GLIBCXX", _GLIBCXX)):
            asked = re.findall(rb"\b%b_(\d+(?:\.\d+)+)" % prefix.encode(), content)
            versions = [tuple(int(part) for part in one.split(b".")) for one in asked]
            if versions and max(versions) > newest:
                wanted = ".".join(map(str, max(versions)))
                raise SetUpFailed(f"{path.name} needs {prefix} {wanted}, which the runtime lacks")


def pack(
    target: Path, installed: Path, module: str, *, without: Collection[str] = frozenset()
) -> Path:
    """Write one package: every file once, in order, with its bytecode where we can make it."""
    files = dict(_files(installed, installed, without)) | dict(_sources())
    files |= {name: text.encode() for name, text in _made(module).items()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in sorted(files.items()):
            _write(package, name, content)
            compiled = _compiled(name, content) if name.endswith(".py") else None
            if compiled is not None:
                stem = name.rpartition("/")[2].removesuffix(".py")
                folder = name.rpartition("/")[0]
                cached = f"__pycache__/{stem}.cpython-{_PYTHON[0]}{_PYTHON[1]}.pyc"
                _write(package, f"{folder}/{cached}" if folder else cached, compiled)
    return target


def _write(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    package.writestr(entry, content)


def _files(
    root: Path, base: Path, without: Collection[str] = frozenset()
) -> Iterator[tuple[str, bytes]]:
    for path in root.rglob("*"):
        name = path.relative_to(base)
        if re.split(r"-\d", name.parts[0], maxsplit=1)[0] in without:
            continue
        is_metadata = any(part.endswith(".dist-info") for part in name.parts)
        if (
            not path.is_file()
            or path.suffix in _SUFFIXES
            or _FOLDERS & set(name.parts)
            or (is_metadata and path.name not in _METADATA)
            or name.parts[0].startswith(".")
        ):
            continue
        yield name.as_posix(), path.read_bytes()


def _sources() -> Iterator[tuple[str, bytes]]:
    for source in _SOURCES:
        for name, content in _files(ROOT / source, ROOT):
            if not name.startswith(_NOT_SHIPPED):
                yield name, content


def _made(module: str) -> dict[str, str]:
    """Return the files that only a package has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    return {
        "zappa_entry.py": (
            '"""The entry of this function."""\n\n'
            f"from {module} import handler\n\n"
            '__all__ = ["handler"]\n'
        ),
        f"{name}-{version}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        ),
    }


def _compiled(name: str, source: bytes) -> bytes | None:
    """Return bytecode that needs no look at its source: the function's folder is read-only."""
    if sys.version_info[:2] != _PYTHON:
        return None
    work = ROOT / "build" / "lambda" / "bytecode"
    path = work / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source)
    cached = path.with_suffix(".pyc")
    try:
        py_compile.compile(
            os.fspath(path),
            cfile=os.fspath(cached),
            dfile=name,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError:
        # Some libraries carry templates and syntax of later Pythons.
        return None
    return cached.read_bytes()


def report(package: Path) -> None:
    """Say what a package weighs, and what most of it is.

    Raises:
        SetUpFailed: it is too large.
    """
    with zipfile.ZipFile(package) as opened:
        entries = opened.infolist()
    packed, unpacked = Counter[str](), 0
    for entry in entries:
        packed[entry.filename.partition("/")[0]] += entry.compress_size
        unpacked += entry.file_size
    size = package.stat().st_size
    if size > LARGEST:
        raise SetUpFailed(f"{package} is larger than the {LARGEST} bytes that Lambda takes")
    print(f"{package.name}: {size / 1e6:.1f} MB, {unpacked / 1e6:.1f} MB unpacked")
    for name, weight in packed.most_common(_TOP):
        print(f"  {name:30} {weight / 1e6:6.2f} MB")


if __name__ == "__main__":
    sys.exit(main())
