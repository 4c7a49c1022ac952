"""Telemetry for programs that nobody watches: one command, one test."""

from application.ports.telemetry import Metric, Telemetry


class SilentTelemetry(Telemetry):
    """Take every number and keep none."""

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Forget a count."""

    def observe(self, metric: Metric, seconds: float, **labels: str) -> None:
        """Forget a duration."""

    def gauge(self, metric: Metric, value: float, **labels: str) -> None:
        """Forget a gauge."""
