"""Check digits of the personal and tax numbers of Asia, Oceania and Africa.

Every function takes the bare value (no separators, letters in upper case) and never raises.
"""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from domain.detection.checksums import all_same, is_digits, luhn, verhoeff, weighted_sum
from domain.detection.checksums_europe import is_date


def au_tfn(value: str) -> bool:
    """Check an Australian tax file number, 8 or 9 digits, modulus 11 (ATO)."""
    if not is_digits(value, 8, 9) or all_same(value):
        return False
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10) if len(value) == 9 else (10, 7, 8, 4, 6, 3, 5, 1)
    return weighted_sum(value, weights) % 11 == 0


def au_medicare(value: str) -> bool:
    """Check an Australian Medicare card number, 10 or 11 digits (Services Australia)."""
    if not is_digits(value, 10, 11) or value[0] not in "23456":
        return False
    return weighted_sum(value[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(value[8])


def nz_ird(value: str) -> bool:
    """Check a New Zealand IRD number: two rounds of modulus 11 (IRD, RWT specification)."""
    if not is_digits(value, 8, 9) or not 10_000_000 < int(value) < 150_000_000:
        return False
    body, check = value[:-1].zfill(8), int(value[-1])
    result = -weighted_sum(body, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if result == 10:
        result = -weighted_sum(body, (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return result == check


def in_aadhaar(value: str) -> bool:
    """Check an Aadhaar number: 12 digits, not from 0 or 1, no palindrome, Verhoeff (UIDAI)."""
    if not is_digits(value, 12) or value[0] in "01" or value == value[::-1]:
        return False
    return verhoeff(value)


def in_pan(value: str) -> bool:
    """Check the shape of an Indian PAN: fourth letter names the holder's kind (IT Department)."""
    return (
        len(value) == 10
        and value[:5].isalpha()
        and value[3] in "ABCEFGHJKLPT"
        and is_digits(value[5:9])
        and value[5:9] != "0000"
        and value[9].isalpha()
    )


def sg_nric(value: str) -> bool:
    """Check the letter of a Singapore NRIC or FIN (ICA; series S, T, F, G, M)."""
    if len(value) != 9 or value[0] not in "STFGM" or not is_digits(value[1:8]):
        return False
    offset = {"S": 0, "F": 0, "T": 4, "G": 4, "M": 3}[value[0]]
    remainder = (weighted_sum(value[1:8], (2, 7, 6, 5, 4, 3, 2)) + offset) % 11
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "KLJNPQRTUWX"}
    if value[0] == "M":
        return value[8] == letters["M"][10 - remainder]
    return value[8] == letters.get(value[0], "XWUTRQPNMLK")[remainder]


def kr_rrn(value: str) -> bool:
    """Check a Korean resident registration number: a day, sex and century, modulus 11 (MOIS).

    Numbers given out since October 2020 have a random tail and fail the last digit.
    """
    if not is_digits(value, 13) or int(value[7:9]) > 96:
        return False
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(value[6], 2000)
    born = is_date(century + int(value[:2]), int(value[2:4]), int(value[4:6]))
    total = weighted_sum(value[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5))
    return born and (11 - total % 11) % 10 == int(value[12])


def jp_my_number(value: str) -> bool:
    """Check a Japanese My Number: 12 digits, modulus 11 (MIC ordinance 85 of 2014)."""
    if not is_digits(value, 12) or all_same(value):
        return False
    remainder = weighted_sum(value[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if remainder <= 1 else 11 - remainder) == int(value[11])


def cn_resident_id(value: str) -> bool:
    """Check a Chinese resident number: a day and MOD 11-2 (GB 11643-1999)."""
    if len(value) != 18 or not is_digits(value[:17]):
        return False
    total = weighted_sum(value[:17], [pow(2, 17 - at, 11) for at in range(17)])
    born = is_date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    return born and value[17] == "10X98765432"[total % 11]


def tw_national_id(value: str) -> bool:
    """Check a Taiwanese identity number: county letter and modulus 10 (MOI)."""
    if len(value) != 10 or value[0] not in "ABCDEFGHJKLMNPQRSTUVXYWZIO":
        return False
    if not is_digits(value[1:]) or value[1] not in "1289":
        return False
    county = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(value[0]) + 10
    total = county // 10 + county % 10 * 9 + weighted_sum(value[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))
    return total % 10 == 0


def hk_identity(value: str) -> bool:
    """Check a Hong Kong identity card number: modulus 11 over letters and digits (ImmD)."""
    if len(value) not in {8, 9} or not value[:-7].isalpha() or not is_digits(value[-7:-1]):
        return False
    letters = (
        [36, ord(value[0]) - 55] if len(value) == 8 else [ord(char) - 55 for char in value[:2]]
    )
    numbers = letters + [int(char) for char in value[-7:-1]]
    total = sum(number * (9 - at) for at, number in enumerate(numbers))
    last = 10 if value[-1] == "A" else int(value[-1]) if value[-1].isdigit() else -1
    return (total + last) % 11 == 0 and last >= 0


def th_national_id(value: str) -> bool:
    """Check a Thai citizen number: 13 digits, modulus 11 (DOPA)."""
    if not is_digits(value, 13) or value[0] in "09":
        return False
    return (11 - weighted_sum(value[:12], range(13, 1, -1)) % 11) % 10 == int(value[12])


def my_nric(value: str) -> bool:
    """Check that a Malaysian MyKad number begins with a day and a known place (JPN)."""
    unknown = {"00", "17", "18", "19", "20", "69", "70", "73", "80", "81", "94", "95", "96", "97"}
    return (
        is_digits(value, 12)
        and value[6:8] not in unknown
        and any(
            is_date(century + int(value[:2]), int(value[2:4]), int(value[4:6]))
            for century in (1900, 2000)
        )
    )


def id_nik(value: str) -> bool:
    """Check that an Indonesian NIK holds a province and a day, women's with 40 added (Dukcapil)."""
    if not is_digits(value, 16) or not 11 <= int(value[:2]) <= 96 or value[12:] == "0000":
        return False
    day = int(value[6:8]) % 40
    return any(
        is_date(century + int(value[10:12]), int(value[8:10]), day) for century in (1900, 2000)
    )


def il_identity(value: str) -> bool:
    """Check an Israeli identity number: Luhn over nine digits (MOI)."""
    return is_digits(value, 9) and not all_same(value) and luhn(value)


def za_identity(value: str) -> bool:
    """Check a South African identity number: a day, citizenship, Luhn (DHA)."""
    return (
        is_digits(value, 13)
        and value[10] in "012"
        and any(
            is_date(century + int(value[:2]), int(value[2:4]), int(value[4:6]))
            for century in (1900, 2000)
        )
        and luhn(value)
    )


def pk_cnic(value: str) -> bool:
    """Check province and length of a Pakistani CNIC (NADRA)."""
    return is_digits(value, 13) and value[0] in "1234567" and value[12] != "0"


def eg_national_id(value: str) -> bool:
    """Check that an Egyptian number holds a century and a day (Ministry of Interior)."""
    if not is_digits(value, 14) or value[0] not in "23":
        return False
    century = 1900 if value[0] == "2" else 2000
    return is_date(century + int(value[1:3]), int(value[3:5]), int(value[5:7]))
