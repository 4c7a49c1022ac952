"""Measure detection quality: `python -m benchmarks.detection --data DIR [TASK …]`."""

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.detection.measure import encoded_recall, outcomes_of, systems_for
from benchmarks.detection.records import labelled_files
from benchmarks.detection.reliability import diagram
from benchmarks.detection.report import document, markdown, reliabilities
from benchmarks.detection.systems import TruePort, install_peers
from benchmarks.detection.targets import targets_of
from benchmarks.detection.tasks import STRUCTURED, TASKS
from domain.detection.taxonomy import Category


def main() -> int:
    """Run the tasks that are named, all without names; 1 when a mark is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    names = [task.file for task in TASKS]
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(names))
    parser.add_argument(
        "--data", type=labelled_files, required=True, help="the folder of labelled files"
    )
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--profile", action="append", choices=["embedded", "patterns", "triton"])
    parser.add_argument("--encoded", action="store_true", help="also positives in random encodings")
    parser.add_argument("--output", type=Path, help="folder for the page, the figures, the diagram")
    arguments = parser.parse_args()
    unknown = sorted({*arguments.tasks} - {*names})
    if unknown:
        parser.error(f"there is no task {unknown[0]!r}; there are {', '.join(names)}")
    profiles = arguments.profile or ["embedded"]
    if not arguments.without_peers:
        install_peers()
    tasks = [task for task in TASKS if not arguments.tasks or task.file in arguments.tasks]
    own = TruePort(profile=profiles[0])
    outcomes, encoded = [], {}
    with tempfile.TemporaryDirectory(prefix="trueport-quality-") as folder:
        work = Path(folder)
        for task in tasks:
            systems = systems_for(task, profiles, with_peers=not arguments.without_peers)
            outcomes += outcomes_of(task, arguments.data, work, systems)
            if arguments.encoded and task.has_texts and task.category in _ENCODED:
                labels = STRUCTURED if task.category is Category.PII else None
                encoded[task.file] = encoded_recall(task, arguments.data, work, own, labels=labels)
    targets = list(targets_of(outcomes, encoded, own.name))
    page = markdown(outcomes, targets, encoded, datetime.now(UTC).date())
    print(page)
    if arguments.output:
        (arguments.output / "RESULTS.md").write_text(page, encoding="utf-8")
        (arguments.output / "reliability.svg").write_text(
            diagram(reliabilities(outcomes)), encoding="utf-8"
        )
        whole = document(outcomes, targets, encoded)
        (arguments.output / "results.json").write_text(
            json.dumps(whole, indent=1, default=str) + "\n", encoding="utf-8"
        )
    return 0 if all(target.is_met for target in targets) else 1


_ENCODED = (Category.PII, Category.SECRETS)

if __name__ == "__main__":
    sys.exit(main())
