"""Receivers of alerts, their secrets, and signatures that anybody can check."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import AlertSettings
from domain.detection.taxonomy import Severity
from domain.errors import Conflict, InvalidValue
from domain.identifiers import DeliveryId, TenantId, WebhookId
from domain.webhook import MAX_WEBHOOKS, SECRET_BYTES, Webhook, WebhookSecret, signed_headers
from tests.fakes.clock import START
from tests.strategies import webhooks

TENANT = TenantId("ten_1")
HOUR = timedelta(hours=1)


def webhook(name: str = "siem", immediate_from: Severity | None = None) -> Webhook:
    return Webhook(
        id=WebhookId(f"whk_{name}"),
        name=name,
        url="https://hooks.example.com/in?sig=token",
        secret="k1.first",
        created_at=START,
        immediate_from=immediate_from,
    )


def test_signature_is_that_of_the_published_example() -> None:
    # Assembled from parts: https://github.com/standard-webhooks, the example of its libraries.
    secret = WebhookSecret("whsec_" + "MfKQ9r8GKYqrTwjU" + "PD8ILPZIo2LaLaSw")
    at = START.fromtimestamp(1614265330, START.tzinfo)

    headers = signed_headers(
        [secret],
        delivery_id=DeliveryId("msg_p5jXN8AQM9LWM0D4loKWxJek"),
        at=at,
        body=b'{"test": 2432232314}',
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.lists(st.binary(min_size=24, max_size=64), min_size=1, max_size=2), st.binary())
def test_each_secret_makes_a_signature_of_its_own(keys: list[bytes], body: bytes) -> None:
    headers = signed_headers(
        [WebhookSecret.from_random(key) for key in keys],
        delivery_id=DeliveryId("msg_1"),
        at=START,
        body=body,
    )

    expected = [
        base64.b64encode(
            hmac.new(
                key, f"msg_1.{headers['webhook-timestamp']}.".encode() + body, hashlib.sha256
            ).digest()
        ).decode()
        for key in keys
    ]
    assert headers["webhook-signature"].split(" ") == [f"v1,{one}" for one in expected]


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_secret_is_read_back_and_never_shown(random: bytes) -> None:
    secret = WebhookSecret.from_random(random)

    assert WebhookSecret(secret.value).key == random
    assert secret.value not in repr(secret)


@pytest.mark.parametrize("value", ["", "whsec_", "whsec_" + "A" * 12, "whsec_***", "A" * 44])
def test_what_is_no_secret_is_refused(value: str) -> None:
    with pytest.raises(InvalidValue):
        WebhookSecret(value)


def test_former_secret_signs_until_its_time_is_over() -> None:
    rotated = webhook().rotated("k1.second", former_until=START + HOUR)

    assert rotated.secrets(START) == ("k1.second", "k1.first")
    assert rotated.secrets(START + HOUR) == ("k1.second",)


def test_webhook_that_is_gone_comes_back_with_a_new_secret() -> None:
    gone = webhook().gone(at=START)

    assert not gone.is_active
    assert gone.gone(at=START + HOUR) == gone
    assert gone.rotated("k1.second", former_until=START).is_active


@given(webhooks())
def test_nothing_secret_is_shown(one: Webhook) -> None:
    assert one.secret not in repr(one)
    assert one.url not in repr(one)
    assert "sig=" not in one.shown_url


@pytest.mark.parametrize(
    ("own", "tenants", "told"),
    [
        (None, Severity.HIGH, [Severity.HIGH, Severity.CRITICAL]),
        (Severity.CRITICAL, Severity.LOW, [Severity.CRITICAL]),
        (Severity.MEDIUM, None, [Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]),
        (None, None, []),
    ],
)
def test_webhook_is_told_by_its_own_severity_or_else_the_tenants(
    own: Severity | None, tenants: Severity | None, told: list[Severity]
) -> None:
    one = webhook(immediate_from=own)
    settings = AlertSettings(tenant_id=TENANT, immediate_from=tenants, webhooks=(one,))

    assert [each for each in Severity if settings.is_immediate_for(one, each)] == told


def test_webhook_is_added_changed_and_removed() -> None:
    one, other = webhook("one"), webhook("other")
    settings = AlertSettings(tenant_id=TENANT).with_webhook(one).with_webhook(other)

    changed = settings.with_webhook(replace(one, secret="k1.second"))

    assert [each.name for each in changed.webhooks] == ["one", "other"]
    assert changed.webhooks[0].secret == "k1.second"
    assert changed.without_webhook(one.id).webhooks == (other,)
    assert changed.webhook(other.id) == other
    assert changed.webhook(WebhookId("whk_none")) is None
    assert settings.with_webhook(one.gone(at=START)).active_webhooks == (other,)


def test_two_webhooks_of_one_name_are_refused() -> None:
    with pytest.raises(Conflict) as refusal:
        AlertSettings(
            tenant_id=TENANT,
            webhooks=(webhook("siem"), replace(webhook("SIEM"), id=WebhookId("whk_2"))),
        )

    assert refusal.value.code == "webhook.name_taken"


def test_too_many_webhooks_are_refused() -> None:
    settings = AlertSettings(
        tenant_id=TENANT, webhooks=tuple(webhook(f"w{n}") for n in range(MAX_WEBHOOKS))
    )

    with pytest.raises(InvalidValue):
        settings.with_webhook(webhook("more"))


@pytest.mark.parametrize("url", ["", "https://hooks.example.com/" + "a" * 2000])
def test_address_of_a_strange_length_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        replace(webhook(), url=url)
