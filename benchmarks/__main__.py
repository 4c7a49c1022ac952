"""Measure: `make bench`, or `python -m benchmarks [NAME …] [--full | --tiny] [--data DIR]`."""

import argparse
import asyncio
import sys

from benchmarks import audit, cold_start, detectors, gateway, limits, memory, pipeline, queue_depth
from benchmarks.detection import speed
from benchmarks.detection.records import labelled_files
from benchmarks.options import Options

_PARTS = {
    "detectors": detectors.measure,
    "gateway": gateway.measure,
    "pipeline": pipeline.measure,
    "queue": queue_depth.measure,
    "memory": memory.measure,
    "limits": limits.measure,
    "cold-start": cold_start.measure,
    "audit": audit.measure,
    "speed": speed.measure,
}


def main() -> int:
    """Run the parts that are named, all without names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_PARTS))
    parser.add_argument("--full", action="store_true", help="also what takes many minutes")
    parser.add_argument("--tiny", action="store_true", help="only show that it runs")
    parser.add_argument(
        "--data", type=labelled_files, help="the folder of labelled files, for speed"
    )
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in _PARTS:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(_PARTS)}")
    options = Options(is_tiny=arguments.tiny, is_full=arguments.full, data=arguments.data)
    for name in arguments.names or list(_PARTS):
        asyncio.run(_PARTS[name](options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
