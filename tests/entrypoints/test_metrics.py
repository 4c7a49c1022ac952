"""The metrics are those that operators build their dashboards and autoscalers on."""

import re

from application.ports.telemetry import Metric
from tests.entrypoints.conftest import Site
from tests.entrypoints.test_operations import CHAT, body_of

NAMES = {
    *("gateway_requests_total", "gateway_overhead_seconds", "upstream_seconds", "ttft_seconds"),
    *("tokens_total", "policy_decisions_total", "ratelimit_decisions_total", "breaker_state"),
    *("audit_sink_seconds", "audit_sink_failures_total", "audit_sink_spool_bytes"),
    *("ingest_events_total", "signature_failures_total", "journal_depth", "journal_bytes"),
    *("oldest_unprocessed_age_seconds", "jobs_total", "job_seconds", "detector_seconds"),
    *("triton_errors_total", "dead_letters", "reconcile_missing_total", "violations_total"),
    *("mail_total", "lease_fenced_total", "queue_depth", "cold_start_total"),
}
LABELS = {
    *("route", "status", "provider", "dir", "action", "limit", "result", "state", "source"),
    *("reason", "stage", "model", "category", "type", "severity", "le", "policy", "mode"),
    *("version", "implementation", "major", "minor", "patchlevel"),
}


def values_of(text: str, series: str) -> list[float]:
    return [float(line.split()[-1]) for line in text.splitlines() if line.startswith(series)]


def test_every_name_of_the_dashboards_exists() -> None:
    assert {metric.value for metric in Metric} >= NAMES


async def test_numbers_of_a_conversation_and_its_analysis_are_served(site: Site) -> None:
    await site.client.post(CHAT, json=body_of("hello"))
    async with site.client.stream("POST", CHAT, json=body_of("hello", stream=True)) as answer:
        await answer.aread()
    await site.settled()

    text = (await site.client.get("/metrics")).text

    admitted = 'trueport_ratelimit_decisions_total{limit="",mode="exact",result="admitted"}'
    assert values_of(text, admitted) == [2]
    assert values_of(text, "trueport_ttft_seconds_count") == [1]
    assert values_of(text, "trueport_audit_sink_seconds_count")[0] >= 1
    assert values_of(text, "trueport_audit_sink_spool_bytes") == [0]
    assert values_of(text, "trueport_queue_depth") == [0]
    assert values_of(text, "trueport_journal_depth") == [0]
    assert values_of(text, "trueport_oldest_unprocessed_age_seconds") == [0]
    assert values_of(text, "trueport_journal_bytes")[0] > 0
    assert values_of(text, 'trueport_breaker_state{state="open"}') == [0]
    for stage in ("wait", "read", "detect", "store"):
        assert values_of(text, f'trueport_job_seconds_count{{stage="{stage}"}}')[0] >= 1


async def test_no_label_could_hold_a_tenant_or_what_a_caller_wrote(site: Site) -> None:
    await site.client.post(CHAT, json=body_of("hello"))
    await site.settled()

    text = (await site.client.get("/metrics")).text

    assert set(re.findall(r'[{,]([a-z_]+)="', text)) <= LABELS
