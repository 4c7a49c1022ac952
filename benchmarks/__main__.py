"""Measure detectors and gateway: `make bench`, or `python -m benchmarks [detectors|gateway]`."""

import asyncio
import sys

from benchmarks import detectors, gateway

_PARTS = {"detectors": detectors.measure, "gateway": gateway.measure}


def main() -> int:
    """Run the parts that are named, all without names."""
    names = sys.argv[1:] or list(_PARTS)
    unknown = [name for name in names if name not in _PARTS]
    if unknown:
        print(f"there is no benchmark {unknown[0]!r}; there are {', '.join(_PARTS)}")
        return 2
    for name in names:
        asyncio.run(_PARTS[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main())
