import pytest

from adapters.detectors.patterns.catalogue import default_engine
from domain.detection.taxonomy import AUXILIARY_PII
from tests.adapters.detectors.shipped import context_engine

IDENTIFIERS = (
    "Request id 08a859c4-525e-4bc3-ac50-85581b44f203 returned status 500 after 7075 ms.",
    "commit 59748a1fc488162eb0973dd27591ce8dfd4dc4430652d2c66461cd5433d71d45",
    "md5 of the archive is fb0cc9a13dc9ad10d2f11abc62403d79a9da3f8f",
    "trace_id=19e6c62 span_id=6a5ed7464a0445ee9835e07aea4ceae7 status=ok",
    "sha512-9eGIkV9Jc1Q2zA0mBSwD4Lz5rVq3eS2K1dF7hJ6uXcYtWbNoPp+RmTgHsZkLvQ==",
    "Your order TKT41467934182 has shipped.",
    "Ticket JIRA-82058 is blocked by CORE-92455; see the sprint board.",
    "The invoice INV-2024-97300 totals £7,886.16 including tax.",
    "ISBN 978-3-16-148410-0 is out of stock, barcode 4006381333931.",
    "order 4929123412341234567890",
    "arn:aws:iam::123456789012:role/reader",
    "tracking number 1Z999AA10123456784",
    "GUID {6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
    "INV-123-45-6789-A",
    "FedEx 7946 4465 8731 and 9400 1118 9922 3197 4284 90 arrived",
    "PO 4500123456, vendor 100234, material 000000000012345678",
    "SKU 8806092718234 / EAN 5901234123457, ISBN-10 0-306-40615-2",
    "DOI 10.1038/s41586-021-03819-2, arXiv:2302.12173v2, ISSN 2049-3630",
    "ULID 01ARZ3NDEKTSV4RRFFQ69G5FAV, object 507f1f77bcf86cd799439011",
    "snowflake 175928847299117063, nanoid V1StGXR8_Z5jdHi6B-myT",
    "Part number 5962-8768401EA, rev B; P/N 123-45-678-90; model WH-1000XM4",
    "serial 0000000000000000",
    "pid=12345 tid=67890 comm='nginx'",
    "kill -9 48213; process PID: 8842, exit code 137",
    "AWS account 123456789012",
    '{"account_id": "123456789012", "customer_id": 100045}',
    "0x0000000000000000000000000000000000000000",
    "In-Reply-To: <20240501101112.12345@mail.example.org>",
    "rsync -avz ./public/ deploy@web.example.com:/var/www",
    "OID 1.3.6.1.4.1.311.21.20",
)
NUMBERS = (
    "Upgrade from 1.12.44 to 16.28.71 before the freeze.",
    "version 1.2.3.4 of the firmware",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36",
    "ICD-10 E11.9, CPT 99213, LOINC 2345-7, SNOMED 44054006, NDC 0002-8215-01",
    "SpO2 98%, HR 72, BMI 22.4, glucose 5.4 mmol/L, HbA1c 6.1 %",
    "Torque 45 Nm, 12 V, 2200 uF, 10 kOhm, 5 GHz, 1920x1080@60",
    "M 10.5 20.5 L 30.25 40.75 Z; POINT (30.12345 10.12345); rgba(255, 128, 0, 0.5)",
    "loss=0.3456 val_loss=0.4567 lr=0.0001 at step 123456,7,8",
    "Price: $1,299.99 (was $1,499.00), total 12.345.678,90 EUR",
    "1,234,567 rows, 8,336,817 people and 123,456,789 bytes",
    "id,count,total\n1,1234567,89\n2,7654321,98",
    "segfault at 0 ip 00007f3b2c1d5e70 sp 00007ffd8e1b2a90",
    "Set JAVA_HOME and run mvn -version 3.5.0.",
    "At epoch 1723638208 the counter reached 9405.",
    "Our hotline is open from 08:46 to 20:13 every weekday.",
    "The server listens on port 5432 and restarts at 06:37.",
    "Score: 3970 to 2974, attendance 7772.",
    "Vitals: BP 179/95, HR 101, diagnosis code G45.8, procedure 93000.",
    "Take omeprazole 40 mg twice a day with food.",
    "The recipe needs 596 g of flour and 586 ml of milk.",
    "Flight AB3045 boards at gate 80 at 10:21.",
    "Total 1,234,567.89 EUR for 12 items at 102,880.66 each",
    "2024-05-01T10:11:12.123456Z INFO started in 3.217 s",
    "def checksum(x): return x % 6824",
    "x = [0.12, 0.55, 12.5, 14.75]; y = 3.14159265",
    "4111 1111 1111 1112 fails the checksum",
    "000-29-9838 is not a valid SSN because of the reserved range.",
    "IBAN GB75 DKLB 3740 4963 5997 59 is rejected by the validator.",
    "The test card 5356503319958864 fails the checksum.",
    "127.0.0.1 localhost and 255.255.255.0 netmask",
)
PROSE = (
    "Please enter your name, address and phone number in the form below.",
    "The password must contain at least 12 characters.",
    "password: ********",
    "password=os.environ['DB_PASSWORD']",
    "Forgot your password? Click the link.",
    "username and password are required",
    "the user can log in again after 15 minutes",
    "Explain the difference between SSN and EIN without giving examples.",
    "Our privacy policy explains how we use your date of birth and email address.",
    "Latitude and longitude must be given in decimal degrees.",
    "A MAC address has six octets; an IPv4 address has four.",
    "What format does an IBAN have in Germany?",
    "How do I write a regex that matches a phone number?",
    "Dial extension 8366 for the help desk.",
    "licensed under the Apache License, Version 2.0 (the License)",
    "public class LicenseManager { int license = 1234567; }",
    "Chapter 12, Section 4 covers Newton's method and the Gauss-Seidel iteration.",
    "The Washington Post style and the Jackson JSON library are unrelated.",
    "Use the Levenshtein distance, then apply Bayes' rule.",
    "<img src='logo@2x.png'> left-pad@1.3.0 git@github.com:org/repo.git",
    "https://user:secret@example.com/path",
    "@app.route('/') def index(): ...",
    "std::vector<int> a::b::c d::e",
    "12 Angry Men and 7 Samurai are films.",
    "Dear Hiring Manager, dear Customers, dear All,",
    "The St. Louis Cardinals won 5-3 in the ninth.",
    "From: noreply\nTo: undisclosed-recipients:;\nCc: \nReceived: by mx",
    "Sono nato il giorno dopo.",
    "Windows 10 Build 22000 and Ubuntu 22.04 LTS",
)


@pytest.mark.parametrize("text", [*IDENTIFIERS, *NUMBERS, *PROSE])
def test_nothing_sensitive_is_reported(text: str) -> None:
    findings = [*default_engine().find(text), *context_engine().find(text)]

    loud = [
        (finding.type, finding.rule, text[finding.span.start : finding.span.end])
        for finding in findings
        if finding.is_operative and finding.type not in AUXILIARY_PII
    ]
    assert loud == []
