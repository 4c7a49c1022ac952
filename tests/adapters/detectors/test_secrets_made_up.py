"""Passwords of examples, tests and manuals beside those that somebody chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.linear_time import Subject
from adapters.detectors.secrets.connections import SERVICES
from adapters.detectors.secrets.engine import secrets_engine
from adapters.detectors.secrets.made_up import is_made_up, is_mere_word, is_near

MADE_UP = [
    "test_password1",
    "P@ssw0rd",
    "s3cr3t",
    "superS3cret",
    "priv4te",
    "password123",
    "SENTINELpassword1234",
    "new-secret",
    "pass%20word",
    "p,ass@word",
    "pass1111",
    "пароль",
    "123456",
    "987654321",
]
CHOSEN = [
    "Secret1504!",
    "s3cr3t504!",
    "passw0rd2019",
    "Winter1121#",
    "hunter42",
    "tiger^5HHH",
    "kx@jj5/g",
    "silver-master-tiger67",
    "rapunz3l",
    "apples@oranges@@",
    "1504",
    "",
    "password" * 9,
    "correct horse",
    "passwordQ7",
]
WORDS = ["tiger", "tiger7", "Swordfish", "CASSANDRA", "cat123", "psycopg2", "whateva"]
NO_WORDS = ["tiger74", "cat2019", "sWordFish", "xkqzvwpt", "cat-123", "kat%", ""]
NEAR = [
    "localhost",
    "localhost:5432/app",
    "127.0.0.1:6379",
    "[::1]:5432",
    "10.1.2.3",
    "192.168.0.199/test",
    "172.31.0.2:80",
    "db:5432/orders",
    "host.docker.internal",
    "mysql.test:3306",
    "api.example.com/v1",
    "example.org",
    "fixture.invalid",
    "%s:%d/x",
    "{host}/x",
    "",
]
FAR = [
    "db.acme.io:5432/app",
    "1.2.3.4",
    "172.32.0.2",
    "192.169.0.1",
    "localhost.acme.io",
    "example.com.acme.io",
    "cluster0.x1y2z.mongodb.net",
    "test.acme.de",
    "acme-example.com",
    "10.acme.net",
]


@pytest.mark.parametrize("password", MADE_UP)
def test_a_password_of_words_about_passwords_is_made_up(password: str) -> None:
    assert is_made_up(password)


@pytest.mark.parametrize("password", CHOSEN)
def test_a_password_with_something_of_its_own_is_not_made_up(password: str) -> None:
    assert not is_made_up(password)


@pytest.mark.parametrize("password", WORDS)
def test_a_word_with_a_count_is_a_mere_word(password: str) -> None:
    assert is_mere_word(password)


@pytest.mark.parametrize("password", NO_WORDS)
def test_more_than_a_word_with_a_count_is_no_mere_word(password: str) -> None:
    assert not is_mere_word(password)


@pytest.mark.parametrize("host", NEAR)
def test_hosts_of_tests_and_manuals_are_near(host: str) -> None:
    assert is_near(host)


@pytest.mark.parametrize("host", FAR)
def test_hosts_of_others_are_not_near(host: str) -> None:
    assert not is_near(host)


@given(st.text(max_size=80))
def test_any_text_is_judged(text: str) -> None:
    assert is_made_up(text) in (True, False)
    assert is_mere_word(text) in (True, False)
    assert is_near(text) in (True, False)


@pytest.mark.parametrize(
    "scheme",
    [
        "postgresql",
        "mysql",
        "mongodb",
        "redis",
        "amqp",
        "mssql",
        "oracle",
        "clickhouse",
        "cassandra",
        "couchbase",
        "couchdb",
        "neo4j",
        "influxdb",
        "cockroachdb",
        "db2",
        "snowflake",
        "redshift",
        "kafka",
        "nats",
        "mqtt",
        "stomp",
        "memcached",
        "elasticsearch",
        "trino",
    ],
)
def test_stores_and_brokers_are_read_and_their_manuals_are_not(scheme: str) -> None:
    assert any(scheme in service.schemes for service in SERVICES)
    found = _found(f"{scheme}://app:Qx7-ra9_Lm@db.acme.io/orders")

    assert [rule.removesuffix("-connection") != rule for rule in found] == [True]
    for harmless in (
        f"{scheme}://scott:tiger@localhost/test",
        f"{scheme}://user:password@db:1234/orders",
        f"{scheme}://app:whateva@192.168.0.7/orders",
        f"{scheme}://app:${{PASSWORD}}@db.acme.io/orders",
        f"{scheme}://app:[password]@db.acme.io/orders",
        f"{scheme}://db.acme.io/orders",
    ):
        assert _found(harmless) == [], harmless


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("mongodb://app:swordfish@cluster0.x1y2z.mongodb.net/app", "mongodb-connection"),
        ("postgres://app:test_password1@db.acme.io/app", "postgresql-connection"),
        ("https://ada:Hunter42@acme.io/private", "basic-auth-url"),
        ("host=db.acme.io user=app password=swordfish", "libpq-connection"),
        ("Server=tcp:db.acme.io;User ID=sa;Password=swordfish;", "key-value-connection"),
        ('auth=("ada", "Winter1121#")', "tuple-credentials"),
        ("redis-cli -h cache.acme.io -a Winter1121", "mysql-command-password"),
        ("machine acme.io login ada password swordfish", "netrc-password"),
        ("--client-secret kQ7fVb2xZ9pL", "command-line-secret"),
    ],
)
def test_a_credential_with_a_host_or_a_choice_of_its_own_is_found(text: str, rule: str) -> None:
    assert _found(text) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "mongodb://user:wrong@%s:%d/test",
        "https://user:p%40ss@host/path",
        "http://user:pass_word@example.com/",
        "redis://[[username]:[password]]@localhost:6379/0",
        "host=example.com password=s3cr3t dbname=foo",
        "dbname=nosuch user=app password=whateva",
        "DSN=mydsn;UID=ed;PWD=pass+word",
        'auth=("stanley", "swordfish")',
        'BasicAuth("user2", "pass2")',
        "redis-cli -h HOST -p PORT -n 0",
        "machine example.com login user password pass\\ndefault",
        "Basic bmV0cmNfdXNlcjpuZXRyY19wYXNz",
        "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW",
        "--client-secret 'client_secret'",
        "view --password-file vault-password format_1_2_AES256.yml",
        'run --token $TOKEN\nlet a=i["--api-key"],c=i["--database"]',
        "def test_live_connection_with_unread_reply_not_dropped(",
        f"AA8AAAAPAABADwAARw8A/{'EAAAUBAAAFUQAABaEAAAXRAAAGEQAABhEAAAZRAAAGYQ' * 4}+h",
        "use --password suffers from the same",
        "authorizing via --token option",
        '_("Reset password") if is_usable else _("Choose a password (twice)")',
        "-----BEGIN RSA PRIVATE KEY----- MIIEpQIBAAKCAQEAuyflNrH9ck8DmNyo3f "
        "-----END RSA PRIVATE KEY-----",
    ],
)
def test_credentials_of_tests_and_manuals_stay_silent(text: str) -> None:
    assert _found(text) == []


def _found(text: str) -> list[str]:
    return [one.rule for one in secrets_engine().find(Subject(text)) if one.is_operative]
