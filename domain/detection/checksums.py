"""Check digits of payment, device, vehicle, travel and health identifiers, and what they share.

Every function takes the bare value (no separators, letters in upper case) and never raises: a
value of the wrong length or alphabet is simply not valid.
"""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from collections.abc import Sequence

_VERHOEFF_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_ALPHANUMERIC = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}

IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
    "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28,
    "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
"""Length of an IBAN by country (SWIFT IBAN Registry)."""

_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
) | {str(digit): digit for digit in range(10)}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def is_digits(value: str, *lengths: int) -> bool:
    """Tell whether a value is made of ASCII digits alone, of one of the lengths if any is named."""
    return value.isascii() and value.isdigit() and (not lengths or len(value) in lengths)


def weighted_sum(value: str, weights: Sequence[int]) -> int:
    """Return the sum of digit times weight; the shorter of both decides where it ends."""
    return sum(int(digit) * weight for digit, weight in zip(value, weights, strict=False))


def all_same(value: str) -> bool:
    """Tell whether one character repeats throughout, as in made-up numbers."""
    return len(set(value)) <= 1


def luhn(value: str) -> bool:
    """Check the Luhn digit (ISO/IEC 7812-1, annex B)."""
    if not is_digits(value):
        return False
    total = 0
    for position, char in enumerate(reversed(value)):
        digit = int(char) * (1 + position % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def verhoeff(value: str) -> bool:
    """Check the Verhoeff digit (J. Verhoeff, Error Detecting Decimal Codes, 1969)."""
    if not is_digits(value):
        return False
    check = 0
    for position, char in enumerate(reversed(value)):
        digit = int(char)
        for _ in range(position % 8):
            digit = _VERHOEFF_PERMUTATION[digit]
        check = _dihedral(check, digit)
    return check == 0


def _dihedral(left: int, right: int) -> int:
    """Multiply in the dihedral group of order ten; 0 to 4 rotate, 5 to 9 reflect."""
    if left < 5:
        turned = (left + right % 5) % 5
        return turned if right < 5 else 5 + turned
    turned = (left - 5 - right % 5) % 5
    return 5 + turned if right < 5 else turned


def mod_11_10(value: str) -> bool:
    """Check the hybrid system MOD 11,10 (ISO 7064)."""
    if not is_digits(value):
        return False
    check = 5
    for char in value:
        check = ((check or 10) * 2 % 11 + int(char)) % 10
    return check == 1


def mod_97_10(value: str) -> bool:
    """Check MOD 97-10 over digits and letters, A as 10 to Z as 35 (ISO 7064)."""
    if not value or any(char not in _ALPHANUMERIC for char in value):
        return False
    return int("".join(str(_ALPHANUMERIC[char]) for char in value)) % 97 == 1


def iban(value: str) -> bool:
    """Check country, length and MOD 97-10 of an IBAN (ISO 13616)."""
    if len(value) != IBAN_LENGTHS.get(value[:2], -1) or not is_digits(value[2:4]):
        return False
    return mod_97_10(value[4:] + value[:4])


def payment_card(value: str) -> bool:
    """Check issuer range, length and Luhn digit of a card number (ISO/IEC 7812)."""
    return card_network(value) is not None and not all_same(value) and luhn(value)


def card_network(value: str) -> str | None:
    """Name the network of a card number by prefix and length (the networks' published ranges)."""
    if not is_digits(value):
        return None
    size, two, four, six = len(value), int(value[:2]), int(value[:4]), int(value[:6])
    networks = (
        ("visa", two // 10 == 4 and size in {13, 16, 19}),
        ("mastercard", (51 <= two <= 55 or 2221 <= four <= 2720) and size == 16),
        ("amex", two in {34, 37} and size == 15),
        ("diners", (300 <= four // 10 <= 305 or two in {36, 38, 39}) and size in {14, 16}),
        ("discover", (four == 6011 or two == 65 or 644 <= four // 10 <= 649) and size in {16, 19}),
        ("jcb", 3528 <= four <= 3589 and 16 <= size <= 19),
        ("unionpay", two == 62 and 16 <= size <= 19),
        ("maestro", (two in {50, 56, 57, 58} or 600000 <= six <= 699999) and 12 <= size <= 19),
        ("mir", 2200 <= four <= 2204 and 16 <= size <= 19),
        ("troy", four == 9792 and size == 16),
    )
    return next((name for name, fits in networks if fits), None)


def aba_routing(value: str) -> bool:
    """Check a US bank routing number: district prefix and weights 3-7-1 (ABA Key to Routing)."""
    if not is_digits(value, 9):
        return False
    prefix = int(value[:2])
    known = prefix <= 12 or 21 <= prefix <= 32 or 61 <= prefix <= 72 or prefix == 80
    return known and value[:4] != "0000" and weighted_sum(value, (3, 7, 1) * 3) % 10 == 0


def imei(value: str) -> bool:
    """Check an IMEI: 15 digits, a reporting body's prefix, Luhn (3GPP TS 23.003, 6.2.1)."""
    bodies = {"01", "35", "86", "91", "98", "99", "44", "45", "49", "50", "51", "52", "53", "54"}
    return is_digits(value, 15) and value[:2] in bodies and not all_same(value) and luhn(value)


def vin(value: str) -> bool:
    """Check the check digit of a 17-character vehicle number (49 CFR 565.15; ISO 3779)."""
    if len(value) != 17 or any(char not in _VIN_VALUES for char in value):
        return False
    total = sum(
        _VIN_VALUES[char] * weight for char, weight in zip(value, _VIN_WEIGHTS, strict=True)
    )
    return value[8] == "0123456789X"[total % 11]


def mrz_digit(field: str) -> str:
    """Return the check digit of a machine-readable field, weights 7-3-1 (ICAO Doc 9303-3, 4.9)."""
    values = (0 if char == "<" else _ALPHANUMERIC.get(char, 0) for char in field)
    return str(sum(value * (7, 3, 1)[at % 3] for at, value in enumerate(values)) % 10)


def mrz_passport_line(value: str) -> bool:
    """Check the four check digits in the second line of a TD3 document (ICAO Doc 9303-4, 4.2)."""
    if len(value) != 44:
        return False
    fields = ((0, 9, 9), (13, 19, 19), (21, 27, 27))
    if any(mrz_digit(value[start:end]) != value[at] for start, end, at in fields):
        return False
    return mrz_digit(value[:10] + value[13:20] + value[21:43]) == value[43]


def us_npi(value: str) -> bool:
    """Check a US provider number: Luhn over 80840 and the ten digits (45 CFR 162.406)."""
    return is_digits(value, 10) and value[0] in "12" and luhn("80840" + value)


def us_dea(value: str) -> bool:
    """Check a US DEA registration: registrant letter, name letter, check digit (21 CFR 1301)."""
    if len(value) != 9 or value[0] not in "ABCDEFGHJKLMPRSTUX" or not is_digits(value[2:]):
        return False
    if not (value[1].isalpha() or value[1] == "9"):
        return False
    digits = [int(char) for char in value[2:]]
    return (digits[0] + digits[2] + digits[4] + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def us_mbi(value: str) -> bool:
    """Check the position rules of a Medicare beneficiary number (CMS, Understanding the MBI)."""
    letters, digits = set("ACDEFGHJKMNPQRTUVWXY"), set("0123456789")
    either = letters | digits
    shape = (
        digits - {"0"}, letters, either, digits, letters, either, digits, letters, letters,
        digits, digits,
    )  # fmt: skip
    return len(value) == 11 and all(
        char in allowed for char, allowed in zip(value, shape, strict=True)
    )
