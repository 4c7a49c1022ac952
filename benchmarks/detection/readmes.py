"""What is reported as exfiltration in real READMEs: `python -m benchmarks.detection.readmes`.

Of each package of readmes.txt and packages.txt, the README at its root is scanned at the default
operating points. READMES.md lists every finding with what a reader says it is.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.detection.file_scan import FileScan, scan
from benchmarks.detection.packages import LIST as POPULAR
from benchmarks.detection.registry_packages import CACHE, NotFetched, fetched, read_list, readmes
from benchmarks.detection.verdicts import NOBODY, WRONG, Key, known_verdicts, table

LIST = Path(__file__).with_name("readmes.txt")
PAGE = Path(__file__).with_name("READMES.md")
LEAST = 200


def main() -> int:
    """Scan, print and write the page; 1 where a finding is wrong or nobody looked at it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection.readmes")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where packages are kept")
    parser.add_argument("--list", type=Path, default=LIST, help="more packages, one a line")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    arguments = parser.parse_args()
    try:
        packages = dict.fromkeys([*read_list(POPULAR), *read_list(arguments.list)])
        folders = fetched(list(packages), arguments.cache)
    except (NotFetched, ValueError) as problem:
        parser.error(str(problem))
    labels = {package.folder: package.label for package in folders}
    paths = [str(path.relative_to(arguments.cache)) for path in readmes(folders.values())]
    exfil = scan(arguments.cache, labels, "exfil", paths=paths)
    verdicts = known_verdicts(arguments.page)
    text = "\n".join(_page(exfil, len(paths), verdicts)) + "\n"
    print(text)
    arguments.page.write_text(text, encoding="utf-8")
    is_met = len(paths) >= LEAST and not _wrong(exfil, verdicts) and NOBODY not in text
    return 0 if is_met else 1


def _wrong(exfil: FileScan, verdicts: Mapping[Key, str]) -> int:
    return sum(verdicts.get(one.key, "").startswith(WRONG) for one in exfil.findings)


def _page(exfil: FileScan, number: int, verdicts: Mapping[Key, str]) -> Iterator[str]:
    yield from (
        f"# What is reported as exfiltration in {number} READMEs",
        "",
        "Written by `python -m benchmarks.detection.readmes`, the last column of the table by",
        "hand. Read were the READMEs at the root of the packages of [readmes.txt](readmes.txt) and",
        "[packages.txt](packages.txt).",
        "",
        "| READMEs | thousands of characters | findings | of these wrong |",
        "|---:|---:|---:|---:|",
        f"| {number} | {exfil.characters / 1000:.0f} | {len(exfil.findings)} "
        f"| {_wrong(exfil, verdicts)} |",
        "",
        "Wanted: at least 200 READMEs, and no finding that a careful reader would call wrong.",
        "",
        *table(exfil.findings, verdicts),
    )


if __name__ == "__main__":
    sys.exit(main())
