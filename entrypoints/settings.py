"""Every environment variable, read and checked in one place."""

import base64
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from domain.tenant import StorageProvider
from entrypoints import setting_forms as forms
from entrypoints.home import MODELS, default_home
from entrypoints.signing_keys import MIN_SECRET_BYTES, check_ring_entry, is_guessable


class MailProvider(StrEnum):
    """Who delivers mail."""

    SMTP = "SMTP"
    SES = "SES"
    OUTBOX = "OUTBOX"


class JobDelivery(StrEnum):
    """Who says which job is whose turn."""

    STORE = "STORE"
    REDIS = "REDIS"
    SQS = "SQS"


class LogLevel(StrEnum):
    """From which level on the log speaks."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class SettingsError(Exception):
    """Settings that the process must not start with; the text is one line a problem."""


def _env(name: str) -> AliasChoices:
    return AliasChoices(name)


class Settings(BaseSettings):
    """The settings of `product.md` section 3, and what TruePort adds under `TRUEPORT_`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=True
    )

    mongo_uri: SecretStr | None = Field(None, validation_alias=_env("MONGO_URI"))
    mongo_db_name: str | None = Field(None, validation_alias=_env("MONGO_DB_NAME"))
    platform_db_name: str = Field(
        "saas_platform_core", validation_alias=_env("TRUEPORT_PLATFORM_DB_NAME")
    )
    secret_key: SecretStr | None = Field(None, validation_alias=_env("SECRET_KEY"))
    secret_keys: SecretStr | None = Field(None, validation_alias=_env("TRUEPORT_SECRET_KEYS"))
    master_keys: SecretStr | None = Field(None, validation_alias=_env("TRUEPORT_MASTER_KEYS"))
    redis_url: SecretStr | None = Field(None, validation_alias=_env("REDIS_URL"))
    instances: int = Field(1, ge=1, le=10_000, validation_alias=_env("TRUEPORT_INSTANCES"))

    smtp_host: str | None = Field(None, validation_alias=_env("SMTP_HOST_URL"))
    smtp_port: int = Field(587, ge=1, le=65535, validation_alias=_env("SMTP_HOST_PORT"))
    smtp_user: str | None = Field(None, validation_alias=_env("SMTP_HOST_UID"))
    smtp_password: SecretStr | None = Field(None, validation_alias=_env("SMTP_HOST_PWD"))
    mail_provider_choice: MailProvider | None = Field(None, validation_alias=_env("MAIL_PROVIDER"))
    mail_seconds: float = Field(20.0, gt=0, le=60, validation_alias=_env("TRUEPORT_MAIL_SECONDS"))
    mail_from: str = Field(
        "TruePort <trueport@localhost>", validation_alias=_env("TRUEPORT_MAIL_FROM")
    )
    public_url: str | None = Field(None, validation_alias=_env("TRUEPORT_PUBLIC_URL"))
    cors_origin_regex: str | None = Field(None, validation_alias=_env("CORS_ORIGIN_REGEX"))

    storage_provider: StorageProvider = Field(
        StorageProvider.LOCAL, validation_alias=_env("STORAGE_PROVIDER")
    )
    bucket_template: str = Field(
        "{slug}-audit-logs", validation_alias=_env("TRUEPORT_BUCKET_TEMPLATE")
    )
    aws_access_key_id: SecretStr | None = Field(None, validation_alias=_env("AWS_ACCESS_KEY_ID"))
    aws_secret_access_key: SecretStr | None = Field(
        None, validation_alias=_env("AWS_SECRET_ACCESS_KEY")
    )
    aws_s3_bucket: str | None = Field(None, validation_alias=_env("AWS_S3_BUCKET"))
    aws_region: str | None = Field(None, validation_alias=_env("AWS_REGION"))
    aws_endpoint_url: str | None = Field(None, validation_alias=_env("AWS_ENDPOINT_URL"))
    azure_connection_string: SecretStr | None = Field(
        None, validation_alias=_env("AZURE_STORAGE_CONNECTION_STRING")
    )
    google_credentials: str | None = Field(
        None, validation_alias=_env("GOOGLE_APPLICATION_CREDENTIALS")
    )
    storage_emulator_host: str | None = Field(None, validation_alias=_env("STORAGE_EMULATOR_HOST"))
    storage_credentials: Path | None = Field(
        None, validation_alias=_env("TRUEPORT_STORAGE_CREDENTIALS")
    )

    triton_url: str | None = Field(None, validation_alias=_env("TRITON_URL"))
    model_store_choice: Path | None = Field(None, validation_alias=_env("TRUEPORT_MODEL_STORE"))
    tritonserver: str = Field(
        "tritonserver", min_length=1, validation_alias=_env("TRUEPORT_TRITONSERVER")
    )
    events_queue_url: str | None = Field(None, validation_alias=_env("TRUEPORT_EVENTS_QUEUE_URL"))
    events_queue_verify: bool = Field(False, validation_alias=_env("TRUEPORT_EVENTS_QUEUE_VERIFY"))
    sns_topic_arns: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_env("TRUEPORT_SNS_TOPIC_ARNS")
    )
    sns_allow_v1: bool = Field(False, validation_alias=_env("TRUEPORT_SNS_ALLOW_V1"))
    sns_clock_skew: float = Field(
        300.0, ge=0, le=3600, validation_alias=_env("TRUEPORT_SNS_CLOCK_SKEW")
    )
    events_secret: SecretStr | None = Field(None, validation_alias=_env("TRUEPORT_EVENTS_SECRET"))
    event_grid_secret: SecretStr | None = Field(
        None, validation_alias=_env("TRUEPORT_EVENT_GRID_SECRET")
    )
    pubsub_audience: str | None = Field(None, validation_alias=_env("TRUEPORT_PUBSUB_AUDIENCE"))
    pubsub_email: str | None = Field(None, validation_alias=_env("TRUEPORT_PUBSUB_EMAIL"))
    admin_token: SecretStr | None = Field(None, validation_alias=_env("TRUEPORT_ADMIN_TOKEN"))
    origin_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), validation_alias=_env("TRUEPORT_ORIGIN_SECRETS")
    )

    client_address_header: str | None = Field(
        None, pattern="^[A-Za-z0-9-]+$", validation_alias=_env("TRUEPORT_CLIENT_ADDRESS_HEADER")
    )

    stripe_api_key: SecretStr | None = Field(None, validation_alias=_env("STRIPE_API_KEY"))
    stripe_webhook_secret: SecretStr | None = Field(
        None, validation_alias=_env("STRIPE_WEBHOOK_SECRET")
    )
    stripe_address: str | None = Field(None, validation_alias=_env("TRUEPORT_STRIPE_ADDRESS"))
    stripe_price_team: str | None = Field(None, validation_alias=_env("TRUEPORT_STRIPE_PRICE_TEAM"))

    home: Path = Field(default_factory=default_home, validation_alias=_env("TRUEPORT_HOME"))
    log_level: LogLevel = Field(LogLevel.INFO, validation_alias=_env("TRUEPORT_LOG_LEVEL"))
    allow_private_upstreams: bool = Field(
        False, validation_alias=_env("TRUEPORT_ALLOW_PRIVATE_UPSTREAMS")
    )
    allow_private_webhooks: bool = Field(
        False, validation_alias=_env("TRUEPORT_ALLOW_PRIVATE_WEBHOOKS")
    )
    webhook_seconds: float = Field(
        10.0, gt=0, le=60, validation_alias=_env("TRUEPORT_WEBHOOK_SECONDS")
    )
    stream_window: int = Field(256, ge=0, le=16384, validation_alias=_env("TRUEPORT_STREAM_WINDOW"))
    max_body_bytes: int = Field(
        8 * 1024 * 1024, ge=1024, le=16 * 1024 * 1024, validation_alias=_env("TRUEPORT_MAX_BODY")
    )
    ship_seconds: float = Field(1.0, gt=0, le=3600, validation_alias=_env("TRUEPORT_SHIP_SECONDS"))
    queue_capacity: int = Field(1000, ge=1, validation_alias=_env("TRUEPORT_QUEUE_CAPACITY"))
    jobs_queue_url: str | None = Field(None, validation_alias=_env("TRUEPORT_JOBS_QUEUE_URL"))
    lease_seconds: float = Field(
        30.0, ge=1, le=3600, validation_alias=_env("TRUEPORT_LEASE_SECONDS")
    )
    workers: int = Field(1, ge=1, le=256, validation_alias=_env("TRUEPORT_WORKERS"))
    drain_seconds: float = Field(
        30.0, ge=0, le=3600, validation_alias=_env("TRUEPORT_DRAIN_SECONDS")
    )
    sweep_seconds: float = Field(
        600.0, ge=1, le=3600, validation_alias=_env("TRUEPORT_SWEEP_SECONDS")
    )
    jobs_keep_days: int = Field(30, ge=2, le=3650, validation_alias=_env("TRUEPORT_JOBS_KEEP_DAYS"))
    unpack_limit: int = Field(4 * 1024**3, ge=1024, validation_alias=_env("TRUEPORT_UNPACK_LIMIT"))
    unpack_ratio: int = Field(200, ge=2, validation_alias=_env("TRUEPORT_UNPACK_RATIO"))
    detector_seconds: float = Field(
        10.0, gt=0, le=300, validation_alias=_env("TRUEPORT_DETECTOR_SECONDS")
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but what `load_settings` hands over, so that tests need no environment."""
        return (init_settings,)

    @field_validator("origin_secrets", "sns_topic_arns", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("sns_topic_arns")
    @classmethod
    def _are_topics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for arn in value:
            forms.check_topic(arn)
        return value

    @field_validator("events_queue_url", "jobs_queue_url")
    @classmethod
    def _is_queue(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("is a queue's address, such as https://sqs.REGION.amazonaws.com/…")
        if value is not None and value.endswith(".fifo"):
            raise ValueError("is a FIFO queue; name a standard one")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(
                f"has fewer than {MIN_SECRET_BYTES} bytes; make one with: openssl rand -base64 48"
            )
        if value is not None and is_guessable(value.get_secret_value().encode()):
            raise ValueError("is a placeholder; make one with: openssl rand -base64 48")
        return value

    @field_validator("secret_keys", "master_keys")
    @classmethod
    def _is_ring(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            for entry in value.get_secret_value().split(","):
                check_ring_entry(entry.strip())
        return value

    @field_validator("secret_keys")
    @classmethod
    def _is_no_placeholder(cls, value: SecretStr | None) -> SecretStr | None:
        entries = [] if value is None else value.get_secret_value().split(",")
        if any(is_guessable(base64.b64decode(entry.partition(":")[2])) for entry in entries):
            raise ValueError(
                'holds a placeholder; make one with: echo "k1:$(openssl rand -base64 32)"'
            )
        return value

    @field_validator("mongo_uri")
    @classmethod
    def _is_mongo(cls, value: SecretStr | None) -> SecretStr | None:
        forms.check_mongo(None if value is None else value.get_secret_value())
        return value

    @field_validator("mongo_db_name", "platform_db_name")
    @classmethod
    def _is_database(cls, value: str | None) -> str | None:
        return forms.mongo_database(value)

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            forms.check_redis(value.get_secret_value())
        return value

    @field_validator("triton_url")
    @classmethod
    def _are_servers(cls, value: str | None) -> str | None:
        for url in [] if value is None else value.split(","):
            forms.check_triton(url.strip())
        return value

    @field_validator("cors_origin_regex")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        return None if value is None else forms.origin_pattern(value)

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str) -> str:
        forms.check_sender(value)
        return value

    @field_validator("public_url", "stripe_address")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("begins with https:// or http://")
        return value.rstrip("/") if value else value

    @field_validator("bucket_template")
    @classmethod
    def _names_slug(cls, value: str) -> str:
        if "{slug}" not in value:
            raise ValueError("must contain {slug}")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.events_queue_verify and not self.sns_topic_arns:
            raise ValueError("TRUEPORT_EVENTS_QUEUE_VERIFY needs TRUEPORT_SNS_TOPIC_ARNS")
        if self.jobs_queue_url is not None and self.jobs_queue_url == self.events_queue_url:
            raise ValueError(
                "TRUEPORT_JOBS_QUEUE_URL is TRUEPORT_EVENTS_QUEUE_URL; jobs need their own queue"
            )
        self._check_mail()
        return self

    def _check_mail(self) -> None:
        if self.mail_provider is not MailProvider.SMTP:
            return
        if self.smtp_host is None:
            raise ValueError("MAIL_PROVIDER=SMTP needs SMTP_HOST_URL")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("SMTP_HOST_UID and SMTP_HOST_PWD go together")

    @property
    def mail_provider(self) -> MailProvider:
        """Return who delivers mail: as chosen, else SMTP when a host is named, else the folder."""
        if self.mail_provider_choice is not None:
            return self.mail_provider_choice
        return MailProvider.OUTBOX if self.smtp_host is None else MailProvider.SMTP

    @property
    def job_delivery(self) -> JobDelivery:
        """Return who hands out jobs: the queue that is named for it, Redis, or the store itself."""
        if self.jobs_queue_url is not None:
            return JobDelivery.SQS
        return JobDelivery.STORE if self.redis_url is None else JobDelivery.REDIS

    @property
    def model_store(self) -> Path:
        """Return the folder of models that were built here."""
        return self.model_store_choice or self.home / MODELS

    @property
    def triton_repository(self) -> Path:
        """Return the folder that `trueport models serve` lays out for Triton."""
        return self.home / "triton"

    @property
    def database(self) -> Path:
        """Return the file of the embedded store."""
        return self.home / "trueport.sqlite3"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the environment.

    Raises:
        SettingsError: one line for each variable that is wrong, naming it, never its value where
            that may be a secret.
    """
    variables = dict(os.environ if environment is None else environment)
    known = {
        str(choice)
        for field in Settings.model_fields.values()
        if isinstance(field.validation_alias, AliasChoices)
        for choice in field.validation_alias.choices
    }
    problems = [
        forms.unknown(name, known)
        for name in sorted(variables)
        if name.startswith("TRUEPORT_")
        and not name.startswith("TRUEPORT_TEST_")
        and name not in known
    ]
    given = {name: value for name, value in variables.items() if name in known and value != ""}
    if variables.get("AWS_SESSION_TOKEN"):
        # The keys of a role change and come with a token: the SDK's own chain looks after them.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            given.pop(name, None)
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        problems += [forms.describe(dict(detail)) for detail in error.errors(include_input=False)]
        raise SettingsError("\n".join(problems)) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return settings
