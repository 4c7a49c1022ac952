"""What the tenant's management API of the gateway really does, through its routes."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from domain.authorisation import Principal
from domain.identifiers import UpstreamId
from domain.violation import Violation
from entrypoints.http.gateway.violation_export import ExportFormat, exported, neutral
from tests.contract.samples import a_violation
from tests.entrypoints.conftest import Site
from tests.entrypoints.management_lines import POLICY
from tests.fakes.detectors import AWS_KEY, CARD, MAIL

BASE = "/trueportai-services/api/tenants/acme"
SECRET = "sk-very-secret-credential-of-the-upstream"
OPENAI = {
    "name": "other",
    "kind": "openai",
    "base_url": "https://models.example.com/v1",
    "credential": SECRET,
    "models": [
        {"name": "m", "price": {"input_per_million": "2.5", "output_per_million": 10}},
    ],
}


class Owner:
    """The owner of the site's tenant, signed in."""

    def __init__(self, site: Site) -> None:
        self.site = site
        principal = Principal(user_id=site.tenant.members[0].user_id)
        token = site.container.access_tokens().issue(principal)
        self.headers = {"authorization": f"Bearer {token.value}"}

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> httpx2.Response:
        answer = await self.site.client.request(
            method,
            BASE + path,
            headers={**self.headers, **(headers or {})},
            json=body,
            params=query,
        )
        assert answer.status_code == status, answer.text
        return answer

    async def get(self, path: str, **query: Any) -> Any:
        return (await self.call("GET", path, **query)).json()

    async def post(self, path: str, body: object = None, *, status: int = 200) -> Any:
        return (await self.call("POST", path, body, status=status)).json()

    async def patch(self, path: str, body: object, *, status: int = 200) -> Any:
        return (await self.call("PATCH", path, body, status=status)).json()


@pytest.fixture
def owner(site: Site) -> Owner:
    return Owner(site)


async def chat(site: Site, text: str, key: str | None = None) -> httpx2.Response:
    return await site.client.post(
        "/v1/chat/completions",
        json={"model": "echo", "messages": [{"role": "user", "content": text}]},
        headers={"authorization": f"Bearer {key or site.key}"},
    )


async def test_issued_key_serves_with_its_limits_and_shows_its_secret_once(
    site: Site, owner: Owner
) -> None:
    made = await owner.post(
        "/keys",
        {
            "name": "narrow",
            "scopes": ["chat"],
            "models": ["echo"],
            "limits": {"requests_per_minute": 1, "budget_per_day": "2.50"},
        },
        status=201,
    )

    first = await chat(site, "hello", made["secret"])
    second = await chat(site, "hello", made["secret"])
    read = await owner.get(f"/keys/{made['id']}")
    listed = await owner.get("/keys")

    assert (first.status_code, second.status_code) == (200, 429)
    assert made["secret"].startswith("tp_live_")
    assert made["limits"]["budget_per_day"] == "2.5"
    assert made["secret"] not in json.dumps([read, listed])
    assert read == {name: value for name, value in made.items() if name != "secret"}


async def test_repeated_call_makes_one_key_and_does_not_show_its_secret_again(
    owner: Owner,
) -> None:
    headers = {"idempotency-key": "order-66"}

    first = await owner.call("POST", "/keys", {"name": "a"}, status=201, headers=headers)
    second = await owner.call("POST", "/keys", {"name": "a"}, status=201, headers=headers)
    other = await owner.call("POST", "/keys", {"name": "b"}, status=409, headers=headers)

    assert first.json()["secret"]
    assert "idempotency-replayed" not in first.headers
    assert second.json() == {**first.json(), "secret": None}
    assert second.headers["idempotency-replayed"] == "true"
    assert other.json()["code"]
    assert len((await owner.get("/keys"))["items"]) == 2


