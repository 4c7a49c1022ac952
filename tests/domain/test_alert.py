"""Who is told about violations, and when."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import MAX_RECIPIENTS, AlertSettings
from domain.detection.taxonomy import Severity
from domain.errors import InvalidValue
from domain.identifiers import TenantId
from domain.user import Email
from tests.strategies import alert_settings

TENANT = TenantId("ten_1")
ADA = Email("ada@example.org")


@given(alert_settings(), st.sampled_from(Severity), st.sampled_from(Severity))
def test_what_is_worse_than_an_immediate_alert_is_told_at_once_too(
    settings: AlertSettings, one: Severity, other: Severity
) -> None:
    worse = max(one, other, key=lambda severity: severity.rank)

    assert settings.is_immediate(worse) or not settings.is_immediate(one)


def test_alerts_begin_at_the_severity_that_is_set() -> None:
    settings = AlertSettings(tenant_id=TENANT, recipients=(ADA,), immediate_from=Severity.HIGH)

    told = [severity for severity in Severity if settings.is_immediate(severity)]

    assert told == [Severity.HIGH, Severity.CRITICAL]


def test_without_recipients_or_threshold_nothing_is_told_at_once() -> None:
    nobody = AlertSettings(tenant_id=TENANT, immediate_from=Severity.LOW)
    digest_only = AlertSettings(tenant_id=TENANT, recipients=(ADA,), immediate_from=None)

    assert not nobody.is_immediate(Severity.CRITICAL)
    assert not digest_only.is_immediate(Severity.CRITICAL)


def test_too_many_recipients_are_refused() -> None:
    AlertSettings(tenant_id=TENANT, recipients=(ADA,) * MAX_RECIPIENTS)

    with pytest.raises(InvalidValue) as refusal:
        AlertSettings(tenant_id=TENANT, recipients=(ADA,) * (MAX_RECIPIENTS + 1))

    assert refusal.value.field == "recipients"


def test_a_digest_comes_every_quarter_of_an_hour_at_most() -> None:
    AlertSettings(tenant_id=TENANT, digest_every=timedelta(minutes=15))

    with pytest.raises(InvalidValue) as refusal:
        AlertSettings(tenant_id=TENANT, digest_every=timedelta(minutes=14, seconds=59))

    assert refusal.value.field == "digest_every"
