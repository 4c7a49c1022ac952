import pytest

from adapters.detectors.patterns.catalogue import default_engine
from domain.detection.taxonomy import AUXILIARY_PII
from tests.adapters.detectors.marked_text import operative, unmark

CONTACT = (
    "my mail is {EMAIL|ada@example.org}.",
    "write to {EMAIL|jürgen.groß+news@mail.example.com}, please",
    "<{EMAIL|o'brien@example.co.uk}>",
    "mailto:{EMAIL|ada@example.org}?subject=x",
    "email={EMAIL|ada_l@example.com}&next=1",
    "Call me on {PHONE|+44 20 7946 0958} or {PHONE|+44(0)1134960398}.",
    "phone {PHONE|(212) 555-0123} or {PHONE|212.555.0188 x42}",
    "T: {PHONE|629.252.1065x8968}",
    '{"phone": "{PHONE|0728 619 159}"}',
    "<tel>{PHONE|6054 4388}</tel>",
    "mijn telefoonnummer is {PHONE|+31 20 794 0800}",
    "Meu telefone é {PHONE|(11) 91234-5678}",
    "Tel.: {PHONE|030 901820}",
    "callback {PHONE|05414 980860}",
)
FINANCE = (
    "my card is {CREDIT_CARD|4111 1111 1111 1111} and my mail is {EMAIL|ada@example.org}",
    "amex {CREDIT_CARD|3782-822463-10005}",
    "card={CREDIT_CARD|5555555555554444}",
    "{CREDIT_CARD|6011111111111117}",
    "IBAN {IBAN|GB82 WEST 1234 5698 7654 32}, thanks",
    "{IBAN|DE89370400440532013000} BIC COBADEFFXXX",
    "my iban: {IBAN|fr14 2004 1010 0505 0001 3m02 606}",
    "account number {BANK_ACCOUNT|5991022280}, name",
    "Bank acct {BANK_ACCOUNT|000196586125}.",
    "sort code {BANK_ACCOUNT|20-00-00}",
    "routing number {BANK_ACCOUNT|021000021}",
    "BTC {CRYPTO_ADDRESS|1BoatSLRHtKNngkdXEeobR76b53LETtpyT}",
    "to {CRYPTO_ADDRESS|bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4} now",
    "wallet {CRYPTO_ADDRESS|0x52908400098527886E0F7030069857D2E4169EE7}",
)
NETWORK = (
    "from {IP_ADDRESS|203.0.113.7} at 22:10",
    "src={IP_ADDRESS|198.51.100.23} dst={IP_ADDRESS|203.0.113.9}",
    "ping {IP_ADDRESS|2001:db8:85a3::8a2e:370:7334}",
    "[{IP_ADDRESS|192.0.2.1}]:8080",
    "device={MAC_ADDRESS|00:00:5e:00:53:af}",
    "MAC is {MAC_ADDRESS|00-00-5E-00-53-AF}",
)
NATIONAL = (
    "My SSN is {SSN|123-45-6789}.",
    "ssn: {SSN|123456789}",
    "| Name | SSN |\n|---|---|\n| x | {SSN|123 45 6789} |",
    "ITIN {TAX_ID|912-70-1234}",
    "company EIN is {TAX_ID|12-3456789}",
    "NHS No: {NATIONAL_ID|943-476-5919}",
    "national insurance number {NATIONAL_ID|AB 12 34 56 C}",
    "Steuernummer: {TAX_ID|151/815/08156}, Finanzamt",
    "Steuer-ID lautet {TAX_ID|36574261809}",
    "Mon numéro de sécurité sociale est {NATIONAL_ID|2 55 08 14 168 025 38}",
    "Mi DNI es {NATIONAL_ID|12345678Z}",
    "NIE {NATIONAL_ID|X1234567L}",
    "codice fiscale {NATIONAL_ID|RSSMRA85T10A562S}",
    "BSN {NATIONAL_ID|111222333}",
    "AHV {NATIONAL_ID|756.9217.0769.85}",
    "personnummer {NATIONAL_ID|880320-0016}",
    "hetu {NATIONAL_ID|131052-308T}",
    "Mój PESEL to {NATIONAL_ID|44051401359}",
    "rodné číslo {NATIONAL_ID|710319/2745}",
    "CPF é {NATIONAL_ID|390.533.447-05}",
    "CNPJ {TAX_ID|16.727.230/0001-97}",
    "CURP {NATIONAL_ID|BOXW310820HNERXN09}",
    "RUT {NATIONAL_ID|12.531.909-2}",
    "SIN {NATIONAL_ID|123 456 782}",
    "TFN {TAX_ID|123 456 782}",
    "Aadhaar is {NATIONAL_ID|2341 2341 2346}",
    "PAN {TAX_ID|AAPFU0939F}",
    "NRIC {NATIONAL_ID|S0000001I}",
    "我的身份证号码是{NATIONAL_ID|11010519491231002X}。",
    "주민등록번호 {NATIONAL_ID|971013-9019902}",
    "マイナンバー {NATIONAL_ID|6214 9832 0257}",
    "INSERT INTO c (name, national_id) VALUES ('x', '{NATIONAL_ID|390.533.447-05}');",
)
HEALTH = (
    "MRN: {MEDICAL_RECORD_NUMBER|0745987}",
    "(MRN {MEDICAL_RECORD_NUMBER|PT-037135})",
    "Medical Record Number: {MEDICAL_RECORD_NUMBER|05-41-505}",
    "MRN# {MEDICAL_RECORD_NUMBER|MRN712611}",
    '{"patient_id": "{MEDICAL_RECORD_NUMBER|00123456}"}',
    "Member ID {HEALTH_PLAN_ID|W242810553},",
    "Insurance ID: {HEALTH_PLAN_ID|HPID-23934125}",
    "subscriber {HEALTH_PLAN_ID|XYZ123456789}",
    "Medicare {HEALTH_PLAN_ID|1EG4-TE5-MK73}",
    "Prescriber NPI {MEDICAL_LICENSE|1234567893}, DEA {MEDICAL_LICENSE|AB1234563}.",
)
STRUCTURED = (
    "MSH|^~\\&|ADT1|MCM|LABADT|MCM|198808181126||ADT^A01|MSG00001|P|2.3\n"
    "PID|1||{MEDICAL_RECORD_NUMBER|PATID1234}^5^M11||{PERSON|EVERYWOMAN^EVE^E}||"
    "{DATE_OF_BIRTH|19610615}|F||C|{ADDRESS|12 ELM STREET^^SPRINGFIELD^IL^62704}|GL|"
    "{PHONE|(212)555-0123}",
    '{"identifier":[{"type":{"text":"MRN"},"value":"{MEDICAL_RECORD_NUMBER|00123456}"}]}',
    '{"telecom":[{"system":"phone","value":"{PHONE|030 901820}"}]}',
    "patient:\n  dob: {DATE_OF_BIRTH|1974-12-25}\n  ssn: {SSN|123-45-6789}\n"
    "  phone: {PHONE|555-0188}",
    "Rechnung, {ADDRESS|Musterstraße 12, 12345 Musterstadt}, Tel. {PHONE|030/901820}",
    "name,phone,iban\nx,{PHONE|0728 619 159},{IBAN|DE89370400440532013000}",
    "id\tmrn\n7\t{MEDICAL_RECORD_NUMBER|0745987}",
)
IDENTITY = (
    "passport no. {PASSPORT|C01X00T47}, DOB",
    "Passport number {PASSPORT|182752631} issued",
    "Reisepass: {PASSPORT|C01X00T47}",
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "{PASSPORT|L898902C36UTO7408122F1204159ZE184226B<<<<<10}",
    "Driver's licence {DRIVER_LICENSE|D7022678} for",
    "DL {DRIVER_LICENSE|R6226-96384-89064};",
    "Führerschein {DRIVER_LICENSE|B072RRE2I55}",
    "{DRIVER_LICENSE|MORGA657054SM9IJ}",
    "VIN {VEHICLE_ID|1M8GDM9AXKP042788}, plate {VEHICLE_ID|HH-DQ 5042}",
    "Kennzeichen {VEHICLE_ID|B-AB 1234}",
    "number plate {VEHICLE_ID|AB12 CDE}",
    "IMEI {DEVICE_ID|490154203237518};",
    "serial number: {DEVICE_ID|C02XL0GTJGH5}",
    "at {COORDINATES|48.858370, 2.294481} now",
    "{COORDINATES|40.6892° N, 74.0445° W}",
    '{"lat": {COORDINATES|51.5074, "lng": -0.1278}}',
)
CREDENTIALS = (
    "username: {USERNAME|ada_l}\npassword: {PASSWORD|Summer12!}",
    "auth user={USERNAME|ada.lovelace} result=ok",
    "using the username {USERNAME|donald886} at",
    "update the account {USERNAME|cory268}.",
    "my old password was {PASSWORD|Summer1831$} and the new one is {PASSWORD|correct-horse-7},",
    '{"login": "{USERNAME|ford.amber}"}',
    "my password is {PASSWORD|hunter2!}",
)
DATES = (
    "DOB: {DATE_OF_BIRTH|4/18/60}",
    "born on {DATE_OF_BIRTH|08/18/2006}.",
    "geboren am {DATE_OF_BIRTH|04.07.1976}",
    "nasci em {DATE_OF_BIRTH|Feb 9 1972}.",
    "née le {DATE_OF_BIRTH|3 mars 1961}",
    '"birthDate": "{DATE_OF_BIRTH|1974-12-25}"',
    "id,dob\n7,{DATE_OF_BIRTH|1974-12-25}",
)
ADDRESSES = (
    "{ADDRESS|1600 Pennsylvania Avenue, Washington, DC 20500}",
    "to {ADDRESS|516 Delgado Overpass, East Sheri, OK 68110}.",
    "Ship to:\n{ADDRESS|4501 Caldwell Forge Apt. 050\nJohnside, DE 23592}",
    "{ADDRESS|PSC 6929, Box 6586\nAPO AP 07244}",
    "{ADDRESS|141 Gregory Unions, Toronto, ON M5V 2T6}",
    "{ADDRESS|Flat 19A, Jackson Dale, South Susan, S6S 6WZ}",
    "{ADDRESS|221b Baker Street, London, NW1 6XE}",
    "wohnhaft in {ADDRESS|Unter den Linden 77, 10117 Berlin}.",
    "{ADDRESS|Margrafstraße 1, 22501 Mühldorf am Inn}",
    "{ADDRESS|205, rue Jules Bourgeois, 60236 Merle}",
    "abito in {ADDRESS|Viale Amleto, 8, 95035, Maletto (CT)}, Ceresara",
    "{ADDRESS|Cuesta de Francisca Escalona 54, Palencia, 16775}",
    "{ADDRESS|ul. Słowicza 599, 20-335 Piastów}",
    "{ADDRESS|Roblínská 926\n669 82 Kožlany}",
    "bor på {ADDRESS|Ekgatan 0, 42110 Eskilstuna}",
    "{ADDRESS|Ivanpad 0, 1731 NI, Roosteren}",
    "{ADDRESS|Alameda Henry Novais, 680, São Paulo, 84059995 Duarte / AL}",
    "{ADDRESS|H.No. 945, Chacko Road, Kharagpur 297654}",
    "{ADDRESS|Suite 424 804 Pittman Quadrangle, Dunnton, QLD, 2896}",
)


@pytest.mark.parametrize(
    "marked",
    [
        *CONTACT, *FINANCE, *NETWORK, *NATIONAL, *HEALTH, *STRUCTURED, *IDENTITY, *CREDENTIALS,
        *DATES, *ADDRESSES,
    ],
)  # fmt: skip
def test_exactly_the_marked_spans_are_reported(marked: str) -> None:
    text, expected = unmark(marked)

    found = operative(default_engine().find(text))

    sensitive = [hit for hit in found if hit[2] not in AUXILIARY_PII]
    assert sensitive == expected


@pytest.mark.parametrize(
    "marked",
    [
        "moved to {DATE|2024-05-01}.",
        "since {DATE|May 19, 2009}",
        "on {DATE|7 April 2014} at 01:40",
        "a {AGE|49}-year-old with {HEALTH_TERM|asthma}",
        "patient, {AGE|31} yo",
        "see {URL|https://example.org/a?b=c}.",
    ],
)
def test_auxiliary_types_are_tagged(marked: str) -> None:
    text, expected = unmark(marked)

    found = operative(default_engine().find(text))

    assert found == expected
