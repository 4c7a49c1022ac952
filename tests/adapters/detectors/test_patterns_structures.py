"""What is found in the forms in which data travels: tables, keys, mails, notes, HL7 and FHIR."""

import re

import pytest

from adapters.detectors.patterns.catalogue import catalogue, default_engine
from domain.detection.finding import Detection
from domain.detection.fusion import fuse
from domain.detection.taxonomy import AUXILIARY_PII
from tests.adapters.detectors.marked_text import operative, unmark
from tests.adapters.detectors.shipped import context_engine

CHAT = (
    "Sure! My SSN is {SSN|123-45-6789}, born {DATE_OF_BIRTH|12/10/1985}, and my username is "
    "{USERNAME|ada_l}. I live at {ADDRESS|12 Elm Street, Springfield, IL 62704}.",
    "my passport number is {PASSPORT|C01X00T47} and drivers licence {DRIVER_LICENSE|D7022678}, "
    "medical record number {MEDICAL_RECORD_NUMBER|00123456}, insurance member id "
    "{HEALTH_PLAN_ID|W242810553}, license plate {VEHICLE_ID|7ABC123}, imei "
    "{DEVICE_ID|490154203237518}, bank account {BANK_ACCOUNT|5991022280} routing "
    "{BANK_ACCOUNT|021000021}",
    "Meine IBAN lautet {IBAN|DE89 3704 0044 0532 0130 00}, ich bin am {DATE_OF_BIRTH|10.12.1985} "
    "geboren, wohnhaft {ADDRESS|Musterstraße 12, 12345 Musterstadt}, Tel. {PHONE|030 901820}",
    "Je suis né le {DATE_OF_BIRTH|10/12/1985}, numéro de sécurité sociale "
    "{NATIONAL_ID|2 55 08 14 168 025 38}, tél. {PHONE|01 99 00 12 34}",
    "Mi DNI es {NATIONAL_ID|12345678Z}, nací el {DATE_OF_BIRTH|10/12/1985}, vivo en "
    "{ADDRESS|Calle Mayor 12, 28013 Madrid}, mi teléfono es {PHONE|612 345 678}",
    "Sono nata il {DATE_OF_BIRTH|10/12/1985}, codice fiscale {NATIONAL_ID|RSSMRA85T10A562S}, "
    "cellulare {PHONE|333 1234567}",
    "дата рождения: {DATE_OF_BIRTH|10.12.1985}, СНИЛС {NATIONAL_ID|112-233-445 95}, ИНН "
    "{TAX_ID|500100732259}, телефон {PHONE|8 495 123-45-67}",
    "マイナンバー: {NATIONAL_ID|6214 9832 0257} 電話: {PHONE|03-1234-5678}",
)
FORMS = (
    "First name: {PERSON|Ada}\nDate of birth: {DATE_OF_BIRTH|10 December 1985}\n"
    "Phone: {PHONE|(212) 555-0123}\nPassport number: {PASSPORT|C01X00T47}\n"
    "Driver's license: {DRIVER_LICENSE|D7022678}\nMedical record no.: "
    "{MEDICAL_RECORD_NUMBER|00123456}\nHealth plan ID: {HEALTH_PLAN_ID|W242810553}\n"
    "License plate: {VEHICLE_ID|7ABC123}\nUsername: {USERNAME|ada_l}\n"
    "Password: {PASSWORD|Summer12!}\n",
    "Name: {PERSON|Ada Lovelace}\nGeburtsdatum: {DATE_OF_BIRTH|10.12.1985}\n"
    "Ausweisnummer: {NATIONAL_ID|T220001293}\nKontonummer: {BANK_ACCOUNT|5991022280}\n"
    "Anschrift: {ADDRESS|Musterstraße 12, 12345 Musterstadt}\n",
    "VIN# {VEHICLE_ID|1M8GDM9AXKP042788}   Plate: {VEHICLE_ID|7ABC123}\n"
    "IP: {IP_ADDRESS|203.0.113.7}  MAC: {MAC_ADDRESS|00:00:5e:00:53:af}\n"
    "GPS: {COORDINATES|48.858370, 2.294481}",
)
TABLES = (
    "name,dob,ssn,passport,mrn,plate\n"
    "{PERSON|Ada Lovelace},{DATE_OF_BIRTH|1985-12-10},{SSN|123-45-6789},{PASSPORT|C01X00T47},"
    "{MEDICAL_RECORD_NUMBER|00123456},{VEHICLE_ID|HH-DQ 5042}\n"
    "{PERSON|Alan Turing},{DATE_OF_BIRTH|1912-06-23},{SSN|123-45-6788},{PASSPORT|C01X00T48},"
    "{MEDICAL_RECORD_NUMBER|00123457},{VEHICLE_ID|HH-DQ 5043}\n",
    "id,pesel,cpf,aadhaar,dni,bsn\n1,{NATIONAL_ID|44051401359},{NATIONAL_ID|390.533.447-05},"
    "{NATIONAL_ID|2341 2341 2346},{NATIONAL_ID|12345678Z},{NATIONAL_ID|111222333}",
    '"Name","SSN","Card"\n"{PERSON|Ada Lovelace}","{SSN|123-45-6789}",'
    '"{CREDIT_CARD|4111 1111 1111 1111}"\n',
    "name\tbirth date\tphone\tnational id\n{PERSON|Ada Lovelace}\t{DATE_OF_BIRTH|12/10/1985}\t"
    "{PHONE|030 901820}\t{NATIONAL_ID|12345678Z}\n",
    "name;phone;ssn\n{PERSON|Ada};{PHONE|030 901820};{SSN|123-45-6789}",
    "| Name | DOB | SSN |\n|---|---|---|\n| {PERSON|Ada Lovelace} | {DATE_OF_BIRTH|1985-12-10} | "
    "{SSN|123-45-6789} |\n",
    "INSERT INTO p (name, ssn, phone) VALUES ('{PERSON|Ada Lovelace}', '{SSN|123-45-6789}', "
    "'{PHONE|030 901820}'), ('{PERSON|Alan Turing}', '{SSN|123-45-6788}', '{PHONE|030 901821}');",
    "7,{SSN|123-45-6789},00123456",
    "{CREDIT_CARD|4111111111111111},12/25,123",
)
KEYS = (
    '{"user":{"fullName":"{PERSON|Ada Lovelace}","dateOfBirth":"{DATE_OF_BIRTH|1985-12-10}",'
    '"phoneNumber":"{PHONE|030 901820}","passportNumber":"{PASSPORT|C01X00T47}",'
    '"mrn":"{MEDICAL_RECORD_NUMBER|00123456}","licensePlate":"{VEHICLE_ID|HH-DQ 5042}"}}',
    '{"pesel":"{NATIONAL_ID|44051401359}","nationalInsuranceNumber":"{NATIONAL_ID|AB123456C}",'
    '"codiceFiscale":"{NATIONAL_ID|RSSMRA85T10A562S}","bsn":"{NATIONAL_ID|111222333}"}',
    "customer:\n  full_name: {PERSON|Ada Lovelace}\n  birth_date: {DATE_OF_BIRTH|1985-12-10}\n"
    "  national_insurance: {NATIONAL_ID|AB123456C}\n  passport_no: {PASSPORT|C01X00T47}\n"
    "  driver_license: {DRIVER_LICENSE|D7022678}\n  member_id: {HEALTH_PLAN_ID|W242810553}\n"
    "  vin: {VEHICLE_ID|1M8GDM9AXKP042788}\n  imei: {DEVICE_ID|490154203237518}\n",
    "<patient><name>{PERSON|Ada Lovelace}</name><dob>{DATE_OF_BIRTH|1985-12-10}</dob>"
    "<ssn>{SSN|123-45-6789}</ssn><mrn>{MEDICAL_RECORD_NUMBER|00123456}</mrn></patient>",
    "https://api.example.org/u?id=7&ssn={SSN|123-45-6789}&page=2",
)
LOGS = (
    "2024-05-01T10:11:12Z INFO login user={USERNAME|ada_l} ip={IP_ADDRESS|203.0.113.7} "
    "email={EMAIL|ada@example.org} session=9f\n"
    "2024-05-01T10:11:13Z WARN card={CREDIT_CARD|4111111111111111} phone={PHONE|+442079460958}",
    "kyc ok nric={NATIONAL_ID|S0000001I} pan={TAX_ID|AAPFU0939F} "
    "curp={NATIONAL_ID|BOXW310820HNERXN09} rut={NATIONAL_ID|12.531.909-2}",
    "export SSN={SSN|123-45-6789} CARD={CREDIT_CARD|4111111111111111}",
)
MAILS = (
    'From: "{PERSON|Lovelace, Ada}" <{EMAIL|ada@example.org}>\n'
    "Cc: {PERSON|Alan Turing} <{EMAIL|alan@example.com}>; {EMAIL|grace@example.net}\n"
    "Message-ID: <20240501101112.12345@mail.example.org>\n"
    "References: <1@mail.example.org>\n <2@mail.example.org>\n"
    "Received: from mx.example.org ({IP_ADDRESS|203.0.113.7}) by mail.example.com\n\n"
    "My new number is {PHONE|+44 20 7946 0958}.\nBest regards,\n{PERSON|Ada Lovelace}\n",
)
NOTES = (
    "DISCHARGE SUMMARY\nPatient: {PERSON|Ada Lovelace}   DOB: {DATE_OF_BIRTH|12/10/1985}   "
    "MRN: {MEDICAL_RECORD_NUMBER|00123456}\nDr. {PERSON|Grace Hopper}, NPI "
    "{MEDICAL_LICENSE|1234567893}\nMs. {PERSON|Lovelace} has type 2 diabetes, BP 120/80, SpO2 98%.",
    "Pt is a 45 yo M, MRN {MEDICAL_RECORD_NUMBER|00123456}, pacemaker serial number "
    "{DEVICE_ID|PCM-4471-88X}. Member ID {HEALTH_PLAN_ID|W242810553}.",
)
INVOICES = (
    "INVOICE 2024-0012\nBill to: {PERSON|Ada Lovelace}, "
    "{ADDRESS|12 Elm Street, Springfield, IL 62704}\nVAT ID: {TAX_ID|DE136695976}\n"
    "IBAN: {IBAN|DE89 3704 0044 0532 0130 00}\nAccount number: {BANK_ACCOUNT|5991022280}  "
    "Sort code: {BANK_ACCOUNT|20-00-00}\nTotal 1,234.50 EUR, due 2024-06-01, PO 4500123456",
)
HEALTH_MESSAGES = (
    "MSH|^~\\&|ADT1|MCM|LABADT|MCM|198808181126||ADT^A01|MSG00001|P|2.3\n"
    "PID|1||{MEDICAL_RECORD_NUMBER|PATID1234}^5^M11||{PERSON|EVERYWOMAN^EVE^E}||"
    "{DATE_OF_BIRTH|19610615}|F||C|{ADDRESS|12 ELM STREET^^SPRINGFIELD^IL^62704}|GL|"
    "{PHONE|(212)555-0123}||||||{SSN|123456789}\n"
    "OBX|1|NM|2345-7^GLUCOSE^LN||182|mg/dL|70_105|H|||F\n",
    '{"resourceType":"Patient","identifier":[{"use":"usual","type":{"coding":[{"system":'
    '"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:oid:1.2.36",'
    '"value":"{MEDICAL_RECORD_NUMBER|00123456}"},{"type":{"coding":[{"code":"PPN"}]},'
    '"value":"{PASSPORT|C01X00T47}"}],"name":[{"family":"{PERSON|Lovelace}","given":'
    '["{PERSON|Ada}"]}],"telecom":[{"system":"phone","value":"{PHONE|(212) 555-0123}"}],'
    '"birthDate":"{DATE_OF_BIRTH|1985-12-10}"}',
    '{"type": {\n  "coding": [ { "code": "DL", "display": "Driver\'s license" } ],\n'
    '  "text": "DL"\n},\n"value": "{DRIVER_LICENSE|D7022678}"}',
)


@pytest.mark.parametrize(
    "marked",
    [
        *CHAT, *FORMS, *TABLES, *KEYS, *LOGS, *MAILS, *NOTES, *INVOICES, *HEALTH_MESSAGES,
    ],
)  # fmt: skip
def test_exactly_the_marked_spans_are_found_in_the_structure(marked: str) -> None:
    text, expected = unmark(marked)

    whole = fuse(
        Detection(findings=tuple(engine.find(text)))
        for engine in (default_engine(), context_engine())
    )

    found = [hit for hit in operative(whole.findings) if hit[2] not in AUXILIARY_PII]
    assert found == expected


def test_numbers_of_at_least_twenty_states_are_checked_by_their_own_rules() -> None:
    states = {
        rule.id[:2]
        for rule in catalogue()
        if re.match(r"[a-z]{2}-", rule.id) and rule.validator is not None
    } - {"eu"}

    assert len(states) >= 20
