"""The statements of the hot paths find their rows through an index, and odd rows do no harm."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents.cursors import read_place
from adapters.sqlite import job_records, jobs, outbox, platform, policies, readers
from adapters.sqlite.connection import MEMORY
from adapters.sqlite.store import SqliteStore
from domain.errors import InvalidValue
from domain.events import TenantFounded
from tests.contract.samples import ACME, GLOBEX
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(MEMORY, FakeClock(), CountingIds())
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (jobs._WAITING, "jobs_waiting"),
        (jobs._DELAYED, "jobs_delayed (not_before>? AND not_before<?)"),
        (jobs._LAPSED, "jobs_leased (lease_until<?)"),
        (jobs._AVAILABLE_IDS, "jobs_open"),
        (jobs._AVAILABLE_IDS_BEHIND, "jobs_open"),
        (job_records._NEWEST, "jobs_by_time"),
        (job_records._NEWEST_BEHIND, "jobs_by_time"),
        (job_records._NEWEST_OF_STATE, "jobs_by_state"),
        (job_records._NEWEST_OF_STATE_BEHIND, "jobs_by_state"),
        (job_records._NEWEST_OF_TENANT, "jobs_of_tenant"),
        (job_records._NEWEST_OF_TENANT_BEHIND, "jobs_of_tenant"),
        (job_records._OLDEST_OPEN, "jobs_open"),
        (job_records._PRUNE, "jobs_closed"),
        (outbox._DUE, "outbox_waiting"),
        (policies._ACTIVE, "policy_activations_by_time"),
        (readers._PRINCIPAL, "sqlite_autoindex_api_keys"),
        (readers._SPENT, "COVERING INDEX usage_entries_by_key"),
        (readers._VIOLATIONS, "violations_by_time"),
        (platform._TENANT_BY_OBJECT, "sqlite_autoindex_tenants"),
        (platform._PLACE_TAKEN, "sqlite_autoindex_tenants"),
    ],
)
async def test_statement_uses_its_index(store: SqliteStore, statement: str, index: str) -> None:
    def plan(raw: sqlite3.Connection) -> list[str]:
        names = ("at", "limit", "state", "tenant_id", "cursor_time", "cursor_id", "detected_from")
        more = ("detected_to", "categories", "types", "severities", "states", "key_id", "model")
        place = ("provider", "bucket", "prefix", "key", "id", "after", "before")
        values: object = dict.fromkeys((*names, *more, *place), "")
        if "?" in statement:
            values = ("",) * statement.count("?")
        rows = raw.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()  # type: ignore[arg-type]
        return [detail for *_, detail in rows]

    steps = await store._database.read(plan)

    assert any(index in step for step in steps), steps
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in steps) or "length" in statement


async def test_unreadable_event_is_buried_and_holds_nobody_up(store: SqliteStore) -> None:
    clock = FakeClock()
    async with store.transactions() as uow:
        uow.record(TenantFounded(tenant_id=ACME))
        uow.record(TenantFounded(tenant_id=GLOBEX))
        await uow.commit()
    await store._database.write(
        lambda raw: (
            raw.execute(
                'UPDATE outbox SET document = \'{"kind": "unheard_of"}\' WHERE seq = 1'
            ).rowcount
        )
    )

    entries = await store.outbox.claim(limit=9, at=clock.now(), lease=timedelta(minutes=1))

    assert [entry.event for entry in entries] == [TenantFounded(tenant_id=GLOBEX)]
    assert await store.outbox.pending() == 1


@given(text=st.text(st.characters(), max_size=40))
def test_no_text_as_a_cursor_does_harm(text: str) -> None:
    with pytest.raises(InvalidValue, match="cursor"):
        read_place(text)
