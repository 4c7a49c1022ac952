"""Accounts, cards, identities, licences, vehicles and wallets of many countries."""

import pytest

from adapters.detectors.patterns.catalogue import default_engine
from domain.detection.taxonomy import AUXILIARY_PII
from tests.adapters.detectors.marked_text import operative, unmark

ACCOUNTS = (
    "Sort code {BANK_ACCOUNT|20-00-00}, account number {BANK_ACCOUNT|55779911}",
    "pls pay into {BANK_ACCOUNT|60-16-13} {BANK_ACCOUNT|31926819} thanks, natwest account",
    "acct no {BANK_ACCOUNT|000123456789} routing {BANK_ACCOUNT|021000021}",
    "ABA: {BANK_ACCOUNT|021000021}  Acct: {BANK_ACCOUNT|1234567890}",
    "Bankverbindung: Kto. {BANK_ACCOUNT|1234567890}, BLZ {BANK_ACCOUNT|37040044}, Commerzbank",
    "CLABE {BANK_ACCOUNT|032180000118359719}",
    "número de cuenta: {BANK_ACCOUNT|2100 0418 45 0200051332}",
    "BSB {BANK_ACCOUNT|062-000} Account {BANK_ACCOUNT|12345678}",
    "IFSC: {BANK_ACCOUNT|SBIN0001234}, A/c No. {BANK_ACCOUNT|30123456789}",
    "conto corrente n. {BANK_ACCOUNT|000000123456}",
    "Numer konta: {BANK_ACCOUNT|61 1090 1014 0000 0712 1981 2874}",
    "hesap no: {BANK_ACCOUNT|1234567-5001}",
    "普通預金 口座番号 {BANK_ACCOUNT|1234567}",
    "계좌번호: {BANK_ACCOUNT|110-123-456789}",
    "My account number is {BANK_ACCOUNT|12345678} and it is overdrawn",
    '{"account_number":"{BANK_ACCOUNT|000123456789}","routing_number":"{BANK_ACCOUNT|110000000}"}',
    "<AccountNumber>{BANK_ACCOUNT|9876543210}</AccountNumber>",
)
IBANS = (
    "IBAN: {IBAN|DE89 3704 0044 0532 0130 00} BIC: COBADEFFXXX",
    "iban {IBAN|de89370400440532013000}",
    "IBAN GB {IBAN|GB29 NWBK 6016 1331 9268 19}",
    "wire to {IBAN|FR1420041010050500013M02606} asap",
    "rekeningnummer {IBAN|NL91 ABNA 0417 1643 00}",
    "numer rachunku {IBAN|PL61109010140000071219812874}",
    "IBAN {IBAN|TR33 0006 1005 1978 6457 8413 26}",
    "رقم الآيبان: {IBAN|SA0380000000608010167519}",
)
CARDS = (
    "银行卡号 {CREDIT_CARD|6222021234567890128}",
    "card {CREDIT_CARD|4111 1111 1111 1111} exp 12/27 cvv 123",
    "amex {CREDIT_CARD|3782 822463 10005}",
    "CC:{CREDIT_CARD|5555555555554444}",
    "{CREDIT_CARD|4111-1111-1111-1111}",
    "cc={CREDIT_CARD|4242424242424242}&exp=1227",
    "it's a visa, {CREDIT_CARD|4111.1111.1111.1111}",
    "card no {CREDIT_CARD|4111 1111 1111 1111} exp 1227 cvc 737",
)
SOCIAL_SECURITY = (
    "ssn {SSN|123-45-6789}",
    "SSN: {SSN|123456789}",
    "social is {SSN|123 45 6789}",
    "W-2 box a: Employee's social security number {SSN|123-45-6789} b EIN {TAX_ID|12-3456789}",
)
TAXES = (
    "ITIN {TAX_ID|912-70-1234}",
    "EIN: {TAX_ID|12-3456789}",
    "Steuer-ID: {TAX_ID|36 574 261 809}",
    "RFC: {TAX_ID|GODE561231GR8}",
    "TFN {TAX_ID|123 456 782}",
    "PAN {TAX_ID|ABCPE1234F}",
    "NIF {TAX_ID|501964843}",
    "VAT: {TAX_ID|GB999 9999 73}",
    "USt-IdNr.: {TAX_ID|DE136695976}",
)
PASSPORTS = (
    "Passport No. {PASSPORT|C01X00T47}",
    "passport {PASSPORT|123456789} issued by USA",
    "Reisepass Nr. {PASSPORT|C01X0006H}",
    "Passeport n° {PASSPORT|12AB34567}",
    "pasaporte {PASSPORT|AAA123456}",
    "passaporto {PASSPORT|YA1234567}",
    "paspoortnummer: {PASSPORT|NWK9LR741}",
    "numer paszportu {PASSPORT|ZS0000177}",
    "Pass number {PASSPORT|53310279} (UK passport)",
    "護照號碼 {PASSPORT|300000000}",
    "护照号 {PASSPORT|E12345678}",
    "パスポート番号 {PASSPORT|TK1234567}",
    "여권번호 {PASSPORT|M12345678}",
    "رقم جواز السفر {PASSPORT|A12345678}",
    "{PASSPORT|L898902C36UTO7408122F1204159ZE184226B<<<<<10}",
)
LICENCES = (
    "driver's license: {DRIVER_LICENSE|D1234567} (CA)",
    "DL# {DRIVER_LICENSE|S123-4567-8901}",
    "Driver License {DRIVER_LICENSE|W123-456-78-901-0} FL",
    "NY DL {DRIVER_LICENSE|123 456 789}",
    "driving licence {DRIVER_LICENSE|MORGA657054SM9IJ}",
    "Führerschein-Nr. {DRIVER_LICENSE|B072RRE2I55}",
    "permis de conduire n° {DRIVER_LICENSE|123456789012}",
    "patente {DRIVER_LICENSE|U1A23B456C}",
    "rijbewijs {DRIVER_LICENSE|1234567890}",
    "carnet de conducir {DRIVER_LICENSE|12345678Z}",
    "CNH {DRIVER_LICENSE|12345678901}",
    "prawo jazdy nr {DRIVER_LICENSE|12345/67/8901}",
    "körkort nr {DRIVER_LICENSE|123456789}",
    "DL No. {DRIVER_LICENSE|MH12 20110012345}",
    "licence no {DRIVER_LICENSE|12345678} (VIC driver)",
)
NATIONAL = (
    "NHS No: {NATIONAL_ID|943 476 5919}",
    "NI number {NATIONAL_ID|QQ 12 34 56 C}",
    "NINO: {NATIONAL_ID|AB 12 34 56 C}",
    "aadhaar no {NATIONAL_ID|2345 6789 0124}",
    "SV-Nummer {NATIONAL_ID|15 070649 C 103}",
    "Personalausweisnummer: {NATIONAL_ID|L01X00T471}",
    "N° Sécu: {NATIONAL_ID|2 55 08 14 168 025 38}",
    "DNI {NATIONAL_ID|12345678Z}",
    "dni {NATIONAL_ID|12.345.678-Z}",
    "NIE: {NATIONAL_ID|X-1234567-L}",
    "CF: {NATIONAL_ID|RSSMRA85T10A562S}",
    "codice fiscale {NATIONAL_ID|rssmra85t10a562s}",
    "CPF: {NATIONAL_ID|529.982.247-25}",
    "cpf {NATIONAL_ID|52998224725}",
    "CURP {NATIONAL_ID|BOXW310820HNERXN09}",
    "PESEL {NATIONAL_ID|44051401359}",
    "personnummer {NATIONAL_ID|19880320-0016}",
    "pers.nr {NATIONAL_ID|880320-0016}",
    "BSN: {NATIONAL_ID|111222333}",
    "rijksregisternummer {NATIONAL_ID|85.07.30-033.28}",
    "TC Kimlik No: {NATIONAL_ID|17291716060}",
    "CPR-nr. {NATIONAL_ID|211062-5629}",
    "fødselsnummer {NATIONAL_ID|151086 95088}",
    "HETU {NATIONAL_ID|131052-308T}",
    "AHV-Nr. {NATIONAL_ID|756.9217.0769.85}",
    "SIN {NATIONAL_ID|046 454 286}",
    "Medicare card {NATIONAL_ID|2123 45670 1}",
    "マイナンバー {NATIONAL_ID|1234 5678 9018}",
    "身份证号:{NATIONAL_ID|11010519491231002X}",
    "주민등록번호 {NATIONAL_ID|900101-1234568}",
    "NRIC {NATIONAL_ID|S1234567D}",
    "HKID {NATIONAL_ID|A123456(3)}",
    "Cédula {NATIONAL_ID|1714616123}",
    "RUT {NATIONAL_ID|12.345.678-5}",
    "الهوية الوطنية {NATIONAL_ID|1012345678}",
    "رقم الهوية: {NATIONAL_ID|784-1984-1234567-9}",
    "Emirates ID {NATIONAL_ID|784-1984-1234567-9}",
    "ID number {NATIONAL_ID|8001015009087} (SA)",
    "CCCD {NATIONAL_ID|001099012345}",
    "Dowód osobisty: {NATIONAL_ID|ABA300000}",
    "carta d'identità {NATIONAL_ID|CA00000AA}",
    "CNI n° {NATIONAL_ID|880692310285}",
    "PPSN: {NATIONAL_ID|6433435F}",
    "你好,我的身份证号是{NATIONAL_ID|11010519491231002"
    "X},手机号{PHONE|13812345678},住址:{ADDRESS|上海"
    "市浦东新区世纪大道100号},车牌{VEHICLE_ID|沪A12345}。",
    "안녕하세요, 주민번호 {NATIONAL_ID|971013-9019902}, 휴대폰 {PHONE|010-1234-5678}, 주소 "
    "{ADDRESS|서울특별시 강남구 테헤란로 152}, 계좌 {BANK_ACCOUNT|110-123-456789}입니다.",
)
HEALTH_PLANS = (
    "Medicare number {HEALTH_PLAN_ID|1EG4-TE5-MK73}",
    "MBI: {HEALTH_PLAN_ID|1EG4TE5MK73}",
    "Member ID: {HEALTH_PLAN_ID|XYZ123456789}  Group: 0012345",
    "KVNR {HEALTH_PLAN_ID|A123456780}",
    "Versichertennummer: {HEALTH_PLAN_ID|A123456780}",
    "Krankenkasse AOK, Vers.-Nr. {HEALTH_PLAN_ID|A123456780}",
    "EHIC card no {HEALTH_PLAN_ID|80276000012345678901}",
    "BCBS subscriber id {HEALTH_PLAN_ID|YPM812345678}",
    "insurance ID is {HEALTH_PLAN_ID|W1234 56789}",
    "policy no. {HEALTH_PLAN_ID|HP-99887766}",
    "Medicaid ID {HEALTH_PLAN_ID|AB12345C}",
    "Health card (OHIP): {HEALTH_PLAN_ID|1234-567-897-AB}",
)
RECORDS = (
    "MRN {MEDICAL_RECORD_NUMBER|00458812}",
    "MRN#{MEDICAL_RECORD_NUMBER|4588129}",
    "Hosp No: {MEDICAL_RECORD_NUMBER|R1234567}",
    "Patient ID: {MEDICAL_RECORD_NUMBER|PT-00458812}",
    "Fallnummer {MEDICAL_RECORD_NUMBER|2024001234}",
    "Patienten-Nr.: {MEDICAL_RECORD_NUMBER|0045881}",
    "NHC {MEDICAL_RECORD_NUMBER|1234567}",
    "IPP: {MEDICAL_RECORD_NUMBER|8001234567}",
    "chart # {MEDICAL_RECORD_NUMBER|123456}",
)
PRESCRIBERS = (
    "DEA# {MEDICAL_LICENSE|AB1234563}",
    "NPI {MEDICAL_LICENSE|1234567893}",
    "GMC {MEDICAL_LICENSE|1234567}",
    "LANR: {MEDICAL_LICENSE|123456601}",
    "RPPS {MEDICAL_LICENSE|10001234567}",
    "Medical license no. {MEDICAL_LICENSE|MD12345}",
    "CRM-SP {MEDICAL_LICENSE|123456}",
    "NMC PIN {MEDICAL_LICENSE|99I1234E}",
    "n° colegiado {MEDICAL_LICENSE|282812345}",
    "BIG-nummer {MEDICAL_LICENSE|19012345601}",
)
VEHICLES = (
    "VIN {VEHICLE_ID|1HGCM82633A004352}",
    "FIN: {VEHICLE_ID|WVWZZZ1JZXW000001}",
    "license plate {VEHICLE_ID|7ABC123}",
    "reg {VEHICLE_ID|AB12 CDE}",
    "my car's plate is {VEHICLE_ID|KL-AB 123}",
    "Kennzeichen: {VEHICLE_ID|M-XY 1234}",
    "Kfz-Kennzeichen {VEHICLE_ID|B AB 123E}",
    "immatriculée {VEHICLE_ID|AB-123-CD}",
    "matrícula {VEHICLE_ID|1234 BCD}",
    "targa {VEHICLE_ID|AB123CD}",
    "placa {VEHICLE_ID|ABC1D23}",
    "placa {VEHICLE_ID|ABC-1234}",
    "kenteken {VEHICLE_ID|12-ABC-3}",
    "nr rej. {VEHICLE_ID|WA 12345}",
    "regnr {VEHICLE_ID|ABC 123}",
    "plaka {VEHICLE_ID|34 ABC 123}",
    "vehicle no. {VEHICLE_ID|MH 12 AB 1234}",
    "ナンバー {VEHICLE_ID|品川 300 あ 12-34}",
    "车牌号 {VEHICLE_ID|京A12345}",
    "The suspect drove a blue Ford, registration {VEHICLE_ID|LB57 XYZ}, towards Leeds.",
)
WALLETS = (
    "btc {CRYPTO_ADDRESS|1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa}",
    "{CRYPTO_ADDRESS|bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq}",
    "taproot {CRYPTO_ADDRESS|bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr}",
    "ETH: {CRYPTO_ADDRESS|0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed}",
    "ltc {CRYPTO_ADDRESS|LhK2kQwiaAvhjWY799cZvMyYwnQAcxkarr}",
    "xmr "
    "{CRYPTO_ADDRESS|44AFFq5kSiGBoZ4NMDwYtN18"
    "obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A}",
    "SOL wallet {CRYPTO_ADDRESS|7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV}",
    "tron {CRYPTO_ADDRESS|TJRabPrwbZy45sbavfcjinPJC18kjpRTv8}",
    "doge {CRYPTO_ADDRESS|DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L}",
    "bch {CRYPTO_ADDRESS|bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a}",
)


def _sensitive(text: str) -> list[tuple[int, int, str]]:
    found = operative(default_engine().find(text))
    return [hit for hit in found if hit[2] not in AUXILIARY_PII and hit[2] != "PERSON"]


@pytest.mark.parametrize(
    "marked",
    [
        *ACCOUNTS,
        *IBANS,
        *CARDS,
        *SOCIAL_SECURITY,
        *TAXES,
        *PASSPORTS,
        *LICENCES,
        *NATIONAL,
        *HEALTH_PLANS,
        *RECORDS,
        *PRESCRIBERS,
        *VEHICLES,
        *WALLETS,
    ],
)
def test_what_people_write_is_found(marked: str) -> None:
    text, expected = unmark(marked)

    found = _sensitive(text)

    assert found == expected
