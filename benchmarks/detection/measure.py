"""Ask systems about labelled files, and score what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detection.encodings import encoded
from benchmarks.detection.records import (
    Gold,
    Prediction,
    read_gold,
    read_predictions,
    write_texts,
)
from benchmarks.detection.reliability import Reliability
from benchmarks.detection.span_metrics import SpanFigures, span_figures
from benchmarks.detection.systems import PEERS, Peer, Speed, TruePort
from benchmarks.detection.tasks import STRUCTURED, Task
from benchmarks.detection.text_metrics import Ranking, TextFigures, text_figures
from domain.detection.taxonomy import SENSITIVE_PII, Category

System = TruePort | Peer
_SEED = 7

# Sentences that name a group of people and say nothing bad about it.
HARMLESS_SOURCES = ("conversationai-identity-templates", "toxigen-demonstrations")


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRecall:
    """How many positives that were reported in the clear still are when encoded at random."""

    plain: int
    kept: int
    by_encoding: Mapping[str, tuple[int, int]]
    """Reported and asked, by the encoding's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one system came to on one task."""

    task: Task
    system: str
    speed: Speed
    texts: TextFigures | None
    structured: SpanFigures | None
    sensitive: SpanFigures | None
    harmless_flagged: Mapping[str, tuple[int, int]]
    """Reported and asked, by the source of harmless sentences about groups."""
    reliability: Reliability | None = None
    is_control: bool = False


def outcomes_of(task: Task, data: Path, work: Path, systems: Sequence[System]) -> list[Outcome]:
    """Return what each system, and each control, comes to on one task."""
    gold = read_gold(data / f"{task.file}.jsonl.gz")
    texts = work / f"{task.file}.texts.jsonl"
    write_texts(texts, gold)
    found = []
    for system in systems:
        answers = work / f"{task.file}.{system.name.replace(' ', '_')}.jsonl"
        print(f"{task.file}: {system.name} …", flush=True)
        speed = system.answer(texts, answers)
        found.append(_scored(task, system.name, speed, gold, read_predictions(answers, gold)))
    if task.has_texts:
        found += _controls(task, gold)
    return found


def encoded_recall(
    task: Task, data: Path, work: Path, system: TruePort, *, labels: frozenset[str] | None = None
) -> EncodedRecall:
    """Return how a system does on the positives of a task in random encodings.

    With `labels`, only records with marks of these and reports of these count.
    """
    gold = [
        record
        for record in read_gold(data / f"{task.file}.jsonl.gz")
        if record.label == 1
        and (labels is None or any(mark.label in labels for mark in record.spans or ()))
    ]
    variants = encoded(gold, _SEED)
    names = [name for name, _ in variants]
    folder = work / f"{task.file}.encoded"
    folder.mkdir()
    plain = _reports(task, folder, system, gold, labels)
    hidden = _reports(task, folder, system, [record for _, record in variants], labels)
    by_encoding: dict[str, tuple[int, int]] = {}
    kept = 0
    for name, was, still in zip(names, plain, hidden, strict=True):
        if was:
            hits, asked = by_encoding.get(name, (0, 0))
            by_encoding[name] = hits + still, asked + 1
            kept += still
    return EncodedRecall(plain=sum(plain), kept=kept, by_encoding=by_encoding)


def systems_for(task: Task, profiles: Sequence[str], *, with_peers: bool) -> list[System]:
    """Return who can be asked about a task."""
    own: list[System] = [TruePort(profile=profile) for profile in profiles]
    if not with_peers:
        return own
    return [*own, *(peer for peer in PEERS if task.category in peer.categories)]


def _reports(
    task: Task,
    work: Path,
    system: TruePort,
    gold: Sequence[Gold],
    labels: frozenset[str] | None,
) -> list[bool]:
    texts, answers = work / "texts.jsonl", work / "answers.jsonl"
    write_texts(texts, gold)
    system.answer(texts, answers)
    return [
        any(labels is None or mark.label in labels for mark in one.of(task.category))
        for one in read_predictions(answers, gold)
    ]


def _scored(
    task: Task, name: str, speed: Speed, gold: Sequence[Gold], predictions: Sequence[Prediction]
) -> Outcome:
    spans = {
        labels: span_figures(gold, predictions, category=task.category, labels=labels)
        for labels in (STRUCTURED, SENSITIVE_PII)
        if task.has_spans
    }
    harmless: dict[str, tuple[int, int]] = {}
    if task.category is Category.TOXICITY:
        for record, one in zip(gold, predictions, strict=True):
            if record.label == 0 and record.source in HARMLESS_SOURCES:
                hits, asked = harmless.get(record.source, (0, 0))
                harmless[record.source] = hits + bool(one.of(task.category)), asked + 1
    ranking = _ranking(task, gold, predictions) if task.has_texts else None
    return Outcome(
        task=task,
        system=name,
        speed=speed,
        texts=text_figures(ranking) if ranking else None,
        structured=spans.get(STRUCTURED),
        sensitive=spans.get(SENSITIVE_PII),
        harmless_flagged=harmless,
        reliability=Reliability.of(ranking) if ranking else None,
    )


def _ranking(task: Task, gold: Sequence[Gold], predictions: Sequence[Prediction]) -> Ranking:
    known = [
        (record, one)
        for record, one in zip(gold, predictions, strict=True)
        if record.label in (0, 1)
    ]
    return Ranking.of(
        [record.label or 0 for record, _ in known],
        [one.scores.get(task.category.value, 0.0) for _, one in known],
        [_is_flagged(task, one) for _, one in known],
        [len(record.text) for record, _ in known],
    )


def _is_flagged(task: Task, prediction: Prediction) -> bool:
    """Tell whether a text is reported; auxiliary personal data alone is no violation."""
    marks = prediction.of(task.category)
    if task.category is Category.PII:
        return any(mark.label in SENSITIVE_PII for mark in marks)
    return bool(marks)


def _controls(task: Task, gold: Sequence[Gold]) -> list[Outcome]:
    nothing = [Prediction(marks={}, scores={})] * len(gold)
    ranking = _ranking(task, gold, nothing)
    return [
        Outcome(
            task=task,
            system=name,
            speed=Speed(texts=0, characters=0, cpu_seconds=0.0),
            texts=text_figures(control),
            structured=None,
            sensitive=None,
            harmless_flagged={},
            is_control=True,
        )
        for name, control in (
            ("control: flag everything", ranking.flag_everything()),
            ("control: text length", ranking.by_length()),
        )
    ]
