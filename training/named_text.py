"""Texts in which people, places and organisations are marked, for the model of names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from adapters.detectors.context.name_model import LABELS
from training.records import raw_records

Span = tuple[int, int, str]

TWEETS = "broad-twitter-corpus"
FORMS = "own-generator"
_EVERY_NTH_FORM = 8
_UNMARKED = (
    ("exfil.train", "repo-markdown"),
    ("secrets.train", "guardrails-source-lines"),
    ("injection.train", "gpteacher"),
)
"""Documentation, code and requests, in which nobody marked names: file, source."""

_JOINED = re.compile(r"(?<![\w@#])[@#]( )(?=\w)|&( )(?=(?:lt|gt|amp);)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedText:
    """A text with its names: code points `[start, end)` and label.

    Where `is_marked` is false nobody looked: what no list of names has is taken for no name there,
    of the rest nothing is known.
    """

    text: str
    spans: Sequence[Span]
    source: str
    licence: str
    group: str
    is_marked: bool = True


def named_texts(folder: Path) -> Iterator[NamedText]:
    """Yield the texts of the data folder that say something about names."""
    for number, record in enumerate(raw_records(folder, "pii.train")):
        if record["source"] == FORMS and number % _EVERY_NTH_FORM:
            continue
        yield marked(record)
    for file, source in _UNMARKED:
        for record in raw_records(folder, file):
            if record["source"] == source:
                yield NamedText(
                    text=str(record["text"]),
                    spans=(),
                    source=source,
                    licence=str(record["license"]),
                    group="unmarked",
                    is_marked=False,
                )


def marked(record: dict[str, Any]) -> NamedText:
    """Return a labelled record; of tweets, as people write them."""
    text = record["text"]
    spans = [cast("Span", tuple(span)) for span in record["spans"] or () if span[2] in LABELS]
    if record["source"] == TWEETS:
        text, spans = as_written(text, spans)
    return NamedText(
        text=text,
        spans=spans,
        source=record["source"],
        licence=record["license"],
        group=record["source"],
    )


def as_written(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """Join `@ name` and `# tag`, which the corpus took apart, and leave out marked handles.

    A handle tells an account, and has a type of its own.
    """
    cuts = [
        match.end() - 1 if match.group(2) else match.start(1) for match in _JOINED.finditer(text)
    ]
    moved = [position - sum(cut < position for cut in cuts) for position in range(len(text) + 1)]
    dropped = set(cuts)
    joined = "".join(letter for at, letter in enumerate(text) if at not in dropped)
    kept = [
        (moved[start], moved[end], label)
        for start, end, label in spans
        if "@" not in joined[max(0, moved[start] - 1) : moved[start] + 1]
    ]
    return joined, kept
