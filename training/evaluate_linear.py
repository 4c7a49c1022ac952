"""Measure the bundled detectors on labelled files: `python -m training.evaluate_linear FILE…`.

The text-level score of a category is ranked; beside it stand the controls: the length of the text
and flagging everything. The model files come from `model_store/embedded`.
"""

import argparse
import asyncio
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from adapters.detectors.injection import InjectionDetector
from adapters.detectors.toxicity_bias import ToxicityBiasDetector
from application.ports.detector import Channel, Detector, DetectorText
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from model_store import EMBEDDED
from training.corpora import READABLE

_LENGTH_BINS = 5


def main() -> None:
    """Print one table a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="{injection,toxicity,bias}.*.jsonl.gz")
    parser.add_argument("--models", type=Path, default=EMBEDDED)
    parser.add_argument("--cards", action="store_true", help="write the tables into the cards")
    options = parser.parse_args()
    measured: dict[Category, list[str]] = defaultdict(list)
    for file in options.files:
        category = Category(file.name.split(".")[0])
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        records = [record for record in records if record["label"] is not None]
        detector: Detector = (
            InjectionDetector(options.models)
            if category is Category.INJECTION
            else ToxicityBiasDetector(options.models)
        )
        texts = [
            DetectorText(
                text=record["text"],
                channel=Channel.DOCUMENT if record.get("vector") == "indirect" else Channel.USER,
            )
            for record in records
        ]
        detections = asyncio.run(_detect(detector, texts))
        tables = [f"### {file.name}", _table(category, records, detections)]
        readable = [at for at, record in enumerate(records) if _is_readable(record)]
        if len(readable) < len(records):
            chosen = [detections[at] for at in readable]
            tables += [
                "Without texts in an encoding, which is decoded before detectors read them:",
                _table(category, [records[at] for at in readable], chosen),
            ]
        print("\n\n".join(tables), end="\n\n", flush=True)
        measured[category] += tables
    if options.cards:
        for category, tables in measured.items():
            _write(options.models / "cards" / f"linear-{category}.md", tables)


_HEADING = """
## Measured

The whole detector (rules and model), by `python -m training.evaluate_linear FILE… --cards`; the
score of a text is that of its highest finding. `dev` has the sources of the training records,
`xdev` others.
"""


def _write(card: Path, tables: list[str]) -> None:
    """Replace the last section of a card by these tables."""
    kept = card.read_text(encoding="utf-8").partition("\n## Measured")[0].rstrip()
    text = "\n".join([kept, _HEADING, "\n\n".join(tables), ""])
    card.write_text(text, encoding="utf-8")


async def _detect(detector: Detector, texts: list[DetectorText]) -> list[Detection]:
    return list(await detector.detect(texts))


def _is_readable(record: dict[str, object]) -> bool:
    category = str(record.get("category") or "")
    return not category.startswith("OBF_") or category in READABLE


def _table(
    category: Category, records: list[dict[str, object]], detections: list[Detection]
) -> str:
    labels = np.array([record["label"] for record in records])
    scores = np.array([detection.scores[category] for detection in detections])
    lengths = np.array([len(str(record["text"])) for record in records], dtype=float)
    flagged = np.array(
        [
            any(finding.is_operative and finding.category is category for finding in each.findings)
            for each in detections
        ]
    )
    lines = [
        "| score | texts | AUROC | AUROC in length bins | recall at 1 % FP | balanced accuracy |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, values, chosen in (
        ("detector", scores, flagged),
        ("control: text length", lengths, lengths > np.median(lengths)),
        ("control: flag everything", np.ones(len(labels)), np.ones(len(labels), dtype=bool)),
    ):
        threshold = np.quantile(values[labels == 0], 0.99)
        recall, alarms = chosen[labels == 1].mean(), chosen[labels == 0].mean()
        lines.append(
            f"| {name} | {len(labels)} | {roc_auc_score(labels, values):.3f} "
            f"| {_binned(labels, values, lengths):.3f} "
            f"| {(values[labels == 1] > threshold).mean():.3f} | {(recall + 1 - alarms) / 2:.3f} |"
        )
    lines += ["", "| source | texts | flagged | score >= 0.9 |", "|---|---:|---:|---:|"]
    by_source: dict[tuple[str, int], list[int]] = defaultdict(list)
    for at, record in enumerate(records):
        by_source[str(record["source"]), int(labels[at])].append(at)
    highest = np.array(
        [
            max((each.score for each in one.findings if each.category is category), default=0.0)
            for one in detections
        ]
    )
    for (source, label), rows in sorted(by_source.items(), key=lambda item: (item[0][1], item[0])):
        kind = "positive" if label else "benign"
        lines.append(
            f"| {source} ({kind}) | {len(rows)} | {flagged[rows].mean():.3f} "
            f"| {(highest[rows] >= 0.9).mean():.3f} |"
        )
    return "\n".join(lines)


def _binned(labels: np.ndarray, scores: np.ndarray, lengths: np.ndarray) -> float:
    """Return the mean AUROC inside equally large bins of text length that have both classes."""
    edges = np.quantile(lengths, np.linspace(0, 1, _LENGTH_BINS + 1)[1:-1])
    bins = np.digitize(lengths, edges)
    values = [
        roc_auc_score(labels[bins == number], scores[bins == number])
        for number in range(_LENGTH_BINS)
        if len(set(labels[bins == number])) == 2
    ]
    return float(np.mean(values))


if __name__ == "__main__":
    main()
