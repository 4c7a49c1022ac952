"""One process whose CPU and memory are measured; it prints what it took as one line of JSON.

Called as `python -m benchmarks.detection.speed_probe read PROFILE FILE …` it reads each file as one
text and tells the CPU seconds of each, and the peak. With `command INPUT ARGUMENT …` it gives a
file to a command's standard input, or nothing for `-`, and tells CPU seconds and peak of that; it
imports little, since a child's peak begins with its parent's.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

_ROUNDS = 2


def read(profile: str, names: list[str]) -> dict[str, object]:
    """Read each file as one text through the pipeline, the quicker of two rounds."""
    import asyncio  # noqa: PLC0415 - a command is measured without these

    from application.ports.detector import DetectorText  # noqa: PLC0415
    from entrypoints.wiring.local_detection import LocalDetection, Profile  # noqa: PLC0415

    pipeline = LocalDetection(Profile(profile)).pipeline
    seconds: dict[str, float] = {}
    findings: dict[str, int] = {}

    texts = {name: Path(name).read_text(encoding="utf-8") for name in names}

    async def measure() -> None:
        await pipeline([DetectorText(text="warm up: mail ada@example.com")])
        for name, text in texts.items():
            for _ in range(_ROUNDS):
                started = time.process_time()
                # A text that is this long is not remembered: the second round reads it as well.
                outcome = await pipeline([DetectorText(text=text)])
                took = time.process_time() - started
                seconds[name] = min(took, seconds.get(name, took))
            findings[name] = len(outcome.detections[0].findings)

    asyncio.run(measure())
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])
    return {"seconds": seconds, "findings": findings, "peak": peak}


def command(source: str, arguments: list[str]) -> dict[str, object]:
    """Run a command and return what it took."""
    with Path(os.devnull if source == "-" else source).open("rb") as file:
        started = time.perf_counter()
        child = subprocess.Popen(
            arguments, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": used.ru_utime + used.ru_stime,
        "wall": wall,
        "peak": used.ru_maxrss,
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["read", profile, *names]:
            print(json.dumps(read(profile, names)))
        case ["command", source, *arguments]:
            print(json.dumps(command(source, arguments)))
        case _:
            raise SystemExit(__doc__)
