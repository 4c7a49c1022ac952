"""The text that Prometheus reads."""

from prometheus_client.parser import text_string_to_metric_families

from adapters.telemetry.prometheus import PrometheusTelemetry
from application.ports.telemetry import Metric


def test_output_is_read_by_prometheus_own_parser() -> None:
    telemetry = PrometheusTelemetry()
    telemetry.count(Metric.GATEWAY_REQUESTS, route='a"b\\c\nd\ud800', status="200")
    telemetry.observe(Metric.GATEWAY_OVERHEAD, 0.003)

    families = {
        family.name: family
        for family in text_string_to_metric_families(telemetry.render().decode())
    }

    requests = families["trueport_gateway_requests"]
    assert requests.documentation.startswith("Requests by outcome;")
    assert [sample.labels["status"] for sample in requests.samples] == ["200"]
    overhead = families["trueport_gateway_overhead_seconds"]
    assert overhead.type == "histogram"


def test_every_metric_is_served_with_its_help_from_the_start() -> None:
    text = PrometheusTelemetry().render().decode()

    for metric in Metric:
        assert f"# HELP trueport_{metric.value}" in text


def test_two_registries_do_not_share_numbers() -> None:
    one, other = PrometheusTelemetry(), PrometheusTelemetry()

    one.gauge(Metric.DEAD_LETTERS, 5)

    assert b"trueport_dead_letters 5.0" in one.render()
    assert b"trueport_dead_letters 0.0" in other.render()


def test_numbers_of_the_process_are_served_as_well() -> None:
    assert b"process_resident_memory_bytes" in PrometheusTelemetry().render()
