"""Generated statements that conclude from a group, and statements that only speak of one."""

import random

from training.generated_groups import GROUPS, RESPECTFUL, STEREOTYPES
from training.grammar import generate
from training.records import Record

FOLDS = 3
_SOURCE = "trueport-generated"
_EACH = 900


def fold_name(number: int) -> str:
    """Return the name of the fold in which every third template is held out."""
    return f"templates {number % FOLDS + 1}"


def generated(seed: int) -> list[Record]:
    """Return as many stereotypes as respectful sentences about the same groups, in folds."""
    rng = random.Random(seed)
    return [
        Record(text=text, labels={"STEREOTYPE": label}, source=_SOURCE, group=fold_name(number))
        for number in range(FOLDS)
        for templates, label in ((STEREOTYPES[number::FOLDS], 1), (RESPECTFUL[number::FOLDS], 0))
        for text in generate(rng, GROUPS, templates, _EACH)
    ]
