"""Install the servers from npm that tests start, into `.counterparts`, from a committed lock.

`python -m scripts.counterparts` does nothing where they are installed already. Where npm or its
registry is away it says so in one line and still succeeds: the tests that need them skip, unless
`TRUEPORT_TEST_REQUIRE` demands them.
"""

import hashlib
import os
import shutil
import sys

from scripts.environment import ROOT, SetUpFailed, only_one_at_a_time, run, say

SOURCE = ROOT / "requirements" / "counterparts"
TARGET = ROOT / ".counterparts"
STAMP = TARGET / "stamp"


def digest() -> str:
    """Return a digest of all that decides what is installed."""
    files = sorted(path for path in SOURCE.rglob("*") if path.is_file())
    parts = [
        b"%b\0%b" % (str(path.relative_to(SOURCE)).encode(), path.read_bytes()) for path in files
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_installed() -> bool:
    """Tell whether the folder holds exactly what the lock names."""
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


def main() -> int:
    """Install what is missing and return the exit status."""
    npm = shutil.which("npm")
    try:
        if is_installed():
            return 0
        if npm is None:
            say("npm is not there: tests against Azure's storage will be skipped")
            return 0
        install(npm)
    except (SetUpFailed, OSError) as problem:
        say(f"tests against Azure's storage will be skipped: {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
