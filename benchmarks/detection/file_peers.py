"""Other secret scanners on some of the same files: how often they report in popular packages."""

import json
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.detection.file_scan import FileScan
from benchmarks.detection.records import lines_of
from benchmarks.detection.systems import PEERS, install_peers
from domain.detection.taxonomy import Category
from entrypoints.cli.scan_paths import Selection, Source, find_inputs

PEER_HEADING = "## Beside other scanners"
_ONE_IN = 20
_LARGEST = 1_000_000


def peers_beside(cache: Path, labels: Mapping[str, str], own: FileScan) -> Iterator[str]:
    """Yield a table of findings a megabyte on one file in twenty, drawn by its path's checksum."""
    peers = [peer for peer in PEERS if Category.SECRETS in peer.categories]
    install_peers([peer.name for peer in peers])
    files = dict(_sampled(cache, labels))
    megabytes = sum(map(len, files.values())) / 1_000_000
    ours = sum(f"{_folder(one.package, labels)}/{one.path}" in files for one in own.findings)
    yield f"One file in {_ONE_IN}, drawn by the checksum of its path: {len(files)} files of at most"
    yield f"1 MB, {megabytes:.1f} MB."
    yield ""
    yield "| scanner | findings | a MB |"
    yield "|---|---:|---:|"
    yield f"| trueport | {ours} | {ours / megabytes:.2f} |"
    with tempfile.TemporaryDirectory(prefix="trueport-corpora-") as scratch:
        texts = Path(scratch) / "texts.jsonl"
        with texts.open("w", encoding="utf-8") as lines:
            for name, text in files.items():
                lines.write(json.dumps({"id": name, "text": text}) + "\n")
        for peer in peers:
            answers = Path(scratch) / f"{peer.name}.jsonl"
            peer.answer(texts, answers)
            found = sum(len(document["findings"]) for document in lines_of(answers))
            version = peer.requirements[0].replace("==", " ")
            yield f"| {version} | {found} | {found / megabytes:.2f} |"


def _folder(label: str, labels: Mapping[str, str]) -> str:
    return next(folder for folder, one in labels.items() if one == label)


def _sampled(cache: Path, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    roots = [str(cache / folder) for folder in sorted(labels)]
    for one in find_inputs(roots, Selection(max_size=_LARGEST)):
        if isinstance(one, Source) and one.path is not None:
            name = one.path.relative_to(cache).as_posix()
            if zlib.crc32(name.encode()) % _ONE_IN == 0:
                yield name, one.path.read_text(encoding="utf-8", errors="replace")
