"""Check digits of the personal and tax numbers of Europe.

Every function takes the bare value (no separators, letters in upper case) and never raises.
Sources are the issuing authorities' published rules, collected at https://arthurdejong.org/python-stdnum/.
"""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from datetime import date

from domain.detection.checksums import all_same, is_digits, luhn, mod_11_10, weighted_sum

_CODICE_FISCALE_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
            1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25,
            24, 23,
        ),
        strict=True,
    )
)  # fmt: skip
_CODICE_FISCALE_EVEN = {char: value for value, char in enumerate("0123456789")} | {
    char: value for value, char in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
_FINNISH_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def is_date(year: int, month: int, day: int) -> bool:
    """Tell whether a day exists."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def gb_nhs(value: str) -> bool:
    """Check an NHS number: 10 digits, modulus 11 (NHS Data Dictionary)."""
    if not is_digits(value, 10) or all_same(value):
        return False
    check = 11 - weighted_sum(value[:9], range(10, 1, -1)) % 11
    return check % 11 == int(value[9]) and check != 10


def gb_nino(value: str) -> bool:
    """Check prefix and suffix letters of a National Insurance number (HMRC NIM39110)."""
    if len(value) not in {8, 9} or not is_digits(value[2:8]) or not value[:2].isalpha():
        return False
    banned = {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
    prefix_ok = value[0] not in "DFIQUV" and value[1] not in "DFIQUVO" and value[:2] not in banned
    # Nobody has QQ: it is HMRC's own example, and what forms are tried with.
    prefix_ok = prefix_ok or value[:2] == "QQ"
    return prefix_ok and value[8:] in {"", "A", "B", "C", "D"}


def gb_utr(value: str) -> bool:
    """Check a Unique Taxpayer Reference: 10 digits, the first one is the check."""
    if not is_digits(value, 10):
        return False
    return value[0] == "21987654321"[weighted_sum(value[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11]


def de_tax_id(value: str) -> bool:
    """Check a Steuer-IdNr: one digit doubled or tripled in the first ten, MOD 11,10 (BZSt)."""
    if not is_digits(value, 11) or value[0] == "0":
        return False
    counts = sorted((value[:10].count(digit) for digit in set(value[:10])), reverse=True)
    return counts[0] in {2, 3} and counts[1] == 1 and mod_11_10(value)


def de_tax_number(value: str) -> bool:
    """Check the form of a Steuernummer; its check digit differs from state to state (ELSTER)."""
    return is_digits(value) and len(value) in {10, 11} and len(set(value)) > 2


def de_social_insurance(value: str) -> bool:
    """Check a Rentenversicherungsnummer: area, day of birth, letter, check digit (VKVV §2)."""
    if len(value) != 12 or not is_digits(value[:8] + value[9:]) or not value[8].isalpha():
        return False
    letter = f"{ord(value[8]) - 64:02}"
    digits = value[:8] + letter + value[9:11]
    total = sum(
        sum(divmod(int(digit) * weight, 10))
        for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    return 1 <= int(value[4:6]) <= 12 and total % 10 == int(value[11])


def de_identity_card(value: str) -> bool:
    """Check number and check digit of a German card or passport, weights 7-3-1 (PAuswV)."""
    from_zero = {char: at for at, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    if len(value) != 10 or any(char not in from_zero for char in value) or value[0].isdigit():
        return False
    total = sum(from_zero[char] * (7, 3, 1)[at % 3] for at, char in enumerate(value[:9]))
    return value[9] == str(total % 10)


def fr_nir(value: str) -> bool:
    """Check a numéro de sécurité sociale: key of 97, Corsica as 19 and 18 (INSEE)."""
    number = value.replace("2A", "19", 1) if value[5:7] == "2A" else value
    number = number.replace("2B", "18", 1) if value[5:7] == "2B" else number
    if not is_digits(number, 15) or number[0] not in "123478":
        return False
    month = int(number[3:5])
    return (1 <= month <= 12 or month >= 20) and 97 - int(number[:13]) % 97 == int(number[13:])


def fr_tax_id(value: str) -> bool:
    """Check a numéro fiscal (SPI): 13 digits, key of 511 (DGFiP)."""
    return is_digits(value, 13) and value[0] in "0123" and int(value[:10]) % 511 == int(value[10:])


def es_dni(value: str) -> bool:
    """Check the letter of a DNI: 8 digits modulo 23 (Ministerio del Interior)."""
    return len(value) == 9 and is_digits(value[:8]) and value[8] == _spanish_letter(value[:8])


def es_nie(value: str) -> bool:
    """Check the letter of a NIE: X, Y, Z stand for 0, 1, 2, then as a DNI."""
    if len(value) != 9 or value[0] not in "XYZ" or not is_digits(value[1:8]):
        return False
    return value[8] == _spanish_letter(str("XYZ".index(value[0])) + value[1:8])


def _spanish_letter(digits: str) -> str:
    return _SPANISH_LETTERS[int(digits) % 23]


def it_codice_fiscale(value: str) -> bool:
    """Check the sixteenth character of a codice fiscale (D.M. 23 December 1976)."""
    if len(value) != 16 or any(char not in _CODICE_FISCALE_EVEN for char in value):
        return False
    total = sum(
        _CODICE_FISCALE_EVEN[char] if at % 2 else _CODICE_FISCALE_ODD[char]
        for at, char in enumerate(value[:15])
    )
    return value[15] == chr(ord("A") + total % 26)


def nl_bsn(value: str) -> bool:
    """Check a burgerservicenummer: the test of eleven (Rijksoverheid, Logisch Ontwerp BSN)."""
    if not is_digits(value, 9) or all_same(value):
        return False
    return weighted_sum(value, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def be_national_number(value: str) -> bool:
    """Check a rijksregisternummer: 97 minus the remainder, 2 before for births since 2000."""
    if not is_digits(value, 11) or int(value[2:4]) > 12 or int(value) == 0:
        return False
    check = int(value[9:])
    return check in {97 - int(value[:9]) % 97, 97 - int("2" + value[:9]) % 97}


def ch_ahv(value: str) -> bool:
    """Check an AHV number: 756, thirteen digits, EAN check (ZAS)."""
    if not is_digits(value, 13) or not value.startswith("756"):
        return False
    return weighted_sum(value, (1, 3) * 7) % 10 == 0


def at_social_insurance(value: str) -> bool:
    """Check an Austrian Sozialversicherungsnummer: fourth digit of ten, modulus 11."""
    if not is_digits(value, 10) or value[0] == "0" or int(value[6:8]) > 15:
        return False
    return weighted_sum(value, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(value[3])


def pt_nif(value: str) -> bool:
    """Check a Portuguese NIF: modulus 11 (Decreto-Lei 463/79)."""
    if not is_digits(value, 9) or value[0] not in "1235689":
        return False
    return (11 - weighted_sum(value[:8], range(9, 1, -1)) % 11) % 11 % 10 == int(value[8])


def ie_pps(value: str) -> bool:
    """Check an Irish PPS number: 7 digits, letter modulo 23, perhaps a second letter."""
    if len(value) not in {8, 9} or not is_digits(value[:7]) or not value[7:].isalpha():
        return False
    second = value[8:] if value[8:] != "W" else ""
    extra = (ord(second) - 64) * 9 if second else 0
    total = weighted_sum(value[:7], range(8, 1, -1)) + extra
    return value[7] == "WABCDEFGHIJKLMNOPQRSTUV"[total % 23]


def se_personnummer(value: str) -> bool:
    """Check a Swedish personnummer or samordningsnummer, 10 or 12 digits (Skatteverket SKV 704)."""
    if not is_digits(value, 10, 12):
        return False
    if len(value) == 12 and value[:2] not in {"18", "19", "20"}:
        return False
    short = value[-10:]
    day = int(short[4:6]) - (60 if int(short[4:6]) > 60 else 0)
    return _short_date(short[:2], short[2:4], str(day)) and luhn(short)


def dk_cpr(value: str) -> bool:
    """Check that a Danish CPR number begins with a day; modulus 11 no longer holds (CPR 2007)."""
    return is_digits(value, 10) and _short_date(value[4:6], value[2:4], value[:2])


def no_fodselsnummer(value: str) -> bool:
    """Check both control digits of a Norwegian fødselsnummer or D-number (Skatteetaten)."""
    if not is_digits(value, 11):
        return False
    day, month = int(value[:2]) % 40, int(value[2:4]) % 40
    if int(value[:2]) >= 80 or not _short_date(value[4:6], str(month), str(day)):
        return False
    first = -weighted_sum(value[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -weighted_sum(value[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return value[9:] == f"{first}{second}"


def fi_hetu(value: str) -> bool:
    """Check the control character of a Finnish HETU, with century sign (DVV)."""
    if (
        len(value) != 11
        or value[6] not in "+-ABCDEFYXWVU"
        or not is_digits(value[:6] + value[7:10])
    ):
        return False
    born = _short_date(value[4:6], value[2:4], value[:2])
    return born and value[10] == _FINNISH_LETTERS[int(value[:6] + value[7:10]) % 31]


def is_kennitala(value: str) -> bool:
    """Check an Icelandic kennitala: modulus 11 and the century (Registers Iceland)."""
    if not is_digits(value, 10) or value[9] not in "90":
        return False
    century = 1900 if value[9] == "9" else 2000
    day = int(value[:2]) - (40 if int(value[:2]) > 40 else 0)
    born = is_date(century + int(value[4:6]), int(value[2:4]), day)
    return born and weighted_sum(value, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def pl_pesel(value: str) -> bool:
    """Check a PESEL: day with century in the month, weights 1-3-7-9 (Dz.U. 2015 poz. 1984)."""
    if not is_digits(value, 11):
        return False
    century = (1900, 2000, 2100, 2200, 1800)[int(value[2:4]) // 20]
    born = is_date(century + int(value[:2]), int(value[2:4]) % 20, int(value[4:6]))
    return born and weighted_sum(value, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def pl_nip(value: str) -> bool:
    """Check a Polish NIP: modulus 11 (Ministerstwo Finansów)."""
    if not is_digits(value, 10) or all_same(value):
        return False
    return weighted_sum(value[:9], (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(value[9])


def cz_birth_number(value: str) -> bool:
    """Check a Czech or Slovak rodné číslo: a day of birth, divisible by 11 since 1954."""
    if not is_digits(value, 9, 10):
        return False
    month = int(value[2:4]) % 50 % 20
    if len(value) == 9 and 54 <= int(value[:2]) < 80:
        return False
    if not _short_date(value[:2], str(month), value[4:6]):
        return False
    return len(value) == 9 or int(value[:9]) % 11 % 10 == int(value[9])


def ro_cnp(value: str) -> bool:
    """Check a Romanian CNP: sex and century, a day, county, modulus 11 (OUG 97/2005)."""
    county = int(value[7:9]) if is_digits(value, 13) else 0
    if value[:1] == "0" or not (1 <= county <= 48 or county in {51, 52, 70, 80, 81, 82, 83}):
        return False
    check = weighted_sum(value[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    century = {"3": 1800, "4": 1800, "5": 2000, "6": 2000}.get(value[0], 1900)
    born = is_date(century + int(value[1:3]), int(value[3:5]), int(value[5:7]))
    return born and check % 10 + (check == 10) == int(value[12])


def bg_egn(value: str) -> bool:
    """Check a Bulgarian EGN: a day with century in the month, modulus 11 (GRAO)."""
    if not is_digits(value, 10):
        return False
    month = int(value[2:4])
    century, shift = (2000, 40) if month > 40 else (1800, 20) if month > 20 else (1900, 0)
    check = weighted_sum(value[:9], (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10
    born = is_date(century + int(value[:2]), month - shift, int(value[4:6]))
    return born and check == int(value[9])


def hr_oib(value: str) -> bool:
    """Check a Croatian OIB: MOD 11,10 (Zakon o OIB)."""
    return is_digits(value, 11) and mod_11_10(value)


def si_emso(value: str) -> bool:
    """Check a unique master citizen number of Yugoslavia's successors: modulus 11."""
    if not is_digits(value, 13):
        return False
    check = -weighted_sum(value[:12], (7, 6, 5, 4, 3, 2) * 2) % 11
    century = 2000 if int(value[4:7]) < 800 else 1000
    born = is_date(century + int(value[4:7]), int(value[2:4]), int(value[:2]))
    return born and check % 10 == int(value[12])


def ee_isikukood(value: str) -> bool:
    """Check an Estonian isikukood or Lithuanian asmens kodas: two rounds of modulus 11."""
    if not is_digits(value, 11) or value[0] not in "12345678":
        return False
    check = weighted_sum(value[:10], (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = weighted_sum(value[:10], (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    century = 1700 + (int(value[0]) + 1) // 2 * 100
    born = is_date(century + int(value[1:3]), int(value[3:5]), int(value[5:7]))
    return born and check == int(value[10])


def gr_amka(value: str) -> bool:
    """Check a Greek AMKA: a day of birth and Luhn (ΗΔΙΚΑ)."""
    return is_digits(value, 11) and _short_date(value[4:6], value[2:4], value[:2]) and luhn(value)


def gr_afm(value: str) -> bool:
    """Check a Greek AFM: powers of two modulo 11 (ΑΑΔΕ)."""
    if not is_digits(value, 9) or all_same(value):
        return False
    return weighted_sum(value[:8], (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == int(value[8])


def tr_identity(value: str) -> bool:
    """Check both control digits of a Turkish T.C. kimlik number (NVİ)."""
    if not is_digits(value, 11) or value[0] == "0":
        return False
    digits = [int(char) for char in value]
    tenth = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return digits[9] == tenth and digits[10] == sum(digits[:10]) % 10


def ua_tax_number(value: str) -> bool:
    """Check a Ukrainian RNTRC: modulus 11 then 10 (Податковий кодекс, ст. 70)."""
    if not is_digits(value, 10) or all_same(value):
        return False
    check = weighted_sum(value[:9], (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10
    return check == int(value[9])


def ru_inn(value: str) -> bool:
    """Check both control digits of a person's INN, 12 digits (ФНС)."""
    if not is_digits(value, 12) or all_same(value):
        return False
    first = weighted_sum(value[:10], (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    second = weighted_sum(value[:11], (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    return value[10:] == f"{first}{second}"


def ru_snils(value: str) -> bool:
    """Check a SNILS: weights 9 to 1, modulo 101 (ПФР, постановление 192п)."""
    if not is_digits(value, 11) or int(value[:9]) <= 1001998:
        return False
    return weighted_sum(value[:9], range(9, 0, -1)) % 101 % 100 == int(value[9:])


def hu_taj(value: str) -> bool:
    """Check a Hungarian TAJ number: weights 3 and 7, modulo 10 (1996. évi XX. törvény)."""
    if not is_digits(value, 9) or all_same(value):
        return False
    return weighted_sum(value[:8], (3, 7) * 4) % 10 == int(value[8])


def _short_date(year: str, month: str, day: str) -> bool:
    """Tell whether a day with a two-digit year exists in the 1900s or the 2000s."""
    return any(is_date(century + int(year), int(month), int(day)) for century in (1900, 2000))


def pl_identity_card(value: str) -> bool:
    """Check a dowód osobisty: three letters, a check digit, five digits; weights 7-3-1 (MSWiA)."""
    if len(value) != 9 or not value[:3].isalpha() or not value.isascii():
        return False
    if not is_digits(value[3:]):
        return False
    letters = sum((ord(char) - 55) * weight for char, weight in zip(value, (7, 3, 1), strict=False))
    return (letters + weighted_sum(value[4:], (7, 3, 1, 7, 3))) % 10 == int(value[3])
