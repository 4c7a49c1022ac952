"""The route that has objects analysed once more, and what a job shows of its object."""

import json

import pytest

from domain.job import ObjectRef
from tests.entrypoints.conftest import ADMIN_TOKEN, Site

OPERATOR = {"authorization": f"Bearer {ADMIN_TOKEN}"}


async def put(site: Site, key: str, data: bytes) -> None:
    settings = site.tenant.storage
    await site.container.storages().of(settings).create(key, data, content_type="x")
    await site.container.accept_event()(
        ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
    )


async def test_objects_are_queued_again(site: Site) -> None:
    await put(site, "chat/a.jsonl", json.dumps({"prompt": "hello"}).encode() + b"\n{broken")
    await site.settled()

    answer = await site.client.post(
        "/analytics/replay",
        headers=OPERATOR,
        json={"tenant": site.tenant.slug.value, "prefix": "chat/", "since": "2020-01-01T00:00:00Z"},
    )
    await site.settled()
    jobs = await site.client.get("/analytics/jobs", headers=OPERATOR)

    assert (answer.status_code, answer.json()) == (202, {"queued": 1, "continue_after": None})
    items = jobs.json()["items"]
    assert sorted(job["source"] for job in items) == ["event", "replay"]
    assert {job["note"] for job in items} == {"1 lines could not be read: 2"}
    assert {tuple(job["pending_detectors"]) for job in items} == {()}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"tenant": "nobody-here"}, 404),
        ({"tenant": "No Slug"}, 400),
        ({}, 400),
        ({"tenant": "nobody-here", "since": "2026-11-24T02:00:00"}, 400),
        ({"tenant": "nobody-here", "colour": "red"}, 400),
    ],
)
async def test_wrong_questions_are_refused(
    site: Site, body: dict[str, object], status: int
) -> None:
    answer = await site.client.post("/analytics/replay", headers=OPERATOR, json=body)

    assert answer.status_code == status


async def test_only_the_operator_replays(site: Site) -> None:
    answer = await site.client.post("/analytics/replay", json={"tenant": "acme"})

    assert answer.status_code == 401
