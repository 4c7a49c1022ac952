import importlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.detection import (
    checksums,
    checksums_accounts,
    checksums_americas,
    checksums_asia_pacific,
    checksums_europe,
    checksums_vat,
)

DIGITS = "0123456789"

EXACT: tuple[tuple[Callable[[str], bool], str, int], ...] = (
    (checksums_europe.gb_utr, "gb.utr", 10),
    (checksums_europe.de_tax_id, "de.idnr", 11),
    (checksums_europe.fr_tax_id, "fr.nif", 13),
    (checksums_europe.nl_bsn, "nl.bsn", 9),
    (checksums_europe.pl_pesel, "pl.pesel", 11),
    (checksums_europe.pl_nip, "pl.nip", 10),
    (checksums_europe.bg_egn, "bg.egn", 10),
    (checksums_europe.hr_oib, "hr.oib", 11),
    (checksums_europe.si_emso, "si.emso", 13),
    (checksums_europe.gr_afm, "gr.vat", 9),
    (checksums_europe.tr_identity, "tr.tckimlik", 11),
    (checksums_europe.ua_tax_number, "ua.rntrc", 10),
    (checksums_europe.ru_inn, "ru.inn", 12),
    (checksums_europe.ch_ahv, "ch.ssn", 13),
    (checksums_accounts.es_account, "es.ccc", 20),
    (checksums_americas.us_ssn, "us.ssn", 9),
    (checksums_americas.us_ein, "us.ein", 9),
    (checksums_americas.ca_sin, "ca.sin", 9),
    (checksums_americas.br_cpf, "br.cpf", 11),
    (checksums_americas.br_cnpj, "br.cnpj", 14),
    (checksums_americas.ar_cuit, "ar.cuit", 11),
    (checksums_americas.do_cedula, "do.cedula", 11),
    (checksums_asia_pacific.au_tfn, "au.tfn", 9),
    (checksums_asia_pacific.nz_ird, "nz.ird", 9),
    (checksums_asia_pacific.in_aadhaar, "in_.aadhaar", 12),
    (checksums_asia_pacific.jp_my_number, "jp.in_", 12),
    (checksums_asia_pacific.th_national_id, "th.pin", 13),
    (checksums_asia_pacific.il_identity, "il.idnr", 9),
)
"""The same answer as the oracle, but for one digit that repeats throughout, which is made up."""

WIDER: tuple[tuple[Callable[[str], bool], str, int], ...] = (
    (checksums_europe.be_national_number, "be.nn", 11),
    (checksums_europe.dk_cpr, "dk.cpr", 10),
    (checksums_europe.no_fodselsnummer, "no.fodselsnummer", 11),
    (checksums_europe.se_personnummer, "se.personnummer", 10),
    (checksums_europe.is_kennitala, "is_.kennitala", 10),
    (checksums_europe.ee_isikukood, "ee.ik", 11),
    (checksums_europe.gr_amka, "gr.amka", 11),
    (checksums_asia_pacific.za_identity, "za.idnr", 13),
    (checksums_asia_pacific.my_nric, "my.nric", 12),
    (checksums_asia_pacific.id_nik, "id.nik", 16),
    (checksums_asia_pacific.kr_rrn, "kr.rrn", 13),
)
"""Whatever the oracle accepts; it also knows today's date, closed series or lists of places."""

NARROWER: tuple[tuple[Callable[[str], bool], str, int], ...] = (
    (checksums_europe.fr_nir, "fr.nir", 15),
    (checksums_europe.gb_nhs, "gb.nhs", 10),
    (checksums_europe.at_social_insurance, "at.vnr", 10),
    (checksums_europe.pt_nif, "pt.nif", 9),
    (checksums_europe.cz_birth_number, "cz.rc", 10),
    (checksums_americas.ec_cedula, "ec.ci", 10),
    (checksums.aba_routing, "us.rtn", 9),
)
"""Nothing that the oracle refuses: these look at prefixes and days that it lets pass."""


@st.composite
def numbers(draw: st.DrawFn, size: int) -> str:
    """Draw digits; half of them begin with, or hold, a day written in some order."""
    value = draw(st.text(DIGITS, min_size=size, max_size=size))
    if draw(st.booleans()):
        return value
    born = date(1931, 1, 1) + timedelta(days=draw(st.integers(0, 33_000)))
    written = born.strftime(draw(st.sampled_from(("%y%m%d", "%d%m%y", "%Y%m%d"))))
    at = draw(st.sampled_from((0, 1, 6)))
    return (value[:at] + written + value[at + len(written) :])[:size]


