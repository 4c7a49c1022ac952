"""Generated training texts: repeatable, labelled, and never in two classes."""

import re
from collections.abc import Callable

import pytest

from training import generated_bias, generated_injection, generated_toxicity
from training.records import Record, distinct

GENERATORS = {
    "injection": (generated_injection.generated, "INJECTION"),
    "toxicity": (generated_toxicity.generated, "TOXIC"),
    "bias": (generated_bias.generated, "STEREOTYPE"),
}
Generator = Callable[[int], list[Record]]


@pytest.mark.parametrize(("generated", "lane"), GENERATORS.values(), ids=list(GENERATORS))
def test_the_same_seed_gives_the_same_texts(generated: Generator, lane: str) -> None:
    assert generated(7) == generated(7)


@pytest.mark.parametrize(("generated", "lane"), GENERATORS.values(), ids=list(GENERATORS))
def test_both_classes_are_well_represented(generated: Generator, lane: str) -> None:
    labels = [record.labels[lane] for record in distinct(generated(7))]

    assert 0.2 < sum(labels) / len(labels) < 0.8
    assert len(labels) > 2000


@pytest.mark.parametrize(("generated", "lane"), GENERATORS.values(), ids=list(GENERATORS))
def test_no_text_is_in_both_classes(generated: Generator, lane: str) -> None:
    records = generated(7)
    harmful = {record.text for record in records if record.labels[lane]}
    harmless = {record.text for record in records if not record.labels[lane]}

    assert not harmful & harmless


@pytest.mark.parametrize(("generated", "lane"), GENERATORS.values(), ids=list(GENERATORS))
def test_no_slot_is_left_open(generated: Generator, lane: str) -> None:
    assert not [record.text for record in generated(7) if re.search(r"\{\w+\}", record.text)]


def test_equal_texts_are_kept_once() -> None:
    records = [Record(text=text, labels={}, source="s") for text in ("A b", "a  B", "c")]

    assert [record.text for record in distinct(records)] == ["A b", "c"]
