"""A tokenizer of words and marks, and models that are made of nothing but their labels."""

from collections.abc import Mapping, Sequence

import numpy as np
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

from adapters.detectors.neural.built_model import BuiltModel
from adapters.detectors.neural.engine import Logits
from adapters.detectors.neural.labels import Activation, Kind, LabelMap
from adapters.detectors.neural.scores import FindingMaker
from adapters.detectors.neural.slots import NEURAL_SLOTS
from adapters.detectors.neural.tokens import TextTokenizer

FIRST, LAST = 1, 2


def word_tokenizer() -> bytes:
    """Return a tokenizer in which each three letters, and each mark, are a token."""
    tokenizer = Tokenizer(models.WordLevel({"?": 0, "[": FIRST, "]": LAST}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\s|\w{1,3}|[^\w\s]"), "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[ $A ]", special_tokens=[("[", FIRST), ("]", LAST)]
    )
    return tokenizer.to_str().encode()


def text_tokenizer(window: int = 256) -> TextTokenizer:
    return TextTokenizer(word_tokenizer(), window=window)


def maker(
    slot: str,
    kind: Kind,
    labels: Sequence[str],
    document: object = None,
    activation: Activation = Activation.SOFTMAX,
) -> FindingMaker:
    """Return what makes findings of a model with these labels."""
    found = NEURAL_SLOTS[slot]
    return FindingMaker(
        model=BuiltModel(
            slot=found,
            version="toy-1",
            source="nowhere",
            architecture="Toy",
            labels=LabelMap.parse(
                document, slot=found, kind=kind, labels=labels, activation=activation
            ),
            window=256,
            pad_id=0,
            device="cpu",
            torch="none",
        )
    )


def logits_of(labels: Sequence[str], likely: Mapping[str, float]) -> Logits:
    """Return the logits that softmax makes these probabilities of; the first label has the rest."""
    odds = {labels[0]: max(1.0 - sum(likely.values()), 1e-9), **likely}
    found: Logits = np.log(np.array([odds.get(label, 1e-9) for label in labels], np.float32))
    return found