def _with_valid_end(check: Callable[[str], bool], value: str) -> str:
    """Search the last two digits for a valid number, so that half of the cases are not refused."""
    candidates = (f"{value[:-2]}{end:02}" for end in range(100))
    return next((candidate for candidate in candidates if check(candidate)), value)


def _oracle(module: str) -> Callable[[str], bool]:
    is_valid: Callable[[str], bool] = importlib.import_module(f"stdnum.{module}").is_valid
    return is_valid


@pytest.mark.parametrize(("check", "module", "size"), EXACT)
@settings(max_examples=40)
@given(data=st.data())
def test_exact_checks_agree_with_the_oracle(
    check: Callable[[str], bool], module: str, size: int, data: st.DataObject
) -> None:
    value = data.draw(numbers(size))
    oracle = _oracle(module)

    for candidate in (value, _with_valid_end(check, value), _with_valid_end(oracle, value)):
        made_up = len(set(candidate)) == 1
        assert check(candidate) == oracle(candidate) or made_up


@pytest.mark.parametrize(("check", "module", "size"), WIDER)
@settings(max_examples=40)
@given(data=st.data())
def test_wider_checks_accept_what_the_oracle_accepts(
    check: Callable[[str], bool], module: str, size: int, data: st.DataObject
) -> None:
    oracle = _oracle(module)
    value = _with_valid_end(oracle, data.draw(numbers(size)))
    # Serial numbers of Indonesia begin at 0001, which the oracle does not look at.
    assume(module != "id.nik" or not value.endswith("0000"))

    assert check(value) or not oracle(value)


@pytest.mark.parametrize(("check", "module", "size"), NARROWER)
@settings(max_examples=40)
@given(data=st.data())
def test_narrower_checks_refuse_what_the_oracle_refuses(
    check: Callable[[str], bool], module: str, size: int, data: st.DataObject
) -> None:
    value = _with_valid_end(check, data.draw(numbers(size)))

    assert not check(value) or _oracle(module)(value)


@settings(max_examples=40)
@given(
    state=st.sampled_from((("BE", 10), ("DE", 9), ("FR", 11), ("IT", 11))),
    digits=st.text(DIGITS, min_size=11, max_size=11),
)
def test_vat_numbers_that_pass_are_valid_to_the_oracle(state: tuple[str, int], digits: str) -> None:
    country, size = state
    number = country + digits[:size]

    for candidate in (number, _with_valid_end(checksums_vat.eu_vat, number)):
        assert not checksums_vat.eu_vat(candidate) or _oracle("eu.vat")(candidate)


@pytest.mark.parametrize(
    "number", ["BE0428759497", "DE136695976", "FR40303265045", "IT00743110157"]
)
def test_published_vat_numbers_pass(number: str) -> None:
    assert checksums_vat.eu_vat(number)
    assert not checksums_vat.eu_vat(number[:-1] + str((int(number[-1]) + 1) % 10))


@given(
    digits=st.text(DIGITS, min_size=8, max_size=8),
    letter=st.sampled_from("ABCDEFGHJKLMNPQRSTVWXYZ"),
)
def test_spanish_letters_agree_with_the_oracle(digits: str, letter: str) -> None:
    dni, nie = digits + letter, "XYZ"[int(digits[0]) % 3] + digits[1:] + letter

    assert checksums_europe.es_dni(dni) == _oracle("es.dni")(dni)
    assert checksums_europe.es_nie(nie) == _oracle("es.nie")(nie)


@given(
    surname=st.text("BCDFGHJKLMNPQRSTVWXYZAEIOU", min_size=6, max_size=6),
    tail=st.text(DIGITS, min_size=5, max_size=5),
    born=st.dates(date(1930, 1, 1), date(2010, 1, 1)),
)
def test_one_letter_completes_a_codice_fiscale(surname: str, tail: str, born: date) -> None:
    stem = f"{surname}{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{born:%d}H{tail[:3]}"

    valid = [
        letter
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        if checksums_europe.it_codice_fiscale(stem + letter)
    ]

    assert len(valid) == 1
    assert _oracle("it.codicefiscale")(stem + valid[0])


