"""Vehicles and devices: VIN, plates, IMEI, serial numbers, advertising ids."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from adapters.detectors.patterns.masked_number import MaskRule
from adapters.detectors.patterns.rule import PatternRule, pii
from domain.detection.checksums import imei, vin
from domain.detection.taxonomy import Severity

VIN = pii(
    "vehicle-vin",
    "VEHICLE_ID",
    "Vehicle identification number",
    "17 letters and digits without I, O and Q; the check digit holds where North America sets one.",
    validator="VIN check digit; a label replaces it",
    sources=("ISO 3779", "49 CFR 565.15"),
    examples=("1M8GDM9AXKP042788", "VIN WVWZZZ1JZXW000001"),
    near_misses=("1M8GDM9A1KP042788", "ABCDEFGHJKLMNPRST"),
    severity=Severity.MEDIUM,
)
PLATE = pii(
    "licence-plate",
    "VEHICLE_ID",
    "Licence plate",
    "A plate in the form of some country, labelled as plate, registration or Kennzeichen.",
    sources=("https://en.wikipedia.org/wiki/Vehicle_registration_plate",),
    examples=("plate AB12 CDE", "Kennzeichen B-AB 1234"),
    near_misses=("AB12 CDE", "registration opens 2024", "plate 12"),
    severity=Severity.MEDIUM,
)
IMEI = pii(
    "imei",
    "DEVICE_ID",
    "IMEI of a mobile device",
    "15 digits that begin with a reporting body's prefix.",
    validator="Luhn and prefix",
    sources=("3GPP TS 23.003 section 6.2",),
    examples=("IMEI 490154203237518",),
    near_misses=("IMEI 490154203237519", "490154203237519"),
    severity=Severity.MEDIUM,
)
SERIAL = pii(
    "device-serial",
    "DEVICE_ID",
    "Serial number or identifier of a device",
    "6 to 40 letters and digits labelled as serial number, device id, UDID or ICCID.",
    sources=("45 CFR 164.514(b)(2)(i)(M)",),
    examples=("serial number C02XL0GTJGH5",),
    near_misses=("serial port 9600", "serial batch 12ab34"),
    severity=Severity.LOW,
)


def _known_vin(value: str) -> bool | None:
    return vin(value) or None


def _mixed(value: str) -> bool:
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


def _has_digits_of_plate(value: str) -> bool:
    return sum(char.isdigit() for char in value) >= 3


def _has_digits(value: str) -> bool:
    digits = sum(char.isdigit() for char in value)
    # Serial numbers of fixed length may have a single digit among their capitals.
    enough = digits >= 3 or (digits and value.isupper() and len(value) >= 10)
    return bool(enough) and len(set(value)) >= 3


RULES = (
    MaskRule(
        info=IMEI,
        masks="999999999999999|99-999999-999999-9|99 999999 999999 9",
        check=imei,
        check_name="luhn",
        context=("imei",),
        alone=0.4,
        near=0.85,
        rank=2,
    ),
)
RECOGNISERS = (
    PatternRule(
        info=VIN,
        pattern=r"(?i:[A-HJ-NPR-Z0-9]{11}[0-9A-HJ-NPR-Z]{2}\d{4})",
        shape=r"[0-9A-Za-z]{17}",
        check=lambda value: _known_vin(value) if _mixed(value) else False,
        check_name="vin",
        separators="",
        context=("vin",),
        base=0.2,
        valid=0.65,
        labelled=0.93,
        near=0.7,
        rank=2,
    ),
    PatternRule(
        info=PLATE,
        pattern=(
            r"[A-Z]{2}\d{2} ?[A-Z]{3}|[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[- ]?\d{1,4}[EH]?"
            r"|\d[A-Z]{3}\d{3}|[A-Z]{3}[- ]?\d{3,4}|[A-Z]{2}-?\d{3}-?[A-Z]{2}|\d{4} ?[A-Z]{3}"
            r"|\d{2,3}-[A-Z]{2,3}-\d{1,2}|[A-Z]{2} ?\d{2} ?[A-Z]{1,2} ?\d{4}|"
            r"[A-Z]{1,2}-\d{3}-[A-Z]{1,2}"
            r"|[A-Z]{3}\d[A-Z]\d{2}|[A-Z]{2,3} \d{4,5}|\d{2} ?[A-Z]{1,3} ?\d{2,5}"
            r"|[A-Z]{2}[ \-]?\d{1,2}[ \-]?[A-Z]{1,3}[ \-]?\d{1,4}|[A-Z]{3} \d{2}[0-9A-Z]"
            r"|\d{2,3}[가-힣] ?\d{4}"
        ),
        shape=r"\d",
        context=("plate",),
        needs_label=True,
        before=30,
        base=0.2,
        labelled=0.85,
        rank=1,
    ),
    PatternRule(
        info=PLATE,
        pattern=(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?"
            r"[A-HJ-NP-Z0-9]{5,6}|\p{Han}{1,4} ?\d{2,3} ?\p{Hiragana} ?\d{2}-\d{2}"
        ),
        check=_has_digits_of_plate,
        check_name="digits",
        separators="",
        context=("plate",),
        base=0.65,
        labelled=0.9,
        near=0.8,
        number_like=False,
        rank=1,
    ),
    PatternRule(
        info=SERIAL,
        keeps_case=True,
        pattern=r"[A-Za-z0-9]{6,40}|[A-Za-z0-9]{3,12}(?:[-:][A-Za-z0-9]{2,16}){1,7}",
        shape=r"\d",
        check=_has_digits,
        check_name="digits",
        context=("device-serial",),
        needs_label=True,
        before=30,
        base=0.2,
        labelled=0.7,
    ),
)
