"""Labelled records, and what a system said about them."""

import gzip
import json
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.detection.taxonomy import Category

EVERYTHING = "*"
"""In `Gold.annotated`: all labels were looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A labelled stretch of text: code points `[start, end)`."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A labelled record.

    `label` is None where nobody knows; `spans` is None for a violation of which nobody said where.
    Labels outside `annotated` were not looked for: they may be there.
    """

    id: str
    text: str
    label: int | None
    spans: tuple[Mark, ...] | None
    annotated: frozenset[str]
    source: str
    categories: Mapping[str, int]

    def looked_for(self, label: str) -> bool:
        """Tell whether a missing mark of this label means that there is none."""
        return EVERYTHING in self.annotated or label in self.annotated


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a system said of one text: marks by category, and a score a category."""

    marks: Mapping[str, tuple[Mark, ...]]
    scores: Mapping[str, float]

    def of(self, category: Category) -> tuple[Mark, ...]:
        """Return the marks of a category."""
        return self.marks.get(category.value, ())


def labelled_files(folder: str) -> Path:
    """Return the folder of labelled files that a command line names.

    Raises:
        ArgumentTypeError: it holds none.
    """
    path = Path(folder)
    if not (path / "pii.dev.jsonl.gz").is_file():
        raise ArgumentTypeError(f"{folder} holds no labelled files such as pii.dev.jsonl.gz")
    return path


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines, plain or compressed."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_gold(path: Path) -> list[Gold]:
    """Return the records of a labelled file."""
    return [_gold(document) for document in lines_of(path)]


def read_predictions(path: Path, gold: Sequence[Gold]) -> list[Prediction]:
    """Return one prediction a record, in the order of the records.

    Raises:
        ValueError: a record has none.
    """
    by_id = {str(document["id"]): document for document in lines_of(path)}
    missing = [record.id for record in gold if record.id not in by_id]
    if missing:
        raise ValueError(f"{path}: {len(missing)} records have no prediction, first {missing[0]}")
    return [_prediction(by_id[record.id]) for record in gold]


def write_texts(path: Path, gold: Iterable[Gold]) -> None:
    """Write records as the input of `trueport detect`: id and text, nothing else."""
    with path.open("w", encoding="utf-8") as file:
        for record in gold:
            file.write(json.dumps({"id": record.id, "text": record.text}) + "\n")


def _gold(document: Mapping[str, Any]) -> Gold:
    spans = document.get("spans")
    return Gold(
        id=str(document["id"]),
        text=document["text"],
        label=document["label"],
        spans=None if spans is None else tuple(sorted(map(_mark, spans), key=_order)),
        annotated=frozenset(document.get("annotated") or (EVERYTHING,)),
        source=str(document.get("source", "")),
        categories=document.get("categories") or {},
    )


def _mark(span: Sequence[Any]) -> Mark:
    start, end, label = span
    return Mark(start=start, end=end, label=label)


def _prediction(document: Mapping[str, Any]) -> Prediction:
    marks: dict[str, list[Mark]] = {}
    for finding in document["findings"]:
        mark = Mark(start=finding["start"], end=finding["end"], label=finding["type"])
        marks.setdefault(finding["category"], []).append(mark)
    return Prediction(
        marks={name: tuple(sorted(found, key=_order)) for name, found in marks.items()},
        scores=document["scores"],
    )


def _order(mark: Mark) -> tuple[int, int, str]:
    return mark.start, mark.end, mark.label
