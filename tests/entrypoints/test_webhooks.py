"""From an exchange through the gateway to the server that a tenant wants told."""

import asyncio
from pathlib import Path

import pytest

from application.gateway.webhooks import AddWebhookCommand
from domain.authorisation import OPERATOR
from domain.detection.taxonomy import Severity
from tests.adapters.model_providers.certificates import make_certificates
from tests.application.receivers import a_receiver, is_signed
from tests.entrypoints.conftest import a_site
from tests.fakes.detectors import CARD


async def test_violation_of_an_exchange_arrives_at_the_webhook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = make_certificates(tmp_path, name="localhost")
    # What operators set who have a certificate authority of their own.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.certificate))
    environment = {
        "TRUEPORT_ALLOW_PRIVATE_WEBHOOKS": "true",
        "TRUEPORT_PUBLIC_URL": "https://trueport.example.com",
    }

    async with (
        a_receiver(certificates) as receiver,
        a_site(tmp_path / "home", environment) as site,
    ):
        connected = await site.container.add_webhook()(
            OPERATOR,
            AddWebhookCommand(
                slug=site.tenant.slug,
                name="siem",
                url=receiver.url.replace("hooks.example.com", "localhost"),
                immediate_from=Severity.LOW,
            ),
        )
        answer = await site.client.post(
            "/v1/chat/completions",
            json={"model": "echo", "messages": [{"role": "user", "content": f"card {CARD}"}]},
        )
        await site.settled()
        for _ in range(500):
            if receiver.told and not await site.container.webhook_deliveries().pending():
                break
            await asyncio.sleep(0.02)
        (exchange,) = receiver.server.exchanges
        (violation,) = await site.violations()
        (entry,) = await site.container.webhook_deliveries().latest(
            site.tenant.id, connected.webhook.id, limit=9
        )
        at = site.container.clock().now()

    (told,) = receiver.told
    (line,) = told["data"]["violations"]
    assert is_signed(exchange, connected.secret.value, at=at)
    assert (line["id"], line["type"]) == (violation.id, "CREDIT_CARD")
    assert line["record_id"] == answer.headers["x-trueport-request-id"]
    assert line["key_name"] == "test"
    assert line["link"].startswith("https://trueport.example.com/")
    assert "4111" not in exchange.content.decode()
    assert (entry.attempts, entry.status) == (1, 204)
