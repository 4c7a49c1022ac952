"""The tables: Markdown for people, JSON for programs."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from benchmarks.detection.measure import EncodedRecall, Outcome
from benchmarks.detection.reliability import Reliability
from benchmarks.detection.span_metrics import LabelFigures, SpanFigures
from benchmarks.detection.systems import PEERS
from benchmarks.detection.targets import Target

_HEAD = """# Detection quality

Made by `make quality DATA=…` on {day}, Python {python}. All figures are percentages with
their 95 % interval (bootstrap over records). `dev` comes from the sources of the training data and
says what is remembered, `xdev` from sources that no training saw; [LOG.md](LOG.md) has every look
at it. Peers ran on the same records in the same run: {peers}.
"""


def markdown(
    outcomes: Sequence[Outcome],
    targets: Sequence[Target],
    encoded: Mapping[str, EncodedRecall],
    day: date,
) -> str:
    """Return the whole page."""
    peers = ", ".join(
        " ".join(peer.requirements)
        for peer in PEERS
        if any(one.system == peer.name for one in outcomes)
    )
    blocks = [
        _HEAD.format(day=day.isoformat(), python=platform.python_version(), peers=peers or "none"),
        "## Marks\n",
        *_table(
            ("mark", "wanted", "measured", "cases", "met"),
            [(t.name, t.wanted, t.measured, t.cases, "yes" if t.is_met else "no") for t in targets],
        ),
    ]
    for file in dict.fromkeys(one.task.file for one in outcomes):
        blocks += _task([one for one in outcomes if one.task.file == file])
    if encoded:
        blocks.append("\n## Positives in a random encoding\n")
        blocks += _table(
            ("task", "encoding", "reported", "of those reported in the clear"),
            [
                (name, encoding, hits, asked)
                for name, recall in encoded.items()
                for encoding, (hits, asked) in sorted(recall.by_encoding.items())
            ],
        )
    blocks += _reliability(reliabilities(outcomes))
    blocks.append("\n## Speed\n\nCPU time of one process, start-up left out.\n")
    blocks += _table(
        ("task", "system", "texts/s", "MB/s"),
        [
            (
                one.task.file,
                one.system,
                f"{one.speed.texts / one.speed.cpu_seconds:,.0f}",
                f"{one.speed.characters / one.speed.cpu_seconds / 1e6:.2f}",
            )
            for one in outcomes
            if not one.is_control
        ],
    )
    return "\n".join(blocks) + "\n"


def reliabilities(outcomes: Sequence[Outcome]) -> list[tuple[str, Reliability]]:
    """Return how far the scores of the product itself can be taken at their word, by task."""
    return [
        (one.task.file, one.reliability)
        for one in outcomes
        if one.reliability and one.system.startswith("trueport")
    ]


def _reliability(named: Sequence[tuple[str, Reliability]]) -> Iterator[str]:
    yield (
        "\n## Reliability of scores\n\nThe score of a text beside the share of violations among "
        "texts of like score, drawn in\n[reliability.svg](reliability.svg). These files hold far "
        "more violations than traffic does, and scores are set for traffic: those in the middle "
        "are low on purpose.\n"
    )
    yield from _table(
        ("task", "calibration error", "score: violations of texts"),
        [
            (
                name,
                f"{100 * one.error:.1f}",
                "; ".join(
                    f"{each.score:.2f}: {100 * each.observed:.0f} % of {each.texts}"
                    for each in one.bins
                ),
            )
            for name, one in named
        ],
    )


def document(
    outcomes: Sequence[Outcome],
    targets: Sequence[Target],
    encoded: Mapping[str, EncodedRecall],
) -> dict[str, Any]:
    """Return the same as one JSON object."""
    return {
        "schema_version": 1,
        "targets": [asdict(target) for target in targets],
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "encoded": {name: asdict(recall) for name, recall in encoded.items()},
    }


def _task(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"\n## {outcomes[0].task.file}\n"
    texts = [(one.system, one.texts) for one in outcomes if one.texts]
    if texts:
        yield from _table(
            (
                *("system", "AUROC", "inside length bins", "recall at 1 % FP", "recall"),
                *("false positives", "precision", "F1", "balanced accuracy"),
            ),
            [
                (
                    name,
                    *(f.auroc, f.auroc_in_bins, f.recall_at_alarms, f.recall),
                    *(f.alarms, f.precision, f.f1, f.balanced_accuracy),
                )
                for name, f in texts
            ],
        )
        yield ""
    for title, kind in (("structured types", "structured"), ("all sensitive types", "sensitive")):
        rows = [(one.system, getattr(one, kind)) for one in outcomes if getattr(one, kind)]
        if rows:
            yield f"\n### Spans of {title}\n"
            yield from _spans(rows)


def _spans(rows: Sequence[tuple[str, SpanFigures]]) -> Iterator[str]:
    yield from _table(
        (
            *("system", "strict micro F1", "partial micro F1", "strict macro F1", "precision"),
            *("recall", "characters covered", "records that leak", "clean records flagged"),
        ),
        [
            (
                name,
                *(f.micro.strict_f1, f.micro.partial_f1, f.macro_f1, f.micro.precision),
                *(f.micro.recall, f.covered, f.leaking, f.clean_flagged),
            )
            for name, f in rows
        ],
    )
    yield ""
    labels = sorted({one.label for _, figures in rows for one in figures.labels})
    by_system = [(name, {one.label: one for one in figures.labels}) for name, figures in rows]
    yield from _table(
        ("type", "labelled", *(name for name, _ in by_system)),
        [
            (
                label,
                max((found[label].labelled for _, found in by_system if label in found), default=0),
                *(_label(found.get(label)) for _, found in by_system),
            )
            for label in labels
        ],
    )


def _label(figures: LabelFigures | None) -> str:
    if figures is None:
        return "not reported"
    return f"{figures.strict_f1}, {figures.predicted} reported"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
