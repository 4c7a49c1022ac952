"""Generated statements that conclude from a group, and statements that only speak of one."""

import random

from training.generated_groups import GROUPS, RESPECTFUL, STEREOTYPES
from training.grammar import generate
from training.records import Record

_SOURCE = "trueport-generated"


def generated(seed: int) -> list[Record]:
    """Return as many stereotypes as respectful sentences about the same groups."""
    rng = random.Random(seed)
    return [
        Record(text=text, labels={"STEREOTYPE": label}, source=_SOURCE, group="generated")
        for templates, label in ((STEREOTYPES, 1), (RESPECTFUL, 0))
        for text in generate(rng, GROUPS, templates, 2500)
    ]
