"""Passports and driving licences: mostly free forms that only a label makes certain."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from adapters.detectors.patterns.context_words import add_group
from adapters.detectors.patterns.masked_number import MaskRule
from adapters.detectors.patterns.rule import PatternRule, pii
from domain.detection.checksums import mrz_passport_line
from domain.detection.checksums_europe import de_identity_card, pl_identity_card
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


POLISH_CARD = pii(
    "pl-identity-card",
    "NATIONAL_ID",
    "Polish identity card number",
    "Three letters and six digits beside a word for the card.",
    validator="weights 7-3-1",
    sources=("MSWiA: dowód osobisty, seria i numer",),
    examples=("dowód osobisty ABA300000",),
    near_misses=("dowód osobisty ABA310000", "ABA300000"),
    severity=Severity.HIGH,
)
EMIRATES_CARD = pii(
    "ae-identity-card",
    "NATIONAL_ID",
    "Emirates ID number",
    "784, the year of birth, seven digits and a check digit.",
    sources=("ICP: Emirates ID",),
    examples=("Emirates ID 784-1984-1234567-9",),
    near_misses=("784-2984-1234567-9", "784-1984-123456-9"),
    severity=Severity.HIGH,
)
NATIONAL_CARD = pii(
    "national-identity-card",
    "NATIONAL_ID",
    "Number of an identity card",
    "6 to 15 digits, perhaps with letters, that the name of an identity card labels directly: for "
    "states whose numbers have no check digit.",
    sources=("https://www.consilium.europa.eu/prado/",),
    examples=("CNI n° 880692310285", "carta d'identità CA00000AA", "cédula 1.020.345.678"),
    near_misses=("national identity 2024", "carta d'identità elettronica", "CC 1.020.345.678"),
    severity=Severity.HIGH,
)
_POLISH_WORDS = (
    "dowód osobisty", "dowodu osobistego", "dowód", "nr dowodu", "numer dowodu",
    "seria i numer dowodu", "dowod osobisty", "polish id",
)  # fmt: skip
_EMIRATES_WORDS = ("emirates id", "eid number", "رقم الهوية", "الهوية")
_CARD_WORDS = (
    "national id", "national id no", "national id number", "national id card", "national identity",
    "national identity card", "national identity number", "nid no", "nid number",
    "identity card no", "identity card number", "identity card", "id card no", "id card number",
    "cni", "rg",
    "carte d'identité", "carte nationale d'identité", "numéro de cni", "carta d'identità",
    "identiteitskaart", "identiteitskaartnummer", "identitetskort", "cédula", "cedula",
    "cédula de ciudadanía", "cedula de ciudadania", "cédula de identidad", "cartão de cidadão",
    "cartão do cidadão", "bilhete de identidade", "cccd", "cmnd", "iqama", "iqama no",
    "voter id", "epic no", "bvn", "nin", "رقم الهوية", "الهوية الوطنية", "بطاقة الهوية",
)  # fmt: skip


def _is_card(value: str) -> bool:
    """Ask for six digits, or five in the Italian form, and for more than a span of years."""
    digits = sum(char.isdigit() for char in value)
    return (digits >= 6 and len(set(value)) > 2) or (digits == 5 and len(value) == 9)


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
        info=GERMAN_CARD,
        # No vowels and none of B, D, Q and S (PAuswV, annex 3): a card never spells a word.
        pattern=r"[A-Z][A-Z0-9]{8}\d",
        shape=r"[A-Z0-9]{9}\d",
        check=de_identity_card,
        check_name="weights 7-3-1",
        context=("national-id", "passport"),
        needs_context=True,
        valid=0.7,
        labelled=0.96,
        near=0.8,
        rank=1,
    ),
    PatternRule(
        info=POLISH_CARD,
        pattern=r"[A-Z]{3} ?\d{6}",
        check=pl_identity_card,
        check_name="weights 7-3-1",
        context=(add_group("pl-identity-card", _POLISH_WORDS),),
        needs_context=True,
        valid=0.6,
        labelled=0.96,
        near=0.85,
        rank=1,
    ),
    PatternRule(
        info=EMIRATES_CARD,
        pattern=r"784-(?:19|20)\d{2}-\d{7}-\d|784(?:19|20)\d{10}",
        context=(add_group("ae-identity-card", _EMIRATES_WORDS), "national-id"),
        base=0.45,
        labelled=0.95,
        near=0.85,
        rank=1,
    ),
    PatternRule(
        info=NATIONAL_CARD,
        pattern=(
            r"[A-Z]{0,3}-?\d{6,15}[A-Z]{0,2}|\d{1,4}(?:[-. ]\d{2,8}){1,4}(?:-[0-9A-Z])?"
            r"|[A-Z]{2}\d{5}[A-Z]{2}|[A-Z]\d[A-Z0-9]{7}"
        ),
        shape=r"\d",
        check=_is_card,
        check_name="digits",
        context=(add_group("national-card", _CARD_WORDS),),
        needs_label=True,
        base=0.2,
        labelled=0.75,
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
            r"[A-Z]{5}\d{6}[A-Z0-9]{2}\d[A-Z]{2}|[A-Z]{1,3}-?\d{3,5}(?:[- ]\d{1,6}){1,4}"
            r"|[A-Z]{1,2}-?\d{5,14}|\d{2,3}(?:[ \-]\d{2,4}){2,3}|[A-Z0-9]{7,18}"
            r"|\d{5}/\d{2}/\d{4}|[A-Z]{2}[ \-]?\d{2}[ \-]?(?:19|20)\d{2}[ \-]?\d{7}"
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
