"""One tenant's story on every provider: from a request to a mail, over its cloud's own event.

Nothing else tells of an object here: no sweep comes in the time, and the process does not tell
itself. Keys, certificates and identities of the senders are those of the tests; what is signed, and
how, is what each cloud does.
"""

import asyncio
import email
import email.policy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote_plus
from uuid import NAMESPACE_URL, uuid5

import httpx2
import pytest
from dependency_injector import providers

from adapters.notifications.local import SIGNATURE_HEADER, sign_local_event
from application.ports.notifications import EventMessage
from application.ports.object_events import ObjectEvents
from application.ports.readers import Page, ViolationFilter
from domain.authorisation import OPERATOR
from domain.job import JobState, ObjectRef
from domain.tenant import StorageProvider, Tenant
from entrypoints.demo import SLUG, Demo
from entrypoints.settings import load_settings
from entrypoints.wiring.applications import make_server_app
from entrypoints.wiring.cloud_senders import make_cloud_events
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import running
from tests.adapters.notifications import google, sns_sender
from tests.adapters.notifications.authority import trusted_roots
from tests.adapters.notifications.web import FakeWeb
from tests.counterpart_servers import azurite_connection_string
from tests.fakes.clock import START, FakeClock

Address = Callable[[str], str]

SECRET = "the-secret-of-this-storys-events"
LOG = "chat/2026-11-24.jsonl"
ROUTES = {
    StorageProvider.S3: "/analytics/events/s3",
    StorageProvider.AZURE: f"/analytics/events/azure?secret={SECRET}",
    StorageProvider.GCP: "/analytics/events/gcp",
    StorageProvider.LOCAL: "/analytics/events/local",
}


class Untold(ObjectEvents):
    """A process that tells nobody of what it stored, as where storage itself does."""

    async def created(self, ref: ObjectRef) -> None:
        """Say nothing."""


def environment(provider: StorageProvider, address: Address, unique: str) -> dict[str, str]:
    variables = {
        "STORAGE_PROVIDER": provider.value,
        "TRUEPORT_BUCKET_TEMPLATE": f"{{slug}}-{unique}-audit-logs",
        "TRUEPORT_SHIP_SECONDS": "0.05",
        "TRUEPORT_SNS_TOPIC_ARNS": sns_sender.TOPIC,
        "TRUEPORT_EVENT_GRID_SECRET": SECRET,
        "TRUEPORT_PUBSUB_AUDIENCE": google.AUDIENCE,
        "TRUEPORT_PUBSUB_EMAIL": google.EMAIL,
        "TRUEPORT_EVENTS_SECRET": SECRET,
    }
    if provider is StorageProvider.S3:
        variables |= {
            "AWS_ENDPOINT_URL": address("moto"),
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_REGION": "eu-central-1",
        }
    elif provider is StorageProvider.AZURE:
        connection = azurite_connection_string(address("azurite"))
        variables["AZURE_STORAGE_CONNECTION_STRING"] = connection
    elif provider is StorageProvider.GCP:
        variables["STORAGE_EMULATOR_HOST"] = address("gcp-storage-emulator")
    return variables


def event_of(provider: StorageProvider, bucket: str, key: str) -> EventMessage:
    """Return what tells of an object, as its cloud signs it at the time of the still clock."""
    message_id = str(uuid5(NAMESPACE_URL, key))
    match provider:
        case StorageProvider.S3:
            place = {"bucket": {"name": bucket}, "object": {"key": quote_plus(key), "eTag": "e"}}
            record = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": place}
            said = json.dumps({"Records": [{"eventVersion": "2.1", **record}]})
            return sns_sender.posted(
                sns_sender.signed(sns_sender.notification(said, MessageId=message_id))
            )
        case StorageProvider.AZURE:
            event = {
                "topic": "/subscriptions/0/resourceGroups/acme/providers/Microsoft.Storage/"
                "storageAccounts/acmeaudit",
                "subject": f"/blobServices/default/containers/{bucket}/blobs/{key}",
                "eventType": "Microsoft.Storage.BlobCreated",
                "eventTime": "2026-11-24T02:43:58.1234567Z",
                "id": message_id,
                "data": {"api": "PutBlob", "eTag": "0x8D4BCC2E4835CD0", "blobType": "BlockBlob"},
                "dataVersion": "",
                "metadataVersion": "1",
            }
            return EventMessage(body=json.dumps([event]).encode())
        case StorageProvider.GCP:
            attributes = {"bucketId": bucket, "objectId": key, "objectGeneration": "1"}
            message = {
                "attributes": {"eventType": "OBJECT_FINALIZE", **attributes},
                "messageId": message_id,
                "publishTime": "2026-11-24T02:43:58.456Z",
            }
            return google.pushed(json.dumps({"message": message}).encode())
        case StorageProvider.LOCAL:
            body = json.dumps({"bucket": bucket, "key": key}).encode()
            signature = sign_local_event(SECRET, body, at=int(START.timestamp()))
            return EventMessage(body=body, headers={SIGNATURE_HEADER: signature})


