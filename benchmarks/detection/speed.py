"""How fast texts are read on one core, beside peers on the same texts; worst cases; memory.

Everything runs pinned to one core, and CPU seconds count, so that neighbours matter less; of
several rounds the quickest counts, for peers as well. `DATA=DIR` takes the texts of the labelled
files beside those that are made up. `--full` also runs `trueport detect` over 10 million lines.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from adapters.detectors.linear_time import Subject
from adapters.detectors.patterns.catalogue import default_engine
from adapters.detectors.secrets.engine import secrets_engine
from adapters.system import SystemClock
from adapters.telemetry.silent import SilentTelemetry
from application.detection import DetectionPipeline
from application.ports.detector import DetectorText
from benchmarks.detection.speed_texts import ordinary_text, prose, text_sets, worst_texts
from benchmarks.detection.systems import PEERS, ROOT, Peer, install_peers
from benchmarks.engine import machine
from benchmarks.options import Options
from entrypoints.wiring.detectors import make_pattern_detectors

_ROUNDS = 5
_PEER_ROUNDS = 3
_BATCH = 64
_PEERS = ("presidio", "detect-secrets")
_WANTED = 10.0
_LONG = 10_000_000
_WORST = 1_000_000
_LINES = (10_000, 100_000, 1_000_000, 10_000_000)
_TRUEPORT = (sys.executable, "-m", "entrypoints.cli.main")


async def measure(options: Options) -> None:
    """Print rates beside peers, then long texts, worst cases, cold start and memory."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        print(f"speed on one core; {machine()}")
        with tempfile.TemporaryDirectory(prefix="trueport-speed-") as folder:
            work = Path(folder)
            await asyncio.to_thread(_rates, options, work)
            await asyncio.to_thread(_long_texts, options, work)
            await asyncio.to_thread(_worst_cases, options, work)
            await asyncio.to_thread(_first_result, options, work)
            await asyncio.to_thread(_many_lines, options, work)
    finally:
        os.sched_setaffinity(0, allowed)


def _rates(options: Options, work: Path) -> None:
    """Print texts/s of ours and of peers, and how many times a peer's each of ours is."""
    peers = [peer for peer in PEERS if peer.name in _PEERS]
    if options.is_tiny:
        peers = []
    else:
        install_peers(_PEERS)
    patterns, secrets = default_engine(), secrets_engine()
    for name, texts in text_sets(options.data).items():
        chosen = texts[:20] if options.is_tiny else texts
        own = {
            "patterns profile, all categories": _pipeline_rate(chosen),
            "patterns of personal data alone": _rate(patterns.find, chosen),
            "patterns of secrets alone": _rate(lambda text: secrets.find(Subject(text)), chosen),
        }
        theirs = {peer.name: _peer_rate(peer, chosen, work) for peer in peers}
        mean = sum(map(len, chosen)) / len(chosen)
        print(f"  {name}: {len(chosen)} texts of {mean:.0f} characters on average")
        for peer_name, rate in theirs.items():
            print(f"    {peer_name:34} {rate:8.0f} texts/s")
        for own_name, rate in own.items():
            ratios = (f"{rate / other:5.1f} x {peer}" for peer, other in theirs.items())
            print(f"    {own_name:34} {rate:8.0f} texts/s  {'  '.join(ratios)}")
    print(f"    {_WANTED:.0f} x wanted")


def _pipeline_rate(texts: Sequence[str]) -> float:
    """Return texts/s of the whole pipeline, asked in batches as `trueport detect` asks it."""
    batches = [
        [DetectorText(text=text) for text in texts[at : at + _BATCH]]
        for at in range(0, len(texts), _BATCH)
    ]
    detectors = make_pattern_detectors()

    async def read() -> float:
        # A new pipeline each time: it remembers what it read. Rules stay compiled.
        pipeline = DetectionPipeline(
            detectors=detectors, clock=SystemClock(), telemetry=SilentTelemetry()
        )
        started = time.process_time()
        for batch in batches:
            await pipeline(batch)
        return time.process_time() - started

    return len(texts) / min(asyncio.run(read()) for _ in range(_ROUNDS))


