"""Install the servers that tests start and no extra brings, into `.counterparts`, from locks.

`python -m scripts.counterparts` does nothing where they are installed already. Where one cannot be
had it says so in one line and still succeeds: the tests that need it skip, unless
`TRUEPORT_TEST_REQUIRE` demands it.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

from scripts.environment import (
    ROOT,
    SetUpFailed,
    find_uv,
    only_one_at_a_time,
    run,
    say,
    tool_environment,
)

SOURCE = ROOT / "requirements" / "counterparts"
TARGET = ROOT / ".counterparts"
STAMP = TARGET / "stamp"

AWS = TARGET / "aws"
AWS_LOCK = ROOT / "requirements" / "aws.txt"
AWS_STAMP = AWS / "stamp"

TRITON = TARGET / "triton"
TRITON_LOCK = ROOT / "requirements" / "triton.txt"
TRITON_STAMP = TRITON / "stamp"
_TOO_NEW = (3, 13)

MONGO = TARGET / "mongoeco"
MONGO_LOCK = ROOT / "requirements" / "mongoeco.txt"
MONGO_STAMP = MONGO / "stamp"
_NEW_ENOUGH = (3, 13)


def digest() -> str:
    """Return a digest of all that decides which servers from npm are installed."""
    files = sorted(path for path in SOURCE.rglob("*") if path.is_file())
    parts = [
        b"%b\0%b" % (str(path.relative_to(SOURCE)).encode(), path.read_bytes()) for path in files
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_installed() -> bool:
    """Tell whether the folder holds exactly what the lock for npm names."""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == digest()


def install(npm: str) -> None:
    """Install the lock with its hashes checked; no script of a package is run.

    Raises:
        SetUpFailed: npm failed; its output is kept in `.venv/set-up/log`.
    """
    with only_one_at_a_time():
        if is_installed():
            return
        STAMP.unlink(missing_ok=True)
        shutil.copytree(SOURCE, TARGET, dirs_exist_ok=True)
        options = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(
            [npm, "ci", f"--prefix={TARGET}", *options],
            os.environ,
            "installing the servers of requirements/counterparts",
        )
        STAMP.write_text(digest(), encoding="utf-8")


def triton_digest() -> str:
    """Return a digest of all that decides what the folder of tritonserver holds."""
    parts = (str(ROOT), sys.version, TRITON_LOCK.read_text(encoding="utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def has_triton() -> bool:
    """Tell whether the folder of tritonserver holds exactly what its lock names."""
    return TRITON_STAMP.is_file() and TRITON_STAMP.read_text(encoding="utf-8") == triton_digest()


def install_triton() -> None:
    """Install tritonserver into an environment of its own, with its hash checked.

    Raises:
        SetUpFailed: it cannot be had; the output is kept in `.venv/set-up/log`.
    """
    with only_one_at_a_time():
        if has_triton():
            return
        environment = tool_environment()
        venv.create(TRITON, clear=True, symlinks=True)
        python = TRITON / "bin" / "python"
        into: list[str | Path] = [find_uv(environment), "pip", "install", "--python", python]
        run(
            [*into, "--require-hashes", "--no-deps", "--requirement", TRITON_LOCK],
            environment,
            "installing tritonserver into .counterparts/triton",
        )
        # What the models on the server import comes from here; of numpy it needs its own.
        (site,) = TRITON.glob("lib/python*/site-packages")
        paths = f"{sysconfig.get_path('purelib')}\n{ROOT}\n"
        (site / "trueport.pth").write_text(paths, encoding="utf-8")
        TRITON_STAMP.write_text(triton_digest(), encoding="utf-8")


def aws_digest() -> str:
    """Return a digest of all that decides what the folder of AWS's command line holds."""
    parts = (str(ROOT), sys.version, AWS_LOCK.read_text(encoding="utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def has_aws() -> bool:
    """Tell whether the folder of AWS's command line holds exactly what its lock names."""
    return AWS_STAMP.is_file() and AWS_STAMP.read_text(encoding="utf-8") == aws_digest()


def provide_aws() -> None:
    """Install AWS's command line into an environment of its own, with its hashes checked.

    Raises:
        SetUpFailed: it cannot be had; the output is kept in `.venv/set-up/log`.
    """
    with only_one_at_a_time():
        if has_aws():
            return
        environment = tool_environment()
        venv.create(AWS, clear=True, symlinks=True)
        into: list[str | Path] = [find_uv(environment), "pip", "install", "--python"]
        run(
            [*into, AWS / "bin" / "python", "--require-hashes", "--requirement", AWS_LOCK],
            environment,
            "installing AWS's command line into .counterparts/aws",
        )
        AWS_STAMP.write_text(aws_digest(), encoding="utf-8")


def provide_npm_servers() -> None:
    """Install the servers from npm, or say why not."""
    npm = shutil.which("npm")
    if is_installed():
        return
    if npm is None:
        raise SetUpFailed("npm is not there")
    install(npm)


def provide_triton() -> None:
    """Install tritonserver, or say why not."""
    if has_triton():
        return
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise SetUpFailed("tritonserver comes as a wheel for Linux on x86-64 only")
    if sys.version_info >= _TOO_NEW:
        raise SetUpFailed("its Python backend needs a numpy that Python 3.13 and later lack")
    install_triton()


def provide_mongo() -> None:
    """Install mongoeco, or say why not."""
    if has_mongo():
        return
    python = new_python()
    if python is None:
        raise SetUpFailed("mongoeco needs a python of 3.13 or later, on the PATH or of pyenv")
    install_mongo(python)


def new_python() -> str | None:
    """Return a python that mongoeco runs on: from the PATH, of pyenv, or one that CI fetched."""
    minors = range(_NEW_ENOUGH[1], _NEW_ENOUGH[1] + 4)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [
        sys.executable,
        *(f"python3.{minor}" for minor in minors),
        "python3",
        *(str(path) for path in sorted(pyenv.glob("3.*/bin/python"), reverse=True)),
        *(str(path) for path in sorted(TARGET.glob("python/*/bin/python3"))),
    ]
    found = (shutil.which(candidate) for candidate in candidates)
    return next((path for path in found if path and _is_new_enough(path)), None)


def _is_new_enough(python: str) -> bool:
    check = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {_NEW_ENOUGH})"
    answer = subprocess.run([python, "-c", check], check=False, capture_output=True)
    return answer.returncode == 0


def mongo_digest() -> str:
    """Return a digest of all that decides what the folder of mongoeco holds."""
    parts = (str(ROOT), MONGO_LOCK.read_text(encoding="utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def has_mongo() -> bool:
    """Tell whether the folder of mongoeco holds exactly what its lock names."""
    return MONGO_STAMP.is_file() and MONGO_STAMP.read_text(encoding="utf-8") == mongo_digest()


def install_mongo(python: str) -> None:
    """Install mongoeco into an environment of its own, with its hashes checked.

    Raises:
        SetUpFailed: it cannot be had; the output is kept in `.venv/set-up/log`.
    """
    with only_one_at_a_time():
        if has_mongo():
            return
        environment = tool_environment()
        shutil.rmtree(MONGO, ignore_errors=True)
        run([python, "-m", "venv", MONGO], environment, "making .counterparts/mongoeco")
        into: list[str | Path] = [find_uv(environment), "pip", "install", "--python"]
        run(
            [*into, MONGO / "bin" / "python", "--require-hashes", "--requirement", MONGO_LOCK],
            environment,
            "installing mongoeco into .counterparts/mongoeco",
        )
        MONGO_STAMP.write_text(mongo_digest(), encoding="utf-8")


PROVIDERS: tuple[tuple[str, Callable[[], None]], ...] = (
    ("Azure's storage", provide_npm_servers),
    ("MongoDB", provide_mongo),
    ("Triton", provide_triton),
    ("AWS's command line", provide_aws),
)


def main() -> int:
    """Install what is missing and return the exit status."""
    for what, provide in PROVIDERS:
        try:
            provide()
        except (SetUpFailed, OSError) as problem:
            say(f"tests against {what} will be skipped: {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
