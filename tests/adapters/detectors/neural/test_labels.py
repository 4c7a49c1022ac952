"""A label file gives each label of a model its meaning, or is refused with what is wrong."""

import pytest

from adapters.detectors.neural.labels import Activation, Kind, LabelMap
from adapters.detectors.neural.slots import NEURAL_SLOTS, severity_of
from domain.errors import InvalidValue

PII = NEURAL_SLOTS["pii-ner-roberta"]
BIAS = NEURAL_SLOTS["bias-deberta-v3"]
INJECTION = NEURAL_SLOTS["injection-distilbert"]
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def tags(document: object, labels: tuple[str, ...] = TAGS) -> LabelMap:
    return LabelMap.parse(
        document, slot=PII, kind=Kind.TOKEN, labels=labels, activation=Activation.SOFTMAX
    )


def classes(document: object, *labels: str) -> LabelMap:
    return LabelMap.parse(
        document,
        slot=INJECTION,
        kind=Kind.SEQUENCE,
        labels=labels,
        activation=Activation.SOFTMAX,
    )


def test_name_without_its_place_means_both_of_its_labels() -> None:
    found = tags({"labels": {"PER": "PERSON", "LOC": "LOCATION"}})

    assert found.types == (None, "PERSON", "PERSON", "LOCATION", "LOCATION")
    assert found.beginnings == (False, True, False, True, False)
    assert found.reported == ("PERSON", "LOCATION")


def test_whole_label_beats_its_name() -> None:
    found = tags({"labels": {"PER": "PERSON", "LOC": None, "B-LOC": "ADDRESS"}})

    assert found.types == (None, "PERSON", "PERSON", "ADDRESS", None)


def test_label_that_is_named_as_a_type_needs_no_file() -> None:
    found = tags(None, ("O", "B-PERSON", "I-PERSON"))

    assert found.types == (None, "PERSON", "PERSON")


def test_points_are_taken_by_type() -> None:
    found = classes(
        {"labels": {"SAFE": None}, "operating_points": {"JAILBREAK": 0.9}}, "SAFE", "JAILBREAK"
    )

    assert found.point("JAILBREAK") == 0.9
    assert found.point("OVERRIDE") == 0.5


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"labels": {"PER": "PERSON"}}, r"'B-LOC' means 'LOC', which pii-ner-roberta cannot"),
        ({"labels": {"PER": "PERSON", "LOC": "INSULT"}}, r"one of ADDRESS, AGE, "),
        ({"labels": {"PER": "PERSON", "LOC": None, "ORG": None}}, "has no label 'ORG'; it has O, "),
        ({"labels": {"PER": None, "LOC": None}}, "no label means a finding"),
        ({"labels": {"PER": ["PERSON"], "LOC": None}}, r"means \['PERSON'\]"),
        ({"labels": ["PER"]}, "must map names"),
        (["PER"], "must be an object with activation, labels, operating_points"),
        ({"label": {}}, "must be an object"),
    ],
)
def test_label_without_a_meaning_is_refused(document: object, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        tags(document)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"activation": "tanh"}, "is softmax or sigmoid"),
        ({"operating_points": {"DELIMITER": 0.5}}, "no label means 'DELIMITER'"),
        ({"operating_points": {"JAILBREAK": 0}}, "above 0 and at most 1"),
        ({"operating_points": {"JAILBREAK": "0.5"}}, "above 0 and at most 1"),
    ],
)
def test_wrong_word_in_a_label_file_is_refused(more: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        classes({"labels": {"SAFE": None}, **more}, "SAFE", "JAILBREAK")


def test_labels_that_exclude_each_other_need_one_for_nothing() -> None:
    with pytest.raises(InvalidValue, match="one label must mean no finding"):
        classes(None, "OVERRIDE", "JAILBREAK")

    assert classes({"activation": "sigmoid"}, "OVERRIDE", "JAILBREAK").types == (
        "OVERRIDE",
        "JAILBREAK",
    )


def test_every_type_of_every_slot_has_a_severity() -> None:
    severities = {
        (category, kind): severity_of(category, kind)
        for slot in NEURAL_SLOTS.values()
        for kind, category in slot.types.items()
    }

    assert len(severities) == sum(len(slot.types) for slot in (PII, BIAS, INJECTION))
