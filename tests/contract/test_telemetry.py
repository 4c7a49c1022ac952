"""The contract of `Telemetry`."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from adapters.telemetry.emf import EmfTelemetry
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.ports.telemetry import Metric, Telemetry
from tests.fakes.clock import FakeClock

COUNTERS = [metric for metric in Metric if metric.value.endswith("_total")]
AGES = [metric for metric in Metric if metric.value.endswith("_age_seconds")]
DURATIONS = [
    metric for metric in Metric if metric.value.endswith("_seconds") and metric not in AGES
]
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


def emf() -> Instrument:
    """Read what CloudWatch would: sums of counters and durations, the last value of a gauge."""
    lines: list[str] = []
    telemetry = EmfTelemetry(clock=FakeClock(), write=lines.append)

    def value(series: str) -> float | None:
        telemetry.flush()
        name, _, labels = series.removeprefix("trueport_").partition("{")
        plain = re.sub(r"_(?:count|sum)$", "", name) if name.endswith(("_count", "_sum")) else name
        wanted = dict(re.findall(r'([a-z_]+)="([^"]*)"', labels))
        found = [
            document[plain]
            for document in map(json.loads, lines)
            if plain in document and {key: document.get(key) for key in wanted} == wanted
        ]
        numbers = [one for each in found for one in (each if isinstance(each, list) else [each])]
        if not numbers:
            return None
        if name.endswith("_count"):
            return len(numbers)
        is_summed = name.endswith(("_sum", "_total"))
        return float(sum(numbers) if is_summed else numbers[-1])

    return Instrument(telemetry, value)


INSTRUMENTS: Mapping[str, Callable[[], Instrument]] = {"prometheus": prometheus, "emf": emf}


@pytest.fixture(params=INSTRUMENTS)
def instrument(request: pytest.FixtureRequest) -> Instrument:
    return INSTRUMENTS[request.param]()


def test_counts_add_up_by_label(instrument: Instrument) -> None:
    instrument.telemetry.count(Metric.TOKENS, 12, dir="input")
    instrument.telemetry.count(Metric.TOKENS, 30, dir="input")
    instrument.telemetry.count(Metric.TOKENS, dir="output")

    assert instrument.value('trueport_tokens_total{dir="input"}') == 42
    assert instrument.value('trueport_tokens_total{dir="output"}') == 1


def test_durations_are_counted_and_summed(instrument: Instrument) -> None:
    instrument.telemetry.observe(Metric.DETECTOR_SECONDS, 0.25, model="patterns")
    instrument.telemetry.observe(Metric.DETECTOR_SECONDS, 0.5, model="patterns")

    labels = '{model="patterns"}'
    assert instrument.value(f"trueport_detector_seconds_count{labels}") == 2
    assert instrument.value(f"trueport_detector_seconds_sum{labels}") == 0.75


def test_gauge_holds_the_last_value(instrument: Instrument) -> None:
    instrument.telemetry.gauge(Metric.JOURNAL_DEPTH, 7)
    instrument.telemetry.gauge(Metric.JOURNAL_DEPTH, 3)

    assert instrument.value("trueport_journal_depth") == 3


@pytest.mark.parametrize("metric", Metric)
def test_no_call_fails_whatever_it_says(instrument: Instrument, metric: Metric) -> None:
    for number in (1, 0, -1, float("nan"), float("inf")):
        instrument.telemetry.count(metric, number)
        instrument.telemetry.count(metric, number, unknown="x", dir='\ud800\n"')
        instrument.telemetry.observe(metric, number)
        instrument.telemetry.observe(metric, number, unknown="x")
        instrument.telemetry.gauge(metric, number)


def test_series_of_a_metric_are_bounded(instrument: Instrument) -> None:
    for number in range(10_000):
        instrument.telemetry.count(Metric.MAILS, result=str(number))

    assert instrument.value('trueport_mail_total{result="1"}') == 1
    assert (instrument.value('trueport_mail_total{result="other"}') or 0) >= 9000


def test_gauge_is_set_for_each_label(instrument: Instrument) -> None:
    instrument.telemetry.gauge(Metric.BREAKER_STATE, 2, state="open")
    instrument.telemetry.gauge(Metric.BREAKER_STATE, 1, state="half_open")

    assert instrument.value('trueport_breaker_state{state="open"}') == 2
    assert instrument.value('trueport_breaker_state{state="half_open"}') == 1


@pytest.mark.parametrize("metric", [one for one in GAUGES if one is not Metric.BREAKER_STATE])
def test_gauges_that_are_scraped_begin_at_zero(metric: Metric) -> None:
    assert prometheus().value(f"trueport_{metric.value}") == 0


def test_names_follow_the_field() -> None:
    assert {metric.value for metric in GAUGES} == {
        "queue_depth",
        "journal_depth",
        "journal_bytes",
        "oldest_unprocessed_age_seconds",
        "audit_sink_spool_bytes",
        "breaker_state",
        "dead_letters",
        "redis_away",
    }
    assert all(re.fullmatch(r"[a-z_]+", metric.value) for metric in Metric)
