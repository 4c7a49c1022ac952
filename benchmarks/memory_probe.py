"""One process whose memory is measured: it does one thing and tells its own peak as JSON.

Called as `python -m benchmarks.memory_probe worker HOME EVERY`, or with `read PROVIDER ADDRESS`, or
with `verify HOME`.
"""

import asyncio
import json
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

from dependency_injector import providers

from application.ports.detector import Detector, DetectorText
from domain.authorisation import OPERATOR
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from domain.tenant import StorageProvider, StorageSettings
from entrypoints.demo import SLUG
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.detectors import make_detectors, make_model_store, shipped_models
from entrypoints.wiring.lifespan import opened
from entrypoints.wiring.storage import make_storages
from tests.counterpart_servers import azurite_connection_string

_MARK = 64


class Sampled(Detector):
    """A detector that reads one text in so many, told by their beginnings."""

    def __init__(self, detector: Detector, every: int) -> None:
        self._detector = detector
        self._every = every

    @property
    def name(self) -> str:
        """Return the detector's name."""
        return self._detector.name

    @property
    def version(self) -> str:
        """Return the detector's version."""
        return self._detector.version

    @property
    def categories(self) -> frozenset[Category]:
        """Return the detector's categories."""
        return self._detector.categories

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return what is found in some of the texts, and nothing for the others."""
        nothing = Detection(scores=dict.fromkeys(self.categories, 0.0))
        found: list[Detection] = [nothing] * len(texts)
        chosen = [index for index, one in enumerate(texts) if self._is_chosen(one.text)]
        answers = await self._detector.detect([texts[index] for index in chosen])
        for index, answer in zip(chosen, answers, strict=True):
            found[index] = answer
        return found

    def _is_chosen(self, text: str) -> bool:
        return zlib.crc32(text[:_MARK].encode("utf-8", "replace")) % self._every == 0


async def work(home: str, every: int) -> dict[str, float]:
    """Do every job of a deployment with one worker."""
    settings = load_settings({"TRUEPORT_HOME": home, "TRUEPORT_LOG_LEVEL": "ERROR"})
    container = make_container(settings)
    detectors = make_detectors(make_model_store(shipped_models()))
    for detector in detectors:
        await detector.detect([DetectorText(text="load the model")])
    container.detectors.override(
        providers.Object(tuple(Sampled(detector, every) for detector in detectors))
    )
    async with opened(container):
        idle, started = _peak(), time.perf_counter()
        one_job = container.work_on_jobs()
        while await one_job():
            pass
        return {"idle": idle, "peak": _peak(), "seconds": time.perf_counter() - started}


async def read(provider: str, address: str) -> dict[str, float]:
    """Read one object through the adapter of a cloud."""
    settings = load_settings(
        {
            "STORAGE_PROVIDER": provider,
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AZURE_STORAGE_CONNECTION_STRING": azurite_connection_string(address),
            "STORAGE_EMULATOR_HOST": address,
        }
    )
    place = StorageSettings(provider=StorageProvider(provider), bucket="benchmark-audit-logs")
    storage = make_storages(settings).of(place)
    idle = size = 0
    started = time.perf_counter()
    async for piece in storage.read("audit.jsonl"):
        size += len(piece)
        idle = idle or _peak()
    return {
        "idle": idle,
        "peak": _peak(),
        "seconds": time.perf_counter() - started,
        "size": size,
    }


async def verify(home: str) -> dict[str, float]:
    """Check the audit log of a deployment's tenant."""
    container = make_container(load_settings({"TRUEPORT_HOME": home}))
    async with opened(container):
        check = container.verify_audit()
        idle, started = _peak(), time.perf_counter()
        report = await check(OPERATOR, SLUG)
        return {
            "idle": idle,
            "peak": _peak(),
            "seconds": time.perf_counter() - started,
            "records": report.records,
            "damages": len(report.damages),
        }


def _peak() -> int:
    """Return the most memory that this process ever had resident, in KiB (Linux).

    What `getrusage` tells would begin with the parent's.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])


def main() -> None:
    """Run from the command line."""
    match sys.argv[1:]:
        case ["worker", home, every]:
            told = asyncio.run(work(home, int(every)))
        case ["read", provider, address]:
            told = asyncio.run(read(provider, address))
        case ["verify", home]:
            told = asyncio.run(verify(home))
        case _:
            raise SystemExit(__doc__)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
