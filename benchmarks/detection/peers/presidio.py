"""Presidio Analyzer with all its pattern recognisers; no spaCy model can be had from a registry."""

import logging

import spacy
from exchange import Answer, answer_all, finding, highest
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

# https://microsoft.github.io/presidio/supported_entities/
TYPES = {
    "CREDIT_CARD": "CREDIT_CARD",
    "CRYPTO": "CRYPTO_ADDRESS",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP_ADDRESS",
    "MAC_ADDRESS": "MAC_ADDRESS",
    "MEDICAL_LICENSE": "MEDICAL_LICENSE",
    "PHONE_NUMBER": "PHONE",
    "UK_NHS": "NATIONAL_ID",
    "US_BANK_NUMBER": "BANK_ACCOUNT",
    "US_DRIVER_LICENSE": "DRIVER_LICENSE",
    "US_ITIN": "TAX_ID",
    "US_PASSPORT": "PASSPORT",
    "US_SSN": "SSN",
}
logging.disable(logging.CRITICAL)


class WithoutModel(SpacyNlpEngine):  # type: ignore[misc]
    """Tokens of spaCy's blank pipeline."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"en": spacy.blank("en")}


ENGINE = AnalyzerEngine(nlp_engine=WithoutModel())


def detect(text: str) -> Answer:
    """Return what the analyzer finds at its default threshold."""
    findings = [
        finding("pii", TYPES[one.entity_type], one.start, one.end, one.score)
        for one in ENGINE.analyze(text, language="en")
        if one.entity_type in TYPES
    ]
    return findings, highest("pii", findings)


answer_all(detect)
