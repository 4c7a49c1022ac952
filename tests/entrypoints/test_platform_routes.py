"""People, tenants, members and invitations over HTTP, as somebody outside sees them."""

import httpx2
import pytest

from tests.entrypoints.conftest import Site
from tests.entrypoints.mailbox import bearer_of, invitations_mailed

API = "/platform/api/v1"
ADA, GRACE = "ada@example.org", "grace@example.org"


async def made(site: Site, headers: dict[str, str], slug: str = "acme-inc") -> httpx2.Response:
    return await site.client.post(
        f"{API}/tenants", json={"slug": slug, "name": "Acme Inc"}, headers=headers
    )


async def test_tenant_comes_into_being_without_an_operator(site: Site) -> None:
    ada = await bearer_of(site, ADA)

    created = await made(site, ada)
    me = await site.client.get(f"{API}/me", headers=ada)
    storage = await site.client.get(f"{API}/tenants/acme-inc/storage", headers=ada)
    verified = await site.client.post(f"{API}/tenants/acme-inc/storage/verify", headers=ada)

    assert created.status_code == 201
    assert "idempotency-replayed" not in created.headers
    body = created.json()
    assert (body["slug"], body["name"], body["role"]) == ("acme-inc", "Acme Inc", "owner")
    assert body["id"].startswith("ten_")
    assert body["created_at"].endswith("Z")
    assert me.json()["email"] == ADA
    assert me.json()["tenants"] == [body]
    assert storage.json() == {
        "provider": "LOCAL",
        "bucket": "acme-inc-audit-logs",
        "prefix": "",
        "credentials": None,
        "retention_days": 30,
    }
    assert (site.home / "storage" / "acme-inc-audit-logs").is_dir()
    assert verified.json()["is_sound"] is True
    steps = [(one["step"], one["outcome"]) for one in verified.json()["steps"]]
    assert steps == [(step, "ok") for step in ("write", "read", "list", "delete")]


async def test_invited_colleague_joins_by_the_token_of_the_mail(site: Site) -> None:
    ada, grace = await bearer_of(site, ADA, "Ada"), await bearer_of(site, GRACE, "Grace")
    await made(site, ada)
    path = f"{API}/tenants/acme-inc"

    invited = await site.client.post(
        f"{path}/invitations", json={"email": GRACE, "role": "analyst"}, headers=ada
    )
    (token,) = await invitations_mailed(site, GRACE)
    before = await site.client.get(path, headers=grace)
    joined = await site.client.post(
        f"{API}/invitations/accept", json={"token": token}, headers=grace
    )
    members = await site.client.get(f"{path}/members", headers=grace)
    events = await site.client.get(f"{path}/events", headers=ada)

    assert invited.status_code == 201
    assert invited.json()["state"] == "pending"
    assert token not in invited.text
    assert before.status_code == 404
    assert (joined.status_code, joined.json()["role"]) == (200, "analyst")
    assert [(one["name"], one["role"]) for one in members.json()["items"]] == [
        ("Ada", "owner"),
        ("Grace", "analyst"),
    ]
    assert [(one["action"], one["actor"]["name"]) for one in events.json()["items"]] == [
        ("invitations.accept", "Grace"),
        ("invitations.create", "Ada"),
        ("tenant.create", "Ada"),
    ]
    first = events.json()["items"][-1]
    assert first["request_id"].startswith("req_")
    assert first["client"] == "127.0.0.1"
    assert {"field": "slug", "before": None, "after": "acme-inc"} in first["changes"]


async def test_members_are_promoted_removed_and_leave(site: Site) -> None:
    ada, grace = await bearer_of(site, ADA), await bearer_of(site, GRACE)
    await made(site, ada)
    path = f"{API}/tenants/acme-inc"
    await site.client.post(f"{path}/invitations", json={"email": GRACE}, headers=ada)
    (token,) = await invitations_mailed(site, GRACE)
    await site.client.post(f"{API}/invitations/accept", json={"token": token}, headers=grace)
    mine = (await site.client.get(f"{API}/me", headers=ada)).json()["id"]
    hers = (await site.client.get(f"{API}/me", headers=grace)).json()["id"]

    promoted = await site.client.patch(
        f"{path}/members/{hers}", json={"role": "admin"}, headers=ada
    )
    above = await site.client.patch(
        f"{path}/members/{mine}", json={"role": "viewer"}, headers=grace
    )
    last = await site.client.delete(f"{path}/members/{mine}", headers=ada)
    left = await site.client.delete(f"{path}/members/{hers}", headers=grace)
    after = await site.client.get(path, headers=grace)

    assert promoted.json()["role"] == "admin"
    assert (above.status_code, above.json()["code"]) == (403, "role.above_own")
    assert (last.status_code, last.json()["code"]) == (403, "tenant.last_owner")
    assert (left.status_code, after.status_code) == (204, 404)


async def test_repeated_creation_answers_the_same_tenant(site: Site) -> None:
    ada = {**await bearer_of(site, ADA), "idempotency-key": "5b2a"}

    first, again = await made(site, ada), await made(site, ada)
    other = await made(site, ada, "another")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.key_reused")


