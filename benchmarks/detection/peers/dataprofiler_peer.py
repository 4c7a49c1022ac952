"""DataProfiler's unstructured labeler, a character-level network that its package brings."""

import dataprofiler
from exchange import Answer, answer_all, finding, highest

# https://capitalone.github.io/DataProfiler/docs/0.4.0/html/data_labeling.html
TYPES = {
    "ADDRESS": "ADDRESS",
    "BAN": "BANK_ACCOUNT",
    "CREDIT_CARD": "CREDIT_CARD",
    "DRIVERS_LICENSE": "DRIVER_LICENSE",
    "EMAIL_ADDRESS": "EMAIL",
    "IPV4": "IP_ADDRESS",
    "IPV6": "IP_ADDRESS",
    "MAC_ADDRESS": "MAC_ADDRESS",
    "PERSON": "PERSON",
    "PHONE_NUMBER": "PHONE",
    "SSN": "SSN",
}
LABELER = dataprofiler.DataLabeler(labeler_type="unstructured")
LABELER.set_params({"postprocessor": {"output_format": "NER", "use_word_level_argmax": True}})


def detect(text: str) -> Answer:
    """Return the entities of one text."""
    entities = LABELER.predict([text])["pred"][0] if text.strip() else []
    findings = [
        finding("pii", TYPES[kind], start, end, 1.0)
        for start, end, kind in entities
        if kind in TYPES
    ]
    return findings, highest("pii", findings)


answer_all(detect)
