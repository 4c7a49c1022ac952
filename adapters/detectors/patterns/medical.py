"""Numbers of patients, health plans and prescribers."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from adapters.detectors.patterns.masked_number import MaskRule
from adapters.detectors.patterns.rule import PatternRule, pii
from domain.detection.checksums import us_dea, us_mbi, us_npi
from domain.detection.taxonomy import Severity

MRN = pii(
    "medical-record-number",
    "MEDICAL_RECORD_NUMBER",
    "Medical record number",
    "5 to 10 digits, perhaps with a prefix or hyphens, labelled as record, chart or patient "
    "number.",
    sources=("45 CFR 164.514(b)(2)(i)(H)",),
    examples=("MRN: 00123456", "patient id PT-123456"),
    near_misses=("record 12", "medical record from 2019", "build 00123456"),
    severity=Severity.HIGH,
)
MRN_PREFIXED = pii(
    "medical-record-number-prefixed",
    "MEDICAL_RECORD_NUMBER",
    "Medical record number that says so itself",
    "The letters MRN and 5 to 10 digits in one word.",
    sources=("45 CFR 164.514(b)(2)(i)(H)",),
    examples=("MRN123456",),
    near_misses=("MRNA123456", "MRN12"),
    severity=Severity.HIGH,
)
HEALTH_PLAN = pii(
    "health-plan-id",
    "HEALTH_PLAN_ID",
    "Health plan member number",
    "A member, subscriber, policy or insurance number labelled as such.",
    sources=("45 CFR 164.514(b)(2)(i)(I)",),
    examples=("member ID W123456789", "subscriber XYZ123456789"),
    near_misses=("member since 2019", "group of 12345"),
    severity=Severity.HIGH,
)
MBI = pii(
    "us-medicare-beneficiary",
    "HEALTH_PLAN_ID",
    "US Medicare beneficiary number",
    "11 characters that follow the position rules of the number.",
    validator="position rules",
    sources=("CMS: Understanding the Medicare Beneficiary Identifier format",),
    examples=("1EG4-TE5-MK73",),
    near_misses=("1EG4-TE5-MK7B", "SEG4-TE5-MK73"),
    severity=Severity.HIGH,
)
NPI = pii(
    "us-npi",
    "MEDICAL_LICENSE",
    "US National Provider Identifier",
    "Ten digits labelled as NPI or standing beside a prescriber.",
    validator="Luhn over 80840 and the number",
    sources=("45 CFR 162.406", "CMS: NPI check digit"),
    examples=("NPI 1234567893",),
    near_misses=("NPI 1234567894", "1234567893"),
    severity=Severity.MEDIUM,
)
DEA = pii(
    "us-dea-number",
    "MEDICAL_LICENSE",
    "US DEA registration number",
    "Two letters and seven digits.",
    validator="DEA check digit",
    sources=("21 CFR 1301", "https://en.wikipedia.org/wiki/DEA_number"),
    examples=("DEA AB1234563",),
    near_misses=("DEA AB1234564", "AB1234564"),
    severity=Severity.MEDIUM,
)
LICENSE = pii(
    "medical-license",
    "MEDICAL_LICENSE",
    "Licence number of a health professional",
    "5 to 11 letters and digits labelled as medical licence or professional registration.",
    sources=("GMC register", "KBV: LANR", "ANS: RPPS"),
    examples=("GMC number 1234567", "LANR 123456601"),
    near_misses=("license MIT", "state 1234567"),
    severity=Severity.MEDIUM,
)


def _has_digits(value: str) -> bool:
    return sum(char.isdigit() for char in value) >= 5


_MBI_MASKS = "|".join(
    f"9A{third}9{joint}A{sixth}9{joint}AA99"
    for third in "9A"
    for sixth in "9A"
    for joint in ("", "-")
)

RULES = (
    MaskRule(
        info=MBI,
        masks=_MBI_MASKS,
        check=us_mbi,
        check_name="positions",
        context=("health-plan",),
        alone=0.6,
        labelled=0.95,
        near=0.9,
    ),
    MaskRule(
        info=NPI,
        masks="9999999999",
        check=us_npi,
        check_name="luhn 80840",
        context=("npi",),
        labelled=0.95,
        near=0.75,
    ),
    MaskRule(
        info=DEA,
        masks="AA9999999|A99999999",
        check=us_dea,
        check_name="dea",
        context=("dea",),
        alone=0.45,
        near=0.85,
    ),
)
RECOGNISERS = (
    PatternRule(
        info=MRN,
        pattern=r"[A-Za-z]{0,4}-?\d{5,10}|\d{2,3}-\d{2,3}-\d{2,4}|[A-Z]{1,2}\d{4,9}[A-Z]?",
        shape=r"\d",
        context=("mrn",),
        needs_label=True,
        before=36,
        base=0.2,
        labelled=0.88,
        rank=1,
    ),
    PatternRule(
        info=MRN_PREFIXED,
        pattern=r"(?i:MRN)-?\d{5,10}",
        shape="mrn",
        base=0.75,
        context=("mrn",),
        labelled=0.95,
        near=0.9,
        rank=1,
    ),
    PatternRule(
        info=HEALTH_PLAN,
        pattern=(
            r"[A-Z]{1,4}-?\d{6,12}(?:[\- ]\d{2})?|\d{8,12}(?:-\d{2})?"
            r"|[A-Z0-9]{3,5}(?:-[A-Z0-9]{2,5}){2,3}|[A-Z]\d{9}|[A-Z]{2}\d{5}[A-Z]"
            r"|[A-Z]\d{4} \d{5}|80\d{18}"
        ),
        shape=r"\d",
        check=_has_digits,
        check_name="digits",
        context=("health-plan",),
        needs_label=True,
        before=36,
        base=0.2,
        labelled=0.85,
    ),
    PatternRule(
        info=LICENSE,
        pattern=r"[A-Z]{0,3}[\-.]?\d{5,11}|\d{2}[A-Z]\d{4}[A-Z]",
        shape=r"\d",
        context=("medical-license",),
        needs_label=True,
        base=0.2,
        labelled=0.7,
    ),
)
