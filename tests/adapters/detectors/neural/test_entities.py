"""Labels of tokens become entities with exact spans, whatever windows they were seen in."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.neural.entities import EntityReader
from adapters.detectors.neural.labels import Kind
from application.ports.detector import DetectorText
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from tests.adapters.detectors.neural.readers import logits_of, maker, text_tokenizer

LABELS = ("O", "B-PERSON", "I-PERSON", "B-LOCATION", "I-LOCATION")
OUTSIDE = {"O": 0.99}


def read(
    text: str,
    said: Mapping[str, Mapping[str, float]],
    *,
    window: int = 256,
    document: object = None,
) -> Detection:
    """Read a text whose tokens are said to be something; a token is told by what it covers."""
    tokenizer = text_tokenizer(window)
    reader = EntityReader(maker("pii-ner-roberta", Kind.TOKEN, LABELS, document), tokenizer)
    tokens = tokenizer.tokenise(text)
    covered = [text[start:end] for start, end in tokens.offsets]
    reading = reader.open(DetectorText(text=text))
    logits = []
    for one in tokenizer.windows(tokens):
        rows = [logits_of(LABELS, OUTSIDE)]
        rows += [
            logits_of(LABELS, said.get(token, OUTSIDE))
            for token in covered[one.first : one.first + one.count]
        ]
        rows.append(logits_of(LABELS, {"B-LOCATION": 1.0}))
        logits.append(np.stack(rows))
    return reading.detection(logits)


def told(text: str, detection: Detection) -> Sequence[tuple[str, str]]:
    return [(one.type, text[one.span.start : one.span.end]) for one in detection.findings]


def test_white_space_does_not_part_an_entity() -> None:
    text = "Hi Ada Lov!"

    found = read(text, {"Ada": {"B-PERSON": 0.9}, "Lov": {"I-PERSON": 0.8}})

    assert told(text, found) == [("PERSON", "Ada Lov")]
    assert found.findings[0].score == pytest.approx(0.85, abs=0.01)
    assert found.scores[Category.PII] == pytest.approx(0.9, abs=0.01)


def test_entity_ends_where_another_begins() -> None:
    text = "Ada Bob"

    found = read(text, {"Ada": {"B-PERSON": 0.9}, "Bob": {"B-PERSON": 0.9}})

    assert told(text, found) == [("PERSON", "Ada"), ("PERSON", "Bob")]


def test_word_of_several_tokens_is_found_whole() -> None:
    text = "in München, again"

    found = read(text, {"Mün": {"B-LOCATION": 0.9}, "che": {"O": 0.6, "I-LOCATION": 0.4}})

    assert told(text, found) == [("LOCATION", "München")]
    assert not found.findings[0].is_operative


def test_mark_that_is_labelled_joins_and_one_that_is_not_parts() -> None:
    person = {"Ann": {"B-PERSON": 0.9}, "Eve": {"I-PERSON": 0.9}}

    assert told("Ann-Eve", read("Ann-Eve", person)) == [("PERSON", "Ann"), ("PERSON", "Eve")]
    joined = read("Ann-Eve", {**person, "-": {"I-PERSON": 0.9}})
    assert told("Ann-Eve", joined) == [("PERSON", "Ann-Eve")]


def test_what_is_less_likely_is_no_part_of_what_is_reported() -> None:
    text = "Ada say no"

    found = read(text, {"Ada": {"B-PERSON": 0.9}, "say": {"I-PERSON": 0.3}})

    assert told(text, found) == [("PERSON", "Ada"), ("PERSON", "say")]
    assert [one.is_operative for one in found.findings] == [True, False]


def test_operating_point_of_a_type_decides() -> None:
    found = read("Ada", {"Ada": {"B-PERSON": 0.8}}, document={"operating_points": {"PERSON": 0.85}})

    assert [one.is_operative for one in found.findings] == [False]
    assert found.findings[0].operating_point == 0.85


def test_type_that_only_tags_does_not_count_for_the_score() -> None:
    found = read("Rom", {"Rom": {"B-LOCATION": 0.9}})

    assert [one.type for one in found.findings] == ["LOCATION"]
    assert found.scores == {Category.PII: pytest.approx(0.0, abs=0.01)}


@given(words=st.lists(st.sampled_from(["Ada", "and", "Lov", "X", "\N{GRINNING FACE}", "grüße,"])))
def test_windows_change_nothing(words: list[str]) -> None:
    text = " ".join(words * 12)
    said = {"Ada": {"B-PERSON": 0.9}, "Lov": {"I-PERSON": 0.7}}

    assert read(text, said, window=32) == read(text, said, window=256)


def test_finding_tells_model_and_version() -> None:
    (finding,) = read("Ada", {"Ada": {"B-PERSON": 0.9}}).findings

    assert finding.detector == "neural"
    assert finding.rule == "pii-neural-person"
    assert finding.explanation.source == "pii-ner-roberta toy-1 (Toy)"
    assert "Ada" not in repr(finding.explanation)
