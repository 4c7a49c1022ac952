"""The environment: every variable is known, and what is wrong is one line that names it."""

import base64
import re
from pathlib import Path

import pytest

from domain.tenant import StorageProvider
from entrypoints.settings import MailProvider, Settings, SettingsError, load_settings
from entrypoints.wiring.containers import make_container

SECRET = "s3cr3t-value-that-nobody-may-see"
RING = "k1:" + base64.b64encode(bytes(range(100, 132))).decode()

VARIABLES = [
    "MONGO_URI",
    "MONGO_DB_NAME",
    "SECRET_KEY",
    "TRUEPORT_SECRET_KEYS",
    "TRUEPORT_MASTER_KEYS",
    "TRUEPORT_PLATFORM_DB_NAME",
    "REDIS_URL",
    "SMTP_HOST_URL",
    "SMTP_HOST_PORT",
    "SMTP_HOST_UID",
    "SMTP_HOST_PWD",
    "MAIL_PROVIDER",
    "TRUEPORT_MAIL_FROM",
    "TRUEPORT_PUBLIC_URL",
    "CORS_ORIGIN_REGEX",
    "STORAGE_PROVIDER",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_S3_BUCKET",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AZURE_STORAGE_CONNECTION_STRING",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "STORAGE_EMULATOR_HOST",
    "TRITON_URL",
    "TRUEPORT_EVENTS_QUEUE_URL",
    "TRUEPORT_SNS_TOPIC_ARNS",
    "TRUEPORT_EVENTS_SECRET",
    "TRUEPORT_EVENT_GRID_SECRET",
    "TRUEPORT_PUBSUB_AUDIENCE",
    "TRUEPORT_PUBSUB_EMAIL",
    "TRUEPORT_ADMIN_TOKEN",
    "TRUEPORT_ORIGIN_SECRETS",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "TRUEPORT_STRIPE_PRICE_TEAM",
    "TRUEPORT_HOME",
]
SECRETS = [
    "MONGO_URI",
    "SECRET_KEY",
    "TRUEPORT_SECRET_KEYS",
    "TRUEPORT_MASTER_KEYS",
    "REDIS_URL",
    "SMTP_HOST_PWD",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "TRUEPORT_EVENTS_SECRET",
    "TRUEPORT_EVENT_GRID_SECRET",
    "TRUEPORT_ADMIN_TOKEN",
    "TRUEPORT_ORIGIN_SECRETS",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
]
VALUES = {
    "MONGO_URI": f"mongodb://trueport:{SECRET}@mongo.example.com:27017/?replicaSet=rs0",
    "REDIS_URL": f"redis://:{SECRET}@redis.example.com:6379/0",
    "TRUEPORT_SECRET_KEYS": RING,
    "TRUEPORT_MASTER_KEYS": RING,
    "TRUEPORT_EVENTS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/events",
    "TRUEPORT_SNS_TOPIC_ARNS": "arn:aws:sns:eu-west-1:123456789012:events",
    "SMTP_HOST_PORT": "25",
    "MAIL_PROVIDER": "SES",
    "TRUEPORT_MAIL_FROM": "Acme <noreply@acme.example.com>",
    "TRUEPORT_PUBLIC_URL": "https://trueport.example.com/",
    "TRUEPORT_STRIPE_ADDRESS": "http://127.0.0.1:12111",
    "CORS_ORIGIN_REGEX": r"https://.*\.example\.com",
    "STORAGE_PROVIDER": "S3",
    "TRITON_URL": "grpc://triton.example.com:8001",
}


def known() -> set[str]:
    return {
        str(choice)
        for field in Settings.model_fields.values()
        for choice in getattr(field.validation_alias, "choices", ())
    }


@pytest.mark.parametrize("name", VARIABLES)
def test_documented_variable_is_known_and_taken(name: str) -> None:
    settings = load_settings({name: VALUES.get(name, SECRET)})

    assert name in known()
    assert settings != load_settings({})


@pytest.mark.parametrize("name", SECRETS)
def test_secret_is_shown_nowhere(name: str) -> None:
    settings = load_settings({name: VALUES.get(name, SECRET)})

    for shown in (repr(settings), str(settings), repr(settings.model_dump())):
        assert SECRET not in shown
        assert RING not in shown


def test_defaults_are_the_embedded_ones() -> None:
    settings = load_settings({})

    assert settings.storage_provider is StorageProvider.LOCAL
    assert settings.mail_provider is MailProvider.OUTBOX
    assert settings.home.name == "trueport"
    assert settings.mongo_uri is None
    assert settings.platform_db_name == "saas_platform_core"


def test_empty_value_counts_as_unset() -> None:
    assert load_settings(dict.fromkeys(VARIABLES, "")) == load_settings({})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings({}).log_level = "DEBUG"  # type: ignore[assignment]


