"""Labelled records as the data folder holds them, and as the programs here use them."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One text with what is known about it.

    `labels` maps a lane to 1 or 0; a lane that is absent is unknown for this record.
    `group` names the fold of sources that are held out together, `direction` where the text comes
    from, `direct` or `indirect`, if that is known.
    """

    text: str
    labels: dict[str, int]
    source: str
    licence: str = "own (CC0)"
    group: str = ""
    direction: str = ""
    weight: float = 1.0
    details: dict[str, str] = field(default_factory=dict)


def raw_records(folder: Path, name: str) -> Iterator[dict[str, object]]:
    """Yield the JSON objects of `FOLDER/NAME.jsonl.gz`."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def distinct(records: list[Record]) -> list[Record]:
    """Return the records without repeated texts; the first of equal ones stays."""
    seen: set[str] = set()
    kept: list[Record] = []
    for record in records:
        key = " ".join(record.text.lower().split())
        if key and key not in seen:
            seen.add(key)
            kept.append(record)
    return kept
