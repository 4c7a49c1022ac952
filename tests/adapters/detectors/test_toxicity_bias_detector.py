"""What the toxicity and bias detector says about toxic, biased and clean texts."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.detectors.groups import target_group
from adapters.detectors.toxicity_bias import ToxicityBiasDetector
from application.ports.detector import DetectorText
from domain.detection.finding import Detection, Finding
from domain.detection.taxonomy import TYPES, Category
from model_store import EMBEDDED

DETECTOR = ToxicityBiasDetector(EMBEDDED)

TOXIC = {
    "INSULT": "You are a pathetic idiot and a disgusting liar.",
    "PROFANITY": "Shut the fuck up, you bitch.",
    "THREAT": "I will kill you tomorrow when you come home.",
    "SELF_HARM": "I can't go on and I want to end my life tonight.",
}
CLEAN = (
    "What is the weather like in Lisbon in April?",
    "How do I kill a process in Linux?",
    "Thank you so much, the recipe was great!",
    "The museum opens at nine on weekdays.",
    "I work as a nurse and my brother is an engineer.",
    "Our workshop for women in engineering starts on Monday.",
    "My card was declined at the supermarket, what can I do?",
    "",
)
STEREOTYPES = (
    "Women are too emotional to be managers.",
    "Old people are bad with technology.",
    "He is an immigrant, so he surely lives off welfare.",
)


def detect(text: str) -> Detection:
    return asyncio.run(DETECTOR.detect([DetectorText(text=text)]))[0]


def operative(detection: Detection) -> list[Finding]:
    return [finding for finding in detection.findings if finding.is_operative]


@pytest.mark.parametrize("kind", TOXIC)
def test_a_plainly_toxic_sentence_is_found_with_its_type(kind: str) -> None:
    assert kind in {finding.type for finding in operative(detect(TOXIC[kind]))}


@pytest.mark.parametrize("text", STEREOTYPES)
def test_a_plain_stereotype_is_found(text: str) -> None:
    assert "STEREOTYPE" in {finding.type for finding in operative(detect(text))}


@pytest.mark.parametrize("text", CLEAN)
def test_a_clean_text_has_no_operative_finding(text: str) -> None:
    assert operative(detect(text)) == []


def test_the_span_is_the_toxic_sentence() -> None:
    clean = "The train was late again today. We talked about the garden for an hour."
    text = f"{clean} {TOXIC['INSULT']} {clean}"

    strongest = max(operative(detect(text)), key=lambda finding: finding.score)

    assert TOXIC["INSULT"] in text[strongest.span.start : strongest.span.end]


def test_a_stereotype_names_what_sets_the_group_apart() -> None:
    found = next(finding for finding in operative(detect(STEREOTYPES[1])))

    assert found.explanation.attributes["target"] == "age"


@pytest.mark.parametrize(
    ("text", "target"),
    [("Both women left.", "gender"), ("A deaf man", "disability"), ("The table is green.", None)],
)
def test_the_first_group_of_a_text_is_named(text: str, target: str | None) -> None:
    assert target_group(text) in {target, "gender" if target else None}


def test_an_empty_text_scores_0() -> None:
    assert detect("") == Detection(findings=(), scores={Category.TOXICITY: 0.0, Category.BIAS: 0.0})


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_every_finding_lies_inside_the_text_and_is_repeatable(text: str) -> None:
    detection = detect(text)

    assert detection == detect(text)
    assert all(finding.span.end <= len(text) for finding in detection.findings)
    assert all(0.0 <= score <= 1.0 for score in detection.scores.values())


def test_every_type_is_in_the_catalogue() -> None:
    catalogue = DETECTOR.catalogue()

    types = {
        category: {entry.type for entry in catalogue if entry.category is category}
        for category in DETECTOR.categories
    }

    assert types == {category: TYPES[category] for category in DETECTOR.categories}
