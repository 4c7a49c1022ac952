"""Browsing the audit log: by time, page by page, and one record whole."""

from datetime import datetime, timedelta

import pytest

from application.audit_objects import pack
from application.gateway.audit_log import ListedRecord, RecordPage, RecordQuery
from application.paging import cursor_at
from application.ports.object_storage import StoredObject
from application.ports.readers import Page
from domain.audit import canonical
from domain.errors import InvalidValue, NotFound
from domain.identifiers import RecordId
from tests.fakes.clock import START
from tests.fakes.deployment import Customer, Deployment

pytestmark = pytest.mark.usefixtures("timely_ids")

HOUR = timedelta(hours=1)
TODAY = RecordQuery(since=START - HOUR, until=START + 12 * HOUR)


@pytest.fixture
async def log(deployment: Deployment, acme: Customer) -> Customer:
    """A tenant with three objects of two records each, an hour apart."""
    for number in range(3):
        await acme.chat(f"message {number}a")
        await acme.chat(f"message {number}b")
        await deployment.ship()
        deployment.clock.advance(3600)
    return acme


async def page(
    log: Customer, query: RecordQuery = TODAY, *, limit: int = 50, cursor: str | None = None
) -> RecordPage:
    return await log.deployment.audit_log.page(log.tenant, query, Page(limit=limit, cursor=cursor))


async def told(log: Customer, record: ListedRecord) -> str:
    """Return what the record's message said, read from the whole of it."""
    whole = await log.deployment.audit_log.find(log.tenant, record.record.record_id)
    return str(whole.record.request["messages"][0]["content"])  # type: ignore[index]


async def put(log: Customer, item: StoredObject, data: bytes) -> None:
    storage = log.deployment.storages.of(log.tenant.storage)
    await storage.delete(item.key)
    await storage.create(item.key, data, content_type="application/x-ndjson+gzip")


async def test_records_are_listed_the_newest_first_and_without_their_texts(log: Customer) -> None:
    found = await page(log)

    assert [await told(log, one) for one in found.items] == [
        f"message {name}" for name in ("2b", "2a", "1b", "1a", "0b", "0a")
    ]
    assert {(one.record.request, one.record.response) for one in found.items} == {(None, None)}
    assert [one.line for one in found.items] == [2, 1, 2, 1, 2, 1]
    assert found.unreadable == ()
    assert found.next_cursor is None


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
async def test_pages_lead_through_all_records_once(log: Customer, limit: int) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        found = await page(log, limit=limit, cursor=cursor)
        seen += [one.record.record_id for one in found.items]
        assert len(found.items) <= limit
        if found.next_cursor is None:
            break
        cursor = found.next_cursor

    assert seen == [one.record.record_id for one in (await page(log)).items]
    assert len(set(seen)) == 6


@pytest.mark.parametrize(
    ("since", "until", "names"),
    [
        (START, START + HOUR, "0b 0a"),
        (START + HOUR, START + 2 * HOUR, "1b 1a"),
        (START + HOUR, START + 2 * HOUR + timedelta(seconds=1), "2b 2a 1b 1a"),
        (START + 3 * HOUR, START + 9 * HOUR, ""),
        (START - 30 * timedelta(days=1), START, ""),
    ],
)
async def test_only_records_of_the_period_are_listed(
    log: Customer, since: datetime, until: datetime, names: str
) -> None:
    found = await page(log, RecordQuery(since=since, until=until))

    assert [await told(log, one) for one in found.items] == [
        f"message {name}" for name in names.split()
    ]


async def test_records_of_one_key_or_model_can_be_asked_for(log: Customer) -> None:
    key = log.issued.key.id

    async def count(**part: str) -> int:
        query = RecordQuery(since=TODAY.since, until=TODAY.until, **part)
        return len((await page(log, query)).items)

    assert (await count(key_id=key), await count(key_id="key_other")) == (6, 0)
    assert (await count(model="echo"), await count(model="other")) == (6, 0)


