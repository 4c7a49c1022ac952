"""What one process adds to the contract of breakers: memory, and a line in the log."""

import logging

import pytest

from adapters.in_process.circuit_breaker import InProcessCircuitBreakers
from application.ports.limits import CallOutcome
from domain.circuit_breaker import BreakerSettings
from domain.identifiers import UpstreamId
from tests.contract.samples import ACME, sample_id
from tests.fakes.clock import FakeClock


async def test_upstreams_that_never_failed_take_no_memory() -> None:
    breakers = InProcessCircuitBreakers(clock=FakeClock())

    for number in range(1000):
        upstream_id = UpstreamId(sample_id("ups", number))
        permit = await breakers.request(ACME, upstream_id)
        await breakers.report(ACME, upstream_id, permit, CallOutcome.SUCCEEDED)

    assert len(breakers) == 0


async def test_failing_upstreams_take_bounded_memory() -> None:
    breakers = InProcessCircuitBreakers(clock=FakeClock(), max_breakers=100)

    for number in range(1000):
        upstream_id = UpstreamId(sample_id("ups", number))
        permit = await breakers.request(ACME, upstream_id)
        await breakers.report(ACME, upstream_id, permit, CallOutcome.FAILED)

    assert len(breakers) == 100


async def test_changes_of_phase_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    breakers = InProcessCircuitBreakers(clock=FakeClock(), settings=BreakerSettings(threshold=2))
    upstream_id = UpstreamId(sample_id("ups", 1))

    for _ in range(10):
        permit = await breakers.request(ACME, upstream_id)
        await breakers.report(ACME, upstream_id, permit, CallOutcome.FAILED)

    assert [record.getMessage() for record in caplog.records] == ["circuit breaker changed"]
    assert vars(caplog.records[0])["phase"] == "open"
