"""The checks that a policy may name for what it finds itself, by name."""

from collections.abc import Callable, Mapping

from domain.detection import (
    checksums,
    checksums_americas,
    checksums_asia_pacific,
    checksums_europe,
)

_GENERAL = (
    checksums.luhn,
    checksums.verhoeff,
    checksums.mod_11_10,
    checksums.mod_97_10,
    checksums.iban,
    checksums.payment_card,
    checksums.aba_routing,
    checksums.imei,
    checksums.vin,
    checksums.us_npi,
    checksums.us_dea,
    checksums.us_mbi,
)
_NATIONAL = (
    checksums_americas.us_ssn,
    checksums_americas.us_itin,
    checksums_americas.us_ein,
    checksums_americas.ca_sin,
    checksums_americas.br_cpf,
    checksums_americas.br_cnpj,
    checksums_americas.mx_curp,
    checksums_americas.mx_rfc,
    checksums_americas.ar_cuit,
    checksums_americas.cl_rut,
    checksums_americas.co_nit,
    checksums_americas.ec_cedula,
    checksums_asia_pacific.au_tfn,
    checksums_asia_pacific.au_medicare,
    checksums_asia_pacific.nz_ird,
    checksums_asia_pacific.in_aadhaar,
    checksums_asia_pacific.in_pan,
    checksums_asia_pacific.sg_nric,
    checksums_asia_pacific.kr_rrn,
    checksums_asia_pacific.jp_my_number,
    checksums_asia_pacific.cn_resident_id,
    checksums_asia_pacific.tw_national_id,
    checksums_asia_pacific.hk_identity,
    checksums_asia_pacific.th_national_id,
    checksums_asia_pacific.il_identity,
    checksums_asia_pacific.za_identity,
    checksums_europe.gb_nhs,
    checksums_europe.gb_nino,
    checksums_europe.gb_utr,
    checksums_europe.de_tax_id,
    checksums_europe.de_social_insurance,
    checksums_europe.de_identity_card,
    checksums_europe.fr_nir,
    checksums_europe.es_dni,
    checksums_europe.es_nie,
    checksums_europe.it_codice_fiscale,
    checksums_europe.nl_bsn,
    checksums_europe.be_national_number,
    checksums_europe.ch_ahv,
    checksums_europe.at_social_insurance,
    checksums_europe.pt_nif,
    checksums_europe.ie_pps,
    checksums_europe.se_personnummer,
    checksums_europe.dk_cpr,
    checksums_europe.no_fodselsnummer,
    checksums_europe.fi_hetu,
    checksums_europe.pl_pesel,
    checksums_europe.pl_nip,
    checksums_europe.cz_birth_number,
    checksums_europe.ro_cnp,
    checksums_europe.bg_egn,
    checksums_europe.hr_oib,
    checksums_europe.tr_identity,
)

VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    check.__name__.replace("_", "-"): check for check in (*_GENERAL, *_NATIONAL)
}
"""Checks by name, `luhn` or `de-tax-id`. Each takes a bare value: no separators, upper case."""

_SEPARATORS = str.maketrans("", "", " \t\n-./\u00a0\u2010\u2011\u2013")


def is_valid(validator: str, value: str) -> bool:
    """Tell whether a value passes a check, however its digits are grouped."""
    return VALIDATORS[validator](value.translate(_SEPARATORS).upper())
