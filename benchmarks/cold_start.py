"""What a start costs: `trueport version`, and on Lambda the import of a handler.

CPU seconds of fresh processes, in turns with `import fastapi, mangum`, which every such function
has to pay; the least of the rounds counts. Then the packages and modules that take most of it, by
what they themselves take.
"""

import base64
import os
import resource
import subprocess
import sys
from collections import Counter

from benchmarks.engine import machine
from benchmarks.options import Options

BASELINE = "import fastapi, mangum"
HANDLERS = {
    "gateway": "import entrypoints.lambda_gateway",
    "platform": "import entrypoints.lambda_platform",
}
TARGETS = {"gateway": 2.0, "platform": 3.0}
"""The most that each may take, as a multiple of the baseline."""

_USAGE = (
    "; import resource, sys; used = resource.getrusage(resource.RUSAGE_SELF)"
    "; status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)"
    "; print(used.ru_utime + used.ru_stime, len(sys.modules),"
    " int(status['VmHWM'].split()[0]) // 1024)"
)
_OURS = ("domain", "application", "adapters", "entrypoints")
_TOP = 12
_ABOVE_BARE = 100
"""Milliseconds that `trueport version` may take beside twice a bare python's."""


async def measure(options: Options) -> None:
    """Print CPU of a command, then CPU, modules and memory of each handler and what is heaviest."""
    rounds = 9 if not options.is_tiny else 1
    bare = min(_command_seconds(["-c", "pass"]) for _ in range(rounds))
    version = min(
        _command_seconds(["-m", "entrypoints.cli.main", "version"]) for _ in range(rounds)
    )
    print(
        f"trueport version: {version * 1e3:.0f} ms CPU, a bare python {bare * 1e3:.0f} ms; "
        f"at most {2 * bare * 1e3 + _ABOVE_BARE:.0f} ms wanted"
    )
    print(f"cold start: the least of {rounds} rounds; {machine()}")
    figures = cpu_seconds(rounds)
    baseline = figures["baseline"]
    for name, (seconds, modules, megabytes) in figures.items():
        target = f", at most {TARGETS[name]:.1f} wanted" if name in TARGETS else ""
        print(
            f"  {name:9} {seconds * 1e3:6.0f} ms CPU  {modules:5} modules  {megabytes:3} MB"
            f"  {seconds / baseline[0]:5.2f} of the baseline{target}"
        )
    for name, program in HANDLERS.items():
        print(f"  heaviest in {name}, ms by themselves")
        for module, microseconds in _heaviest(program):
            print(f"    {module:40} {microseconds / 1e3:7.1f}")


def cpu_seconds(rounds: int) -> dict[str, tuple[float, int, int]]:
    """Return CPU seconds, modules and megabytes of the baseline and of each handler."""
    programs = {"baseline": BASELINE, **HANDLERS}
    seen: dict[str, list[tuple[float, int, int]]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            ended = _run(["-c", program + _USAGE])
            seconds, modules, megabytes = ended.stdout.split()
            seen[name].append((float(seconds), int(modules), int(megabytes)))
    return {name: min(figures) for name, figures in seen.items()}


def _command_seconds(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _heaviest(program: str) -> list[tuple[str, int]]:
    """Return what takes longest by itself: distributions, and modules of our own packages."""
    lines = _run(["-X", "importtime", "-c", program]).stderr.splitlines()
    totals = Counter[str]()
    for line in lines:
        fields = line.removeprefix("import time:").split("|")
        if len(fields) != 3 or not fields[0].strip().isdecimal():
            continue
        module = fields[2].strip()
        top = module.partition(".")[0]
        name = ".".join(module.split(".")[:3]) if top in _OURS else top
        totals[name] += int(fields[0])
    return totals.most_common(_TOP)


def _run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    secrets = {
        "SECRET_KEY": base64.b64encode(bytes(range(64, 112))).decode(),
        "TRUEPORT_MASTER_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env={"PATH": os.environ["PATH"], **secrets},
        check=True,
        capture_output=True,
        text=True,
    )