async def test_rotated_key_serves_through_its_grace_and_a_revoked_one_not_at_all(
    site: Site, owner: Owner
) -> None:
    old = await owner.post("/keys", {"name": "a"}, status=201)

    new = await owner.post(f"/keys/{old['id']}/rotate", {"grace_seconds": 3600}, status=201)
    both = [(await chat(site, "hello", one["secret"])).status_code for one in (old, new)]
    state = (await owner.get(f"/keys/{old['id']}"))["state"]
    again = await owner.post(f"/keys/{old['id']}/rotate", status=403)
    revoked = await owner.post(f"/keys/{new['id']}/revoke")
    await site.settled()

    assert both == [200, 200]
    assert state == "rotated"
    assert again["code"] == "key.rotated"
    assert revoked["state"] == "revoked"
    assert (await chat(site, "hello", new["secret"])).status_code == 401


async def test_key_is_changed_only_as_it_was_read(site: Site, owner: Owner) -> None:
    key = await owner.post("/keys", {"name": "a", "models": ["echo"]}, status=201)

    changed = await owner.patch(
        f"/keys/{key['id']}", {"version": key["version"], "models": ["other"]}
    )
    stale = await owner.patch(
        f"/keys/{key['id']}", {"version": key["version"], "name": "b"}, status=409
    )
    await site.settled()

    assert (changed["name"], changed["models"]) == ("a", ["other"])
    assert stale["code"] == "concurrent_update"
    assert (await chat(site, "hello", key["secret"])).status_code == 403


async def test_credential_of_an_upstream_is_in_no_answer_and_in_no_row(
    site: Site, owner: Owner
) -> None:
    made = await owner.call("POST", "/upstreams", OPENAI, status=201)
    upstream = made.json()
    path = f"/upstreams/{upstream['id']}"

    answers = [
        made,
        await owner.call("GET", "/upstreams"),
        await owner.call("GET", path),
        await owner.call("PATCH", path, {"version": 0, "weight": 3}),
        await owner.call("POST", f"{path}/test"),
    ]

    async with site.container.transactions()() as uow:
        stored = await uow.upstreams.get(site.tenant.id, UpstreamId(upstream["id"]))
        log = await uow.administration.latest(site.tenant.id, limit=50)
    assert upstream["has_credential"]
    assert all(SECRET not in answer.text for answer in answers)
    assert stored.credential is not None
    assert SECRET not in stored.credential
    assert stored.credential.startswith(site.container.master_keys().first.id + ".")
    assert SECRET not in repr(log)
    assert site.provider.calls[-1].credential == SECRET


async def test_credential_does_not_follow_an_upstream_to_another_server(owner: Owner) -> None:
    upstream = await owner.post("/upstreams", OPENAI, status=201)
    path = f"/upstreams/{upstream['id']}"
    moved = {"version": 0, "base_url": "https://evil.example.org/v1"}

    refused = await owner.patch(path, moved, status=400)
    same_host = await owner.patch(path, {"version": 0, "base_url": "https://models.example.com/v2"})
    without = await owner.patch(path, {**moved, "version": 1, "credential": None})
    anew = await owner.patch(
        path, {"version": 2, "base_url": "https://models.example.com/v1", "credential": "sk-new"}
    )

    assert refused["errors"][0]["field"] == "credential"
    assert same_host["has_credential"]
    assert not without["has_credential"]
    assert anew["has_credential"]


@pytest.mark.parametrize(
    "base_url",
    ["http://models.example.com/v1", "https://10.0.0.7/v1", "https://169.254.169.254/", "nowhere"],
)
async def test_upstream_inside_is_refused_when_it_is_connected(owner: Owner, base_url: str) -> None:
    refused = await owner.post("/upstreams", {**OPENAI, "base_url": base_url}, status=400)

    assert refused["errors"][0]["field"] == "base_url"
    assert SECRET not in json.dumps(refused)


