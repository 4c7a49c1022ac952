"""Small models in all three neural slots, built as an operator builds them."""

from pathlib import Path

from entrypoints.wiring.models import BuildRequest, build_model
from tests.fakes.checkpoints import (
    DEBERTA,
    DISTILBERT,
    ROBERTA,
    write_checkpoint,
    write_labels,
)

CLASSES = ("SAFE", "OVERRIDE", "JAILBREAK")
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
TOXIC = ("INSULT", "THREAT", "STEREOTYPE")


def injection_request(folder: Path, *, seed: int = 1) -> BuildRequest:
    """Write a DistilBERT of texts, whose labels exclude each other, and its label file."""
    checkpoint = write_checkpoint(folder, DISTILBERT, CLASSES, seed=seed)
    labels = write_labels(
        folder, {"labels": {"SAFE": None}, "operating_points": {"JAILBREAK": 0.7}}
    )
    return BuildRequest(slot="injection-distilbert", source=str(checkpoint), label_file=labels)


def build_all(folder: Path) -> Path:
    """Return a model store with a model of each architecture."""
    store = folder / "models"
    roberta = write_checkpoint(folder / "tagger", ROBERTA, TAGS, seed=3)
    labels = write_labels(roberta, {"labels": {"PER": "PERSON", "LOC": "LOCATION"}})
    # The labels of this one are types, several at once, so that it needs no label file.
    deberta = write_checkpoint(
        folder / "toxicity", DEBERTA, TOXIC, problem="multi_label_classification"
    )
    for request in (
        injection_request(folder / "injection"),
        BuildRequest(slot="pii-ner-roberta", source=str(roberta), label_file=labels),
        BuildRequest(slot="bias-deberta-v3", source=str(deberta)),
    ):
        build_model(request, store, lambda _: None)
    return store
