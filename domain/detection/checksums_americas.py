"""Check digits and issuing rules of the personal and tax numbers of the Americas.

Every function takes the bare value (no separators, letters in upper case) and never raises.
"""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from domain.detection.checksums import all_same, is_digits, luhn, weighted_sum
from domain.detection.checksums_europe import is_date

_CURP_VALUES = {char: at for at, char in enumerate("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ")}
_CURP_STATES = frozenset(
    [
        "AS",
        "BC",
        "BS",
        "CC",
        "CL",
        "CM",
        "CS",
        "CH",
        "DF",
        "DG",
        "GT",
        "GR",
        "HG",
        "JC",
        "MC",
        "MN",
        "MS",
        "NT",
        "NL",
        "OC",
        "PL",
        "QT",
        "QR",
        "SP",
        "SL",
        "SR",
        "TC",
        "TS",
        "TL",
        "VZ",
        "YN",
        "ZS",
        "NE",
    ]
)
_EIN_UNUSED = frozenset({"00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70",
                         "78", "79", "89", "96", "97"})  # fmt: skip
_ADVERTISED_SSN = frozenset({"078051120", "219099999", "457555462"})


def us_ssn(value: str) -> bool:
    """Check area, group and serial of a US SSN (SSA, POMS RM 10201.035; never 000, 666, 9xx)."""
    if not is_digits(value, 9) or value in _ADVERTISED_SSN or all_same(value):
        return False
    area = int(value[:3])
    return area not in {0, 666} and area < 900 and value[3:5] != "00" and value[5:] != "0000"


def us_itin(value: str) -> bool:
    """Check the ranges of a US ITIN: 9xx and group 50-65, 70-88, 90-92, 94-99 (IRS 3.21.263)."""
    if not is_digits(value, 9) or value[0] != "9":
        return False
    group = int(value[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99


def us_ein(value: str) -> bool:
    """Check the campus prefix of a US EIN (IRS, How EINs are assigned)."""
    return is_digits(value, 9) and value[:2] not in _EIN_UNUSED and not all_same(value)


def ca_sin(value: str) -> bool:
    """Check a Canadian SIN: Luhn, first digit not 8 (ESDC, SIN Code of Practice).

    Nobody has one that begins with 0: forms and manuals are tried with 046 454 286.
    """
    made_up = value[:1] == "0" and value != "046454286"
    return is_digits(value, 9) and value[0] != "8" and not made_up and luhn(value)


def br_cpf(value: str) -> bool:
    """Check both control digits of a CPF (Receita Federal, IN RFB 1548/2015)."""
    if not is_digits(value, 11) or all_same(value):
        return False
    first = -weighted_sum(value[:9], range(10, 1, -1)) % 11 % 10
    second = -weighted_sum(value[:10], range(11, 1, -1)) % 11 % 10
    return value[9:] == f"{first}{second}"


def br_cnpj(value: str) -> bool:
    """Check both control digits of a CNPJ (Receita Federal)."""
    if not is_digits(value, 14) or all_same(value):
        return False
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first = -weighted_sum(value[:12], weights[1:]) % 11 % 10
    second = -weighted_sum(value[:13], weights) % 11 % 10
    return value[12:] == f"{first}{second}"


def mx_curp(value: str) -> bool:
    """Check day, state and last digit of a CURP (RENAPO, Instructivo normativo)."""
    if len(value) != 18 or not is_digits(value[4:10]) or value[11:13] not in _CURP_STATES:
        return False
    if any(char not in _CURP_VALUES for char in value):
        return False
    century = 1900 if value[16].isdigit() else 2000
    born = is_date(century + int(value[4:6]), int(value[6:8]), int(value[8:10]))
    total = sum(_CURP_VALUES[char] * (18 - at) for at, char in enumerate(value[:17]))
    return born and value[10] in "HMX" and value[17] == str(-total % 10)


def mx_rfc(value: str) -> bool:
    """Check day and last character of a person's RFC, 13 characters (SAT)."""
    if len(value) != 13 or not is_digits(value[4:10]):
        return False
    values = {char: at for at, char in enumerate("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ")}
    if any(char not in values for char in value):
        return False
    total = sum(values[char] * (13 - at) for at, char in enumerate(value[:12]))
    born = any(
        is_date(century + int(value[4:6]), int(value[6:8]), int(value[8:10]))
        for century in (1900, 2000)
    )
    return born and value[12] == "0123456789A"[-total % 11]


def ar_cuit(value: str) -> bool:
    """Check an Argentine CUIT or CUIL: prefix and modulus 11 (AFIP, RG 10/97)."""
    if not is_digits(value, 11) or value[:2] not in {
        "20", "23", "24", "27", "30", "33", "34", "50", "51", "55",
    }:  # fmt: skip
        return False
    check = -weighted_sum(value[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return value[10] == "01234567890"[check] if check != 10 else value[10] == "9"


def cl_rut(value: str) -> bool:
    """Check the verifier of a Chilean RUT, modulus 11 with K (SII)."""
    if len(value) not in {8, 9} or not is_digits(value[:-1]):
        return False
    total = weighted_sum(value[-2::-1], (2, 3, 4, 5, 6, 7, 2, 3))
    return value[-1] == "0123456789K0"[11 - total % 11] and not all_same(value[:-1])


def co_nit(value: str) -> bool:
    """Check a Colombian NIT, modulus 11 by primes (DIAN)."""
    if not is_digits(value) or not 8 <= len(value) <= 16:
        return False
    primes = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
    return value[-1] == "01987654321"[weighted_sum(value[-2::-1], primes) % 11]


def ec_cedula(value: str) -> bool:
    """Check an Ecuadorian cédula: province and modulus 10 (Registro Civil)."""
    if not is_digits(value, 10) or not (1 <= int(value[:2]) <= 24 or value[:2] == "30"):
        return False
    return value[2] < "6" and luhn(value)


def do_cedula(value: str) -> bool:
    """Check a Dominican cédula: 11 digits, Luhn (JCE)."""
    return is_digits(value, 11) and not all_same(value) and luhn(value)


def pe_dni(value: str) -> bool:
    """Check a Peruvian DNI with its verification character (RENIEC)."""
    if len(value) != 9 or not is_digits(value[:8]):
        return False
    remainder = weighted_sum(value[:8], (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return value[8] in {"65432110987"[remainder], "KJIHGFEDCBA"[remainder]}
