"""National numbers of Asia, Oceania and Africa."""

from adapters.detectors.patterns.context_words import add_group
from adapters.detectors.patterns.national_id import Number, rules
from adapters.detectors.patterns.rule import PatternRule, pii
from domain.detection import checksums_asia_pacific as check
from domain.detection.taxonomy import Severity

_AUTHORITIES = "https://arthurdejong.org/python-stdnum/formats"

NUMBERS = (
    Number(
        "au-tfn", "TAX_ID", "Australian tax file number",
        "tfn|tax file|tax file number|tax file no", "99999999|999999999",
        "999 999 999|999-999-999|999 999 99",
        check.au_tfn, "modulus 11", "ATO: TFN check digit", "TFN 123 456 782", "TFN 123 456 789",
        generic="tax-id",
    ),
    Number(
        "au-medicare", "NATIONAL_ID", "Australian Medicare card number",
        "medicare|medicare card|medicare number|medicare no", "9999999999|99999999999",
        "9999 99999 9|9999 99999 9/9|9999 99999 9-9|9999 99999 9 9",
        check.au_medicare, "weights 1-3-7-9",
        "Services Australia: Medicare card", "Medicare 2123 45670 1", "Medicare 2123 45671 1",
        alone=0.45,
    ),
    Number(
        "nz-ird", "TAX_ID", "New Zealand IRD number", "ird|ird number|ird no|inland revenue",
        "99999999|999999999", "99-999-999|999-999-999", check.nz_ird, "two rounds of modulus 11",
        f"{_AUTHORITIES}: nz.ird", "IRD 49-091-850", "IRD 49-091-851", generic="tax-id",
    ),
    Number(
        "in-aadhaar", "NATIONAL_ID", "Indian Aadhaar number",
        "aadhaar|aadhar|adhaar|uidai|uid|आधार", "999999999999",
        "9999 9999 9999|9999-9999-9999", check.in_aadhaar, "Verhoeff", "UIDAI: Aadhaar number",
        "Aadhaar 2341 2341 2346", "Aadhaar 2341 2341 2347", alone=0.45,
    ),
    Number(
        "sg-nric", "NATIONAL_ID", "Singapore NRIC or FIN",
        "nric|fin|nric no|nric number|ic number",
        "A9999999A", "", check.sg_nric, "letter modulo 11", "ICA: NRIC and FIN",
        "S0000001I", "S0000001J", alone_plain=0.85,
    ),
    Number(
        "kr-rrn", "NATIONAL_ID", "Korean resident registration number",
        "rrn|resident registration|주민등록번호|주민번호|korean resident", "9999999999999",
        "999999-9999999", check.kr_rrn, "modulus 11, a day", f"{_AUTHORITIES}: kr.rrn",
        "971013-9019902", "971013-9019903", alone=0.9, alone_plain=0.35,
    ),
    Number(
        "jp-my-number", "NATIONAL_ID", "Japanese My Number",
        "my number|mynumber|individual number|マイナンバー|個人番号", "999999999999",
        "9999 9999 9999|9999-9999-9999", check.jp_my_number, "modulus 11",
        f"{_AUTHORITIES}: jp.in_",
        "My Number 6214 9832 0257", "My Number 6214 9832 0258",
    ),
    Number(
        "cn-resident-id", "NATIONAL_ID", "Chinese resident identity number",
        "resident identity|shenfenzheng|身份证|身份证号|身份证号码|居民身份证|chinese id",
        "999999999999999999|99999999999999999A", "", check.cn_resident_id, "MOD 11-2, a day",
        "GB 11643-1999",
        "11010519491231002X", "110105194912310021", alone_plain=0.9,
    ),
    Number(
        "tw-national-id", "NATIONAL_ID", "Taiwanese identity number",
        "身分證|身分證字號|taiwan id|national id|arc", "A999999999", "",
        check.tw_national_id, "modulus 10", "內政部: 國民身分證統一編號",
        "A123456789", "A123456788",
        alone_plain=0.6,
    ),
    Number(
        "th-national-id", "NATIONAL_ID", "Thai citizen number",
        "thai id|บัตรประชาชน|เลขประจำตัวประชาชน|citizen id", "9999999999999",
        "9-9999-99999-99-9", check.th_national_id, "modulus 11",
        f"{_AUTHORITIES}: th.pin", "1-1014-00000-07-3", "1-1014-00000-07-9", alone=0.9,
    ),
    Number(
        "my-nric", "NATIONAL_ID", "Malaysian MyKad number",
        "mykad|nric|ic no|ic number|kad pengenalan", "999999999999", "999999-99-9999",
        check.my_nric, "a day and a place", f"{_AUTHORITIES}: my.nric", "770305-02-1234",
        "771305-02-1234", alone=0.75,
    ),
    Number(
        "id-nik", "NATIONAL_ID", "Indonesian NIK", "nik|ktp|nomor induk kependudukan",
        "9999999999999999", "", check.id_nik, "a province and a day", f"{_AUTHORITIES}: id.nik",
        "NIK 3171011708450001", "NIK 3171011713450001",
    ),
    Number(
        "il-identity", "NATIONAL_ID", "Israeli identity number",
        "teudat zehut|תעודת זהות|ת.ז.|ת\"ז|israeli id", "999999999", "99999999-9",
        check.il_identity,
        "Luhn", f"{_AUTHORITIES}: il.idnr", "teudat zehut 039337423", "teudat zehut 039337422",
    ),
    Number(
        "za-identity", "NATIONAL_ID", "South African identity number",
        "south african id|rsa id|id number|identity number|id no|said", "9999999999999",
        "999999 9999 999", check.za_identity, "Luhn, a day", f"{_AUTHORITIES}: za.idnr",
        "South African ID 7503305044089", "South African ID 7503305044088",
        alone=0.45, alone_plain=0.35,
    ),
    Number(
        "pk-cnic", "NATIONAL_ID", "Pakistani CNIC", "cnic|nicop|national identity card",
        "9999999999999", "99999-9999999-9", check.pk_cnic, "a province",
        f"{_AUTHORITIES}: pk.cnic", "34201-0891231-8", "84201-0891231-8", alone=0.75,
    ),
    Number(
        "eg-national-id", "NATIONAL_ID", "Egyptian national number",
        "الرقم القومي|egyptian national|egyptian id", "99999999999999", "", check.eg_national_id,
        "a century and a day", "https://en.wikipedia.org/wiki/Egyptian_National_Identity_Card",
        "الرقم القومي 29001011234567", "الرقم القومي 29013011234567",
    ),
)  # fmt: skip

