"""How fast each detector reads chat turns and a document, in process, on one core."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

from application.ports.detector import Detector, DetectorText
from benchmarks.options import Options
from entrypoints.wiring.detectors import make_detectors, make_model_store, shipped_models

_SAMPLES = Path(__file__).parent.parent / "samples"
_ROUNDS = 5
_DOCUMENT = 100_000


def chat_turns() -> list[str]:
    """Return the texts of the sample exchanges."""
    return [
        message["content"]
        for file in sorted(_SAMPLES.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        for message in json.loads(line)["messages"]
        if message.get("content")
    ]


async def measure(_: Options) -> None:
    """Print microseconds a chat turn and megabytes a second for each detector."""
    turns = chat_turns()
    document = "\n".join(turns)
    document *= _DOCUMENT // len(document)
    mean = sum(map(len, turns)) / len(turns)
    print(f"detectors: {len(turns)} chat turns of {mean:.0f} characters on average, best of five")
    for detector in make_detectors(make_model_store(shipped_models())):
        await detector.detect([DetectorText(text="warm up")])
        turn_seconds = await _best(detector, turns)
        document_seconds = await _best(detector, [document])
        print(
            f"  {detector.name:22} {turn_seconds / len(turns) * 1e6:8.0f} us a turn "
            f"{len(document) / document_seconds / 1e6:8.2f} MB/s of a document"
        )


async def _best(detector: Detector, texts: Sequence[str]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for text in texts:
            await detector.detect([DetectorText(text=text)])
        best = min(best, time.process_time() - started)
    return best
