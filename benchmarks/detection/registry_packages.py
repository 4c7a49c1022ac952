"""Packages of public registries, pinned, fetched by the ordinary clients and kept in a cache.

Which registry that is, uv and npm are told by their own configuration. uv resolves a pinned name to
the address and digest of its source distribution, since pip would build metadata to fetch one.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.detection.systems import ROOT
from scripts.environment import find_uv, tool_environment

CACHE = ROOT / ".counterparts" / "corpora"
_LINE = re.compile(r"(pypi|npm) (\S+) (\S+)")
_AT_A_TIME = 40
_FETCHERS = 4


class NotFetched(Exception):
    """What could not be fetched, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package of one version; `registry` is `pypi` (its source distribution) or `npm`."""

    registry: str
    name: str
    version: str

    @property
    def label(self) -> str:
        """Return what tables call it."""
        return f"{self.registry}:{self.name} {self.version}"

    @property
    def folder(self) -> str:
        """Return the name of its folder in the cache."""
        plain = self.name.replace("@", "").replace("/", "+")
        return f"{self.registry}/{plain}-{self.version}"


def read_list(path: Path) -> list[Package]:
    """Return the packages of a list: a line `registry name version` each, `#` begins a remark.

    Raises:
        ValueError: a line is something else.
    """
    packages = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        found = _LINE.fullmatch(text)
        if found is None:
            raise ValueError(f"{path}, line {number}: wanted `pypi NAME VERSION` or `npm …`")
        packages.append(Package(registry=found[1], name=found[2], version=found[3]))
    return packages


def fetched(packages: Sequence[Package], cache: Path) -> dict[Package, Path]:
    """Return the folder of each package, unpacked below `cache`; what is there stays.

    Raises:
        NotFetched: a registry does not have one, or cannot be reached.
    """
    missing = [package for package in packages if not (cache / package.folder).is_dir()]
    for registry, fetch in (("pypi", _from_pypi), ("npm", _from_npm)):
        wanted = [package for package in missing if package.registry == registry]
        if wanted:
            print(f"fetching {len(wanted)} packages from {registry} …", flush=True)
            fetch(wanted, cache)
    return {package: cache / package.folder for package in packages}


def _from_pypi(packages: Sequence[Package], cache: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="trueport-corpora-") as scratch:
        sources = _resolved(packages, Path(scratch))
    with ThreadPoolExecutor(_FETCHERS) as pool:
        for _ in pool.map(
            lambda one: _unpack_source(one, sources[_same(one.name)], cache), packages
        ):
            pass


def _resolved(packages: Sequence[Package], scratch: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return where the source distribution of each package is, by normalised name (PEP 751)."""
    wanted, lock = scratch / "wanted.txt", scratch / "pylock.toml"
    wanted.write_text("".join(f"{one.name}=={one.version}\n" for one in packages), "utf-8")
    environment = tool_environment()
    # Folders of wheels beside the main index would hide the sources of what they hold.
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        environment.pop(name, None)
    command = [str(find_uv(environment)), "pip", "compile", "--quiet", "--no-deps"]
    _run([*command, "--format", "pylock.toml", "-o", str(lock), str(wanted)], environment)
    documents = tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]
    sources = {_same(one["name"]): one.get("sdist") for one in documents}
    without = [one.label for one in packages if not sources.get(_same(one.name))]
    if without:
        raise NotFetched(f"no source distribution of {', '.join(without)}")
    return sources


def _unpack_source(package: Package, source: Mapping[str, Any], cache: Path) -> None:
    address = source.get("url") or Path(source["path"]).absolute().as_uri()
    try:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - uv names it
            content: bytes = answer.read()
    except OSError as error:
        raise NotFetched(f"{package.label}: {error}") from error
    if hashlib.sha256(content).hexdigest() != source["hashes"]["sha256"]:
        raise NotFetched(f"{package.label}: what came has another digest than the index says")
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
        archive.write(content)
        archive.flush()
        _unpack(Path(archive.name), cache / package.folder)


def _from_npm(packages: Sequence[Package], cache: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotFetched("npm is not there: it comes with Node.js")
    with tempfile.TemporaryDirectory(prefix="trueport-corpora-") as scratch:
        command = [npm, "pack", "--json", "--ignore-scripts", f"--pack-destination={scratch}"]
        for batch in _batches(packages):
            printed = _run([*command, *(f"{one.name}@{one.version}" for one in batch)], None)
            files = {one["id"]: one["filename"] for one in json.loads(printed)}
            for package in batch:
                file = files[f"{package.name}@{package.version}"]
                _unpack(Path(scratch) / file, cache / package.folder)


def _batches(packages: Sequence[Package]) -> Iterator[Sequence[Package]]:
    for at in range(0, len(packages), _AT_A_TIME):
        yield packages[at : at + _AT_A_TIME]


def _run(command: Sequence[str], environment: Mapping[str, str] | None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split())[-600:]
        raise NotFetched(f"{Path(command[0]).name} {command[1]}: {said}")
    return done.stdout


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack what lies in the one folder of an archive; a folder that is there is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        with tarfile.open(archive) as members:
            members.extractall(scratch, filter="data")
        inside = [path for path in Path(scratch).iterdir() if path.is_dir()]
        if len(inside) != 1:
            raise NotFetched(f"{folder.name}: the archive holds {len(inside)} folders, not one")
        inside[0].rename(folder)


def _same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def readmes(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the README of each folder that has one."""
    for folder in folders:
        found = sorted(
            path
            for path in folder.iterdir()
            if path.is_file() and path.stem.lower() == "readme" and path.stat().st_size
        )
        yield from found[:1]