def _rate(find: Callable[[str], object], texts: Sequence[str]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for text in texts:
            find(text)
        best = min(best, time.process_time() - started)
    return len(texts) / best


def _peer_rate(peer: Peer, texts: Sequence[str], work: Path) -> float:
    source = work / "texts.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"id": number, "text": text}) + "\n")
    rounds = (peer.answer(source, work / "answers.jsonl") for _ in range(_PEER_ROUNDS))
    return max(speed.texts / speed.cpu_seconds for speed in rounds)


def _long_texts(options: Options, work: Path) -> None:
    size = _LONG // 100 if options.is_tiny else _LONG
    small = work / "first.txt"
    small.write_text(ordinary_text(1_000), encoding="utf-8")
    files = {"prose": work / "prose.txt", "conversations": work / "conversations.txt"}
    files["prose"].write_text(prose(size), encoding="utf-8")
    files["conversations"].write_text(ordinary_text(size), encoding="utf-8")
    print(f"  a text of {size / 1e6:.1f} million characters, at least 5 MB/s wanted")
    for profile in _profiles(options):
        scan = (*_TRUEPORT, "scan", "-", "--profile", profile, "--fail-on", "never")
        idle = _probe("read", profile, str(small))
        start = _probe("command", str(small), *scan)
        print(f"    {profile}, with 1 kB: {_peak(idle)} in process, {_peak(start)} as a command")
        for name, path in files.items():
            weight = path.stat().st_size / 1e6
            told = _probe("read", profile, str(path))
            print(
                f"      {name:14} the pipeline     {weight / told['seconds'][str(path)]:6.2f} MB/s"
                f"  {_peak(told)}  {told['findings'][str(path)]} findings"
            )
            told = _probe("command", str(path), *scan)
            seconds = max(told["seconds"] - start["seconds"], 1e-9)
            print(f"      {name:14} trueport scan -  {weight / seconds:6.2f} MB/s  {_peak(told)}")


def _peak(told: dict[str, Any]) -> str:
    return f"peak {told['peak'] / 1024:.0f} MiB"


def _worst_cases(options: Options, work: Path) -> None:
    size = _WORST // 50 if options.is_tiny else _WORST
    ordinary = work / "ordinary.txt"
    ordinary.write_text(prose(size), encoding="utf-8")
    files = {name: work / f"worst-{at}.txt" for at, name in enumerate(worst_texts(size))}
    for name, text in worst_texts(size).items():
        files[name].write_text(text, encoding="utf-8")
    print(
        f"  worst cases of {size / 1e6:.2f} MB, at most 5 times ordinary text of that size wanted"
    )
    for profile in _profiles(options):
        told = _probe("read", profile, str(ordinary), *map(str, files.values()))
        base = told["seconds"][str(ordinary)]
        print(f"    {profile}: ordinary text {base:.2f} s")
        for name, path in files.items():
            took = told["seconds"][str(path)]
            print(f"      {name:24} {took:6.2f} s  {took / base:5.2f} x")


def _first_result(options: Options, work: Path) -> None:
    small = work / "small.txt"
    small.write_text("My mail address is ada@example.com, my name is Ada.\n", encoding="utf-8")
    rounds = 1 if options.is_tiny else 9
    bare = _least(rounds, sys.executable, "-c", "pass")
    print(f"  trueport scan of a small file, under 300 ms CPU wanted; a bare python {bare:.0f} ms")
    for arguments in (
        ("--profile", "embedded"),
        ("--profile", "patterns"),
        ("--profile", "patterns", "--rules", "secrets"),
    ):
        command = (*_TRUEPORT, "scan", str(small), "--fail-on", "never", *arguments)
        print(f"    {' '.join(arguments):36} {_least(rounds, *command):5.0f} ms")


def _many_lines(options: Options, _: Path) -> None:
    print("  trueport detect --profile patterns: peak memory by the number of lines")
    most = 100 if options.is_tiny else _LINES[-1] if options.is_full else _LINES[-2]
    arguments = (*_TRUEPORT, "detect", "-", "--profile", "patterns", "--progress", "off")
    for count in [one for one in _LINES if one <= most] or [most]:
        writer = [sys.executable, "-m", "benchmarks.detection.speed_texts", str(count)]
        with subprocess.Popen(writer, stdout=subprocess.PIPE, cwd=ROOT) as lines:
            told = _probe("command", "/dev/stdin", *arguments, source=lines.stdout)
        print(
            f"    {count:9} lines  {count / told['seconds']:7.0f} lines/s  "
            f"peak {told['peak'] / 1024:4.0f} MiB",
            flush=True,
        )


def _profiles(options: Options) -> Sequence[str]:
    return ("patterns", "embedded") if options.is_full else ("patterns",)


def _least(rounds: int, *arguments: str) -> float:
    """Return the least CPU that a command takes, start of the interpreter included, in ms."""
    return min(_probe("command", "-", *arguments)["seconds"] for _ in range(rounds)) * 1e3


def _probe(*arguments: str, source: IO[bytes] | None = None) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.detection.speed_probe", *arguments],
        stdin=source,
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if told.get("status", 0) != 0:
        raise RuntimeError(f"{' '.join(arguments)} ended with {told['status']}")
    return told
