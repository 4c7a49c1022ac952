"""Scan files of packages as a user scans them, and count what is reported."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detection.records import lines_of
from benchmarks.detection.systems import ROOT
from benchmarks.detection.verdicts import Finding

_MEGA = 1_000_000
_JOBS = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScan:
    """What `trueport scan` reported at the default operating points, and how much it read."""

    findings: Sequence[Finding]
    files: int
    characters: int

    @property
    def megabytes(self) -> float:
        """Return the millions of characters that were read."""
        return self.characters / _MEGA

    @property
    def per_mb(self) -> float:
        """Return the findings a megabyte."""
        return len(self.findings) / self.megabytes if self.characters else 0.0

    @property
    def by_rule(self) -> Mapping[str, int]:
        """Return the number of findings of each rule, the most frequent first."""
        return dict(Counter(one.rule for one in self.findings).most_common())


def scan(
    cache: Path,
    labels: Mapping[str, str],
    category: str,
    *,
    include: Sequence[str] = (),
    paths: Sequence[str] = (),
) -> FileScan:
    """Return what a scan of folders below `cache` reports, or of the `paths` in them only.

    `labels` names the package of each folder.
    """
    with tempfile.TemporaryDirectory(prefix="trueport-corpora-") as scratch:
        report = Path(scratch) / "report.jsonl"
        command = [sys.executable, "-m", "entrypoints.cli.main", "scan", *(paths or sorted(labels))]
        command += ["--detectors", category, "--jobs", _JOBS, "--format", "jsonl", "--exit-zero"]
        command += ["-o", str(report), "--progress", "off", "--quiet"]
        for glob in include:
            command += ["--include", glob]
        subprocess.run(command, check=True, cwd=cache, env=os.environ | {"PYTHONPATH": str(ROOT)})
        documents = list(lines_of(report))
    summary = documents.pop()
    if not summary["complete"]:
        raise RuntimeError(f"{summary['errors']} files could not be read")
    return FileScan(
        findings=tuple(_findings(documents, labels)),
        files=summary["files"],
        characters=summary["characters"],
    )


def _findings(
    documents: Sequence[Mapping[str, object]], labels: Mapping[str, str]
) -> Iterator[Finding]:
    for document in documents:
        if document["kind"] != "finding" or not document["violation"]:
            continue
        registry, folder, path = str(document["path"]).split("/", 2)
        yield Finding(
            package=labels[f"{registry}/{folder}"],
            path=path,
            line=int(str(document["line"])),
            rule=str(document["rule"]),
            type=str(document["type"]),
            evidence=str(document["evidence"]),
        )
