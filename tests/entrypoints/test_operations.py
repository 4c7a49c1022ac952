"""What operators meet: health, metrics, CORS, the edge's secret, and the analytics routes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from adapters.notifications.local import sign_local_event
from domain.authorisation import Operator
from domain.errors import Unavailable
from tests.entrypoints.conftest import ADMIN_TOKEN, EVENTS_SECRET, Site, a_site
from tests.fakes.detectors import CARD

CHAT = "/v1/chat/completions"
PREFIXES = ["", "/platform/api", "/trueportai-services", "/analytics"]
OPERATOR = {"authorization": f"Bearer {ADMIN_TOKEN}"}


def body_of(text: str, **fields: object) -> dict[str, object]:
    return {"model": "echo", "messages": [{"role": "user", "content": text}], **fields}


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_health_and_readiness_answer_under_each_prefix(site: Site, prefix: str) -> None:
    health = await site.client.get(f"{prefix}/healthz", headers={"authorization": ""})
    ready = await site.client.get(f"{prefix}/readyz", headers={"authorization": ""})

    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "checks": {"store": "ok", "disk": "ok"}}


async def test_readiness_names_the_dependency_that_is_away(site: Site) -> None:
    records = site.container.job_records()

    async def oldest_open() -> Any:
        raise Unavailable("store")

    records.oldest_open = oldest_open  # type: ignore[method-assign]

    ready = await site.client.get("/readyz")
    health = await site.client.get("/healthz")
    del records.oldest_open

    assert ready.status_code == 503
    assert ready.json()["checks"]["store"] == "store is not available"
    assert health.status_code == 200


async def test_metrics_count_and_name_no_tenant_and_no_key(site: Site) -> None:
    await site.client.post(CHAT, json=body_of(f"card {CARD}", user="ada-7"))
    await site.client.get("/v1/no-such-route-7")
    await site.settled()

    answer = await site.client.get("/metrics")

    text = answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'trueport_policy_decisions_total{action="mask",policy="starter"} 1.0' in text
    assert (
        'trueport_violations_total{category="pii",severity="high",type="CREDIT_CARD"} 1.0' in text
    )
    assert 'provider="echo",route="/v1/chat/completions",status="200"} 1.0' in text
    for private in (site.tenant.id, "acme", site.key[:12], "key_", CARD, "ada-7", "route-7"):
        assert private not in text


async def test_metrics_of_made_up_paths_stay_bounded(site: Site) -> None:
    for number in range(20):
        await site.client.get(f"/v1/made-up-{number}")

    text = (await site.client.get("/metrics")).text

    assert len([line for line in text.splitlines() if "gateway_requests_total{" in line]) <= 3


@pytest.mark.parametrize("path", ["/platform/api/v1/tenants/a%0Ab", "/no%0Awhere", "/platform/x"])
async def test_path_that_leads_nowhere_is_a_problem(site: Site, path: str) -> None:
    answer = await site.client.get(path)

    assert answer.status_code in (401, 404)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_method_that_a_path_does_not_take_is_told_which_it_takes(site: Site) -> None:
    answer = await site.client.post("/platform/api/v1/tenants/acme")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, PATCH, DELETE"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_other_origins_get_no_permission_by_default(site: Site) -> None:
    answer = await site.client.get("/healthz", headers={"origin": "https://app.example.com"})

    assert "access-control-allow-origin" not in answer.headers


async def test_origins_of_the_setting_are_allowed_and_no_others(tmp_path: Path) -> None:
    environment = {"CORS_ORIGIN_REGEX": r"https://[a-z]+\.example\.com"}
    async with a_site(tmp_path, environment) as site:
        preflight = {"access-control-request-method": "POST"}

        ours = await site.client.options(
            CHAT, headers={"origin": "https://app.example.com", **preflight}
        )
        theirs = [
            await site.client.options(CHAT, headers={"origin": origin, **preflight})
            for origin in ("https://example.org", "https://app.example.com.evil.test")
        ]
        call = await site.client.post(
            CHAT, json=body_of("hello"), headers={"origin": "https://app.example.com"}
        )

    assert ours.headers["access-control-allow-origin"] == "https://app.example.com"
    assert all("access-control-allow-origin" not in answer.headers for answer in theirs)
    assert call.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "x-trueport-request-id" in call.headers["access-control-expose-headers"]


async def test_requests_past_the_edge_are_refused(tmp_path: Path) -> None:
    async with a_site(tmp_path, {"TRUEPORT_ORIGIN_SECRETS": "old-secret,new-secret"}) as site:
        accepted = [
            await site.client.post(CHAT, json=body_of("hello"), headers={"x-origin-verify": secret})
            for secret in ("old-secret", "new-secret")
        ]
        refused = [
            await site.client.post(CHAT, json=body_of("hello"), headers=headers)
            for headers in ({}, {"x-origin-verify": "wrong"}, {"x-origin-verify": ""})
        ]
        problem = await site.client.get("/analytics/jobs", headers=OPERATOR)
        health = await site.client.get("/healthz")

    assert [answer.status_code for answer in accepted] == [200, 200]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert refused[0].json()["error"]["code"] == "origin.refused"
    assert problem.headers["content-type"] == "application/problem+json"
    assert health.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/v1/models", "/analytics/jobs", "/platform/api/v1/me", "/nowhere", "/a%0A"],
)
async def test_every_answer_tells_browsers_to_sniff_keep_and_frame_nothing(
    site: Site, path: str
) -> None:
    plain = await site.client.get(path)
    behind_tls = await site.client.get(path, headers={"x-forwarded-proto": "https"})

    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["referrer-policy"] == "no-referrer"
    assert plain.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in plain.headers["content-security-policy"]
    assert "strict-transport-security" not in plain.headers
    assert behind_tls.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("page", ["docs", "redoc"])
async def test_there_are_no_pages_of_documentation(site: Site, prefix: str, page: str) -> None:
    answer = await site.client.get(f"{prefix}/{page}")

    assert answer.status_code == 404


def signed(body: bytes, *, secret: str = EVENTS_SECRET, at: int) -> dict[str, str]:
    return {"x-trueport-signature": sign_local_event(secret, body, at=at)}


def unix_time(site: Site) -> int:
    return int(site.container.clock().now().timestamp())


async def test_signed_event_becomes_a_job(site: Site) -> None:
    await site.client.post(CHAT, json=body_of("hello"))
    await site.settled()
    storage = site.container.storages().of(site.tenant.storage)
    (item,) = [item async for item in storage.list("audit/v1/dt=")]
    body = json.dumps({"bucket": site.tenant.storage.bucket, "key": item.key}).encode()

    known = await site.client.post(
        "/analytics/events/local", content=body, headers=signed(body, at=unix_time(site))
    )

    assert (known.status_code, known.json()) == (200, {"results": ["duplicate"]})


@pytest.mark.parametrize(
    ("secret", "shift"), [("wrong", 0), (EVENTS_SECRET, -301), (EVENTS_SECRET, 301)]
)
async def test_event_that_is_forged_or_old_is_refused(site: Site, secret: str, shift: int) -> None:
    body = b'{"bucket":"acme-audit-logs","key":"audit/v1/dt=2026-11-24/hr=02/x-1.jsonl.gz"}'
    headers = signed(body, secret=secret, at=unix_time(site) + shift)

    answer = await site.client.post("/analytics/events/local", content=body, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["code"] == "event.forged"
    assert await site.container.job_records().all() == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"bucket": 7, "key": "x"}', b"{bad"])
async def test_signed_event_that_makes_no_sense_is_taken_and_counted(
    site: Site, body: bytes
) -> None:
    answer = await site.client.post(
        "/analytics/events/local", content=body, headers=signed(body, at=unix_time(site))
    )

    metrics = (await site.client.get("/metrics")).text
    assert (answer.status_code, answer.json()) == (200, {"results": ["unreadable"]})
    assert 'trueport_ingest_events_total{result="unreadable",source="local"} 1.0' in metrics


async def test_event_without_a_signature_or_too_large_is_refused(site: Site) -> None:
    unsigned = await site.client.post("/analytics/events/local", content=b"{}")
    large = await site.client.post("/analytics/events/local", content=b"x" * (256 * 1024 + 1))

    assert (unsigned.status_code, large.status_code) == (403, 413)


async def test_full_queue_is_503_with_a_time_to_come_again(tmp_path: Path) -> None:
    async with a_site(tmp_path, {"TRUEPORT_QUEUE_CAPACITY": "1"}) as site:
        site.detector.gate.clear()
        codes, waits = [], []
        for number in range(3):
            key = f"audit/v1/dt=2026-11-24/hr=02/other-0{number}.jsonl.gz"
            body = json.dumps({"bucket": site.tenant.storage.bucket, "key": key}).encode()
            answer = await site.client.post(
                "/analytics/events/local", content=body, headers=signed(body, at=unix_time(site))
            )
            codes.append(answer.status_code)
            waits.append(answer.headers.get("retry-after"))

    assert 503 in codes
    assert all((code == 503) is (wait is not None) for code, wait in zip(codes, waits, strict=True))


@pytest.mark.parametrize("path", ["/analytics/jobs", "/analytics/jobs/job_1"])
@pytest.mark.parametrize("header", ["", "Bearer wrong", f"Basic {ADMIN_TOKEN}", ADMIN_TOKEN])
async def test_jobs_are_for_the_operator(site: Site, path: str, header: str) -> None:
    answer = await site.client.get(path, headers={"authorization": header})

    assert answer.status_code == 401
    assert answer.json()["code"] == "operator.token"


async def test_operator_sees_jobs_by_state(site: Site) -> None:
    await site.client.post(CHAT, json=body_of("hello"))
    await site.settled()

    jobs = (await site.client.get("/analytics/jobs", headers=OPERATOR)).json()
    one = jobs["items"][0]
    same = (await site.client.get(f"/analytics/jobs/{one['id']}", headers=OPERATOR)).json()
    none = (await site.client.get("/analytics/jobs?state=dead", headers=OPERATOR)).json()

    assert {state for state, count in jobs["counts"].items() if count} == {"done"}
    assert (one["state"], one["attempts"], one["last_error"]) == ("done", 1, None)
    assert same == one
    assert none["items"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/analytics/jobs/job_none", 404),
        ("/analytics/jobs?state=lost", 400),
        ("/analytics/jobs?limit=many", 400),
        ("/analytics/jobs?limit=-5", 200),
        ("/analytics/jobs?limit=999999999999", 200),
    ],
)
async def test_questions_about_jobs_are_checked(site: Site, path: str, status: int) -> None:
    answer = await site.client.get(path, headers=OPERATOR)

    assert answer.status_code == status


async def test_many_requests_at_once_are_all_answered_and_recorded(site: Site) -> None:
    answers = await asyncio.gather(
        *(site.client.post(CHAT, json=body_of(f"{number} {CARD}")) for number in range(40))
    )
    await site.settled()

    assert {answer.status_code for answer in answers} == {200}
    assert len(await site.violations()) == 40
    report = await site.container.verify_audit()(Operator(), site.tenant.slug)
    assert (report.records, report.damages) == (40, ())
