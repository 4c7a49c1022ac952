"""scrubadub with the detectors that it has switched on."""

import scrubadub
from exchange import Answer, answer_all, finding, highest

# https://scrubadub.readthedocs.io/en/stable/names.html
TYPES = {
    "credit_card": "CREDIT_CARD",
    "credential": "PASSWORD",
    "drivers_licence": "DRIVER_LICENSE",
    "email": "EMAIL",
    "national_insurance_number": "NATIONAL_ID",
    "phone": "PHONE",
    "social_security_number": "SSN",
    "tax_reference_number": "TAX_ID",
    "twitter": "USERNAME",
    "vehicle_licence_plate": "VEHICLE_ID",
}
SCRUBBER = scrubadub.Scrubber()


def detect(text: str) -> Answer:
    """Return what the scrubber would replace."""
    findings = [
        finding("pii", TYPES[one.type], one.beg, one.end, 1.0)
        for one in SCRUBBER.iter_filth(text)
        if one.type in TYPES
    ]
    return findings, highest("pii", findings)


answer_all(detect)
