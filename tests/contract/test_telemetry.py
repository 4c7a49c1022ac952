"""The contract of `Telemetry`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from adapters.telemetry.prometheus import PrometheusTelemetry
from application.ports.telemetry import Metric, Telemetry

COUNTERS = [metric for metric in Metric if metric.value.endswith("_total")]
DURATIONS = [metric for metric in Metric if metric.value.endswith("_seconds")]
GAUGES = [metric for metric in Metric if metric not in COUNTERS + DURATIONS]


@dataclass(frozen=True, slots=True)
class Instrument:
    """Telemetry, and a way to read a number by its series."""

    telemetry: Telemetry
    value: Callable[[str], float | None]


def prometheus() -> Instrument:
    telemetry = PrometheusTelemetry()

    def value(series: str) -> float | None:
        for line in telemetry.render().decode().splitlines():
            if line.startswith(f"{series} "):
                return float(line.rpartition(" ")[2])
        return None

    return Instrument(telemetry, value)


INSTRUMENTS: Mapping[str, Callable[[], Instrument]] = {"prometheus": prometheus}


@pytest.fixture(params=INSTRUMENTS)
def instrument(request: pytest.FixtureRequest) -> Instrument:
    return INSTRUMENTS[request.param]()


def test_counts_add_up_by_label(instrument: Instrument) -> None:
    instrument.telemetry.count(Metric.TOKENS, 12, direction="input")
    instrument.telemetry.count(Metric.TOKENS, 30, direction="input")
    instrument.telemetry.count(Metric.TOKENS, direction="output")

    assert instrument.value('trueport_tokens_total{direction="input"}') == 42
    assert instrument.value('trueport_tokens_total{direction="output"}') == 1


def test_durations_are_counted_and_summed(instrument: Instrument) -> None:
    instrument.telemetry.observe(Metric.DETECTOR_SECONDS, 0.25, detector="patterns")
    instrument.telemetry.observe(Metric.DETECTOR_SECONDS, 0.5, detector="patterns")

    labels = '{detector="patterns"}'
    assert instrument.value(f"trueport_detector_seconds_count{labels}") == 2
    assert instrument.value(f"trueport_detector_seconds_sum{labels}") == 0.75


def test_gauge_holds_the_last_value(instrument: Instrument) -> None:
    instrument.telemetry.gauge(Metric.JOBS_WAITING, 7)
    instrument.telemetry.gauge(Metric.JOBS_WAITING, 3)

    assert instrument.value("trueport_jobs_waiting") == 3


@pytest.mark.parametrize("metric", Metric)
def test_no_call_fails_whatever_it_says(instrument: Instrument, metric: Metric) -> None:
    for number in (1, 0, -1, float("nan"), float("inf")):
        instrument.telemetry.count(metric, number)
        instrument.telemetry.count(metric, number, unknown="x", direction='\ud800\n"')
        instrument.telemetry.observe(metric, number)
        instrument.telemetry.observe(metric, number, unknown="x")
        instrument.telemetry.gauge(metric, number)


def test_series_of_a_metric_are_bounded(instrument: Instrument) -> None:
    for number in range(10_000):
        instrument.telemetry.count(Metric.MAILS, result=str(number))

    assert instrument.value('trueport_mail_total{result="1"}') == 1
    assert (instrument.value('trueport_mail_total{result="other"}') or 0) >= 9000


@pytest.mark.parametrize("metric", GAUGES)
def test_gauges_begin_at_zero(instrument: Instrument, metric: Metric) -> None:
    assert instrument.value(f"trueport_{metric.value}") == 0


def test_names_follow_the_field(instrument: Instrument) -> None:
    assert {metric.value for metric in GAUGES} == {
        "jobs_waiting",
        "journal_segments",
        "dead_letters",
    }
    assert all(re.fullmatch(r"[a-z_]+", metric.value) for metric in Metric)
