"""National numbers of Europe."""

# Other languages write with these characters.
# ruff: noqa: RUF001

from adapters.detectors.patterns.national_id import Number, rules
from domain.detection import checksums_europe as check
from domain.detection.checksums_vat import eu_vat
from domain.detection.taxonomy import Severity

_AUTHORITIES = "https://arthurdejong.org/python-stdnum/formats"

NUMBERS = (
    Number(
        "gb-nhs-number", "NATIONAL_ID", "UK NHS number",
        "nhs|nhs no|nhs number|nhs#|health service number|nhsn",
        "9999999999", "999 999 9999|999-999-9999", check.gb_nhs, "modulus 11",
        "NHS Data Dictionary: NHS Number", "NHS number 943 476 5919", "NHS number 943 476 5918",
    ),
    Number(
        "gb-national-insurance", "NATIONAL_ID", "UK National Insurance number",
        "national insurance|national insurance number|nino|ni number|ni no|insurance number",
        "AA999999A", "AA 99 99 99 A|AA 999999 A|AA99 99 99A|AA 99 99 99A|AA-99-99-99-A",
        check.gb_nino,
        "prefix and suffix letters", "HMRC National Insurance Manual NIM39110", "AB123456C",
        "GB123456A", alone=0.6, alone_plain=0.5,
    ),
    Number(
        "gb-utr", "TAX_ID", "UK Unique Taxpayer Reference",
        "utr|unique taxpayer|unique taxpayer reference|self assessment",
        "9999999999", "99999 99999", check.gb_utr, "modulus 11", "HMRC UTR checks",
        "UTR 1955839661", "UTR 2955839661", alone_plain=0.2, alone=0.2, generic="tax-id",
    ),
    Number(
        "de-tax-id", "TAX_ID", "German Steuer-Identifikationsnummer",
        "steuer id|steuer-id|steuerid|steuer identifikationsnummer|steueridentifikationsnummer|"
        "idnr|"
        "steuerliche identifikationsnummer|steuer-idnr|tin|steuernummer|german tax",
        "99999999999", "99 999 999 999", check.de_tax_id, "MOD 11,10 and repeated digit",
        "BZSt: Steuer-IdNr", "Steuer-ID 36574261809", "Steuer-ID 36574261890", alone=0.4,
        generic="tax-id",
    ),
    Number(
        "de-social-insurance", "NATIONAL_ID", "German Rentenversicherungsnummer",
        "rentenversicherungsnummer|sozialversicherungsnummer|sv-nummer|svnr|rvnr|versicherungsnummer",
        "99999999A999", "99 999999 A 999", check.de_social_insurance,
        "cross sums modulo 10", "VKVV § 2 and § 4", "Versicherungsnummer 15070649C103",
        "15070649C104", alone=0.65, alone_plain=0.5,
    ),
    Number(
        "fr-social-security", "NATIONAL_ID", "French numéro de sécurité sociale",
        "sécurité sociale|securite sociale|numéro de sécurité sociale|nir|insee|nss|carte vitale|"
        "sécu|secu",
        "999999999999999|999999A99999999",
        "9 99 99 99 999 999 99|9 99 99 9A 999 999 99", check.fr_nir, "key of 97",
        "INSEE: numéro de sécurité sociale", "2 55 08 14 168 025 38", "2 55 08 14 168 025 39",
        alone=0.9, alone_plain=0.55,
    ),
    Number(
        "fr-tax-id", "TAX_ID", "French numéro fiscal",
        "numéro fiscal|numero fiscal|spi|numéro fiscal de référence|identifiant fiscal",
        "9999999999999", "99 99 999 999 999", check.fr_tax_id, "key of 511",
        "DGFiP: numéro fiscal", "numéro fiscal 30 23 217 600 053", "30 23 217 600 054",
        generic="tax-id",
    ),
    Number(
        "es-dni", "NATIONAL_ID", "Spanish DNI",
        "dni|d.n.i.|documento nacional|documento nacional de identidad|nif|carnet de identidad",
        "99999999A", "99999999-A|99999999 A|99.999.999-A|99.999.999 A|99.999.999A", check.es_dni,
        "letter modulo 23", "Ministerio del Interior: cálculo del dígito de control", "12345678Z",
        "12345678A", alone=0.6, alone_plain=0.55,
    ),
    Number(
        "es-nie", "NATIONAL_ID", "Spanish NIE",
        "nie|número de extranjero|identidad de extranjero|dni|tie",
        "A9999999A", "A-9999999-A|A-9999999A|A9999999-A|A 9999999 A", check.es_nie,
        "letter modulo 23", "Ministerio del Interior: cálculo del dígito de control", "X1234567L",
        "X1234567A", alone=0.65, alone_plain=0.6,
    ),
    Number(
        "it-codice-fiscale", "NATIONAL_ID", "Italian codice fiscale",
        "codice fiscale|c.f.|cf|cod. fisc.|cod fiscale",
        "AAAAAA99A99A999A", "AAA AAA 99A99 A999A", check.it_codice_fiscale,
        "check character", "D.M. 23 dicembre 1976", "RSSMRA85T10A562S", "RSSMRA85T10A562T",
        alone=0.9, alone_plain=0.9,
    ),
    Number(
        "pt-nif", "TAX_ID", "Portuguese NIF",
        "nif|contribuinte|número de contribuinte|número de identificação fiscal",
        "999999999", "999 999 999", check.pt_nif, "modulus 11",
        f"{_AUTHORITIES}: pt.nif", "NIF 501964843", "NIF 501964842", generic="tax-id",
    ),
    Number(
        "nl-bsn", "NATIONAL_ID", "Dutch burgerservicenummer",
        "bsn|burgerservicenummer|burger service nummer|sofinummer|sofi nummer|citizen service "
        "number",
        "999999999", "9999.99.999|9999 99 999|999.999.999|999 999 999", check.nl_bsn,
        "test of eleven", "Rijksoverheid: Logisch Ontwerp BSN", "BSN 111222333", "BSN 111252333",
    ),
    Number(
        "be-national-number", "NATIONAL_ID", "Belgian national number",
        "rijksregisternummer|rijksregister|numéro national|numero national|registre national|niss|"
        "insz|nn|belgian national",
        "99999999999", "99.99.99-999.99|99.99.99-999-99", check.be_national_number, "key of 97",
        f"{_AUTHORITIES}: be.nn", "85.07.30-033.28", "85.07.30-033.61", alone=0.9,
    ),
    Number(
        "ch-ahv", "NATIONAL_ID", "Swiss AHV number",
        "ahv|avs|ahv-nummer|ahv nr|numéro avs|oasi|social security",
        "9999999999999", "999.9999.9999.99", check.ch_ahv, "EAN-13",
        f"{_AUTHORITIES}: ch.ssn", "756.9217.0769.85", "756.9217.0769.86", alone=0.92,
        alone_plain=0.5,
    ),
    Number(
        "at-social-insurance", "NATIONAL_ID", "Austrian Sozialversicherungsnummer",
        "sozialversicherungsnummer|svnr|sv-nummer|sv nr|vsnr|e-card",
        "9999999999", "9999 999999", check.at_social_insurance, "modulus 11",
        f"{_AUTHORITIES}: at.vnr", "SVNR 1237 010180", "SVNR 2237 010180",
    ),
    Number(
        "ie-pps", "NATIONAL_ID", "Irish PPS number",
        "pps|ppsn|pps no|pps number|personal public service",
        "9999999A|9999999AA", "", check.ie_pps, "letter modulo 23", f"{_AUTHORITIES}: ie.pps",
        "PPS 6433435F", "PPS 6433435E",
    ),
    Number(
        "se-personnummer", "NATIONAL_ID", "Swedish personnummer",
        "personnummer|personnr|pnr|samordningsnummer|swedish personal",
        "9999999999|999999999999", "999999-9999|999999+9999|99999999-9999|99999999+9999",
        check.se_personnummer, "Luhn, a day",
        "Skatteverket SKV 704", "880320-0016", "880320-0018", alone=0.6,
    ),
    Number(
        "dk-cpr", "NATIONAL_ID", "Danish CPR number",
        "cpr|cpr nr|cpr nummer|cpr-nummer|cpr-nr|personnummer|danish personal",
        "9999999999", "999999-9999", check.dk_cpr, "a day of birth", f"{_AUTHORITIES}: dk.cpr",
        "CPR 211062-5629", "CPR 511062-5629", alone=0.35,
    ),
    Number(
        "no-fodselsnummer", "NATIONAL_ID", "Norwegian fødselsnummer",
        "fødselsnummer|fodselsnummer|fnr|d-nummer|personnummer|norwegian national",
        "99999999999", "999999 99999", check.no_fodselsnummer, "two digits modulo 11",
        "Skatteetaten: fødselsnummer", "fødselsnummer 15108695088", "15108695077",
        alone=0.8, alone_plain=0.4,
    ),
    Number(
        "fi-hetu", "NATIONAL_ID", "Finnish henkilötunnus",
        "hetu|henkilötunnus|henkilotunnus|sotu|finnish personal",
        "999999A999A|999999A9999", "999999-999A|999999+999A|999999-9999",
        check.fi_hetu, "modulo 31",
        "DVV: henkilötunnus", "131052-308T", "131052-308U",
        alone=0.88, alone_plain=0.8, separators=" ",
    ),
    Number(
        "is-kennitala", "NATIONAL_ID", "Icelandic kennitala", "kennitala|kt|icelandic id",
        "9999999999", "999999-9999", check.is_kennitala, "modulus 11", "Registers Iceland",
        "kennitala 450401-3150", "kennitala 450401-3151", alone=0.45,
    ),
    Number(
        "pl-pesel", "NATIONAL_ID", "Polish PESEL", "pesel|nr pesel|numer pesel",
        "99999999999", "", check.pl_pesel, "weights 1-3-7-9, a day",
        "https://www.gov.pl/web/gov/czym-jest-numer-pesel", "PESEL 44051401359",
        "PESEL 44051401358",
    ),
    Number(
        "pl-nip", "TAX_ID", "Polish NIP", "nip|numer identyfikacji podatkowej|vat pl",
        "9999999999", "999-999-99-99|999-99-99-999", check.pl_nip, "modulus 11",
        f"{_AUTHORITIES}: pl.nip", "NIP 856-734-62-15", "NIP 856-734-62-16", alone=0.5,
        generic="tax-id", severity=Severity.MEDIUM,
    ),
    Number(
        "cz-birth-number", "NATIONAL_ID", "Czech or Slovak rodné číslo",
        "rodné číslo|rodne cislo|rč|r.č.|rodného čísla|birth number",
        "999999999|9999999999", "999999/999|999999/9999",
        check.cz_birth_number, "divisible by 11, a day",
        "Zákon č. 133/2000 Sb.", "710319/2745", "710319/2746", alone=0.6,
    ),
    Number(
        "ro-cnp", "NATIONAL_ID", "Romanian CNP",
        "cnp|cod numeric personal|codul numeric personal", "9999999999999", "", check.ro_cnp,
        "modulus 11, a day, a county", "OUG 97/2005", "CNP 1630615123457", "CNP 1630615123458",
        alone_plain=0.35,
    ),
    Number(
        "bg-egn", "NATIONAL_ID", "Bulgarian EGN", "egn|егн|единен граждански номер",
        "9999999999", "", check.bg_egn, "modulus 11, a day", f"{_AUTHORITIES}: bg.egn",
        "EGN 7523169263", "EGN 7523169264",
    ),
    Number(
        "hr-oib", "NATIONAL_ID", "Croatian OIB", "oib|osobni identifikacijski broj",
        "99999999999", "", check.hr_oib, "MOD 11,10", "Zakon o osobnom identifikacijskom broju",
        "OIB 33392005961", "OIB 33392005962",
    ),
    Number(
        "si-emso", "NATIONAL_ID", "EMŠO or JMBG of Yugoslavia's successors",
        "emšo|emso|jmbg|matični broj|maticni broj|enotna matična številka", "9999999999999", "",
        check.si_emso, "modulus 11, a day", f"{_AUTHORITIES}: si.emso", "EMŠO 0101006500006",
        "EMŠO 0101006500007", alone_plain=0.35,
    ),
    Number(
        "ee-lt-personal-code", "NATIONAL_ID", "Estonian or Lithuanian personal code",
        "isikukood|asmens kodas|personal code|asmenskodas", "99999999999", "",
        check.ee_isikukood, "two rounds of modulus 11, a day", f"{_AUTHORITIES}: ee.ik",
        "isikukood 36805280109", "isikukood 36805280108",
    ),
    Number(
        "gr-amka", "NATIONAL_ID", "Greek AMKA", "amka|αμκα|α.μ.κ.α.", "99999999999", "",
        check.gr_amka, "Luhn, a day", f"{_AUTHORITIES}: gr.amka", "AMKA 01013099997",
        "AMKA 01013099999",
    ),
    Number(
        "gr-afm", "TAX_ID", "Greek AFM", "afm|αφμ|α.φ.μ.", "999999999", "", check.gr_afm,
        "powers of two modulo 11", f"{_AUTHORITIES}: gr.vat", "ΑΦΜ 094259216", "ΑΦΜ 123456781",
        generic="tax-id",
    ),
    Number(
        "tr-identity", "NATIONAL_ID", "Turkish T.C. kimlik number",
        "kimlik|tckn|tc kimlik|tc kimlik no|kimlik numarası|kimlik no", "99999999999", "",
        check.tr_identity, "two control digits", f"{_AUTHORITIES}: tr.tckimlik",
        "T.C. kimlik 17291716060", "T.C. kimlik 17291716050",
    ),
    Number(
        "ua-tax-number", "TAX_ID", "Ukrainian RNTRC", "рнокпп|іпн|rntrc|ідентифікаційний код",
        "9999999999", "", check.ua_tax_number, "modulus 11", f"{_AUTHORITIES}: ua.rntrc",
        "РНОКПП 1759013776", "РНОКПП 1759013770", generic="tax-id",
    ),
    Number(
        "ru-inn", "TAX_ID", "Russian INN of a person", "инн|inn", "999999999999", "",
        check.ru_inn,
        "two digits modulo 11", f"{_AUTHORITIES}: ru.inn", "ИНН 500100732259",
        "ИНН 500100732258", generic="tax-id",
    ),
    Number(
        "ru-snils", "NATIONAL_ID", "Russian SNILS", "снилс|snils", "99999999999",
        "999-999-999 99|999-999-999-99", check.ru_snils, "modulo 101", "ПФР 192п",
        "112-233-445 95", "112-233-445 96", alone=0.85,
    ),
    Number(
        "hu-taj", "NATIONAL_ID", "Hungarian TAJ number",
        "taj|taj szám|tajszám|társadalombiztosítási",
        "999999999", "999 999 999|999-999-999", check.hu_taj, "weights 3-7 modulo 10",
        "1996. évi XX. törvény", "TAJ 111 111 110", "TAJ 123 456 780",
    ),
    Number(
        "de-tax-number", "TAX_ID", "German Steuernummer",
        "steuernummer|steuernr|steuer-nr|steuer nr|st.-nr|st-nr|stnr", "",
        "99/999/99999|999/999/99999|99999/99999|999/9999/9999", check.de_tax_number,
        "ten or eleven digits of a tax office", "§ 139a AO; ELSTER: Prüfung der Steuernummer",
        "Steuernummer 151/815/08156", "Steuernummer 000/000/00000", generic="tax-id",
    ),
    Number(
        "eu-vat", "TAX_ID", "Belgian, British, French, German or Italian VAT number",
        "vat|vat no|vat number|vat reg|vat registration|ust-id|ust-idnr|ustid|ustidnr|umsatzsteuer|"
        "tva|n° tva|partita iva|p.iva|p. iva|btw|btw-nummer|mwst",
        "AA999999999|AA9999999999|AA99999999999",
        "AA 999999999|AA 999 999 999|AA 9999999999|AA 9999.999.999|AA9999.999.999|AA 99999999999|"
        "AA 99 999999999|AA 99 999 999 999|AA999 9999 99|AA 999 9999 99",
        eu_vat, "check digits by state", "Council Directive 2006/112/EC; VIES",
        "VAT ID: DE136695976", "VAT ID: DE136695978", alone=0.4, alone_plain=0.4,
        severity=Severity.MEDIUM, generic="tax-id",
    ),
)  # fmt: skip

RULES = rules(NUMBERS)