def container_for(variables: Mapping[str, str]) -> Container:
    """Return the container, whose senders are those of the tests."""
    settings = load_settings(variables)
    container = make_container(settings)
    web = FakeWeb({**sns_sender.web().documents, **google.web().documents})
    container.object_events.override(providers.Object(Untold()))
    container.cloud_events.override(
        providers.Object(
            make_cloud_events(
                settings,
                FakeClock(),
                container.telemetry(),
                container.accept_event(),
                container.ids(),
                fetch=web,
                roots=trusted_roots,
            )
        )
    )
    return container


@pytest.mark.parametrize("provider", StorageProvider)
async def test_a_request_becomes_an_object_an_event_a_violation_and_a_mail(
    provider: StorageProvider,
    tmp_path: Path,
    counterpart_server: Address,
) -> None:
    unique = f"t{abs(hash(tmp_path)) % 10**8}"
    variables = await asyncio.to_thread(environment, provider, counterpart_server, unique)
    container = container_for({"TRUEPORT_HOME": str(tmp_path), **variables})

    async with running(container), _client(container) as client:
        demo = Demo(container, address="")
        state = await demo.seed()
        tenant = await _tenant(container)
        answer = await _ask(client, state.api_key)
        keys = [await _audit_object(container, tenant), await _foreign_log(container, tenant)]
        forged = await _announce(client, provider, tenant, keys[0], spoils=True)
        told = [await _announce(client, provider, tenant, key) for key in keys]
        again = await _announce(client, provider, tenant, keys[0])
        assert await demo.settled()
        page = await container.violation_reader().violations(
            state.tenant_id, ViolationFilter(), Page()
        )
        jobs = await container.job_records().all()
        report = await container.verify_audit()(OPERATOR, SLUG)

    assert answer.json()["choices"][0]["message"]["content"] == "pay with [CREDIT_CARD] please"
    assert forged.status_code == 403
    assert [one.json() for one in (*told, again)] == [
        {"results": ["accepted"]},
        {"results": ["accepted"]},
        {"results": ["duplicate"]},
    ]
    assert sorted((job.object.key, job.state) for job in jobs) == [
        (key, JobState.DONE) for key in sorted(keys)
    ]
    # The gateway saw the first; only the analysis, which the event brought about, the second.
    assert {(one.type, one.object_key) for one in page.items} == {
        ("CREDIT_CARD", keys[0]),
        ("CLOUD_KEY", keys[1]),
    }
    assert answer.headers["x-trueport-request-id"] in {one.record_id for one in page.items}
    assert (report.records, report.damages) == (1, ())
    mails = [_text(path) for path in (tmp_path / "outbox").glob("*.eml")]
    for found in ("CREDIT_CARD", "CLOUD_KEY"):
        assert sum(found in mail for mail in mails) == 1
    assert not any("4111" in mail or "IOSFODNN7" in mail for mail in mails)


def _client(container: Container) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=make_server_app(container)), base_url="http://gateway"
    )


async def _tenant(container: Container) -> Tenant:
    async with container.transactions()() as uow:
        return await uow.tenants.by_slug(SLUG)


async def _ask(client: httpx2.AsyncClient, api_key: str) -> httpx2.Response:
    return await client.post(
        "/v1/chat/completions",
        headers={"authorization": f"Bearer {api_key}"},
        json={
            "model": "echo",
            "messages": [{"role": "user", "content": "pay with 4111 1111 1111 1111 please"}],
        },
    )


async def _audit_object(container: Container, tenant: Tenant) -> str:
    """Wait for the object of the gateway and return its key."""
    storage = container.storages().of(tenant.storage)
    for _ in range(200):
        async for item in storage.list("audit/v1/dt="):
            return item.key
        await asyncio.sleep(0.05)
    raise AssertionError("no audit object came")


async def _foreign_log(container: Container, tenant: Tenant) -> str:
    """Store the log of another writer, which the gateway knows nothing of."""
    text = "deploy with " + "AKIA" + "IOSFODNN7EXAMPLE" + " today"
    line = json.dumps({"messages": [{"role": "user", "content": text}]})
    await (
        container.storages()
        .of(tenant.storage)
        .create(LOG, line.encode(), content_type="application/x-ndjson")
    )
    return LOG


async def _announce(
    client: httpx2.AsyncClient,
    provider: StorageProvider,
    tenant: Tenant,
    key: str,
    *,
    spoils: bool = False,
) -> httpx2.Response:
    """Post the event of an object; spoilt, with the proof of another one or none."""
    event = event_of(provider, tenant.storage.bucket, key)
    route, body = ROUTES[provider], event.body
    headers = dict(event.headers)
    if spoils and provider is StorageProvider.AZURE:
        route = route.replace(SECRET, "guessed")
    elif spoils and provider is StorageProvider.GCP:
        headers["authorization"] = f"Bearer {google.token(google.claims(aud='another'))}"
    elif spoils:
        body = body.replace(b"audit/v1", b"audit/v2").replace(b"audit%2Fv1", b"audit%2Fv2")
    return await client.post(route, content=body, headers=headers)


def _text(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return f"{message['subject']}\n{message.get_body(('plain',))}"