async def test_upstream_that_fails_its_test_says_how(site: Site, owner: Owner) -> None:
    (echo,) = [one for one in (await owner.get("/upstreams"))["items"] if one["name"] == "echo"]
    path = f"/upstreams/{echo['id']}/test"

    good = await owner.post(path, {"model": "echo"})
    bad = await owner.post(path, {"model": "echo-fail-503"})
    unknown = await owner.post(path, {"model": "none"}, status=400)

    assert (good["ok"], good["status"], good["error"]) == (True, 200, None)
    assert (bad["ok"], bad["status"]) == (False, 503)
    assert bad["error"]
    assert unknown["errors"][0]["field"] == "model"


async def test_policy_is_versioned_activated_and_rolled_back(site: Site, owner: Owner) -> None:
    first = await owner.post("/policies", {"policy": POLICY, "note": "first"}, status=201)
    path = f"/policies/{first['policy_id']}/versions"
    second = await owner.post(path, {"policy": {**POLICY, "rules": []}}, status=201)

    await owner.post(f"{path}/1/activate")
    await site.settled()
    blocked = await chat(site, f"key {AWS_KEY}")
    await owner.post(f"{path}/2/activate")
    await site.settled()
    passed = await chat(site, f"key {AWS_KEY}")
    back = await owner.post("/policies/rollback")
    active = await owner.get("/policies/active")

    assert (first["number"], second["number"], first["is_active"]) == (1, 2, False)
    assert (blocked.status_code, passed.status_code) == (403, 200)
    assert back["reference"] == active["revision"]["reference"] == first["reference"]
    assert (await owner.get(f"{path}/2"))["policy"]["rules"] == []
    assert [one["is_active"] for one in (await owner.get("/policies"))["items"]] == [True, False]


async def test_wrong_policy_is_refused_with_the_field_that_is_wrong(owner: Owner) -> None:
    rule = {"id": "x", "when": {"types": ["NOPE"]}, "effect": "block"}
    pattern = {"id": "x", "reason": "x", "expires": "2030-01-01", "pattern": "(?=a)"}

    wrong_rule = await owner.post("/policies", {"policy": {**POLICY, "rules": [rule]}}, status=400)
    wrong_pattern = await owner.post(
        "/policies/test",
        {"policy": {**POLICY, "exceptions": [pattern]}, "texts": ["x"]},
        status=400,
    )

    assert wrong_rule["errors"][0]["field"] == "policy.rules[0].when.types"
    assert wrong_pattern["errors"][0]["field"] == "policy.exceptions[0].pattern"


async def test_policy_finds_and_accepts_what_a_tenant_says(site: Site, owner: Owner) -> None:
    policy = {
        **POLICY,
        "detectors": [
            {
                "id": "staff-number",
                "category": "pii",
                "type": "NATIONAL_ID",
                "label": "STAFF_NUMBER",
                "pattern": r"EMP-\d{6}",
                "examples": {"match": ["EMP-123456"], "ignore": ["EMP-12"]},
            }
        ],
        "rules": [{"id": "pii", "when": {"categories": ["pii"]}, "effect": "mask"}],
        "exceptions": [
            {
                "id": "press",
                "types": ["EMAIL"],
                "values": [MAIL],
                "reason": "ours",
                "expires": "2999-01-01",
            }
        ],
    }
    text = f"EMP-123456 writes to {MAIL}"
    wrong = {**policy, "detectors": [{**policy["detectors"][0], "pattern": "EMP"}]}  # type: ignore[index]

    refused = await owner.post("/policies", {"policy": wrong}, status=400)
    tested = await owner.post("/policies/test", {"policy": policy, "texts": [text]})
    stored = await owner.post("/policies", {"policy": policy}, status=201)
    await owner.post(f"/policies/{stored['policy_id']}/versions/1/activate")
    await site.settled()
    answer = await chat(site, text)
    detected = await site.client.post(
        "/trueportai-services/v1/detect",
        json={"input": text},
        headers={"authorization": f"Bearer {site.key}"},
    )
    await site.settled()
    shown = await owner.get("/policies/active")
    (violation,) = (await owner.get("/violations"))["items"]

    assert refused["errors"][0]["field"] == "policy.detectors[0].examples.ignore[0]"
    assert tested["results"][0]["passed"] == f"[STAFF_NUMBER] writes to {MAIL}"
    assert "[STAFF_NUMBER]" in answer.text
    assert "EMP-123456" not in answer.text
    found = {one["rule"]: one for one in detected.json()["results"][0]["findings"]}
    assert found["custom/staff-number"]["explanation"]["attributes"] == {"label": "STAFF_NUMBER"}
    assert shown["policy"]["detectors"][0]["id"] == "staff-number"
    assert shown["policy"]["exceptions"][0]["fingerprints"][0].startswith("tp1:")
    assert MAIL not in json.dumps(shown)
    assert violation["rule"] == "custom/staff-number"


