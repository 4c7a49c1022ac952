"""Passports and driving licences: mostly free forms that only a label makes certain."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from adapters.detectors.patterns.masked_number import MaskRule
from adapters.detectors.patterns.rule import PatternRule, pii
from domain.detection.checksums import mrz_passport_line
from domain.detection.checksums_europe import de_identity_card
from domain.detection.taxonomy import Severity

PASSPORT = pii(
    "passport",
    "PASSPORT",
    "Passport number",
    "6 to 10 letters and digits that a word for passport labels directly.",
    sources=("ICAO Doc 9303-3", "https://www.consilium.europa.eu/prado/"),
    examples=("passport no. C01X00T47", "Reisepass: C01X00T47"),
    near_misses=("passport renewal 2024", "C01X00T47", "passport office"),
    severity=Severity.HIGH,
)
MACHINE_READABLE = pii(
    "passport-mrz",
    "PASSPORT",
    "Machine-readable line of a passport",
    "The second line of a passport's machine-readable zone, 44 characters.",
    validator="four check digits",
    sources=("ICAO Doc 9303-4 section 4.2",),
    examples=("L898902C36UTO7408122F1204159ZE184226B<<<<<10",),
    near_misses=("L898902C36UTO7408122F1204159ZE184226B<<<<<11",),
    severity=Severity.HIGH,
)
DRIVER_LICENSE = pii(
    "driver-license",
    "DRIVER_LICENSE",
    "Driving licence number",
    "A licence number in a form that some state uses, labelled directly as driving licence or DL.",
    sources=("AAMVA: driver licence formats by jurisdiction", "DVLA INF1D"),
    examples=("driver's license D1234567", "Führerschein B072RRE2I55"),
    near_misses=("license: Apache-2.0", "DL the file 12345678", "D1234567", "public 1234567"),
    severity=Severity.HIGH,
)
DVLA = pii(
    "gb-driving-licence",
    "DRIVER_LICENSE",
    "British driving licence number",
    "Surname, day of birth and initials in the 16 characters of the DVLA.",
    sources=("DVLA INF1D",),
    examples=("MORGA657054SM9IJ",),
    near_misses=("MORGA657994SM9IJ", "MORGA679054SM9IJ"),
    severity=Severity.HIGH,
)


GERMAN_CARD = pii(
    "de-identity-card",
    "NATIONAL_ID",
    "German identity card number",
    "Nine letters and digits and a check digit, beside a word for the card.",
    validator="weights 7-3-1",
    sources=("PAuswV annex 3",),
    examples=("Personalausweis T220001293",),
    near_misses=("Personalausweis T220001294",),
    severity=Severity.HIGH,
)


def _is_passport(value: str) -> bool:
    """Ask for digits, or for the letters alone that German numbers use (PassV, annex 8)."""
    return sum(char.isdigit() for char in value) >= 2 or (
        len(value) == 9 and set(value) <= set("CFGHJKLMNPRTVWXYZ0123456789")
    )


def _has_many_digits(value: str) -> bool:
    return sum(char.isdigit() for char in value) >= 4


def _is_dvla(value: str) -> bool:
    """Check month (50 added for women), day and filler of the British driver number."""
    month, day = int(value[6:8]), int(value[8:10])
    return (1 <= month <= 12 or 51 <= month <= 62) and 1 <= day <= 31


RULES = (
    MaskRule(
        info=DVLA,
        masks="AAAAA999999AA9AA|AAAA9999999AA9AA|AAA99999999AA9AA|AAAAA999999A99AA",
        check=_is_dvla,
        check_name="day of birth",
        context=("driver-license",),
        alone=0.6,
        near=0.9,
    ),
    MaskRule(
        info=GERMAN_CARD,
        masks="A999999999|AA99999999|A9A9999999|A99A999999|A999A99999|A9999A9999|A99999A999|"
        "A999999A99|A9999999A9",
        check=de_identity_card,
        check_name="weights 7-3-1",
        context=("national-id", "passport"),
    ),
)
RECOGNISERS = (
    PatternRule(
        info=PASSPORT,
        pattern=r"[A-Z]{1,3}-?\d{5,9}[A-Z]?|[A-Z0-9]{7,10}|\d{2} \d{2} \d{6}|[a-z]{1,2}\d{6,9}",
        shape=r"\d",
        check=_is_passport,
        check_name="digits",
        context=("passport",),
        needs_label=True,
        before=36,
        base=0.2,
        labelled=0.85,
    ),
    PatternRule(
        info=MACHINE_READABLE,
        pattern=r"[A-Z0-9<]{9}\d[A-Z<]{3}\d{6}\d[MFX<]\d{6}\d[A-Z0-9<]{14}[0-9<]\d",
        shape="<<<",
        check=mrz_passport_line,
        check_name="mrz",
        separators="",
        base=0.3,
        valid=0.97,
        number_like=False,
        rank=2,
    ),
    PatternRule(
        info=DRIVER_LICENSE,
        pattern=(
            r"[A-Z]{5}\d{6}[A-Z0-9]{2}\d[A-Z]{2}|[A-Z]{1,3}-?\d{3,5}(?:[- ]\d{2,6}){1,4}"
            r"|[A-Z]{1,2}-?\d{5,14}|\d{2,3}(?:[ \-]\d{2,4}){2,3}|[A-Z0-9]{7,18}"
        ),
        shape=r"\d",
        check=_has_many_digits,
        check_name="digits",
        context=("driver-license",),
        needs_label=True,
        before=36,
        base=0.2,
        labelled=0.85,
        rank=1,
    ),
)
