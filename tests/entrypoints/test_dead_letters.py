"""What an operator does about jobs that nobody could do, over HTTP."""

import asyncio

import pytest

from domain.identifiers import JobId
from domain.job import JobState, ObjectRef
from tests.entrypoints.conftest import ADMIN_TOKEN, Site

OPERATOR = {"authorization": f"Bearer {ADMIN_TOKEN}"}
ROUTES = [
    ("GET", "/analytics/dead-letters"),
    ("GET", "/analytics/dead-letters/job_1"),
    ("POST", "/analytics/dead-letters/job_1/retry"),
    ("DELETE", "/analytics/dead-letters/job_1"),
]


async def a_dead_letter(site: Site, name: str = "a") -> JobId:
    """Return a job whose object is no gzip, after a worker has found out."""
    key = f"audit/v1/dt=2026-11-24/hr=02/otherone-{name}.jsonl.gz"
    storage = site.container.storages().of(site.tenant.storage)
    await storage.create(key, b"no gzip at all", content_type="application/gzip")
    ref = ObjectRef(provider="LOCAL", bucket=site.tenant.storage.bucket, key=key)
    await site.container.accept_event()(ref)
    await until(site, ref.job_id, JobState.DEAD)
    return ref.job_id


async def until(site: Site, job_id: JobId, state: JobState) -> None:
    async with asyncio.timeout(20):
        while True:
            if (await site.container.job_records().get(job_id)).state is state:
                return
            await asyncio.sleep(0.01)


async def test_dead_letter_is_listed_with_its_reason(site: Site) -> None:
    job_id = await a_dead_letter(site)

    listed = (await site.client.get("/analytics/dead-letters", headers=OPERATOR)).json()
    one = (await site.client.get(f"/analytics/dead-letters/{job_id}", headers=OPERATOR)).json()

    assert [item["id"] for item in listed["items"]] == [job_id]
    assert listed["next_cursor"] is None
    assert listed["items"][0] == one
    assert one["state"] == "dead"
    assert one["last_error"].startswith("object.")


async def test_pages_lead_through_all_dead_letters(site: Site) -> None:
    expected = {await a_dead_letter(site, name) for name in "abc"}

    first = (await site.client.get("/analytics/dead-letters?limit=2", headers=OPERATOR)).json()
    rest = (
        await site.client.get(
            f"/analytics/dead-letters?limit=2&cursor={first['next_cursor']}", headers=OPERATOR
        )
    ).json()

    assert [len(first["items"]), len(rest["items"])] == [2, 1]
    assert {item["id"] for item in first["items"] + rest["items"]} == expected
    assert rest["next_cursor"] is None


async def test_retried_dead_letter_is_worked_on_again(site: Site) -> None:
    job_id = await a_dead_letter(site)

    answer = await site.client.post(f"/analytics/dead-letters/{job_id}/retry", headers=OPERATOR)

    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["attempts"]) == ("new", 0)
    await until(site, job_id, JobState.DEAD)


async def test_discarded_dead_letter_is_gone_and_stays_known(site: Site) -> None:
    job_id = await a_dead_letter(site)
    path = f"/analytics/dead-letters/{job_id}"

    answer = await site.client.delete(path, headers=OPERATOR)
    again = await site.client.delete(path, headers=OPERATOR)
    retried = await site.client.post(f"{path}/retry", headers=OPERATOR)
    listed = (await site.client.get("/analytics/dead-letters", headers=OPERATOR)).json()
    job = (await site.client.get(f"/analytics/jobs/{job_id}", headers=OPERATOR)).json()

    assert (answer.status_code, answer.content) == (204, b"")
    assert [again.status_code, retried.status_code] == [409, 409]
    assert retried.json()["code"] == "job.not_dead"
    assert listed["items"] == []
    assert (await site.client.get(path, headers=OPERATOR)).status_code == 404
    assert job["state"] == "discarded"


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_dead_letters_are_for_the_operator(site: Site, method: str, path: str) -> None:
    answer = await site.client.request(method, path, headers={"authorization": "Bearer wrong"})

    assert (answer.status_code, answer.json()["code"]) == (401, "operator.token")


@pytest.mark.parametrize(("method", "path"), ROUTES[1:])
async def test_unknown_dead_letter_is_not_found(site: Site, method: str, path: str) -> None:
    answer = await site.client.request(method, path, headers=OPERATOR)

    assert (answer.status_code, answer.json()["code"]) == (404, "job.not_found")
