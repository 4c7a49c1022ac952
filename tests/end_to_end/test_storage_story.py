"""One tenant's story on every provider: a request through the gateway, its object, its mail."""

import asyncio
import email
import email.policy
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from application.ports.readers import Page, ViolationFilter
from domain.authorisation import OPERATOR
from domain.job import ObjectRef
from domain.tenant import StorageProvider
from entrypoints.demo import SLUG, Demo
from entrypoints.settings import Settings, load_settings
from entrypoints.wiring.applications import make_server_app
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import running
from tests.counterpart_servers import azurite_connection_string

Address = Callable[[str], str]


def environment(provider: StorageProvider, address: Address, unique: str) -> dict[str, str]:
    variables = {
        "STORAGE_PROVIDER": provider.value,
        "TRUEPORT_BUCKET_TEMPLATE": f"{{slug}}-{unique}-audit-logs",
        "TRUEPORT_SHIP_SECONDS": "0.05",
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


@pytest.mark.parametrize("provider", StorageProvider)
async def test_a_request_becomes_an_object_a_violation_and_a_mail(
    provider: StorageProvider,
    tmp_path: Path,
    counterpart_server: Address,
) -> None:
    unique = f"t{abs(hash(tmp_path)) % 10**8}"
    variables = await asyncio.to_thread(environment, provider, counterpart_server, unique)
    settings = load_settings({"TRUEPORT_HOME": str(tmp_path), **variables})
    container = make_container(settings)

    async with running(container):
        demo = Demo(container, address="")
        state = await demo.seed()
        answer = await _ask(container, state.api_key)
        await _announced(container, settings)
        assert await demo.settled()
        page = await container.violation_reader().violations(
            state.tenant_id, ViolationFilter(), Page()
        )
        report = await container.verify_audit()(OPERATOR, SLUG)

    assert answer.json()["choices"][0]["message"]["content"] == "pay with [CREDIT_CARD] please"
    assert [(one.type, one.record_id) for one in page.items] == [
        ("CREDIT_CARD", answer.headers["x-trueport-request-id"])
    ]
    assert (report.records, report.damages) == (1, ())
    (mail,) = (tmp_path / "outbox").glob("*.eml")
    text = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    assert "CREDIT_CARD" in str(text.get_body(("plain",)))
    assert "4111" not in mail.read_text()


async def _ask(container: Container, api_key: str) -> httpx2.Response:
    app = make_server_app(container)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url="http://gateway",
        headers={"authorization": f"Bearer {api_key}"},
    ) as client:
        return await client.post(
            "/v1/chat/completions",
            json={
                "model": "echo",
                "messages": [{"role": "user", "content": "pay with 4111 1111 1111 1111 please"}],
            },
        )


async def _announced(container: Container, settings: Settings) -> None:
    """Wait for the object, and tell of it as the cloud would: local storage tells itself."""
    async with container.transactions()() as uow:
        tenant = await uow.tenants.by_slug(SLUG)
    storage = container.storages().of(tenant.storage)
    for _ in range(200):
        keys = [item.key async for item in storage.list("audit/v1/dt=")]
        if keys:
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("no audit object came")
    if settings.storage_provider is not StorageProvider.LOCAL:
        for key in keys:
            await container.accept_event()(
                ObjectRef(
                    provider=tenant.storage.provider.value, bucket=tenant.storage.bucket, key=key
                )
            )
