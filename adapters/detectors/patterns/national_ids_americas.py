"""National numbers of the Americas."""

from adapters.detectors.patterns.national_id import Number, rules
from domain.detection import checksums_americas as check
from domain.detection.taxonomy import Severity

_AUTHORITIES = "https://arthurdejong.org/python-stdnum/formats"

NUMBERS = (
    Number(
        "us-ssn", "SSN", "US Social Security number",
        "ssn|ssn#|ss#|ss number|social security|social security number|social security no|"
        "soc sec|social sec|social sec no|social is|social:|social number",
        "999999999", "999-99-9999", check.us_ssn, "area, group and serial",
        "SSA POMS RM 10201.035", "123-45-6789", "000-12-3456", alone=0.8,
        severity=Severity.CRITICAL, generic="ssn",
    ),
    Number(
        "us-ssn-spaced", "SSN", "US Social Security number with blanks",
        "ssn|ssn#|ss#|social security|social security number|soc sec|social is|"
        "social:|social number",
        "", "999 99 9999|999.99.9999", check.us_ssn, "area, group and serial",
        "SSA POMS RM 10201.035", "SSN 123 45 6789", "123 45 6789", alone=0.35,
        severity=Severity.CRITICAL, generic="ssn",
    ),
    Number(
        "us-itin", "TAX_ID", "US individual taxpayer number",
        "itin|individual taxpayer|individual taxpayer identification|taxpayer id|ssn",
        "999999999", "999-99-9999|999 99 9999", check.us_itin, "group ranges", "IRS IRM 3.21.263",
        "912-70-1234", "912-66-1234", alone=0.7, severity=Severity.CRITICAL, generic="tax-id",
    ),
    Number(
        "us-ein", "TAX_ID", "US employer number",
        "ein|ein#|employer identification|employer identification number|fein|federal tax id|"
        "federal id|tax id",
        "", "99-9999999", check.us_ein, "campus prefix", "IRS: How EINs are assigned",
        "EIN 12-3456789", "EIN 00-3456789", alone=0.45, severity=Severity.MEDIUM,
        generic="tax-id",
    ),
    Number(
        "ca-sin", "NATIONAL_ID", "Canadian Social Insurance number",
        "sin|sin no|sin number|social insurance|social insurance number|nas|"
        "numéro d'assurance sociale|canadian sin",
        "999999999", "999 999 999|999-999-999", check.ca_sin, "Luhn",
        "ESDC: Social Insurance Number Code of Practice", "SIN 123 456 782", "SIN 123 456 789",
        alone=0.35,
    ),
    Number(
        "br-cpf", "NATIONAL_ID", "Brazilian CPF",
        "cpf|cadastro de pessoas físicas|cpf nº",
        "99999999999", "999.999.999-99", check.br_cpf, "two digits modulo 11",
        "Receita Federal: CPF", "390.533.447-05", "390.533.447-06", alone=0.95,
    ),
    Number(
        "br-cnpj", "TAX_ID", "Brazilian CNPJ", "cnpj|cadastro nacional",
        "99999999999999", "99.999.999/9999-99", check.br_cnpj, "two digits modulo 11",
        "Receita Federal: CNPJ", "16.727.230/0001-97", "16.727.230/0001-98", alone=0.9,
        severity=Severity.LOW, generic="tax-id",
    ),
    Number(
        "mx-curp", "NATIONAL_ID", "Mexican CURP", "curp|clave única|clave unica",
        "AAAA999999AAAAAA99|AAAA999999AAAAAAA9", "",
        check.mx_curp, "last digit, a day, a state", "RENAPO: Instructivo normativo CURP",
        "BOXW310820HNERXN09", "BOXW310820HNERXN08", alone_plain=0.92,
    ),
    Number(
        "mx-rfc", "TAX_ID", "Mexican RFC of a person", "rfc|registro federal",
        "AAAA999999AA9|AAAA999999A99|AAAA9999999A9|AAAA999999999|AAAA999999AAA",
        "AAAA-999999-AA9|AAAA-999999-A99|AAAA-999999-9A9|AAAA-999999-999",
        check.mx_rfc, "last character, a day", f"{_AUTHORITIES}: mx.rfc", "RFC GODE561231GR8",
        "RFC GODE561231GR9", alone=0.7, alone_plain=0.6, generic="tax-id",
    ),
    Number(
        "ar-cuit", "TAX_ID", "Argentine CUIT or CUIL", "cuit|cuil",
        "99999999999", "99-99999999-9", check.ar_cuit,
        "modulus 11", f"{_AUTHORITIES}: ar.cuit", "20-05536168-2", "20-05536168-3", alone=0.85,
        generic="tax-id",
    ),
    Number(
        "cl-rut", "NATIONAL_ID", "Chilean RUT", "rut|run|rol único",
        "99999999|999999999|99999999A|9999999A",
        "99.999.999-9|99.999.999-A|9.999.999-9|9.999.999-A|99999999-9|99999999-A|"
        "9999999-9|9999999-A", check.cl_rut,
        "modulus 11", f"{_AUTHORITIES}: cl.rut", "12.531.909-2", "12.531.909-3", alone=0.7,
    ),
    Number(
        "co-nit", "TAX_ID", "Colombian NIT", "nit", "999999999|9999999999",
        "999.999.999-9", check.co_nit, "modulus 11 by primes", f"{_AUTHORITIES}: co.nit",
        "NIT 213.123.432-1", "NIT 213.123.432-2", alone=0.6, generic="tax-id",
    ),
    Number(
        "ec-cedula", "NATIONAL_ID", "Ecuadorian cédula",
        "cédula|cedula|cédula de identidad|cedula de identidad|ci", "9999999999", "999999999-9",
        check.ec_cedula, "modulus 10, a province", f"{_AUTHORITIES}: ec.ci", "cédula 1714307103",
        "cédula 1714307104",
    ),
    Number(
        "do-cedula", "NATIONAL_ID", "Dominican cédula", "cédula|cedula|cédula de identidad",
        "99999999999", "999-9999999-9", check.do_cedula, "Luhn", f"{_AUTHORITIES}: do.cedula",
        "cédula 001-1391820-5", "cédula 001-1391820-6", alone=0.55,
    ),
    Number(
        "pe-dni", "NATIONAL_ID", "Peruvian DNI with its check character", "dni|cui|d.n.i.",
        "999999999|99999999A", "99999999-9|99999999-A", check.pe_dni, "modulus 11",
        f"{_AUTHORITIES}: pe.cui", "DNI 10117410-2", "DNI 10117410-3",
    ),
)  # fmt: skip

RULES = rules(NUMBERS)
