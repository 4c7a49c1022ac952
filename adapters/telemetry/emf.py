"""Metrics as lines of a log that CloudWatch takes for metrics, for processes that nobody scrapes.

Source: AWS, "Specification: Embedded metric format" (Amazon CloudWatch user guide).
"""

import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping

from adapters.telemetry.kinds import KINDS, Series
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry

NAMESPACE = "TruePort"

_MOST_VALUES = 100
"""What one line may hold of one metric."""

_MILLISECONDS = 1000
_Key = tuple[Metric, tuple[str, ...]]


class EmfTelemetry(Telemetry):
    """Keep numbers until `flush` writes them, a line for each set of labels and their values.

    A label without a value is left out: CloudWatch takes none that is empty. A number that makes
    no sense is dropped; nothing here ever raises but what `write` does.
    """

    def __init__(self, *, clock: Clock, write: Callable[[str], object]) -> None:
        self._clock = clock
        self._write = write
        self._series = Series()
        self._lock = threading.Lock()
        self._numbers: dict[_Key, list[float]] = {}

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter; CloudWatch sums what every line says."""
        if metric.value.endswith("_total") and math.isfinite(amount) and amount >= 0:
            with self._lock:
                numbers = self._of(metric, labels)
                numbers[:] = [sum(numbers) + amount]

    def observe(self, metric: Metric, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        if KINDS[metric].buckets and math.isfinite(seconds):
            with self._lock:
                self._of(metric, labels).append(max(0.0, seconds))

    def gauge(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        is_gauge = not KINDS[metric].buckets and not metric.value.endswith("_total")
        if is_gauge and math.isfinite(value):
            with self._lock:
                self._of(metric, labels)[:] = [value]

    def flush(self) -> None:
        """Write what came since the last time; nothing where nothing did."""
        with self._lock:
            numbers, self._numbers = self._numbers, {}
        groups: dict[tuple[tuple[str, str], ...], dict[Metric, list[float]]] = {}
        for (metric, values), found in numbers.items():
            labels = zip(KINDS[metric].labels, values, strict=True)
            named = tuple((name, value) for name, value in labels if value)
            groups.setdefault(named, {})[metric] = found
        for named, metrics in groups.items():
            for part in _parts(metrics):
                self._write(self._line(dict(named), part))

    def _of(self, metric: Metric, labels: Mapping[str, str]) -> list[float]:
        return self._numbers.setdefault((metric, self._series.values(metric, labels)), [])

    def _line(self, labels: Mapping[str, str], metrics: Mapping[Metric, list[float]]) -> str:
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [list(labels)],
            "Metrics": [{"Name": metric.value, "Unit": _unit(metric)} for metric in metrics],
        }
        at = int(self._clock.now().timestamp() * _MILLISECONDS)
        found = {
            metric.value: values if len(values) > 1 else values[0]
            for metric, values in metrics.items()
        }
        return json.dumps(
            {"_aws": {"Timestamp": at, "CloudWatchMetrics": [directive]}, **labels, **found}
        )


def _parts(metrics: Mapping[Metric, list[float]]) -> Iterator[Mapping[Metric, list[float]]]:
    """Yield the metrics of one set of labels, in parts that a line may hold."""
    longest = max(len(values) for values in metrics.values())
    for start in range(0, longest, _MOST_VALUES):
        yield {
            metric: values[start : start + _MOST_VALUES]
            for metric, values in metrics.items()
            if len(values) > start
        }


def _unit(metric: Metric) -> str:
    if metric.value.endswith("_seconds"):
        return "Seconds"
    return "Bytes" if metric.value.endswith("_bytes") else "Count"