async def test_draft_is_tried_on_texts_and_on_stored_records(site: Site, owner: Owner) -> None:
    await chat(site, f"card {CARD}")
    await site.settled()
    draft = {
        **POLICY,
        "rules": [{"id": "cards", "when": {"types": ["CREDIT_CARD"]}, "effect": "block"}],
    }
    now = site.container.clock().now()

    tested = await owner.post("/policies/test", {"policy": draft, "texts": [CARD, "hello"]})
    replayed = await owner.post(
        "/policies/backtest",
        {"policy": draft, "since": (now - timedelta(hours=1)).isoformat()},
    )

    assert [one["enforced"] for one in tested["results"]] == ["block", "allow"]
    assert (replayed["records"], replayed["changed"], replayed["is_complete"]) == (1, 1, True)
    assert replayed["effects"] == [{"before": "mask", "after": "block", "exchanges": 1}]
    assert CARD not in json.dumps(replayed)


async def test_violations_are_filtered_and_read_with_redacted_evidence(
    site: Site, owner: Owner
) -> None:
    await chat(site, f"write to {MAIL} of {CARD}")
    await site.settled()

    everything = (await owner.get("/violations"))["items"]
    cards = (await owner.get("/violations", type="CREDIT_CARD", state="open"))["items"]
    none = (await owner.get("/violations", severity="low"))["items"]
    later = (await owner.get("/violations", since=site.container.clock().now().isoformat()))[
        "items"
    ]
    whole = await owner.get(f"/violations/{cards[0]['id']}")

    assert {one["type"] for one in everything} == {"EMAIL", "CREDIT_CARD"}
    assert {one["type"] for one in cards} == {"CREDIT_CARD"}
    assert (none, later) == ([], [])
    assert "[CREDIT_CARD]" in whole["evidence"]
    assert MAIL not in json.dumps(everything)
    assert CARD not in json.dumps(whole)
    assert whole["history"] == []


async def test_decision_about_a_violation_needs_the_version_that_was_read(
    site: Site, owner: Owner
) -> None:
    await chat(site, f"card {CARD}")
    await site.settled()
    path = f"/violations/{(await owner.get('/violations'))['items'][0]['id']}"

    decided = await owner.patch(path, {"version": 0, "state": "false_positive", "note": "a test"})
    stale = await owner.patch(path, {"version": 0, "state": "resolved"}, status=409)
    wrong = await owner.patch(path, {"version": 1, "state": "resolved"}, status=403)
    noted = await owner.patch(path, {"version": 1, "note": "really"})

    user_id = site.tenant.members[0].user_id
    assert (decided["state"], decided["version"]) == ("false_positive", 1)
    assert stale["code"] == "concurrent_update"
    assert wrong["code"] == "violation.transition"
    assert [(one["by"], one["state"], one["note"]) for one in noted["history"]] == [
        (user_id, "false_positive", "a test"),
        (user_id, "false_positive", "really"),
    ]