async def test_tenants_are_listed_in_pages(site: Site) -> None:
    ada = await bearer_of(site, ADA)
    for slug in ("cosmo", "arc", "bolt"):
        await made(site, ada, slug)
    seen, cursor = [], None

    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await site.client.get(f"{API}/tenants", params=query, headers=ada)).json()
        seen += [one["slug"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    bad = await site.client.get(f"{API}/tenants", params={"cursor": "nonsense"}, headers=ada)

    assert seen == ["arc", "bolt", "cosmo"]
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "cursor")


async def test_tenant_is_renamed_and_its_log_kept_for_another_time(site: Site) -> None:
    ada = await bearer_of(site, ADA)
    await made(site, ada)
    path = f"{API}/tenants/acme-inc"

    changed = await site.client.patch(
        path, json={"name": "Acme Ltd", "retention_days": 14}, headers=ada
    )
    nothing = await site.client.patch(path, json={}, headers=ada)
    wrong = await site.client.patch(path, json={"retention_days": 0}, headers=ada)
    beyond = await site.client.patch(path, json={"retention_days": 90}, headers=ada)

    assert (changed.json()["name"], changed.json()["retention_days"]) == ("Acme Ltd", 14)
    assert (nothing.status_code, nothing.json()) == (200, changed.json())
    assert (wrong.status_code, beyond.status_code) == (400, 402)
    assert wrong.json()["errors"][0]["field"] == "retention_days"


async def test_deleted_tenant_is_gone_and_its_keys_serve_no_more(site: Site) -> None:
    owner = await bearer_of(site, "owner@acme.example.com")
    body = {"model": "echo", "messages": [{"role": "user", "content": "hello"}]}
    before = await site.client.post("/v1/chat/completions", json=body)

    deleted = await site.client.delete(f"{API}/tenants/acme", headers=owner)
    await site.settled()
    after = await site.client.post("/v1/chat/completions", json=body)
    gone = await site.client.get(f"{API}/tenants/acme", headers=owner)
    listed = await site.client.get(f"{API}/tenants", headers=owner)

    assert (before.status_code, deleted.status_code) == (200, 204)
    assert (after.status_code, after.json()["error"]["code"]) == (403, "tenant.not_served")
    assert gone.status_code == 404
    assert listed.json() == {"items": [], "next_cursor": None}


async def test_storage_is_changed_to_a_place_of_the_own(site: Site) -> None:
    ada = await bearer_of(site, ADA)
    await made(site, ada)
    path = f"{API}/tenants/acme-inc/storage"

    moved = await site.client.put(
        path, json={"provider": "LOCAL", "bucket": "new-audit-logs", "prefix": "a/"}, headers=ada
    )
    taken = await site.client.put(
        path, json={"provider": "LOCAL", "bucket": "acme-audit-logs"}, headers=ada
    )
    wrong = await site.client.put(
        path, json={"provider": "LOCAL", "bucket": "UPPER", "prefix": ""}, headers=ada
    )

    absent = await site.client.put(
        path, json={"provider": "AZURE", "bucket": "new-audit-logs"}, headers=ada
    )

    assert (moved.json()["bucket"], moved.json()["prefix"]) == ("new-audit-logs", "a/")
    assert (taken.status_code, taken.json()["code"]) == (409, "tenant.storage_taken")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "storage.bucket")
    assert (absent.status_code, absent.json()["code"]) == (409, "storage.not_offered")


async def test_signing_out_everywhere_ends_access_tokens_at_once(site: Site) -> None:
    ada = await bearer_of(site, ADA)
    await site.client.post(f"{API}/auth/signup", json={"email": GRACE, "name": "Grace"})
    user_id = (await site.client.get(f"{API}/me", headers=ada)).json()["id"]
    async with site.container.transactions()() as uow:
        user = (await uow.users.some([user_id]))[0]
        await uow.users.save(user.sign_out_everywhere())
        await uow.commit()

    refused = await site.client.get(f"{API}/me", headers=ada)

    assert (refused.status_code, refused.json()["code"]) == (401, "token.ended")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": "No Slug", "name": "Acme"}, "slug"),
        ({"slug": "google-logs", "name": "Acme"}, "slug"),
        ({"slug": "x", "name": "Acme"}, "slug"),
        ({"slug": "fine", "name": ""}, "name"),
        ({"slug": "fine"}, "name"),
        ({"slug": "fine", "name": "Acme", "plan": "team"}, "plan"),
    ],
)
async def test_wrong_field_of_a_tenant_is_named(
    site: Site, body: dict[str, object], field: str
) -> None:
    ada = await bearer_of(site, ADA)

    answer = await site.client.post(f"{API}/tenants", json=body, headers=ada)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


async def test_taken_slug_is_a_conflict(site: Site) -> None:
    answer = await made(site, await bearer_of(site, ADA), "acme")

    assert (answer.status_code, answer.json()["code"]) == (409, "tenant.slug_taken")