def refusal_of(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refusal:
        load_settings(environment)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("STORAGE_PROVIDER", "FTP", "'S3', 'AZURE', 'GCP' or 'LOCAL'"),
        ("STORAGE_PROVIDER", "local", "'LOCAL'"),
        ("MAIL_PROVIDER", "PIGEON", "'SMTP', 'SES' or 'OUTBOX'"),
        ("TRUEPORT_LOG_LEVEL", "LOUD", "'DEBUG'"),
        ("MONGO_URI", f"postgres://{SECRET}@db.example.com", "mongodb://"),
        ("MONGO_URI", "mongodb:///nowhere", "mongodb://"),
        ("MONGO_DB_NAME", "a.b", "letters"),
        ("SMTP_HOST_PORT", "many", "integer"),
        ("TRUEPORT_MAIL_FROM", "nobody", "NAME <ADDRESS>"),
        ("TRUEPORT_MAIL_FROM", "a@b.example\nBcc: c@d.example", "NAME <ADDRESS>"),
        ("SMTP_HOST_PORT", "0", "greater"),
        ("SMTP_HOST_PORT", "65536", "less"),
        ("SECRET_KEY", SECRET[:31], "32 bytes"),
        ("SECRET_KEY", "change-me-change-me-change-me-change-me", "placeholder"),
        ("SECRET_KEY", "Your_Secret-here-1234567890-abcdefgh", "placeholder"),
        ("SECRET_KEY", "ab" * 16, "placeholder"),
        ("TRUEPORT_SECRET_KEYS", SECRET, "kid:base64"),
        ("TRUEPORT_SECRET_KEYS", "k1:" + "QUFB" * 11, "placeholder"),
        ("TRUEPORT_MASTER_KEYS", "k1:" + "A" * 8, "32 bytes"),
        ("TRUEPORT_MASTER_KEYS", f"{RING},", "kid:base64"),
        ("CORS_ORIGIN_REGEX", "(", "regular expression"),
        ("CORS_ORIGIN_REGEX", ".*", "every origin"),
        ("CORS_ORIGIN_REGEX", "^.*$", "every origin"),
        ("CORS_ORIGIN_REGEX", r"[\s\S]*", "every origin"),
        ("CORS_ORIGIN_REGEX", ".{0,}", "every origin"),
        ("CORS_ORIGIN_REGEX", "https?://.*", "every origin"),
        ("CORS_ORIGIN_REGEX", ".*|https://a.example.com", "every origin"),
        ("CORS_ORIGIN_REGEX", ".* https?://.*", "every origin"),
        ("TRUEPORT_PUBLIC_URL", "trueport.example.com", "https://"),
        ("TRUEPORT_BUCKET_TEMPLATE", "logs", "{slug}"),
        ("TRUEPORT_ALLOW_PRIVATE_UPSTREAMS", "perhaps", "boolean"),
        ("TRUEPORT_STREAM_WINDOW", "-1", "greater"),
        ("TRUEPORT_SHIP_SECONDS", "0", "greater"),
        ("TRUEPORT_SHIP_SECONDS", "nan", ""),
        ("TRUEPORT_MAX_BODY", "1", "greater"),
        ("TRUEPORT_UNPACK_RATIO", "1.5", "integer"),
        ("TRUEPORT_HOEM", "/state", "did you mean TRUEPORT_HOME"),
    ],
)
def test_wrong_value_is_one_line_that_names_the_variable(name: str, value: str, hint: str) -> None:
    line = refusal_of({name: value})

    assert "\n" not in line
    assert line.startswith(name)
    assert hint in line
    assert SECRET[:31] not in line


def test_every_wrong_value_has_a_line_of_its_own() -> None:
    lines = refusal_of(
        {"STORAGE_PROVIDER": "FTP", "SMTP_HOST_PORT": "x", "TRUEPORT_NOPE": "1"}
    ).splitlines()

    assert sorted(re.split(r"[: ]", line)[0] for line in lines) == [
        "SMTP_HOST_PORT",
        "STORAGE_PROVIDER",
        "TRUEPORT_NOPE",
    ]


def test_pattern_that_admits_every_origin_can_be_meant() -> None:
    assert load_settings({"CORS_ORIGIN_REGEX": ".* .*"}).cors_origin_regex == ".*"


def test_sender_without_a_server_is_refused() -> None:
    assert "SMTP_HOST_URL" in refusal_of({"MAIL_PROVIDER": "SMTP"})
    half = {"SMTP_HOST_URL": "smtp.example.com", "SMTP_HOST_UID": "trueport"}
    assert "SMTP_HOST_PWD" in refusal_of(half)


def test_server_alone_chooses_smtp() -> None:
    settings = load_settings({"SMTP_HOST_URL": "smtp.example.com"})

    assert settings.mail_provider is MailProvider.SMTP


def test_origin_secrets_are_a_list() -> None:
    settings = load_settings({"TRUEPORT_ORIGIN_SECRETS": "one, two,"})

    assert [one.get_secret_value() for one in settings.origin_secrets] == ["one", "two"]


def test_variables_of_others_are_nobodys_business() -> None:
    load_settings({"PATH": "/bin", "SECRET": "x", "TRUEPORT_TEST_REQUIRE": "all"})


@pytest.mark.parametrize("name", VARIABLES)
def test_what_is_not_part_of_the_installation_is_refused_with_a_line_that_names_it(
    name: str, tmp_path: Path
) -> None:
    environment = {"TRUEPORT_HOME": str(tmp_path), name: VALUES.get(name, SECRET)}
    line = ""
    try:
        make_container(load_settings(environment))
    except SettingsError as refusal:
        line = str(refusal)

    assert not line or name in line
    assert SECRET not in line
