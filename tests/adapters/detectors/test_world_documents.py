"""Whole letters, records and tables, and what stands in logs, as many countries write them."""

import pytest

from adapters.detectors.patterns.catalogue import default_engine
from tests.adapters.detectors.marked_text import sensitive, unmark

HOSTS = (
    "ip {IP_ADDRESS|81.2.69.142}",
    "from {IP_ADDRESS|2001:db8::8a2e:370:7334}",
    "[{IP_ADDRESS|2001:db8::1}]:443",
    "client {IP_ADDRESS|198.51.100.23}:52344",
    "peer {IP_ADDRESS|fe80::1ff:fe23:4567:890a}%eth0",
    "ssh ubuntu@{IP_ADDRESS|10.1.2.3}",
)
INTERFACES = (
    "MAC {MAC_ADDRESS|00:1A:2B:3C:4D:5E}",
    "hwaddr {MAC_ADDRESS|00-1a-2b-3c-4d-5e}",
    "mac {MAC_ADDRESS|001a.2b3c.4d5e}",
    "MAC address: {MAC_ADDRESS|001A2B3C4D5E}",
    "MAC={MAC_ADDRESS|aabb.cc00.1122}",
    "ether {MAC_ADDRESS|00:1a:2b:3c:4d:5e} txqueuelen 1000",
)
PLACES = (
    "lat: {COORDINATES|48.858370, lon: 2.294481}",
    "at {COORDINATES|48.858370, 2.294481}",
    "GPS {COORDINATES|51°30'26\"N 0°7'39\"W}",
    "geo:{COORDINATES|48.2010,16.3695}",
    "https://maps.google.com/?q={COORDINATES|37.422131,-122.084801}",
    "@{COORDINATES|37.4221,-122.0848},17z",
    "{COORDINATES|40° 26.767' N, 79° 58.933' W}",
)
DEVICES = (
    "IMEI {DEVICE_ID|490154203237518}",
    "imei: {DEVICE_ID|49-015420-323751-8}",
    "S/N: {DEVICE_ID|C02XL0GTJGH5}",
    "Serial No. {DEVICE_ID|5CG1234XYZ}",
    "device id {DEVICE_ID|a1b2c3d4e5f60718}",
    "UDID {DEVICE_ID|00008030-001A2D3E4F50002E}",
    "IDFA: {DEVICE_ID|6D92078A-8246-4BA4-AE5B-76104861E7DC}",
    "ICCID {DEVICE_ID|8944110068101234567}",
    "IMSI {DEVICE_ID|310150123456789}",
    "Seriennummer {DEVICE_ID|4CE0460D0G}",
    "serial number of the pacemaker: {DEVICE_ID|PJN123456S}",
    "IMEI1: {DEVICE_ID|490154203237518}",
    "IMEI/MEID {DEVICE_ID|490154203237518}",
    "Serial#: {DEVICE_ID|DMPXK1ABCDEF}",
    "SN: {DEVICE_ID|PF2ABC12}",
    "Android ID: {DEVICE_ID|9774d56d682e549c}",
    "GAID {DEVICE_ID|cdda802e-fb9c-47ad-9866-0794d394c912}",
)
DOCUMENTS = (
    "Name: Fatima Noor\nBirthday: {DATE_OF_BIRTH|March 12th, 1985}\nDepartment: Finance",
    "Geburtsdatum: {DATE_OF_BIRTH|04.07.1976}\nStaatsangehörigkeit: deutsch",
    "id;name;dob;city\n1;Ann Lee;{DATE_OF_BIRTH|04/07/1976};Leeds\n2;Bob "
    "Ray;{DATE_OF_BIRTH|11/12/1980};York",
    "BEGIN:VCARD\nVERSION:3.0\nN:Lee;Ann;;;\nBDAY:{DATE_OF_BIRTH|1976-07-04}\n"
    "TEL;TYPE=CELL:{PHONE|+1-415-555-0132}\nEMAIL:{EMAIL|ann@example.org}\nEND:VCARD",
    "| Name | Date of birth | Plan |\n|---|---|---|\n| Ann Lee | {DATE_OF_BIRTH|1976-07-04} "
    "| Gold |",
    "phone,name\n{PHONE|2125550123},Ann\n{PHONE|2125550199},Bob",
    "Kontonummer: {BANK_ACCOUNT|532013000}\nBankleitzahl: {BANK_ACCOUNT|370 400 44}",
    "passport_no,name\n{PASSPORT|X1234567},Lee",
    "cardano "
    "{CRYPTO_ADDRESS|addr1qx2fxv2umyhttkxyxp8"
    "x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x}",
    "user_name,mail\n{USERNAME|jsmith},{EMAIL|j@example.org}",
    "{ADDRESS|Am Markt 5\n28195 Bremen}",
    "Hi team, pls update my details: moved to {ADDRESS|48 Rosemary Lane, Leeds LS6 2AB}, new "
    "mob {PHONE|07700 900982}, personal email still {EMAIL|k.osei@example.com}. Bank for "
    "payroll: Monzo, sort {BANK_ACCOUNT|04-00-04} acc {BANK_ACCOUNT|12345678}. NI is "
    "{NATIONAL_ID|AB123456C}. Thx, Kwame",
    "CURRICULUM VITAE\nLukas Brandt\ngeb. {DATE_OF_BIRTH|17.09.1991} in Kassel, ledig\n"
    "{ADDRESS|Hauptstraße 45a, 34117 Kassel}\nTel. {PHONE|0561 / 70 12 34} · Mobil "
    "{PHONE|0176-12345678} · {EMAIL|lukas.brandt@example.de}",
    "DISCHARGE SUMMARY\nPt: DOE, JANE   MRN: {MEDICAL_RECORD_NUMBER|00482913}   DOB: "
    "{DATE_OF_BIRTH|03/14/1957}  Sex: F\nAdm: 02/01/2024  D/C: 02/06/2024\nAttending: R. "
    "Shah MD, NPI {MEDICAL_LICENSE|1234567893}, DEA {MEDICAL_LICENSE|AB1234563}\nInsurance: "
    "BCBS, Subscriber ID {HEALTH_PLAN_ID|XYZ812345678}, Grp 004512\nEmergency contact: "
    "husband {PHONE|(312) 555-0147}. HbA1c 7.2%, BP 132/78, K 4.1.",
    "Sehr geehrte Frau Wagner,\nwir bestätigen die Kündigung Ihres Kontos {BANK_ACCOUNT|4711 "
    "0815 99} bei der Filiale Mitte. IBAN: {IBAN|DE02 1203 0000 0000 2020 51}. Rückfragen: "
    "{PHONE|030 2345-6789}.",
    "Ship To:\nMaria Gonzalez\n{ADDRESS|2201 S OCEAN DR APT 1204\nHOLLYWOOD FL 33019}\n"
    "Phone: {PHONE|954-555-0172}\nOrder 112-7654321-1234567  SKU B07XJ8C8F5  Qty 2  Weight "
    "3.4 lb",
    "KYC: Full name as per passport: TANAKA HARUTO; Passport: {PASSPORT|TR1234567} exp "
    "2031-04-01; DOB {DATE_OF_BIRTH|1988-11-02}; Residence: {ADDRESS|〒150-0002 "
    "東京都渋谷区渋谷2-21-1}; Tel {PHONE|+81 3-1234-5678}",
    "Incident 24-018823: reporting party stated that a silver Honda, TX plate "
    "{VEHICLE_ID|KLM-4821}, VIN {VEHICLE_ID|1HGCM82633A004352}, struck his fence at "
    "{ADDRESS|1417 Alder Court, Plano, TX 75023} around 22:40 hrs. Driver ID'd as M. Ruiz, "
    "OLN {DRIVER_LICENSE|12345678}.",
    "Claim no. 88-10293-A. Policyholder DOB {DATE_OF_BIRTH|1 Feb 1970}. Vehicle reg "
    "{VEHICLE_ID|KT19 OWX}. Please pay repairer: a/c {BANK_ACCOUNT|73849201}, sort code "
    "{BANK_ACCOUNT|40-12-34}.",
    'patient,dob,mrn,phone\n"Doe, '
    'Jane",{DATE_OF_BIRTH|1957-03-14},{MEDICA'
    'L_RECORD_NUMBER|00482913},{PHONE|312-555-0147}\n"Roe, '
    'Rick",{DATE_OF_BIRTH|1960-12-01},{MEDICAL_RECORD_NUMBER|00482914},{PHONE|312-555-0199}',
    "name\temail\tip\tlast_seen\n"
    "Ann\t{EMAIL|ann@example.org}\t{IP_ADDRESS|203.0.113.77}\t2024-01-02\n"
    "Bob\t{EMAIL|bob@example.org}\t{IP_ADDRESS|198.51.100.4}\t2024-01-03",
    '{"resourceType":"Patient","identifier":['
    '{"type":{"coding":[{"code":"MR"}]},"valu'
    'e":"{MEDICAL_RECORD_NUMBER|E482913}"},{"'
    'system":"http://hl7.org/fhir/sid/us-ssn"'
    ',"value":"{SSN|123-45-6789}"}],"telecom"'
    ':[{"system":"phone","value":"{PHONE|(312) '
    '555-0147}"},{"system":"email","value":"{'
    'EMAIL|jane@example.org}"}],"birthDate":"'
    '{DATE_OF_BIRTH|1957-03-14}","address":[{"line":["{ADDRESS|1417 Alder '
    'Court}"],"city":"Plano","postalCode":"75023"}]}',
    'customer:\n  name: Ann Lee\n  email: {EMAIL|ann@example.org}\n  mobile: "{PHONE|+1 415 '
    '555 0132}"\n  card:\n    number: {CREDIT_CARD|4242 4242 4242 4242}\n    exp: 12/27\n  '
    "created: 2024-01-02",
    "2024-03-15 10:11:12 INFO login ok user={USERNAME|annlee} ip={IP_ADDRESS|203.0.113.77} "
    'ua="Mozilla/5.0 (X11; Linux x86_64)" sid=9f8b7c6d',
    "INSERT INTO customers (id, name, phone, iban, dob) VALUES (1, 'Ann', '{PHONE|0171 "
    "2345678}', '{IBAN|DE02120300000000202051}', '{DATE_OF_BIRTH|1976-07-04}'), (2, 'Bob', "
    "'{PHONE|0172 9876543}', '{IBAN|DE89370400440532013000}', '{DATE_OF_BIRTH|1980-01-02}');",
    "<patient><ssn>{SSN|123-45-6789}</ssn><dob>{DATE_OF_BIRTH|1957-03-14}</dob><phone "
    'type="home">{PHONE|312-555-0147}</phone></patient>',
    "BEGIN:VEVENT\nSUMMARY:Call with Ann\nORGANIZER;CN=Bob:mailto:{EMAIL|bob@example.org}\n"
    "GEO:{COORDINATES|37.386013;-122.082932}\nDTSTART:20240315T101112Z\nEND:VEVENT",
    "Bonjour, je m'appelle Chloé. Mon numéro de sécu est le {NATIONAL_ID|2 55 08 14 168 025 "
    "38}, je suis née le {DATE_OF_BIRTH|14/08/1955} et j'habite au {ADDRESS|12 rue de la "
    "Paix, 75002 Paris}. Vous pouvez me joindre au {PHONE|06 12 34 56 78}.",
    "Hola, soy Pablo, dni {NATIONAL_ID|12345678Z}, vivo en {ADDRESS|Calle de Alcalá 45, "
    "28014 Madrid}, mi móvil es el {PHONE|612 345 678} y la cuenta {IBAN|ES91 2100 0418 4502 "
    "0005 1332}",
    "Salve, codice fiscale {NATIONAL_ID|RSSMRA85T10A562S}, tessera sanitaria, residente in "
    "{ADDRESS|Via Garibaldi 12, 20121 Milano}, cell {PHONE|333 123 4567}, targa "
    "{VEHICLE_ID|AB123CD}.",
    "Olá, meu CPF é {NATIONAL_ID|529.982.247-25}, RG {NATIONAL_ID|12.345.678-9}, CEP "
    "01310-100, celular {PHONE|(11) 98765-4321}, placa {VEHICLE_ID|ABC1D23}",
    "Hoi, mijn bsn is {NATIONAL_ID|111222333}, ik woon op {ADDRESS|Damrak 70, 1012 LM "
    "Amsterdam}, tel {PHONE|06-12345678}, rekening {IBAN|NL91ABNA0417164300}",
    "Dzień dobry, PESEL {NATIONAL_ID|44051401359}, dowód {NATIONAL_ID|ABA300000}, adres: "
    "{ADDRESS|ul. Marszałkowska 10/5, 00-590 Warszawa}, tel. {PHONE|601 234 567}",
    "Hej! Mitt personnummer är {NATIONAL_ID|19880320-0016}, adress {ADDRESS|Drottninggatan "
    "5, 111 51 Stockholm}, mobil {PHONE|070-123 45 67}.",
    "Merhaba, TC kimlik numaram {NATIONAL_ID|17291716060}, telefonum {PHONE|0532 123 45 67}, "
    "IBAN {IBAN|TR330006100519786457841326}, plakam {VEHICLE_ID|34 ABC 123}",
    "bhai mera aadhaar {NATIONAL_ID|2341 2341 2346} hai, PAN {TAX_ID|ABCPE1234F}, number "
    "{PHONE|9876543210} pe call karo, a/c {BANK_ACCOUNT|30123456789} IFSC "
    "{BANK_ACCOUNT|SBIN0001234}",
    "wife's phone imei {DEVICE_ID|490154203237518}, serial {DEVICE_ID|F2LXD0ABCD12}, wifi "
    "mac {MAC_ADDRESS|a4:83:e7:12:34:56}, last seen {COORDINATES|51.5007, -0.1246}",
    "MSH|^~\\&|LAB|HOSP|EHR|HOSP|20240315101112||ORU^R01|MSG00001|P|2.5\n"
    "PID|1||{MEDICAL_RECORD_NUMBER|482913}^^^"
    "HOSP^MR||DOE^JANE||{DATE_OF_BIRTH|19570314}|F|||{ADDRESS|1417 ALDER "
    "CT^^PLANO^TX^75023}||{PHONE|(312)555-0147}",
    "From: Ann Lee <{EMAIL|ann@example.org}>\nTo: {EMAIL|bob@example.org}\nSubject: Re: "
    "invoice 2024-00123\nMessage-ID: <CAF1234567@mail.example.org>\n\nCall me at "
    "{PHONE|(415) 555-0132}.",
    "Date of Birth\n{DATE_OF_BIRTH|12/04/1966}",
    "Geburtsdatum\n{DATE_OF_BIRTH|12.04.1966}",
    "phone\n{PHONE|415-555-0132}",
    "{ADDRESS|9 Oak Ave Apt 2B\nBoston, MA 02115}",
    "hey its jen from accts. pls chng my direct deposit: routing {BANK_ACCOUNT|021000021} "
    "acct {BANK_ACCOUNT|483920174} (checking). my emp id is 48213. last 4 of ssn 6789. cell "
    "{PHONE|917 555 0143}",
    "Hallo Herr Özdemir, anbei meine neuen Daten: wohnhaft jetzt {ADDRESS|Lindenallee 17b, "
    "50968 Köln}, mobil {PHONE|0152 33445566}, Steuer-ID {TAX_ID|36 574 261 809}, "
    "Krankenkasse TK, Versichertennummer {HEALTH_PLAN_ID|A123456780}. VG Svenja",
    "Bonjour Madame, je vous transmets mon RIB : IBAN {IBAN|FR14 2004 1010 0505 0001 3M02 "
    "606}, BIC PSSTFRPPPAR. Je suis née le {DATE_OF_BIRTH|02/11/1987} à Nantes. Tél portable "
    ": {PHONE|07 55 12 34 56}.",
    "Estimados, mi nuevo domicilio es {ADDRESS|Avenida de América 37, 28002 Madrid}. Nº "
    "seguridad social 28/12345678/40, DNI {NATIONAL_ID|12345678Z}, tfno {PHONE|655 12 34 56}.",
    "Gentile dott.ssa, confermo: nata a Bari il {DATE_OF_BIRTH|12.03.1990}, CF "
    "{NATIONAL_ID|RSSMRA85T10A562S}, IBAN {IBAN|IT60 X054 2811 1010 0000 0123 456}, recapito "
    "{PHONE|347 1234567}.",
    "Prezados, segue: CPF {NATIONAL_ID|390.533.447-05}, nasc. {DATE_OF_BIRTH|05/08/1991}, "
    "endereço {ADDRESS|Rua Augusta, 1500, 01305-100 São Paulo}, cel {PHONE|(11) 91234-5678}, "
    "pix {EMAIL|ana@example.org}",
    "Beste HR, mijn nieuwe adres: {ADDRESS|Prinsengracht 263, 1016 GV Amsterdam}, "
    "geboortedatum {DATE_OF_BIRTH|12-05-1986}, BSN {NATIONAL_ID|111222333}, IBAN "
    "{IBAN|NL91ABNA0417164300}, 06-nummer {PHONE|06 12345678}.",
    "Witam, przesyłam dane: ur. {DATE_OF_BIRTH|14.05.1944} w Łodzi, PESEL "
    "{NATIONAL_ID|44051401359}, zam. {ADDRESS|ul. Piotrkowska 104, 90-926 Łódź}, tel. kom. "
    "{PHONE|+48 601 234 567}",
    "Hej, här är mina uppgifter: {NATIONAL_ID|880320-0016}, {ADDRESS|Storgatan 12, 411 38 "
    "Göteborg}, clearing 8327-9 konto {BANK_ACCOUNT|9934567890}, mobil {PHONE|0701234567}",
    "namaste sir mera dob {DATE_OF_BIRTH|15/08/1992} hai, mobile {PHONE|98765-43210}, "
    "address {ADDRESS|H.No. 45, Gandhi Nagar, Jaipur 302015}, PAN no {TAX_ID|ABCPE1234F}",
    "INVOICE 2024-0117\nBill to: Rosa Diaz, {ADDRESS|88 Harbour Street, Apt 4, Boston, MA "
    "02110}\nVAT ID {TAX_ID|DE136695976}\nItem    Qty  Price\nA4711    2   12.50\nB-0815   1 "
    "  99.00\nTotal 124.00 EUR. Pay to IBAN {IBAN|DE89 3704 0044 0532 0130 00} ref 2024-0117",
    "LAB REPORT  Accession L24-118822  Collected 2024-03-14 08:12\nPatient: ROE, RICHARD  "
    "DOB {DATE_OF_BIRTH|12/01/1960}  MRN {MEDICAL_RECORD_NUMBER|7745120}\nGLUCOSE 104 mg/dL "
    "(70-99) H  NA 139 K 4.4 CL 102  WBC 7.2 HGB 14.1 PLT 250\nOrdering: Dr. K. Lim NPI "
    "{MEDICAL_LICENSE|1234567893}",
    "Booking ref X7K2QP. Passenger DIAZ/ROSA MS, passport {PASSPORT|XDB123456} ESP exp "
    "12MAR31, DOB {DATE_OF_BIRTH|04JUL1976}, FF LH992003445566, seat 12A, IB3166 MAD-LHR",
    "<order "
    'id="100234"><customer><email>{EMAIL|ann@'
    "example.org}</email><phone>{PHONE|415-555-0132}</phone></customer><total "
    'currency="USD">129.99</total><sku>B07XJ8C8F5</sku></order>',
    "[2024-03-15 10:11:12] POST /api/v2/users "
    '{"email":"{EMAIL|ann@example.org}","phon'
    'e":"{PHONE|+14155550132}","ssn":"{SSN|123-45-6789}"} 201 34ms '
    "trace=4bf92f3577b34da6a3ce929d0e0e4736",
    "host,mac,ip,owner\n"
    "laptop1,{MAC_ADDRESS|a4:83:e7:12:34:56},"
    "{IP_ADDRESS|10.20.30.41},{EMAIL|ann@example.org}\n"
    "laptop2,{MAC_ADDRESS|a4:83:e7:12:34:57},{IP_ADDRESS|10.20.30.42},{EMAIL|bob@example.org}",
    "username;password;mail\n"
    "{USERNAME|annlee};{PASSWORD|Giraffe!99};{EMAIL|ann@example.org}\n"
    "{USERNAME|bobray};{PASSWORD|Lemon#22x};{EMAIL|bob@example.org}",
    "{EMAIL|ann@example.org}:{PASSWORD|Giraffe!99}\n{EMAIL|bob@example.org}:{PASSWORD|Lemon#22x}",
    "name | phone | notes\n--- | --- | ---\nAnn | {PHONE|020 7946 0958} | vip\nBob | "
    "{PHONE|0161 496 0123} | -",
    "hi there, this is regarding my order, my full addr is flat 12 rosewood court, "
    "{ADDRESS|45 mill lane, leeds ls8 4ab}",
    "username,last_login,count\n{USERNAME|annlee},2024-01-02,12\n{USERNAME|bobray},2024-02-03,4",
)


@pytest.mark.parametrize(
    "marked",
    [
        *HOSTS,
        *INTERFACES,
        *PLACES,
        *DEVICES,
        *DOCUMENTS,
    ],
)
def test_what_people_write_is_found(marked: str) -> None:
    text, expected = unmark(marked)

    found = sensitive(default_engine().find(text))

    assert found == expected
