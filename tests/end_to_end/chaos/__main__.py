"""Fail everything at random while logs are analysed, and check that every violation is found once.

    python -m tests.end_to_end.chaos --faults 100 --objects 2000 --seed 1

Three engines share one store and take their jobs from Redis and their objects from S3, while each
of them is killed, frozen, drained, cut off and slowed down. With `--embedded`, one process on
SQLite and local storage is killed, frozen and drained. Without a choice both run, one after the
other. Status 1 when anything was lost, doubled or altered, or ended where it should not.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.counterparts import COUNTERPARTS
from tests.end_to_end.chaos.report import lines_of
from tests.end_to_end.chaos.run import Dose, Locate, run


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description="Fail everything at random while logs are analysed."
    )
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--embedded", action="store_true", help="only the embedded queue")
    which.add_argument("--distributed", action="store_true", help="only Redis, S3 and Triton")
    parser.add_argument("--keep", type=Path, help="a new folder for logs and state, which stay")
    arguments = parser.parse_args()
    dose = Dose(objects=arguments.objects, faults=arguments.faults, seed=arguments.seed)
    runs: dict[str, Locate | None] = {"distributed": _located, "embedded": None}
    if arguments.embedded or arguments.distributed:
        del runs["distributed" if arguments.embedded else "embedded"]
    good = True
    with tempfile.TemporaryDirectory(prefix="trueport-chaos-") as temporary:
        for name, locate in runs.items():
            folder = (arguments.keep or Path(temporary)) / name
            folder.mkdir(parents=True)
            outcome = asyncio.run(run(dose, folder, say=_say, locate=locate))
            for line in lines_of(outcome):
                _say(line)
            good = good and not outcome.wrong
    return 0 if good else 1


def _located(name: str) -> str:
    counterpart = COUNTERPARTS[name]
    found = counterpart.find({"PATH": os.getenv("PATH", os.defpath)})
    if found is None:
        raise SystemExit(f"{name} is missing: {counterpart.how_to_get}")
    return found


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
