"""Lines of the embedded metric format, as CloudWatch's specification wants them."""

import json
from typing import Any

import pytest

from adapters.telemetry.emf import EmfTelemetry
from application.ports.telemetry import Metric
from tests.fakes.clock import START, FakeClock


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def telemetry(lines: list[str]) -> EmfTelemetry:
    return EmfTelemetry(clock=FakeClock(), write=lines.append)


def documents(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_line_names_its_metrics_and_their_dimensions(
    telemetry: EmfTelemetry, lines: list[str]
) -> None:
    telemetry.count(Metric.TOKENS, 12, dir="input")
    telemetry.count(Metric.TOKENS, 30, dir="input")

    telemetry.flush()

    assert documents(lines) == [
        {
            "_aws": {
                "Timestamp": int(START.timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "TruePort",
                        "Dimensions": [["dir"]],
                        "Metrics": [{"Name": "tokens_total", "Unit": "Count"}],
                    }
                ],
            },
            "dir": "input",
            "tokens_total": 42,
        }
    ]


def test_metrics_of_the_same_labels_share_a_line(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.count(Metric.COLD_STARTS)
    telemetry.observe(Metric.UPSTREAM_SECONDS, 0.5)
    telemetry.gauge(Metric.AUDIT_SINK_SPOOL_BYTES, 7)

    telemetry.flush()

    (document,) = documents(lines)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    units = {one["Name"]: one["Unit"] for one in directive["Metrics"]}
    assert directive["Dimensions"] == [[]]
    assert units == {
        "cold_start_total": "Count",
        "upstream_seconds": "Seconds",
        "audit_sink_spool_bytes": "Bytes",
    }


def test_label_without_a_value_is_left_out(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.count(Metric.RATE_LIMIT_DECISIONS, limit="", result="admitted", mode="exact")

    telemetry.flush()

    (document,) = documents(lines)
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["result", "mode"]]
    assert "limit" not in document


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (100, [100]), (250, [100, 100, 50])])
def test_line_holds_a_hundred_values_of_a_metric_at_most(
    telemetry: EmfTelemetry, lines: list[str], count: int, sizes: list[int]
) -> None:
    for number in range(count):
        telemetry.observe(Metric.UPSTREAM_SECONDS, number)

    telemetry.flush()

    found = [document["upstream_seconds"] for document in documents(lines)]
    assert [len(one) if isinstance(one, list) else 1 for one in found] == sizes


def test_what_was_written_is_not_written_again(telemetry: EmfTelemetry, lines: list[str]) -> None:
    telemetry.count(Metric.COLD_STARTS)
    telemetry.flush()

    telemetry.flush()

    assert len(lines) == 1
