"""DataProfiler's unstructured labeler, a character-level network that its package brings."""

from collections.abc import Sequence

import dataprofiler
from exchange import Answer, answer_together, finding, highest

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


def detect(texts: Sequence[str]) -> list[Answer]:
    """Return the entities of all texts."""
    # An empty text is none to it.
    entities = LABELER.predict([text if text.strip() else "-" for text in texts])["pred"]
    found = [
        [
            finding("pii", TYPES[kind], start, min(end, len(text)), 1.0)
            for start, end, kind in of_text
            if kind in TYPES and start < len(text)
        ]
        for text, of_text in zip(texts, entities, strict=True)
    ]
    return [(findings, highest("pii", findings)) for findings in found]


answer_together(detect)
