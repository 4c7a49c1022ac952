"""Make the checkout's virtual environment from the committed locks, or refresh the locks.

`scripts/setup.sh default` installs what `trueport` needs to run, `dev` what its tests need beside
that, `training` what the programs in `training/` need beside either. `lock` writes
`requirements/*.txt` anew. Standard library only: nothing is installed yet.
"""

import ast
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "set-up"
OLDEST_UV = (0, 5)

# pip's option -> the variable that tells uv the same, and the ones that mean it was told already.
# Where pip lists several values, uv wants them parted as the third column says.
UV_VARIABLES: Sequence[tuple[str, tuple[str, ...], str]] = (
    ("index-url", ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), " "),
    ("extra-index-url", ("UV_INDEX", "UV_EXTRA_INDEX_URL"), " "),
    ("find-links", ("UV_FIND_LINKS",), ","),
    ("no-index", ("UV_NO_INDEX",), " "),
    ("trusted-host", ("UV_INSECURE_HOST",), " "),
    ("timeout", ("UV_HTTP_TIMEOUT",), " "),
    ("cert", ("SSL_CERT_FILE",), " "),
    ("client-cert", ("SSL_CLIENT_CERT",), " "),
    ("proxy", ("ALL_PROXY", "HTTPS_PROXY", "https_proxy", "all_proxy"), " "),
)

UNREACHABLE = re.compile(
    r"dns error|error sending request|failed to fetch|connection (?:refused|reset|broken)"
    r"|connect(?:ion)? ?error|timed? ?out|network is unreachable|max retries|name resolution"
    r"|certificate|could not connect|tunnel|proxy",
    re.IGNORECASE,
)


class SetUpFailed(Exception):
    """What stopped the set-up, in one line that says what to do about it."""


def say(message: str) -> None:
    """Tell the person at the terminal what is happening; standard output stays the program's."""
    print(f"set-up: {message}", file=sys.stderr, flush=True)


def merge_pip_settings(listing: str) -> dict[str, str]:
    """Return pip's options from `pip config list`, where the environment beats every file.

    A file's `[install]` section beats its `[global]` one, as it does in pip.
    """
    strength = {"global": 0, "install": 1, ":env:": 2}
    found: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        name, separator, quoted = line.partition("=")
        section, _, option = name.rpartition(".")
        if not separator or section not in strength:
            continue
        option = {"default-timeout": "timeout"}.get(option, option)
        if option not in found or found[option][0] <= strength[section]:
            found[option] = (strength[section], str(ast.literal_eval(quoted)))
    return {option: value for option, (_, value) in found.items()}


