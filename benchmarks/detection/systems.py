"""Who is measured: TruePort's profiles, and peers in environments of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.detection.taxonomy import Category
from scripts.environment import find_uv, tool_environment

ROOT = Path(__file__).resolve().parents[2]
PEERS_FOLDER = ROOT / ".counterparts" / "peers"
_PEER_PROGRAMS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What answering took: CPU seconds for so many texts and characters, start-up left out."""

    texts: int
    characters: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A detector of somebody else's: the program that runs it and what it needs, pinned."""

    name: str
    program: str
    requirements: tuple[str, ...]
    categories: tuple[Category, ...]

    @property
    def python(self) -> Path:
        """Return the interpreter of its environment."""
        return PEERS_FOLDER / self.name / "bin" / "python"

    @property
    def is_installed(self) -> bool:
        """Tell whether its environment holds just these requirements."""
        stamp = PEERS_FOLDER / self.name / "requirements"
        return stamp.is_file() and stamp.read_text(encoding="utf-8") == "\n".join(self.requirements)

    def install(self) -> None:
        """Make its environment."""
        folder = PEERS_FOLDER / self.name
        environment = tool_environment()
        uv = str(find_uv(environment))
        made = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)]
        subprocess.run(made, check=True, env=environment)
        install = [uv, "pip", "install", "--quiet", "--python", str(self.python)]
        subprocess.run([*install, *self.requirements], check=True, env=environment)
        (folder / "requirements").write_text("\n".join(self.requirements), encoding="utf-8")

    def answer(self, texts: Path, answers: Path) -> Speed:
        """Run it over a file of texts."""
        command = [str(self.python), "-W", "ignore", str(_PEER_PROGRAMS / self.program)]
        done = subprocess.run(
            [*command, str(texts), str(answers)],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        return Speed(**json.loads(done.stdout.splitlines()[-1]))


PEERS: Sequence[Peer] = (
    Peer(
        name="presidio",
        program="presidio.py",
        requirements=("presidio-analyzer==2.2.366",),
        categories=(Category.PII,),
    ),
    Peer(
        name="scrubadub",
        program="scrubadub_peer.py",
        requirements=("scrubadub==2.0.1",),
        categories=(Category.PII,),
    ),
    Peer(
        name="dataprofiler",
        program="dataprofiler_peer.py",
        requirements=("DataProfiler[ml]==0.14.0",),
        categories=(Category.PII,),
    ),
    Peer(
        name="detect-secrets",
        program="detect_secrets_peer.py",
        requirements=("detect-secrets==1.5.0",),
        categories=(Category.SECRETS,),
    ),
    Peer(
        name="credsweeper",
        program="credsweeper_peer.py",
        requirements=("credsweeper==1.19.5",),
        categories=(Category.SECRETS,),
    ),
    Peer(
        name="alt-profanity-check",
        program="profanity_check_peer.py",
        requirements=("alt-profanity-check==1.9.1",),
        categories=(Category.TOXICITY,),
    ),
    Peer(
        name="last-layer",
        program="last_layer_peer.py",
        requirements=("last-layer==0.1.33", "setuptools<81"),
        categories=(Category.INJECTION,),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruePort:
    """The detectors of the checkout itself, asked as a user asks them."""

    profile: str

    @property
    def name(self) -> str:
        """Return what tables call it."""
        return f"trueport ({self.profile})"

    def answer(self, texts: Path, answers: Path) -> Speed:
        """Run `trueport detect` over a file of texts; its start-up is taken off the time."""
        whole = self._run(texts, answers)
        empty = answers.with_suffix(".empty")
        first = texts.with_suffix(".first")
        with texts.open(encoding="utf-8") as lines:
            first.write_text(next(lines, ""), encoding="utf-8")
        start_up = self._run(first, empty)
        with texts.open(encoding="utf-8") as lines:
            sizes = [len(json.loads(line)["text"]) for line in lines]
        return Speed(
            texts=len(sizes), characters=sum(sizes), cpu_seconds=max(whole - start_up, 1e-9)
        )

    def _run(self, texts: Path, answers: Path) -> float:
        command = [sys.executable, "-m", "entrypoints.cli.main", "detect", str(texts)]
        before = _children_seconds()
        subprocess.run(
            [*command, "--output", str(answers), "--profile", self.profile, "--progress", "off"],
            check=True,
            cwd=ROOT,
        )
        return _children_seconds() - before


def _children_seconds() -> float:
    import resource  # noqa: PLC0415 - not everywhere

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def install_peers(names: Sequence[str] = ()) -> None:
    """Make the environments of the peers that are not there yet."""
    for peer in PEERS:
        if (not names or peer.name in names) and not peer.is_installed:
            started = time.monotonic()
            print(f"installing {' '.join(peer.requirements)} …", flush=True)
            peer.install()
            print(f"  done in {time.monotonic() - started:.0f} s", flush=True)
