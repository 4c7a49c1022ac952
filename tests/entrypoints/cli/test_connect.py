"""The commands that connect a tenant's storage: printed, then run as a person would."""

import asyncio
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from adapters.notifications.local import LocalEvents
from adapters.notifications.s3_queued import QueuedS3Messages
from adapters.sqs.client import SqsQueue
from adapters.sqs.events import SqsEvents
from adapters.system import SystemClock
from adapters.telemetry.silent import SilentTelemetry
from application.ports.notifications import EventMessage
from domain.job import ObjectRef
from tests.adapters.sqs.queues import KEYS, REGION, account_of
from tests.counterpart_servers import azurite_connection_string
from tests.entrypoints.cli.conftest import CommandLine

SECRET = "s3cret-of-the-events"
URL = "https://trueport.example.com"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:trueport-acme-audit-logs"
BOTO: Any = boto3.client
PATH = os.getenv("PATH", os.defpath)


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """An AWS account in moto, with AWS's own command line in front of it."""

    address: str
    environment: Mapping[str, str]

    def client(self, service: str) -> Any:
        return BOTO(service, endpoint_url=self.address, region_name=REGION, **KEYS)

    def run(self, script: str) -> str:
        return run(script, self.environment)


def run(script: str, environment: Mapping[str, str], *arguments: str) -> str:
    """Run a script as `sh` does and return what it says; it must not fail."""
    ended = subprocess.run(
        ["sh", "-s", "--", *arguments],
        input=script,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)