def uv_settings(pip_settings: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make uv use the registry that pip is configured for.

    A variable that the environment already sets in uv's own words is left alone.
    """
    variables: dict[str, str] = {}
    for option, names, separator in UV_VARIABLES:
        value = separator.join(pip_settings.get(option, "").split())
        if value and not any(environment.get(name) for name in names):
            variables[names[0]] = value
    if "UV_INDEX" in variables and "UV_INDEX_STRATEGY" not in environment:
        # pip looks in all its registries, uv stops at the first that knows the name. The locks pin
        # every file by hash, so that a name squatted in another registry cannot get in.
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables


def lock_digest(kind: str) -> str:
    """Return a digest of all that decides what an installation of this kind holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = (
        str(ROOT),
        repr((project["build-system"], project["project"], project["tool"]["hatch"])),
        (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf-8"),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def is_stamped(kind: str) -> bool:
    """Tell whether the environment holds exactly what the lock of this kind names."""
    stamp = STAMPS / kind
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == lock_digest(kind)


def is_ready(kind: str) -> bool:
    """Tell whether nothing is left to do; an environment for development serves both kinds."""
    kinds = ("default", "dev") if kind == "default" else (kind,)
    return (
        VENV_PYTHON.exists()
        and not has_wrong_python()
        and any(is_stamped(installed) for installed in kinds)
    )


def has_wrong_python() -> bool:
    """Tell whether `PYTHON=` asks for another minor version than the environment was made with."""
    if not os.environ.get("PYTHON"):
        return False
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    configuration = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    version = rf"^version(?:_info)?\s*=\s*{re.escape(wanted)}\."
    return re.search(version, configuration, re.MULTILINE) is None


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Wait until no other set-up works on this checkout; a dead one holds no lock."""
    with (ROOT / ".venv.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of this checkout")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait(child: subprocess.Popen[bytes]) -> int:
    """Return the exit status of a command, with a sign of life every ten seconds."""
    seconds = 0
    while True:
        try:
            return child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            seconds += 10
            say(f"still at it after {seconds} s")


def run(command: Sequence[str | Path], environment: Mapping[str, str], doing: str) -> None:
    """Run a command and keep its output to itself unless it fails.

    Raises:
        SetUpFailed: the command failed; its output is kept in `.venv/set-up/log`.
    """
    say(doing)
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output
        ) as child:
            status = wait(child)
        if status == 0:
            return
        output.seek(0)
        text = output.read().decode(errors="replace")
    STAMPS.mkdir(parents=True, exist_ok=True)
    log = STAMPS / "log"
    log.write_text(text, encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no output"]
    reason = next((line for line in lines if line.lower().startswith("error")), lines[-1])
    if UNREACHABLE.search(text):
        raise SetUpFailed(
            "no package registry could be reached; check the network, or configure a registry for"
            f" pip or uv ({log.relative_to(ROOT)} has the details)"
        )
    raise SetUpFailed(f"{doing}: {reason} ({log.relative_to(ROOT)} has the details)")


def make_virtual_environment() -> None:
    """Make `.venv`, anew where it cannot be used as it is."""
    made_for = STAMPS / "checkout"
    if VENV_PYTHON.exists() and not has_wrong_python():
        if made_for.is_file() and made_for.read_text(encoding="utf-8") == str(ROOT):
            return
        moved = made_for.is_file()
        has_pip = subprocess.run(
            [VENV_PYTHON, "-c", "import pip"], check=False, capture_output=True
        )
        if not moved and has_pip.returncode == 0:
            STAMPS.mkdir(exist_ok=True)
            made_for.write_text(str(ROOT), encoding="utf-8")
            return
    version = ".".join(map(str, sys.version_info[:3]))
    check = subprocess.run(
        [sys.executable, "-c", "import ensurepip, venv"], check=False, capture_output=True
    )
    if check.returncode != 0:
        raise SetUpFailed(
            f"python {version} lacks its venv module; on Debian and Ubuntu: apt-get install"
            f" python{sys.version_info.major}.{sys.version_info.minor}-venv"
        )
    run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        os.environ,
        f"making .venv with python {version}",
    )
    STAMPS.mkdir(exist_ok=True)
    made_for.write_text(str(ROOT), encoding="utf-8")


def is_recent_uv(program: str | Path) -> bool:
    """Tell whether a uv answers and is recent enough for the options used here."""
    answer = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)
    version = re.match(r"uv (\d+)\.(\d+)", answer.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_UV


def find_uv(environment: Mapping[str, str]) -> str | Path:
    """Return the machine's uv, or the environment's own, installed there when missing."""
    on_path = shutil.which("uv", path=environment.get("PATH"))
    if on_path and is_recent_uv(on_path):
        return on_path
    own = VENV / "bin" / "uv"
    if not own.exists():
        pip: list[str | Path] = [
            VENV_PYTHON,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
            "install",
        ]
        lock = ROOT / "requirements" / "uv.txt"
        run(
            [*pip, "--retries", "2", "--require-hashes", "--no-deps", "--requirement", lock],
            environment,
            "installing uv into .venv",
        )
    return own


def tool_environment() -> dict[str, str]:
    """Return the environment for pip and uv, with pip's registry in words that uv understands."""
    listing = subprocess.run(
        [VENV_PYTHON, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True
    )
    pip_settings = merge_pip_settings(listing.stdout)
    return {**os.environ, **uv_settings(pip_settings, os.environ)}


def install(kind: str) -> None:
    """Install a lock with all its hashes checked, then the checkout itself, editable."""
    with only_one_at_a_time():
        if is_ready(kind):
            return
        make_virtual_environment()
        environment = tool_environment()
        uv = find_uv(environment)
        # The lock for training only adds to the others, which may change each other's versions.
        for stamp in (kind,) if kind == "training" else ("default", "dev", "training"):
            (STAMPS / stamp).unlink(missing_ok=True)
        lock = ROOT / "requirements" / f"{kind}.txt"
        count = sum(line[:1].isalnum() for line in lock.read_text(encoding="utf-8").splitlines())
        pip_install = [uv, "pip", "install", "--python", VENV_PYTHON]
        run(
            [*pip_install, "--require-hashes", "--requirement", lock],
            environment,
            f"installing {count} packages of requirements/{kind}.txt",
        )
        # The build backend came with the lock: nothing is resolved or downloaded for this step.
        run(
            [*pip_install, "--no-deps", "--no-build-isolation", "--editable", ROOT],
            environment,
            "installing the checkout itself",
        )
        (STAMPS / kind).write_text(lock_digest(kind), encoding="utf-8")
        say("done")


def write_locks(options: Sequence[str]) -> None:
    """Write `requirements/*.txt` anew; options go to `uv pip compile`, `--upgrade` for instance.

    Only the registry itself is asked: files that this machine keeps in other places must not
    leave their hashes in a lock.
    """
    with only_one_at_a_time():
        make_virtual_environment()
        environment = tool_environment()
        uv = find_uv(environment)
        for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX_STRATEGY"):
            environment.pop(name, None)
        compile_options = ["--no-config", "--universal", "--generate-hashes"]
        compile_options += ["--custom-compile-command", "make lock"]
        sources = {
            "default": ["pyproject.toml", "requirements/build.in"],
            "dev": ["pyproject.toml", "--extra", "dev", "--constraint", "requirements/default.txt"],
            "training": ["requirements/training.in", "--constraint", "requirements/dev.txt"],
            "lambda": ["requirements/lambda.in", "--constraint", "requirements/dev.txt"],
            "mongoeco": ["requirements/mongoeco.in"],
            "triton": ["requirements/triton.in", "--no-deps"],
            "aws": ["requirements/aws.in"],
            "uv": ["requirements/uv.in"],
        }
        oldest = {"mongoeco": "3.13"}
        for kind, source in sources.items():
            target = f"requirements/{kind}.txt"
            run(
                [
                    uv,
                    "pip",
                    "compile",
                    *compile_options,
                    "--python-version",
                    oldest.get(kind, "3.11"),
                    *options,
                    *source,
                    "--output-file",
                    target,
                ],
                environment,
                f"resolving {target}",
            )


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return the exit status."""
    try:
        match arguments:
            case ["default" | "dev" | "training" as kind]:
                # What training needs is added to one of the others, and brings no build backend.
                if kind == "training" and not (is_ready("default") or is_ready("dev")):
                    install("default")
                if not is_ready(kind):
                    install(kind)
            case ["lock", *options]:
                write_locks(options)
            case _:
                say("usage: scripts/setup.sh default | dev | training | lock [OPTION...]")
                return 2
    except SetUpFailed as problem:
        say(str(problem))
        return 1
    except OSError as problem:
        say(f"{problem.strerror}: {problem.filename or ROOT}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; the next set-up goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
