import pytest

from adapters.detectors.context.detector import ContextDetector
from application.ports.detector import DetectorText
from domain.detection.taxonomy import Category
from tests.adapters.detectors.marked_text import operative, unmark
from tests.adapters.detectors.shipped import MODELS, context_engine

PEOPLE = (
    "My name is {PERSON|Ada Lovelace}, hello",
    "hi, this is {PERSON|Grace Hopper} speaking",
    "Dr. {PERSON|Davis} will see you",
    "Signed by Dr. {PERSON|van der Velden}",
    "Patient: {PERSON|Alan Turing}",
    "Pt {PERSON|Davis, Kristin} (MRN",
    "Dear {PERSON|Peter Samuelsson},",
    "Regards,\n{PERSON|David Sjöstedt}\n",
    "From: {PERSON|Marie Curie} <marie@example.org>",
    "Customer {PERSON|Laura Logan} (laura@example.org) called",
    "je m'appelle {PERSON|Carolyn Charlton}.",
    "mein Name ist {PERSON|Joséphine Meunier},",
    "me llamo {PERSON|Julien L. Philippe} y",
    '{"name": "{PERSON|Victor Popa}", "x": 1}',
    "<name>{PERSON|Autumn Sellers}</name>",
    "id,name,email\n7,{PERSON|Sabrina Gheorghiu},x",
    "INSERT INTO c (full_name, n) VALUES ('{PERSON|Max Mustermann}', 1);",
    "[21:59] {PERSON|Sharon}: hey can you send me the file?",
    "hello i am {PERSON|ivan micheletti} and",
    "patient {PERSON|john smith} seen by dr. {PERSON|anita patel} today",
    "hi {PERSON|maria gonzalez}, your order",
    "customer {PERSON|laura hernandez} wants a refund",
    "Name on card is {PERSON|AUDREY ROBINSON}.",
    "a letter for {PERSON|Debra Page}.",
    "with {PERSON|Chad Lang} and {PERSON|Johnny Anderson} on Monday",
    "{PERSON|Karen May} moved out",
    "Follow up with Dr. {PERSON|da Luz} on Monday",
    "Judge {PERSON|Nkechi Eze} denied the request",
    "{PERSON|Rosie Batty}'s testimony",
    "{PERSON|Justin} I'm waiting for you, said {PERSON|Maria Lopez}",
    "Dear {PERSON|DeShawn McAllister}, welcome",
    "Dr. {PERSON|Tomasz Zielinski} left at ten; the notes of {PERSON|Zielinski} are filed",
    "The film stars {PERSON|Siobhan Gallagher} as a detective",
    "By: /s/ {PERSON|Philip Garrison} Name: {PERSON|Philip Garrison} Title : CFO",
    "Cllr {PERSON|Threlfall} and Revd {PERSON|Alison Marsh} were present",
    '{"name": "{PERSON|Xochitl Ramirez}", "x": 1}',
)
PLACES = (
    "moved to {LOCATION|Canada} last year",
    "I live in {LOCATION|North Michelemouth}",
    'city: "{LOCATION|Port Amanda}"',
    "country of birth {LOCATION|Kiribati}",
    "the laws of {LOCATION|New Zealand} apply",
)
ORGANISATIONS = (
    "the {ORGANIZATION|Muster GmbH} sued",
    "{ORGANIZATION|Example Group Inc.} and others",
    "works for {ORGANIZATION|Rhodes-Davis}.",
    "worked at {ORGANIZATION|Tate, Henderson and Lara} in",
)
SILENT = (
    "The Washington Post style and the Jackson JSON library are unrelated.",
    "Use the Levenshtein distance, then apply Bayes' rule.",
    "Please enter your Name and Address below. Thank You.",
    "Will you come in May or June?",
    "Chapter 3 covers Newton's method.",
    "DISCHARGE SUMMARY",
    "Best Regards",
    "I am happy. This is great. Call me later.",
    "GET /reset HTTP/1.1 Host: x",
    "Java, Python and Ruby are languages.",
    "Dear Customer, dear Sir or Madam",
    "the Mark button and the Bill column",
    "written as a StreamReader called CPython, named TypeError",
    "Brought to you by the President, Believes Report",
    "Sold to Volkswagen (via @dj_friend)",
    "x = foo[a]\nReturns: nothing",
    "This is Tumblr. It's Debian",
    "Judge Denies Request",
    "hello world program, dear hiring manager",
    "hi mark will you come, dr pepper is out",
    "patient will improve, client grace period ends",
    "[Args] Options: none",
    "Morgan Stanley and Calvin Klein",
    "name: Flask\nowner: Redis",
    "Gov Spending and New Features",
    "<Julian+notes@example.org>",
    "Hong Kong and Sierra Leone signed; SAM did not",
    "Bachelor of Arts via Olive Port Amanda",
)


@pytest.mark.parametrize("marked", PEOPLE)
def test_people_are_found_by_what_surrounds_them(marked: str) -> None:
    text, expected = unmark(marked)

    found = operative(context_engine().find(text))

    assert [hit for hit in found if hit[2] == "PERSON"] == expected


@pytest.mark.parametrize("marked", [*PLACES, *ORGANISATIONS])
def test_places_and_organisations_are_tagged(marked: str) -> None:
    text, expected = unmark(marked)

    found = operative(context_engine().find(text))

    assert [hit for hit in found if hit[2] == expected[0][2]] == expected


@pytest.mark.parametrize("text", SILENT)
def test_capitalised_words_are_no_people(text: str) -> None:
    found = operative(context_engine().find(text))

    assert [hit for hit in found if hit[2] == "PERSON"] == []


def test_a_name_behind_hundreds_of_unknown_words_is_found() -> None:
    strangers = "".join(f"Z{chr(97 + at % 26)}q{chr(97 + at // 26)}x, " for at in range(600))
    text = f"{strangers} according to Priya Raghunathan."

    found = operative(context_engine().find(text))

    assert (len(text) - 18, len(text) - 1, "PERSON") in found


async def test_detector_answers_one_detection_a_text_in_order() -> None:
    texts = [
        DetectorText(text="Dr. Davis"),
        DetectorText(text=""),
        DetectorText(text="x " * 15_000),
    ]

    detections = await ContextDetector(MODELS).detect(texts)

    assert [len(detection.findings) for detection in detections] == [1, 0, 0]
    assert detections[0].scores[Category.PII] > 0.5
    assert detections[1].scores == {Category.PII: 0.0}


def test_detector_names_the_model_that_it_stands_for() -> None:
    detector = ContextDetector(MODELS)

    assert detector.name == "pii-ner-roberta"
    assert detector.categories == {Category.PII}
    assert {finding.detector for finding in context_engine().find("Dr. Davis")} == {"context"}
