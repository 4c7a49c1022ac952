"""A tenant's admin looks after the own tenant's jobs, with the platform's access token."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from application.platform.tenants import FoundTenantCommand
from domain.authorisation import Principal
from domain.identifiers import JobId, UserId
from domain.job import JobState, ObjectRef
from domain.tenant import Slug, Tenant
from domain.user import Email, Role, User
from tests.entrypoints.conftest import ADMIN_TOKEN, Site
from tests.entrypoints.test_dead_letters import a_dead_letter, until

OPERATOR = {"authorization": f"Bearer {ADMIN_TOKEN}"}


async def a_user(site: Site, name: str, *, tenant: Tenant | None = None, role: Role) -> UserId:
    """Return a user with a role in a tenant, the site's own by default."""
    clock, ids = site.container.clock(), site.container.ids()
    user = User.register(
        user_id=UserId(ids.new("usr")),
        email=Email(f"{name}@example.org"),
        name=name,
        at=clock.now(),
    )
    async with site.container.transactions()() as uow:
        await uow.users.add(user)
        await uow.commit()
    async with site.container.transactions()() as uow:
        known = await uow.tenants.get((tenant or site.tenant).id)
        await uow.tenants.save(known.with_member(user_id=user.id, role=role, at=clock.now()))
        await uow.commit()
    return user.id


def token(site: Site, user_id: UserId) -> Mapping[str, str]:
    access = site.container.access_tokens().issue(Principal(user_id=user_id))
    return {"authorization": f"Bearer {access.value}"}


async def globex(site: Site) -> Tenant:
    return await site.container.found_tenant()(
        FoundTenantCommand(
            slug=Slug("globex"),
            name="Globex",
            owner_email=Email("owner@globex.example.com"),
            owner_name="Owner",
        )
    )


async def a_job_of(site: Site, tenant: Tenant) -> JobId:
    """Return a dead job of a tenant: its object is no gzip."""
    ref = ObjectRef(
        provider="LOCAL",
        bucket=tenant.storage.bucket,
        key="audit/v1/dt=2026-11-24/hr=02/otherone-1.jsonl.gz",
    )
    await site.container.storages().of(tenant.storage).create(ref.key, b"no gzip", content_type="x")
    await site.container.accept_event()(ref)
    await until(site, ref.job_id, JobState.DEAD)
    return ref.job_id


async def deeds(site: Site) -> list[tuple[str, str, UserId | None]]:
    async with site.container.transactions()() as uow:
        found = await uow.administration.latest(site.tenant.id, limit=50)
    return [
        (entry.deed, entry.target, entry.actor)
        for entry in found
        if entry.deed.startswith(("dead_letters.", "jobs."))
    ]


async def test_admin_sees_and_decides_about_the_own_jobs(site: Site) -> None:
    job_id = await a_dead_letter(site)
    ada = await a_user(site, "ada", role=Role.ADMIN)
    headers = token(site, ada)

    listed = await site.client.get("/analytics/jobs", headers=headers)
    one = await site.client.get(f"/analytics/jobs/{job_id}", headers=headers)
    dead = await site.client.get("/analytics/dead-letters?tenant=acme", headers=headers)
    shown = await site.client.get(f"/analytics/dead-letters/{job_id}", headers=headers)
    retried = await site.client.post(f"/analytics/dead-letters/{job_id}/retry", headers=headers)
    await until(site, job_id, JobState.DEAD)
    gone = await site.client.delete(f"/analytics/dead-letters/{job_id}", headers=headers)

    answers = [listed, one, dead, shown, retried, gone]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 204]
    assert listed.json()["counts"]["dead"] == 1
    assert [item["id"] for item in dead.json()["items"]] == [job_id]
    assert sorted(await deeds(site)) == [
        ("dead_letters.discard", job_id, ada),
        ("dead_letters.retry", job_id, ada),
    ]


async def test_admin_replays_the_own_objects_only(site: Site) -> None:
    await a_dead_letter(site)
    other = await globex(site)
    ada = await a_user(site, "ada", role=Role.ADMIN)

    own = await site.client.post(
        "/analytics/replay", headers=token(site, ada), json={"tenant": "acme"}
    )
    foreign = await site.client.post(
        "/analytics/replay", headers=token(site, ada), json={"tenant": other.slug.value}
    )

    assert (own.status_code, own.json()["queued"]) == (202, 1)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "tenant.not_found")
    assert [deed for deed, *_ in await deeds(site)] == ["jobs.replay"]