@given(value=st.text(DIGITS, min_size=8, max_size=18))
def test_luhn_and_verhoeff_agree_with_the_oracle(value: str) -> None:
    assert checksums.luhn(value) == _oracle("luhn")(value)
    assert checksums.verhoeff(value) == _oracle("verhoeff")(value)


@given(
    value=st.text(DIGITS, min_size=4, max_size=14),
    at=st.integers(0, 13),
    other=st.sampled_from(DIGITS),
)
def test_luhn_notices_one_wrong_digit(value: str, at: int, other: str) -> None:
    complete = next(value + digit for digit in DIGITS if checksums.luhn(value + digit))
    place = at % len(complete)
    wrong = complete[:place] + other + complete[place + 1 :]

    assert checksums.luhn(wrong) == (wrong == complete)


@given(
    country=st.sampled_from(sorted(checksums.IBAN_LENGTHS)),
    account=st.text(DIGITS, min_size=33, max_size=33),
)
def test_two_digits_complete_an_iban(country: str, account: str) -> None:
    body = account[: checksums.IBAN_LENGTHS[country] - 4]

    valid = [
        f"{check:02}" for check in range(2, 99) if checksums.iban(f"{country}{check:02}{body}")
    ]

    assert len(valid) == 1


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (checksums.iban, "GB82WEST12345698765432"),
        (checksums.iban, "DE89370400440532013000"),
        (checksums.payment_card, "4111111111111111"),
        (checksums.payment_card, "378282246310005"),
        (checksums.payment_card, "6011111111111117"),
        (checksums.payment_card, "3530111333300000"),
        (checksums.vin, "1M8GDM9AXKP042788"),
        (checksums.imei, "490154203237518"),
        (checksums.us_npi, "1234567893"),
        (checksums.us_dea, "F91234563"),
        (checksums.us_mbi, "1EG4TE5MK73"),
        (checksums.mrz_passport_line, "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
        (checksums_europe.de_social_insurance, "15070649C103"),
        (checksums_europe.de_identity_card, "T220001293"),
        (checksums_europe.fi_hetu, "131052-308T"),
        (checksums_europe.gb_nino, "AB123456C"),
        (checksums_europe.ru_snils, "11223344595"),
        (checksums_accounts.es_account, "21000418450200051332"),
        (checksums_accounts.pl_account, "61109010140000071219812874"),
        (checksums_europe.pl_identity_card, "ABA300000"),
        (checksums_vat.eu_vat, "GB999999973"),
        (checksums_americas.mx_curp, "BOXW310820HNERXN09"),
        (checksums_americas.cl_rut, "125319092"),
        (checksums_asia_pacific.sg_nric, "S0000001I"),
        (checksums_asia_pacific.cn_resident_id, "11010519491231002X"),
        (checksums_asia_pacific.tw_national_id, "A123456789"),
        (checksums_asia_pacific.hk_identity, "A1234563"),
    ],
)
def test_documented_values_are_valid_and_their_neighbours_are_not(
    check: Callable[[str], bool], value: str
) -> None:
    at = max(at for at, char in enumerate(value) if char.isdigit())
    wrong = value[:at] + str((int(value[at]) + 1) % 10) + value[at + 1 :]

    assert check(value)
    assert not check(wrong) or check in {checksums_europe.gb_nino, checksums.us_mbi}


@given(value=st.text(max_size=50))
def test_no_check_raises_on_any_text(value: str) -> None:
    modules = (checksums, checksums_europe, checksums_americas, checksums_asia_pacific)
    checks = [check for check, _, _ in (*EXACT, *WIDER, *NARROWER)]
    checks += [checksums.iban, checksums.payment_card, checksums.vin, checksums.imei]
    checks += [checksums.us_npi, checksums.us_dea, checksums.us_mbi, checksums.mrz_passport_line]
    checks += [checksums_europe.fi_hetu, checksums_europe.gb_nino, checksums_europe.ie_pps]
    checks += [checksums_accounts.pl_account, checksums_europe.pl_identity_card]
    checks += [checksums_europe.it_codice_fiscale, checksums_americas.mx_curp]
    checks += [checksums_americas.mx_rfc, checksums_asia_pacific.hk_identity]

    assert all(check(value) in {True, False} for check in checks)
    assert all(module.__doc__ for module in modules)
