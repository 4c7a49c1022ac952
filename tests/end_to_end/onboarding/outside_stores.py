"""What production runs on, as counterparts: MongoDB, Redis, S3 and a mail server."""

import asyncio
import base64
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from adapters.mongo.client import make_client
from tests.contract.stores import database_names, mongo_uri
from tests.end_to_end.onboarding.deployment import payments
from tests.fakes.stripe_server import StripeOfTests, stripe_server
from tests.smtp_server import HOST, PASSWORD, USER, Mailboxes, smtp_server

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideStores:
    """The settings of processes that keep their state elsewhere, and what is to be seen there."""

    environment: Mapping[str, str]
    boxes: Mailboxes
    stripe: StripeOfTests

    def has_bucket(self, name: str) -> bool:
        """Tell whether S3 knows a bucket."""
        client = boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )
        with closing(client):
            return any(bucket["Name"] == name for bucket in client.list_buckets()["Buckets"])


@contextmanager
def outside_stores(folder: Path, address: Callable[[str], str]) -> Iterator[OutsideStores]:
    """Start what is missing of them, and make the indexes."""
    with (
        mongo_databases(folder, address) as mongo,
        smtp_server() as mail,
        stripe_server() as stripe,
    ):
        authority = folder / "mail-authority.pem"
        mail.authority.cert_pem.write_to_path(authority)
        environment = {
            **mongo,
            **payments(stripe),
            "REDIS_URL": address("valkey").replace("http:", "redis:"),
            "STORAGE_PROVIDER": "S3",
            "AWS_ENDPOINT_URL": address("moto"),
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "SMTP_HOST_URL": HOST,
            "SMTP_HOST_PORT": str(mail.port),
            "SMTP_HOST_UID": USER,
            "SMTP_HOST_PWD": PASSWORD,
            "SSL_CERT_FILE": str(authority),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "TRUEPORT_MASTER_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        }
        make_indexes(folder, environment)
        yield OutsideStores(environment=environment, boxes=mail.boxes, stripe=stripe)


def make_indexes(folder: Path, environment: Mapping[str, str]) -> None:
    """Make the indexes of a service's databases, as an operator does."""
    subprocess.run(
        [sys.executable, "-m", "entrypoints.cli.main", "db", "init"],
        env={"PATH": "", "TRUEPORT_HOME": str(folder), **environment},
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=120,
    )


@contextmanager
def mongo_databases(folder: Path, address: Callable[[str], str]) -> Iterator[dict[str, str]]:
    """Name a MongoDB, and two databases in it that are gone afterwards."""
    own, platform = database_names(folder)
    uri = mongo_uri(address)
    yield {"MONGO_URI": uri, "MONGO_DB_NAME": own, "TRUEPORT_PLATFORM_DB_NAME": platform}

    async def clean() -> None:
        client = make_client(uri)
        for name in (own, platform):
            await client.drop_database(name)
        await client.close()

    asyncio.run(clean())
