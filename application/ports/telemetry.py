"""The conversation about numbers that operators watch."""

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol


class Metric(StrEnum):
    """Every metric, without the `trueport_` that exporters put before it.

    Labels never hold a tenant, a key or a text that a caller chose.
    """

    GATEWAY_REQUESTS = "gateway_requests_total"
    GATEWAY_OVERHEAD = "gateway_overhead_seconds"
    UPSTREAM_SECONDS = "upstream_seconds"
    POLICY_DECISIONS = "policy_decisions_total"
    RATE_LIMIT_REFUSALS = "ratelimit_refusals_total"
    TOKENS = "tokens_total"
    AUDIT_RECORDS = "audit_records_total"
    AUDIT_SHIP_FAILURES = "audit_ship_failures_total"
    JOURNAL_SEGMENTS = "journal_segments"
    EVENTS = "ingest_events_total"
    JOBS = "jobs_total"
    JOB_SECONDS = "job_seconds"
    JOBS_WAITING = "jobs_waiting"
    DETECTOR_SECONDS = "detector_seconds"
    DETECTOR_FAILURES = "detector_failures_total"
    TRITON_ERRORS = "triton_errors_total"
    VIOLATIONS = "violations_total"
    MAILS = "mail_total"
    DEAD_LETTERS = "dead_letters"
    AUDIT_DAMAGES = "audit_damages_total"
    RECONCILE_MISSING = "reconcile_missing_total"
    ALERTS_HELD = "alerts_held_total"
    WEBHOOKS = "webhook_deliveries_total"


class Telemetry(Protocol):
    """Count and measure; never fails and never waits."""

    @abstractmethod
    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""

    @abstractmethod
    def observe(self, metric: Metric, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""

    @abstractmethod
    def gauge(self, metric: Metric, value: float) -> None:
        """Set a gauge."""