RULES = rules(NUMBERS)

PAN = pii(
    "in-pan",
    "TAX_ID",
    "Indian PAN",
    "Five letters, the fourth naming the holder's kind, four digits and a letter.",
    validator="holder letter",
    sources=("Income Tax Department: PAN",),
    examples=("PAN AAPFU0939F",),
    near_misses=("PAN AAPXU0939F", "AAPFU0000F"),
    severity=Severity.HIGH,
)
HKID = pii(
    "hk-identity",
    "NATIONAL_ID",
    "Hong Kong identity card number",
    "One or two letters, six digits, and the check character in parentheses.",
    validator="modulus 11",
    sources=("Immigration Department of Hong Kong",),
    examples=("A123456(3)",),
    near_misses=("A123456(4)", "f123456(3)"),
    severity=Severity.HIGH,
)
RECOGNISERS = (
    PatternRule(
        info=PAN,
        pattern=r"[A-Z]{3}[ABCEFGHJKLPT][A-Z]\d{4}[A-Z]",
        check=check.in_pan,
        check_name="holder letter",
        context=(
            add_group("in-pan", ("pan", "pan card", "pan no", "pan number", "permanent account")),
            "tax-id",
        ),
        valid=0.6,
        labelled=0.96,
        near=0.85,
        rank=1,
    ),
    PatternRule(
        info=HKID,
        pattern=r"[A-Z]{1,2}\d{6}\([0-9A]\)",
        check=check.hk_identity,
        check_name="modulus 11",
        separators="()",
        context=(add_group("hk-identity", ("hkid", "hong kong id", "身份證")), "national-id"),
        valid=0.9,
        labelled=0.97,
        near=0.95,
        rank=1,
    ),
)