async def test_jobs_of_others_are_not_there_for_an_admin(site: Site) -> None:
    await a_dead_letter(site)
    other = await globex(site)
    foreign = await a_job_of(site, other)
    headers = token(site, await a_user(site, "ada", role=Role.OWNER))

    answers = [
        await site.client.request(method, path, headers=headers)
        for method, path in (
            ("GET", f"/analytics/jobs/{foreign}"),
            ("GET", f"/analytics/dead-letters/{foreign}"),
            ("POST", f"/analytics/dead-letters/{foreign}/retry"),
            ("DELETE", f"/analytics/dead-letters/{foreign}"),
        )
    ]
    nobodys = await site.client.get("/analytics/jobs/job_1", headers=headers)
    lists = [
        await site.client.get(f"/analytics/{name}?tenant=globex", headers=headers)
        for name in ("jobs", "dead-letters")
    ]
    all_own = (await site.client.get("/analytics/jobs", headers=headers)).json()
    paged = await site.client.get(f"/analytics/jobs?cursor={foreign}", headers=headers)

    assert {answer.status_code for answer in (*answers, *lists, nobodys)} == {404}
    assert {answer.json()["code"] for answer in answers} == {"job.not_found"}
    assert {answer.json()["detail"] for answer in answers} == {nobodys.json()["detail"]}
    assert {item["tenant_id"] for item in all_own["items"]} == {site.tenant.id}
    assert paged.json()["items"] == []
    assert (await site.container.job_records().get(foreign)).state is JobState.DEAD


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER])
async def test_lower_roles_may_not(site: Site, role: Role) -> None:
    job_id = await a_dead_letter(site)
    headers = token(site, await a_user(site, "vic", role=role))

    refused = [
        await site.client.request(method, path, headers=headers)
        for method, path in (
            ("GET", "/analytics/jobs?tenant=acme"),
            ("GET", f"/analytics/jobs/{job_id}"),
            ("POST", f"/analytics/dead-letters/{job_id}/retry"),
            ("DELETE", f"/analytics/dead-letters/{job_id}"),
        )
    ]
    without = await site.client.get("/analytics/jobs", headers=headers)

    assert [answer.status_code for answer in refused] == [403] * 4
    assert {answer.json()["code"] for answer in refused} == {"role.insufficient"}
    assert without.status_code == 404


async def test_admin_of_several_tenants_says_which(site: Site) -> None:
    other = await globex(site)
    ada = await a_user(site, "ada", role=Role.ADMIN)
    async with site.container.transactions()() as uow:
        known = await uow.tenants.get(other.id)
        at = site.container.clock().now()
        await uow.tenants.save(known.with_member(user_id=ada, role=Role.ADMIN, at=at))
        await uow.commit()
    headers = token(site, ada)

    unclear = await site.client.get("/analytics/jobs", headers=headers)
    said = await site.client.get("/analytics/jobs?tenant=globex", headers=headers)

    assert (unclear.status_code, said.status_code) == (400, 200)
    assert "?tenant=" in unclear.json()["detail"]


async def test_operator_sees_all_jobs_or_those_of_one_tenant(site: Site) -> None:
    own = await a_dead_letter(site)
    foreign = await a_job_of(site, await globex(site))

    everything = (await site.client.get("/analytics/jobs", headers=OPERATOR)).json()
    one = (await site.client.get("/analytics/jobs?tenant=globex", headers=OPERATOR)).json()
    nobodys = await site.client.get("/analytics/jobs?tenant=nobody", headers=OPERATOR)

    assert {item["id"] for item in everything["items"]} == {own, foreign}
    assert [item["id"] for item in one["items"]] == [foreign]
    assert (everything["counts"]["dead"], one["counts"]["dead"]) == (2, 1)
    assert nobodys.status_code == 404


async def test_token_of_somebody_who_signed_out_or_is_gone_is_refused(site: Site) -> None:
    job_id = await a_dead_letter(site)
    ada = await a_user(site, "ada", role=Role.ADMIN)
    headers = token(site, ada)
    async with site.container.transactions()() as uow:
        user = await uow.users.get(ada)
        await uow.users.save(replace(user, token_version=user.token_version + 1))
        await uow.commit()
    paths = ("/analytics/jobs", f"/analytics/jobs/{job_id}", "/analytics/jobs/job_1")

    answers = [await site.client.get(path, headers=headers) for path in paths]
    nobody = await site.client.get(paths[0], headers=token(site, UserId("usr_0")))
    changed = await site.client.get(
        paths[0], headers={"authorization": headers["authorization"][:-3] + "abc"}
    )

    assert {answer.status_code for answer in (*answers, nobody, changed)} == {401}