async def test_another_tenant_sees_nothing_of_it(log: Customer) -> None:
    globex = await log.deployment.customer("globex")
    record_id = (await page(log)).items[0].record.record_id
    object_key = (await page(log)).items[0].object_key

    assert (await page(globex)).items == ()
    with pytest.raises(NotFound):
        await log.deployment.audit_log.find(globex.tenant, record_id)
    with pytest.raises(NotFound):
        await log.deployment.audit_log.find(globex.tenant, record_id, object_key=object_key)


async def test_record_is_found_by_its_id_alone_or_with_its_object(log: Customer) -> None:
    listed = (await page(log)).items[3]

    by_id = await log.deployment.audit_log.find(log.tenant, listed.record.record_id)
    by_key = await log.deployment.audit_log.find(
        log.tenant, listed.record.record_id, object_key=listed.object_key
    )

    assert by_id == by_key
    assert by_id.record.record_id == listed.record.record_id
    assert (by_id.object_key, by_id.line) == (listed.object_key, listed.line)
    assert by_id.breaks == ()
    (stored,) = [
        one for one in await log.stored_records() if one["record_id"] == by_id.record.record_id
    ]
    assert by_id.record.to_document() | {"prev": by_id.prev, "hash": by_id.hash} == stored


async def test_changed_record_is_shown_with_what_does_not_hold(log: Customer) -> None:
    item = (await log.objects())[0]
    first, second = [
        one for one in await log.stored_records() if str(one["time"]).startswith("2026-11-24T02")
    ]
    await put(log, item, pack([canonical({**first, "status": 500}), canonical(second)]))

    found = await log.deployment.audit_log.find(log.tenant, RecordId(str(first["record_id"])))

    assert found.record.status == 500
    assert [one.line for one in found.breaks] == [1]


@pytest.mark.parametrize("record_id", ["req_1", "log_ab", "", "req_" + "0" * 26, "half \ud83d"])
async def test_unknown_record_is_not_found(log: Customer, record_id: str) -> None:
    with pytest.raises(NotFound) as caught:
        await log.deployment.audit_log.find(log.tenant, RecordId(record_id))

    assert caught.value.code == "audit.record_not_found"


@pytest.mark.parametrize(
    "key",
    [
        "../other/audit/v1/dt=2026-11-24/hr=02/a-b.jsonl.gz",
        "audit/v1/anchors/dt=2026-11-24/a-b.json",
        "elsewhere.jsonl.gz",
    ],
)
async def test_key_of_no_audit_object_of_the_tenant_is_refused(log: Customer, key: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        await log.deployment.audit_log.find(log.tenant, RecordId("req_1"), object_key=key)

    assert caught.value.field == "object_key"


async def test_damaged_object_is_named_and_the_rest_is_listed(log: Customer) -> None:
    item = (await log.objects())[1]
    await put(log, item, b"\x1f\x8b damaged")

    found = await page(log)

    assert [await told(log, one) for one in found.items] == [
        f"message {name}" for name in ("2b", "2a", "0b", "0a")
    ]
    assert found.unreadable == (item.key,)


async def test_record_of_a_foreign_tenant_in_the_bucket_is_not_listed(log: Customer) -> None:
    item = (await log.objects())[2]
    records = [{**one, "tenant": "globex"} for one in await log.stored_records()]
    await put(log, item, pack([canonical(one) for one in records[4:]]))

    found = await page(log)

    assert len(found.items) == 4
    assert found.unreadable == (item.key,)


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        cursor_at("1", "elsewhere"),
        cursor_at("x", "audit/v1/dt=2026-11-24/hr=02/a-b.jsonl.gz"),
        cursor_at("1", "audit/v1/dt=2026-13-24/hr=02/a-b.jsonl.gz"),
        "A" * 4000,
    ],
)
async def test_cursor_that_nobody_gave_is_refused(log: Customer, cursor: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        await page(log, cursor=cursor)

    assert caught.value.field == "cursor"


def test_a_period_is_bounded() -> None:
    with pytest.raises(InvalidValue, match="31 days"):
        RecordQuery(since=START, until=START + timedelta(days=32))
    with pytest.raises(InvalidValue, match="after its beginning"):
        RecordQuery(since=START, until=START)
