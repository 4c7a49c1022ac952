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
    TTFT_SECONDS = "ttft_seconds"
    POLICY_DECISIONS = "policy_decisions_total"
    RATE_LIMIT_DECISIONS = "ratelimit_decisions_total"
    BREAKER_STATE = "breaker_state"
    LIMITS_UNDECIDED = "ratelimit_undecided_total"
    REDIS_CHANGES = "redis_changes_total"
    REDIS_AWAY = "redis_away"
    TOKENS = "tokens_total"
    AUDIT_RECORDS = "audit_records_total"
    AUDIT_SINK_SECONDS = "audit_sink_seconds"
    AUDIT_SINK_FAILURES = "audit_sink_failures_total"
    AUDIT_SINK_SPOOL_BYTES = "audit_sink_spool_bytes"
    EVENTS = "ingest_events_total"
    SIGNATURE_FAILURES = "signature_failures_total"
    QUEUE_DEPTH = "queue_depth"
    JOURNAL_DEPTH = "journal_depth"
    JOURNAL_BYTES = "journal_bytes"
    OLDEST_UNPROCESSED = "oldest_unprocessed_age_seconds"
    JOBS = "jobs_total"
    JOB_SECONDS = "job_seconds"
    LEASE_FENCED = "lease_fenced_total"
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
    COLD_STARTS = "cold_start_total"


class Telemetry(Protocol):
    """Count and measure; never fails and never waits."""

    @abstractmethod
    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""

    @abstractmethod
    def observe(self, metric: Metric, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""

    @abstractmethod
    def gauge(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
