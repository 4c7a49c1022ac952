"""Metrics in the text format of Prometheus."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from application.ports.telemetry import Metric, Telemetry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MAX_SERIES = 500
"""Label combinations of one metric; those that come later are counted as `other`."""

_NAMESPACE = "trueport"
_OTHER = "other"
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What one metric is: its help text, its labels, and the buckets of a histogram."""

    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_KINDS: Mapping[Metric, _Kind] = {
    Metric.QUEUE_DEPTH: _Kind(help="Analysis jobs that wait for a worker: scale by this."),
    Metric.GATEWAY_REQUESTS: _Kind(
        help="Requests by outcome; the provider of the model where one answered.",
        labels=("route", "status", "provider"),
    ),
    Metric.GATEWAY_OVERHEAD: _Kind(help="Seconds that the gateway itself added.", buckets=_FAST),
    Metric.UPSTREAM_SECONDS: _Kind(help="Seconds that upstreams took.", buckets=_SLOW),
    Metric.TTFT_SECONDS: _Kind(
        help="Seconds from a request to the first chunk of its streamed answer.", buckets=_SLOW
    ),
    Metric.POLICY_DECISIONS: _Kind(help="Decisions of policies.", labels=("action",)),
    Metric.RATE_LIMIT_DECISIONS: _Kind(
        help="Decisions of limits; `limit` is the one that refused.", labels=("limit", "result")
    ),
    Metric.LIMITS_UNDECIDED: _Kind(
        help="Requests whose limits could not be decided together, by what became of them.",
        labels=("result",),
    ),
    Metric.REDIS_CHANGES: _Kind(help="Times that Redis went away or came back.", labels=("state",)),
    Metric.REDIS_AWAY: _Kind(help="1 while Redis is away."),
    Metric.BREAKER_STATE: _Kind(
        help="Circuit breakers of upstreams that failed lately, by phase.", labels=("state",)
    ),
    Metric.TOKENS: _Kind(help="Tokens in and out.", labels=("dir",)),
    Metric.AUDIT_RECORDS: _Kind(help="Audit records made durable."),
    Metric.AUDIT_SINK_SECONDS: _Kind(help="Seconds to put one audit object away.", buckets=_SLOW),
    Metric.AUDIT_SINK_FAILURES: _Kind(help="Failed writes of audit objects."),
    Metric.AUDIT_SINK_SPOOL_BYTES: _Kind(
        help="Bytes of the audit journal that wait to be shipped."
    ),
    Metric.EVENTS: _Kind(help="Storage events by result.", labels=("source", "result")),
    Metric.SIGNATURE_FAILURES: _Kind(
        help="Storage events that could not be trusted, by what was wrong.", labels=("reason",)
    ),
    Metric.JOURNAL_DEPTH: _Kind(help="Analysis jobs that are not finished, those at work too."),
    Metric.JOURNAL_BYTES: _Kind(help="Bytes of the embedded store, which holds the jobs."),
    Metric.OLDEST_UNPROCESSED: _Kind(help="Age of the oldest analysis job that is not finished."),
    Metric.JOBS: _Kind(help="Analysis jobs by result.", labels=("result",)),
    Metric.JOB_SECONDS: _Kind(
        help="Seconds of one analysis job: waiting, reading, detecting, storing.",
        labels=("stage",),
        buckets=_SLOW,
    ),
    Metric.LEASE_FENCED: _Kind(help="Jobs whose worker found that another one has them now."),
    Metric.DETECTOR_SECONDS: _Kind(
        help="Seconds of one detector and call.", labels=("model",), buckets=_FAST
    ),
    Metric.DETECTOR_FAILURES: _Kind(help="Failures of detectors.", labels=("model",)),
    Metric.TRITON_ERRORS: _Kind(
        help="Failed requests to Triton servers, most of which pass at another try.",
        labels=("model", "reason"),
    ),
    Metric.VIOLATIONS: _Kind(help="New violations.", labels=("category", "type", "severity")),
    Metric.MAILS: _Kind(help="Mails by result.", labels=("result",)),
    Metric.DEAD_LETTERS: _Kind(help="Jobs that wait for a person."),
    Metric.AUDIT_DAMAGES: _Kind(help="Breaks found in the hash chains of audit objects."),
    Metric.RECONCILE_MISSING: _Kind(help="Stored objects that no event had told of."),
    Metric.ALERTS_HELD: _Kind(help="Alerts held back by the limit of a recipient or webhook."),
    Metric.WEBHOOKS: _Kind(help="Tries to tell webhooks, by result.", labels=("result",)),
}


class PrometheusTelemetry(Telemetry):
    """Count in a registry of its own.

    Each metric has a fixed set of labels: one that is missing is empty, one that is not of the set
    is left out. A number that makes no sense is dropped; nothing here ever raises.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[Metric, Counter] = {}
        self._histograms: dict[Metric, Histogram] = {}
        self._gauges: dict[Metric, Gauge] = {}
        self._series: dict[Metric, set[tuple[str, ...]]] = {metric: set() for metric in Metric}
        for metric, kind in _KINDS.items():
            if kind.buckets:
                self._histograms[metric] = Histogram(
                    metric.value,
                    kind.help,
                    kind.labels,
                    namespace=_NAMESPACE,
                    registry=self._registry,
                    buckets=kind.buckets,
                )
            elif metric.value.endswith("_total"):
                self._counters[metric] = Counter(
                    metric.value,
                    kind.help,
                    kind.labels,
                    namespace=_NAMESPACE,
                    registry=self._registry,
                )
            else:
                self._gauges[metric] = Gauge(
                    metric.value,
                    kind.help,
                    kind.labels,
                    namespace=_NAMESPACE,
                    registry=self._registry,
                )
        ProcessCollector(registry=self._registry)

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        counter = self._counters.get(metric)
        if counter is None or not (math.isfinite(amount) and amount >= 0):
            self._dropped(metric)
            return
        values = self._values(metric, labels)
        (counter.labels(*values) if values else counter).inc(amount)

    def observe(self, metric: Metric, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        histogram = self._histograms.get(metric)
        if histogram is None or not math.isfinite(seconds):
            self._dropped(metric)
            return
        values = self._values(metric, labels)
        (histogram.labels(*values) if values else histogram).observe(max(0.0, seconds))

    def gauge(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges.get(metric)
        if gauge is None:
            self._dropped(metric)
            return
        values = self._values(metric, labels)
        (gauge.labels(*values) if values else gauge).set(value)

    def render(self) -> bytes:
        """Return every metric in the text format 0.0.4, to be served as `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def _values(self, metric: Metric, labels: Mapping[str, str]) -> tuple[str, ...]:
        names = _KINDS[metric].labels
        # A lone surrogate would make the whole page fail.
        values = tuple(
            labels.get(name, "").encode("utf-8", "replace").decode("utf-8") for name in names
        )
        series = self._series[metric]
        if values not in series:
            if len(series) >= MAX_SERIES:
                return (_OTHER,) * len(names)
            series.add(values)
        return values

    def _dropped(self, metric: Metric) -> None:
        _log.debug("metric dropped", extra={"metric": metric.value})