async def test_export_holds_every_violation_of_the_filter_in_both_forms(
    site: Site, owner: Owner
) -> None:
    violations = [
        a_violation(number, tenant_id=site.tenant.id, model="=cmd|' /C calc'!A0")
        for number in range(1203)
    ]
    async with site.container.transactions()() as uow:
        await uow.violations.add_new(site.tenant.id, violations)
        await uow.commit()

    lines = await owner.call("GET", "/violations/export", category="pii")
    table = await owner.call("GET", "/violations/export", format="csv")
    nothing = await owner.call("GET", "/violations/export", format="csv", type="NONE")

    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert 'filename="acme-violations.csv"' in table.headers["content-disposition"]
    assert [json.loads(line)["id"] for line in lines.text.splitlines()] == [
        row["id"] for row in rows
    ]
    assert {row["id"] for row in rows} == {one.id for one in violations}
    assert {row["model"] for row in rows} == {"'=cmd|' /C calc'!A0"}
    assert len(nothing.text.splitlines()) == 1


async def test_export_leaves_before_the_last_violation_was_read() -> None:
    async def endless() -> AsyncIterator[Violation]:
        number = 0
        while True:
            number += 1
            yield a_violation(number)

    pieces = exported(endless(), ExportFormat.NDJSON)

    assert json.loads((await anext(pieces)).splitlines()[0])["type"] == "EMAIL"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "  =1", "\uff1d1"])
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "a=1", "1-2", "[EMAIL] wrote"])
def test_ordinary_cell_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


async def test_usage_counts_what_was_exchanged(site: Site, owner: Owner) -> None:
    for text in ("hello", f"card {CARD}", f"key {AWS_KEY}"):
        await chat(site, text)
    await site.settled()

    report = await owner.get("/usage", by=["model", "key"], step="day")

    (group,) = report["groups"]
    total = report["total"]
    assert (total["requests"], total["refused"], total["failed"]) == (3, 1, 0)
    assert (group["model"], group["requests"]) == ("echo", 3)
    assert group["at"].endswith("T00:00:00Z")
    assert total["costs"][0]["currency"] == "USD"
    assert total["latency_ms"]["p50"] <= total["latency_ms"]["p99"]


async def test_a_report_over_too_long_a_period_is_refused(owner: Owner) -> None:
    refused = await owner.call(
        "GET",
        "/usage",
        status=400,
        since="2026-01-01T00:00:00Z",
        until="2026-11-01T00:00:00Z",
        step="hour",
    )

    assert refused.json()["errors"][0]["field"] == "since"


async def test_audit_record_is_listed_without_texts_and_read_with_them(
    site: Site, owner: Owner
) -> None:
    await chat(site, "hello there")
    await site.settled()

    listed = await owner.call("GET", "/audit")
    (item,) = listed.json()["items"]
    whole = await owner.call("GET", f"/audit/{item['record_id']}")
    checked = await owner.post("/audit/verify")

    assert "hello there" not in listed.text
    assert whole.json()["request"]["messages"][0]["content"] == "hello there"
    assert whole.headers["cache-control"] == "no-store"
    assert whole.json()["chain"]["holds"]
    assert (checked["holds"], checked["records"]) == (True, 1)


async def test_half_a_character_from_outside_is_answered_all_the_same(
    site: Site, owner: Owner
) -> None:
    half = "\ud83d"
    body = {
        "model": "echo",
        "user": half,
        "messages": [{"role": "user", "content": f"{half} {CARD}"}],
    }
    await site.client.post("/v1/chat/completions", content=json.dumps(body).encode())
    await site.settled()

    (item,) = (await owner.get("/audit"))["items"]
    whole = await owner.get(f"/audit/{item['record_id']}")
    await owner.call("GET", "/violations/export")

    assert item["user"] == "\ufffd"
    assert whole["request"]["messages"][0]["content"].startswith("\ufffd 4111")


