"""One alert on its way to one webhook."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.taxonomy import Severity
from domain.events import ViolationsRecorded
from domain.identifiers import TenantId, ViolationId, WebhookId
from domain.webhook_delivery import (
    MAX_RETRY_AFTER,
    RETRY,
    DeliveryState,
    WebhookDelivery,
    delivery_id,
    is_gone,
)
from tests.fakes.clock import START

TENANT, WEBHOOK = TenantId("ten_1"), WebhookId("whk_1")
WAITING = WebhookDelivery(
    id=delivery_id(WEBHOOK, "evt_1"),
    tenant_id=TENANT,
    webhook_id=WEBHOOK,
    cause=ViolationsRecorded(
        tenant_id=TENANT, violation_ids=(ViolationId("vio_1"),), highest=Severity.HIGH
    ),
    created_at=START,
)
DRAWS = st.floats(min_value=0, max_value=1, exclude_min=True)


def claimed(times: int = 1) -> WebhookDelivery:
    delivery = WAITING
    for _ in range(times):
        delivery = delivery.claimed(until=START)
    return delivery


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_success(status: int) -> None:
    delivered = claimed().answered(status, at=START, draw=1.0)

    assert (delivered.state, delivered.status) == (DeliveryState.DELIVERED, status)
    assert (delivered.error, delivered.finished_at) == (None, START)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_tried_again(status: int) -> None:
    waiting = claimed().answered(status, at=START, draw=1.0)

    assert waiting.is_waiting
    assert waiting.not_before is not None
    assert waiting.not_before > START
    assert waiting.error == f"webhook.status_{status}"


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 403, 404, 410, 422, 451])
def test_redirects_and_other_refusals_are_final(status: int) -> None:
    failed = claimed().answered(status, at=START, draw=1.0)

    assert (failed.state, failed.error) == (DeliveryState.FAILED, f"webhook.status_{status}")
    assert is_gone(status) == (status == 410)


@given(
    st.integers(1, RETRY.max_attempts - 1), DRAWS, st.timedeltas(timedelta(0), timedelta(days=9))
)
def test_pause_is_at_least_what_the_receiver_asks_for_within_a_limit(
    attempts: int, draw: float, asked: timedelta
) -> None:
    waiting = claimed(attempts).answered(503, at=START, draw=draw, retry_after=asked)

    assert waiting.not_before is not None
    assert waiting.not_before - START >= min(asked, MAX_RETRY_AFTER)
    assert waiting.not_before - START <= max(RETRY.limit, MAX_RETRY_AFTER)


@given(DRAWS)
def test_last_try_is_the_last(draw: float) -> None:
    before = claimed(RETRY.max_attempts - 1).unanswered("webhook.timeout", at=START, draw=draw)
    last = claimed(RETRY.max_attempts).unanswered("webhook.timeout", at=START, draw=draw)

    assert before.is_waiting
    assert (last.state, last.error) == (DeliveryState.FAILED, "webhook.timeout")


def test_tries_go_on_for_hours() -> None:
    longest = sum(
        (RETRY.delay(attempts, 1.0) for attempts in range(1, RETRY.max_attempts)), timedelta(0)
    )

    assert timedelta(hours=4) < longest < timedelta(hours=12)


def test_claim_counts_a_try() -> None:
    assert (WAITING.attempts, claimed(3).attempts) == (0, 3)
    assert claimed().not_before == START


def test_what_is_held_or_empty_is_not_tried() -> None:
    assert not WAITING.held(at=START).is_waiting
    assert not WAITING.empty(at=START).is_waiting


def test_id_is_of_the_occasion_and_the_webhook() -> None:
    other = WebhookId("whk_2")

    assert delivery_id(WEBHOOK, "evt_1") == WAITING.id
    assert len({WAITING.id, delivery_id(other, "evt_1"), delivery_id(WEBHOOK, "evt_2")}) == 3