@pytest.fixture
def cloud(
    counterpart: Callable[[str], str],
    counterpart_server: Callable[[str], str],
    tmp_path: Path,
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> Cloud:
    """An account with the bucket of the tenant acme, whose settings are those of the command."""
    address, aws = counterpart_server("moto"), counterpart("aws")
    programs = tmp_path / "programs"
    programs.mkdir()
    # Version 1 of the command line does not take the address of SQS from the environment.
    program(programs, "aws", f'exec {shlex.quote(aws)} --endpoint-url {address} "$@"')
    for name, value in {
        "STORAGE_PROVIDER": "S3",
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
    }.items():
        monkeypatch.setenv(name, value)
    assert trueport("tenants", "create", "acme", "--owner", "ada@example.org").status == 0
    environment = {
        "PATH": f"{programs}:{PATH}",
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
        "TRUEPORT_EVENTS_SECRET": SECRET,
    }
    return Cloud(address=address, environment=environment)


def printed(trueport: CommandLine, *options: str) -> str:
    ended = trueport("tenants", "connect", "acme", "--print", *options)
    assert ended.status == 0, ended.err
    assert SECRET not in ended.out
    return ended.out


def set_for_the_engine(said: str) -> dict[str, str]:
    return dict(re.findall(r"^  (TRUEPORT_\w+)=(.+)$", said, re.MULTILINE))


def test_objects_of_s3_come_to_the_engine_by_the_queue(cloud: Cloud, trueport: CommandLine) -> None:
    script = printed(trueport)

    said = set_for_the_engine(cloud.run(script))
    again = set_for_the_engine(cloud.run(script))

    url = said["TRUEPORT_EVENTS_QUEUE_URL"]
    assert said == again
    assert said["TRUEPORT_SNS_TOPIC_ARNS"] == TOPIC
    s3, sqs, sns = cloud.client("s3"), cloud.client("sqs"), cloud.client("sns")
    key = "audit/v1/dt=2026-11-24/hr=02/gw 1+é-01.jsonl.gz"
    s3.put_object(Bucket="acme-audit-logs", Key=key, Body=b"x")
    assert asyncio.run(heard(url)) == [("acme-audit-logs", key)]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    (statement,) = json.loads(attributes["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Resource"] == attributes["QueueArn"]
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"].endswith(":trueport-*")
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 5
    topic = sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]
    (statement,) = json.loads(topic["Policy"])["Statement"]
    assert "SignatureVersion=2" in script  # which moto does not tell again
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"] == "arn:aws:s3:::acme-audit-logs"
    for client in (s3, sqs, sns):
        client.close()


async def heard(url: str) -> list[tuple[str, str]]:
    """Return what the engine hears of out of a queue."""
    found: list[tuple[str, str]] = []

    async def accept(ref: ObjectRef) -> None:
        found.append((ref.bucket, ref.key))

    events = SqsEvents(
        SqsQueue(account_of(url)),
        read=QueuedS3Messages(),
        clock=SystemClock(),
        telemetry=SilentTelemetry(),
        wait_seconds=0,
    )
    while await events.poll_once(accept):
        pass
    events.close()
    return found


def test_queue_of_the_settings_is_taken_and_keeps_what_its_owner_set(
    cloud: Cloud, trueport: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="own", Attributes={"VisibilityTimeout": "77"})["QueueUrl"]
    other = f"arn:aws:sns:{REGION}:123456789012:other"
    monkeypatch.setenv("TRUEPORT_EVENTS_QUEUE_URL", url)
    monkeypatch.setenv("TRUEPORT_SNS_TOPIC_ARNS", f"{other},{TOPIC}")

    said = set_for_the_engine(cloud.run(printed(trueport)))

    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    sqs.close()
    assert said == {
        "TRUEPORT_EVENTS_QUEUE_URL": url,
        "TRUEPORT_SNS_TOPIC_ARNS": f"{other},{TOPIC}",
    }
    assert attributes["VisibilityTimeout"] == "77"
    assert "RedrivePolicy" not in attributes


def test_topic_posts_to_the_engine(cloud: Cloud, trueport: CommandLine) -> None:
    said = cloud.run(printed(trueport, "--via", "https", "--url", URL))

    sns = cloud.client("sns")
    (one,) = [
        one
        for one in sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
        if one["Protocol"] == "https"
    ]
    found = sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"]
    sns.close()
    assert set_for_the_engine(said) == {"TRUEPORT_SNS_TOPIC_ARNS": TOPIC}
    assert one["Endpoint"] == f"{URL}/analytics/events/s3"
    assert json.loads(found["RedrivePolicy"])["deadLetterTargetArn"].endswith("-dead-sns")
    assert json.loads(found["DeliveryPolicy"])["healthyRetryPolicy"]["numRetries"] == 30


def test_event_bridge_posts_to_the_engine(cloud: Cloud, trueport: CommandLine) -> None:
    script = printed(trueport, "--via", "eventbridge", "--url", f"{URL}/")

    cloud.run(script)

    events = cloud.client("events")
    rule = events.describe_rule(Name="trueport-acme")
    (target,) = events.list_targets_by_rule(Rule="trueport-acme")["Targets"]
    place = events.describe_api_destination(Name="trueport-acme")
    link = events.describe_connection(Name="trueport-acme")
    events.close()
    assert '{"EventBridgeConfiguration": {}}' in script  # which moto does not tell again
    assert json.loads(rule["EventPattern"])["detail"] == {"bucket": {"name": ["acme-audit-logs"]}}
    assert place["InvocationEndpoint"] == f"{URL}/analytics/events/s3"
    assert target["Arn"] == place["ApiDestinationArn"]
    assert target["DeadLetterConfig"]["Arn"].endswith("-dead-events")
    named = link["AuthParameters"]["ApiKeyAuthParameters"]["ApiKeyName"]
    assert named == "x-trueport-events-secret"


RECORDER = """
for word in "$@"; do printf '%s\\n' "$word" >> "$CALLS"; done; echo >> "$CALLS"
case "$*" in
    *"account show"*) echo /subscriptions/1/storageAccounts/acmestore ;;
    *"get-value project"*) echo acme-project ;;
    *"projects describe"*) echo 4711 ;;
    *describe*) exit 1 ;;
esac
"""

# The options of the commands' own references.
AZ = {
    "storage account show": {"--name", "--query", "--output"},
    "storage container create": {"--name", "--account-name", "--auth-mode"},
    "eventgrid event-subscription create": {
        *("--name", "--source-resource-id", "--endpoint-type", "--endpoint"),
        *("--event-delivery-schema", "--included-event-types", "--subject-begins-with"),
        *("--max-delivery-attempts", "--event-ttl", "--deadletter-endpoint"),
    },
}
GCLOUD = {
    "config get-value": set[str](),
    "projects describe": {"--format"},
    "iam service-accounts describe": set[str](),
    "iam service-accounts create": set[str](),
    "iam service-accounts add-iam-policy-binding": {"--member", "--role"},
    "pubsub topics create": set[str](),
    "pubsub topics describe": set[str](),
    "pubsub topics add-iam-policy-binding": {"--member", "--role"},
    "storage buckets notifications create": {"--topic", "--event-types", "--object-prefix"},
    "pubsub subscriptions create": {
        *("--topic", "--push-endpoint", "--push-auth-service-account"),
        *("--push-auth-token-audience", "--ack-deadline", "--message-retention-duration"),
        *("--expiration-period", "--min-retry-delay", "--max-retry-delay"),
        *("--dead-letter-topic", "--max-delivery-attempts"),
    },
    "pubsub subscriptions add-iam-policy-binding": {"--member", "--role"},
}


def recorded(
    script: str, tmp_path: Path, name: str, known: Mapping[str, set[str]]
) -> dict[str, dict[str, str]]:
    """Run a script with a recorder as the cloud's command line; return the options it was given."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program(programs, name, RECORDER)
    environment = {
        "PATH": f"{programs}:{PATH}",
        "CALLS": str(tmp_path / "calls"),
        "TRUEPORT_EVENT_GRID_SECRET": SECRET,
    }
    (tmp_path / "said").write_text(run(script, environment), encoding="utf-8")
    calls: dict[str, dict[str, str]] = {}
    for call in (tmp_path / "calls").read_text(encoding="utf-8").strip().split("\n\n"):
        words = call.split("\n")
        (command,) = [one for one in known if words[: len(one.split())] == one.split()]
        options = {
            word: words[place + 1] for place, word in enumerate(words) if word.startswith("--")
        }
        assert options.keys() <= known[command], command
        calls[command] = options
    return calls


def a_tenant(
    trueport: CommandLine, monkeypatch: pytest.MonkeyPatch, provider: str, **environment: str
) -> None:
    """Make a tenant whose storage is said to lie at a provider, without that provider."""
    assert trueport("tenants", "create", "acme", "--owner", "ada@example.org").status == 0
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if provider != "local":
        moved = trueport(
            *("storage", "set", "acme", "--provider", provider, "--prefix", "logs/"),
            *("--bucket", "acme-audit-logs"),
        )
        assert moved.status == 0, moved.err


def test_blobs_of_azure_come_to_the_engine(
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    counterpart_server: Callable[[str], str],
) -> None:
    text = azurite_connection_string(counterpart_server("azurite"))
    a_tenant(trueport, monkeypatch, "azure", AZURE_STORAGE_CONNECTION_STRING=text)

    script = printed(trueport, "--url", URL)
    calls = recorded(script, tmp_path, "az", AZ)

    assert "AccountKey" not in script
    assert calls["storage account show"]["--name"] == "devstoreaccount1"
    subscription = calls["eventgrid event-subscription create"]
    assert subscription["--endpoint"] == f"{URL}/analytics/events/azure?secret={SECRET}"
    assert subscription["--included-event-types"] == "Microsoft.Storage.BlobCreated"
    assert subscription["--subject-begins-with"] == (
        "/blobServices/default/containers/acme-audit-logs/blobs/logs/"
    )
    assert subscription["--deadletter-endpoint"].startswith(subscription["--source-resource-id"])


def test_objects_of_google_come_to_the_engine(
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    counterpart_server: Callable[[str], str],
) -> None:
    address = counterpart_server("gcp-storage-emulator")
    a_tenant(trueport, monkeypatch, "gcp", STORAGE_EMULATOR_HOST=address)

    calls = recorded(printed(trueport, "--url", URL), tmp_path, "gcloud", GCLOUD)

    email = "trueport-push@acme-project.iam.gserviceaccount.com"
    subscription = calls["pubsub subscriptions create"]
    assert subscription["--push-endpoint"] == f"{URL}/analytics/events/gcp"
    assert subscription["--push-auth-service-account"] == email
    assert calls["storage buckets notifications create"]["--object-prefix"] == "logs/"
    assert calls["pubsub subscriptions add-iam-policy-binding"]["--member"] == (
        "serviceAccount:service-4711@gcp-sa-pubsub.iam.gserviceaccount.com"
    )
    assert set_for_the_engine((tmp_path / "said").read_text(encoding="utf-8")) == {
        "TRUEPORT_PUBSUB_EMAIL": email,
        "TRUEPORT_PUBSUB_AUDIENCE": subscription["--push-auth-token-audience"],
    }


def test_local_event_that_the_script_signs_is_genuine(
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    counterpart: Callable[[str], str],
) -> None:
    counterpart("openssl")
    a_tenant(trueport, monkeypatch, "local")
    program(tmp_path, "curl", RECORDER)
    environment = {
        "PATH": f"{tmp_path}:{PATH}",
        "CALLS": str(tmp_path / "calls"),
        "TRUEPORT_EVENTS_SECRET": SECRET,
    }
    key = "audit/v1/dt=2026-11-24/hr=02/gw-1.jsonl.gz"

    run(printed(trueport), environment, key)

    words = (tmp_path / "calls").read_text(encoding="utf-8").strip().split("\n")
    signature = next(word for word in words if word.startswith("x-trueport-signature: "))
    body = words[words.index("--data-raw") + 1].encode()
    events = LocalEvents(secret=SECRET, clock=SystemClock())
    headers = {"x-trueport-signature": signature.partition(": ")[2]}
    said = asyncio.run(events.verify(EventMessage(body=body, headers=headers)))
    assert [(one.bucket, one.key) for one in said.objects] == [("acme-audit-logs", key)]
    assert words[-1] == "http://127.0.0.1:8080/analytics/events/local"


def test_script_stops_where_a_secret_is_missing(
    trueport: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_tenant(trueport, monkeypatch, "local")

    ended = subprocess.run(
        ["sh", "-s", "key"],
        input=printed(trueport),
        env={"PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode != 0
    assert "TRUEPORT_EVENTS_SECRET" in ended.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--print"),
        (("--print", "--via", "https"), "are for S3"),
        (("--print", "--region", "eu-central-1"), "are for S3"),
        (("--print", "--url", "ftp://example.com"), "--url"),
        (("--print", "--url", "http://x/$(id)"), "--url"),
    ],
)
def test_wrong_word_ends_with_2(
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    said: str,
) -> None:
    a_tenant(trueport, monkeypatch, "local")

    ended = trueport("tenants", "connect", "acme", *options)

    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--via", "https"), "TRUEPORT_PUBLIC_URL"),
        (("--via", "https", "--url", "http://trueport.example.com"), "https://"),
        (("--region", "$(id)"), "--region"),
    ],
)
def test_what_s3_cannot_use_ends_with_2(
    cloud: Cloud, trueport: CommandLine, options: tuple[str, ...], said: str
) -> None:
    ended = trueport("tenants", "connect", "acme", "--print", *options)

    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err


def test_tenant_that_is_not_there_is_not_connected(trueport: CommandLine) -> None:
    ended = trueport("tenants", "connect", "nobody", "--print")

    assert ended.status != 0
    assert ended.out == ""