async def test_alert_settings_are_replaced_only_as_they_were_read(owner: Owner) -> None:
    new = {
        "version": 0,
        "recipients": ["ada@Example.org", "ada@example.org"],
        "immediate_from": None,
        "digest_every_seconds": 3600,
    }

    saved = (await owner.call("PUT", "/alerts", new)).json()
    stale = (await owner.call("PUT", "/alerts", new, status=409)).json()
    wrong = (
        await owner.call("PUT", "/alerts", {**new, "recipients": ["nobody"]}, status=400)
    ).json()
    tried = await owner.post("/alerts/test")

    assert saved == {**new, "version": 1, "recipients": ["ada@example.org"], "webhooks": []}
    assert stale["code"] == "concurrent_update"
    assert wrong["errors"][0]["field"] == "recipients.0"
    assert [(one["channel"], one["target"], one["ok"]) for one in tried["results"]] == [
        ("mail", "ada@example.org", True)
    ]


async def test_secret_of_a_webhook_is_shown_once(owner: Owner) -> None:
    made = await owner.post(
        "/alerts/webhooks",
        {"name": "siem", "url": "https://hooks.example.org/x?token=abc"},
        status=201,
    )
    path = f"/alerts/webhooks/{made['id']}"

    rotated = await owner.post(f"{path}/rotate", {"grace_seconds": 0}, status=201)
    (shown,) = (await owner.get("/alerts"))["webhooks"]
    inside = await owner.post(
        "/alerts/webhooks", {"name": "in", "url": "https://10.0.0.1/"}, status=400
    )
    await owner.call("DELETE", path, status=204)

    assert made["secret"] != rotated["secret"]
    assert "secret" not in shown
    assert shown["url"] == "https://hooks.example.org/x?…"
    assert inside["code"]
    assert (await owner.get("/alerts"))["webhooks"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/keys", {"name": "a", "colour": "red"}),
        ("/keys", {"name": "a", "limits": {"per_second": 1}}),
        ("/upstreams", {**OPENAI, "secret": "x"}),
        ("/policies", {"policy": {**POLICY, "colour": "red"}}),
        ("/alerts/webhooks", {"name": "a", "url": "https://hooks.example.org", "colour": 1}),
    ],
)
async def test_unknown_fields_are_refused_and_named(
    owner: Owner, path: str, body: dict[str, Any]
) -> None:
    refused = await owner.post(path, body, status=400)

    assert refused["errors"][0]["field"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/violations", {"colour": "red"}),
        ("/violations", {"since": "yesterday"}),
        ("/violations", {"since": "0001-01-01T00:00:00+14:00"}),
        ("/usage", {"by": "colour"}),
        ("/audit", {"limit": 0}),
        ("/audit", {"until": "9999-12-31T23:59:59-14:00"}),
        ("/keys", {"cursor": "!"}),
    ],
)
async def test_wrong_queries_are_refused_and_named(
    owner: Owner, path: str, query: dict[str, Any]
) -> None:
    refused = await owner.call("GET", path, status=400, **query)

    assert refused.json()["errors"][0]["field"].partition(".")[0] in query


async def test_path_with_a_line_break_is_answered_like_any_other_that_leads_nowhere(
    owner: Owner,
) -> None:
    answer = await owner.call("GET", "%0A/keys", status=404)

    assert answer.headers["content-type"] == "application/problem+json"


async def test_of_many_equal_calls_at_once_one_makes_the_key(owner: Owner) -> None:
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(
                owner.call(
                    "POST", "/keys", {"name": "a"}, status=201, headers={"idempotency-key": "k"}
                )
            )
            for _ in range(8)
        ]

    answers = [call.result().json() for call in calls]
    assert len({answer["id"] for answer in answers}) == 1
    assert len([answer for answer in answers if answer["secret"]]) == 1
    assert len((await owner.get("/keys"))["items"]) == 2


async def test_of_many_decisions_at_once_one_counts(site: Site, owner: Owner) -> None:
    await chat(site, f"card {CARD}")
    await site.settled()
    path = f"{BASE}/violations/{(await owner.get('/violations'))['items'][0]['id']}"
    states = ["acknowledged", "resolved", "false_positive"] * 3

    answers = await asyncio.gather(
        *(
            site.client.patch(path, json={"version": 0, "state": state}, headers=owner.headers)
            for state in states
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 8
