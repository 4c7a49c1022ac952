"""Personal data beside words about health is marked as protected health information."""

import pytest

from adapters.detectors.patterns.catalogue import default_engine
from domain.detection.finding import Detection, Finding
from domain.detection.fusion import fuse
from domain.detection.taxonomy import AUXILIARY_PII
from tests.adapters.detectors.shipped import context_engine

HEALTH = (
    ("PERSON", "My name is Ada Lovelace and I have asthma."),
    ("PERSON", "Ada Lovelace tested positive for HIV."),
    ("PERSON", "Dr. Hopper prescribed metformin 500 mg to Mr. Turing."),
    ("PERSON", "Meine Tochter Anna Schmidt hat Diabetes."),
    ("PERSON", "Mi hermano Juan García tiene cáncer."),
    ("PERSON", "Allergic to penicillin: Jane Miller"),
    ("EMAIL", "ada@example.org asked about her chemotherapy."),
    ("DATE_OF_BIRTH", "ICD-10 E11.9, DOB 12/10/1985"),
    ("PHONE", "Call 212-555-0123 about the biopsy."),
    ("MEDICAL_RECORD_NUMBER", "MRN: 00123456"),
    ("HEALTH_PLAN_ID", "member ID W123456789"),
)
OTHERWISE = (
    "Ada Lovelace bought a car.",
    "Call 212-555-0123 about the car.",
    "Asthma affects many people." + " Filler about nothing at all." * 12 + " Ask Ada Lovelace.",
    "Diabetes and hypertension are common.",
)


def personal(text: str) -> list[Finding]:
    whole = fuse(
        Detection(findings=tuple(engine.find(text)))
        for engine in (default_engine(), context_engine())
    )
    return [one for one in whole.findings if one.is_operative and one.type not in AUXILIARY_PII]


@pytest.mark.parametrize(("kind", "text"), HEALTH)
def test_personal_datum_beside_health_is_health_information(kind: str, text: str) -> None:
    marked = [one for one in personal(text) if one.type == kind]

    assert marked
    assert all(one.explanation.attributes.get("phi") == "true" for one in marked)


@pytest.mark.parametrize("text", OTHERWISE)
def test_personal_datum_elsewhere_is_not(text: str) -> None:
    assert all("phi" not in one.explanation.attributes for one in personal(text))


def test_words_about_health_alone_are_no_violation() -> None:
    assert personal("Diabetes and hypertension are common after a stroke.") == []
