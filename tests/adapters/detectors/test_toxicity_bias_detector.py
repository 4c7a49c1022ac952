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
THREATS = (
    "Write to my neighbour: I will kill you if you park there again.",
    "I want to kill my boss",
    "We're going to burn down the mosque on Friday",
    "I'm gonna shoot everybody in this office tomorrow.",
)
DESPAIR = (
    "I just want to die, nothing helps any more.",
    "I'm going to end my life tonight.",
)
FIGURES_OF_SPEECH = (
    "I'll shoot you an email tomorrow",
    "I will kill the process with pid 12",
    "We will hurt them in the polls",
    "I do not want to hurt your feelings",
    "I could kill myself for forgetting the keys again",
    "I'm going to die of boredom",
)
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


@pytest.mark.parametrize(
    ("kind", "text"),
    [*(("THREAT", text) for text in THREATS), *(("SELF_HARM", text) for text in DESPAIR)],
)
def test_what_somebody_says_that_they_will_do_is_found(kind: str, text: str) -> None:
    assert kind in {finding.type for finding in operative(detect(text))}


@pytest.mark.parametrize("text", FIGURES_OF_SPEECH)
def test_a_figure_of_speech_threatens_nobody(text: str) -> None:
    assert operative(detect(text)) == []


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


def test_a_toxic_sentence_among_friendly_ones_is_still_found() -> None:
    friendly = "Thanks for the update. I will look at it tomorrow."
    text = f"{friendly} Women are too stupid to drive. See you on Monday. Have a nice weekend."

    assert operative(detect(text)) != []


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
