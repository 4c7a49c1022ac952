"""Metrics in the text format of Prometheus."""

import logging
import math

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from adapters.telemetry.kinds import KINDS, Series
from application.ports.telemetry import Metric, Telemetry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NAMESPACE = "trueport"
_log = logging.getLogger(__name__)


class PrometheusTelemetry(Telemetry):
    """Count in a registry of its own.

    A number that makes no sense is dropped; nothing here ever raises.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[Metric, Counter] = {}
        self._histograms: dict[Metric, Histogram] = {}
        self._gauges: dict[Metric, Gauge] = {}
        self._series = Series()
        for metric, kind in KINDS.items():
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
        values = self._series.values(metric, labels)
        (counter.labels(*values) if values else counter).inc(amount)

    def observe(self, metric: Metric, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        histogram = self._histograms.get(metric)
        if histogram is None or not math.isfinite(seconds):
            self._dropped(metric)
            return
        values = self._series.values(metric, labels)
        (histogram.labels(*values) if values else histogram).observe(max(0.0, seconds))

    def gauge(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges.get(metric)
        if gauge is None:
            self._dropped(metric)
            return
        values = self._series.values(metric, labels)
        (gauge.labels(*values) if values else gauge).set(value)

    def render(self) -> bytes:
        """Return every metric in the text format 0.0.4, to be served as `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def _dropped(self, metric: Metric) -> None:
        _log.debug("metric dropped", extra={"metric": metric.value})
