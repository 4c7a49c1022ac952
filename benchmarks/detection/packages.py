"""What is reported in 50 popular packages: `python -m benchmarks.detection.packages`.

Their source, lock and documentation files are scanned for secrets, and their Markdown and
reStructuredText for exfiltration, at the default operating points. None of it is kept in the
project. PACKAGES.md lists every finding with what a reader says it is.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.detection.file_peers import PEER_HEADING, peers_beside
from benchmarks.detection.file_scan import FileScan, scan
from benchmarks.detection.registry_packages import CACHE, NotFetched, fetched, read_list
from benchmarks.detection.verdicts import NOBODY, WRONG, Key, known_verdicts, table

LIST = Path(__file__).with_name("packages.txt")
PAGE = Path(__file__).with_name("PACKAGES.md")
MOST_PER_MB = 1.0
_DOCUMENTS = ("*.md", "*.rst", "*.markdown", "*.mdx")


def main() -> int:
    """Scan, print and write the page; 1 when a mark is missed or nobody looked at a finding."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection.packages")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where packages are kept")
    parser.add_argument("--list", type=Path, default=LIST, help="the packages, one a line")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    parser.add_argument("--peers", action="store_true", help="also peers, on some of the files")
    arguments = parser.parse_args()
    try:
        packages = read_list(arguments.list)
        folders = fetched(packages, arguments.cache)
    except (NotFetched, ValueError) as problem:
        parser.error(str(problem))
    labels = {package.folder: package.label for package in folders}
    secrets = scan(arguments.cache, labels, "secrets")
    exfil = scan(arguments.cache, labels, "exfil", include=_DOCUMENTS)
    lines = list(_page(secrets, exfil, labels, known_verdicts(arguments.page)))
    if arguments.peers:
        lines += ["", PEER_HEADING, "", *peers_beside(arguments.cache, labels, secrets)]
    text = "\n".join(lines) + "\n"
    print(text)
    arguments.page.write_text(text, encoding="utf-8")
    return 0 if secrets.per_mb <= MOST_PER_MB and NOBODY not in text else 1


def _page(
    secrets: FileScan, exfil: FileScan, labels: Mapping[str, str], verdicts: Mapping[Key, str]
) -> Iterator[str]:
    yield from (
        f"# What is reported in {len(labels)} popular packages",
        "",
        "Written by `python -m benchmarks.detection.packages`, the last column of the tables by",
        "hand; [packages.txt](packages.txt) names the packages and their versions. All that is",
        "text was read, tests and their keys as well, up to 5 MB a file as `trueport scan` does.",
        "",
        "| read for | files | MB | findings | a MB | of these wrong |",
        "|---|---:|---:|---:|---:|---:|",
        _sum("secrets", secrets, verdicts),
        _sum("exfiltration, Markdown and reStructuredText only", exfil, verdicts),
        "",
        f"Wanted: at most {MOST_PER_MB:.0f} finding of a secret a MB. A finding is *wrong* where a",
        "careful reader would say that nothing there has the shape of a secret in use; keys and",
        "passwords of tests are what they are called here, whoever leaks one shows the same.",
        "",
        "## Secrets by rule",
        "",
        "| rule | findings |",
        "|---|---:|",
        *(f"| `{rule}` | {count} |" for rule, count in secrets.by_rule.items()),
        "",
        "## Secrets by package",
        "",
        "| package | findings |",
        "|---|---:|",
        *_by_package(secrets, labels),
        "",
        "## Secrets, one by one",
        "",
        *table(secrets.findings, verdicts),
        "",
        "## Exfiltration, one by one",
        "",
        *table(exfil.findings, verdicts),
    )


def _sum(name: str, one: FileScan, verdicts: Mapping[Key, str]) -> str:
    wrong = sum(verdicts.get(finding.key, "").startswith(WRONG) for finding in one.findings)
    return (
        f"| {name} | {one.files} | {one.megabytes:.1f} | {len(one.findings)} | {one.per_mb:.2f} "
        f"| {wrong} |"
    )


def _by_package(secrets: FileScan, labels: Mapping[str, str]) -> Iterator[str]:
    counts = Counter(one.package for one in secrets.findings)
    for label in sorted(labels.values(), key=lambda label: (-counts[label], label)):
        if counts[label]:
            yield f"| {label} | {counts[label]} |"
    silent = len(labels) - len(counts)
    yield f"| {silent} others | 0 |"


if __name__ == "__main__":
    sys.exit(main())
