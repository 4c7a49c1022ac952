"""The schema grows by numbered steps, all or none, and never backwards."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.documents.fields import dump, time_text
from adapters.documents.usage import usage_to_document
from adapters.sqlite.migrations import Migration, migrate, shipped_migrations, statements
from adapters.sqlite.store import SqliteStore
from domain.errors import Unavailable
from domain.usage_report import Dimension, Latencies, UsageFigures, UsageQuery
from tests.contract.samples import ACME, a_tenant, a_usage, store_tenants
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds

FIRST = Migration(number=1, script="CREATE TABLE one (x);\nINSERT INTO one VALUES (1);\n")
SECOND = Migration(number=2, script="ALTER TABLE one ADD COLUMN y;\n")
BROKEN = Migration(number=2, script="CREATE TABLE two (x);\nno statement;\n")


@pytest.fixture
def raw() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def tables(raw: sqlite3.Connection) -> set[str]:
    return {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_shipped_migrations_are_numbered_from_one() -> None:
    numbers = [migration.number for migration in shipped_migrations()]

    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_shipped_statements_are_complete(raw: sqlite3.Connection) -> None:
    for migration in shipped_migrations():
        assert "".join(statements(migration.script)) == migration.script

    migrate(raw, shipped_migrations())

    assert {"tenants", "jobs", "outbox", "violations", "schema_version"} <= tables(raw)


def test_only_missing_migrations_are_applied(raw: sqlite3.Connection) -> None:
    migrate(raw, [FIRST])

    migrate(raw, [FIRST, SECOND])
    migrate(raw, [FIRST, SECOND])

    assert raw.execute("SELECT x, y FROM one").fetchall() == [(1, None)]
    versions = raw.execute("SELECT version FROM schema_version ORDER BY version").fetchall()
    assert versions == [(1,), (2,)]


def test_failed_migration_changes_nothing(raw: sqlite3.Connection) -> None:
    migrate(raw, [FIRST])

    with pytest.raises(sqlite3.OperationalError):
        migrate(raw, [FIRST, BROKEN])

    assert tables(raw) == {"one", "schema_version"}
    assert not raw.in_transaction


def test_newer_database_is_refused(raw: sqlite3.Connection) -> None:
    migrate(raw, [FIRST, SECOND])

    with pytest.raises(Unavailable, match="newer TruePort") as refusal:
        migrate(raw, [FIRST])

    assert refusal.value.code == "store.too_new"
    assert not raw.in_transaction


async def test_store_refuses_a_newer_file_and_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "trueport.db"
    store = SqliteStore(path, FakeClock(), CountingIds())
    await store.open()
    await store_tenants(store.transactions, a_tenant())
    await store.close()
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO schema_version VALUES (999)")
    raw.close()

    with pytest.raises(Unavailable, match="999"):
        await SqliteStore(path, FakeClock(), CountingIds()).open()


async def test_store_finds_its_state_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trueport.db", FakeClock(), CountingIds())
    await store.open()
    await store_tenants(store.transactions, a_tenant())
    await store.close()

    again = SqliteStore(tmp_path / "trueport.db", FakeClock(), CountingIds())
    await again.open()
    async with again.transactions() as uow:
        assert await uow.tenants.get(ACME) == a_tenant()
    await again.close()


async def test_usage_of_before_its_columns_is_summed_as_well(tmp_path: Path) -> None:
    path = tmp_path / "trueport.db"
    with sqlite3.connect(path, isolation_level=None) as raw:
        migrate(raw, shipped_migrations()[:5])
        for number, model in enumerate(("echo-1", "half \ud83d")):
            entry = replace(a_usage(number), model=model)
            document = dump(usage_to_document(entry))
            raw.execute(
                "INSERT INTO usage_entries (tenant_id, record_id, key_id, at, cost_nano, document)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (ACME, entry.record_id, entry.key_id, time_text(entry.at), 1000, document),
            )
    raw.close()

    store = SqliteStore(path, FakeClock(), CountingIds())
    await store.open()
    day = timedelta(days=1)
    groups = await store.usage_reader.usage(
        ACME,
        UsageQuery(since=START - day, until=START + day, by=frozenset({Dimension.MODEL})),
    )
    await store.close()

    assert [group.key.model for group in groups] == ["?", "echo-1"]
    assert groups[1].figures == UsageFigures(
        requests=1,
        input_tokens=3,
        output_tokens=4,
        costs={"USD": 1000},
        latencies=Latencies(counts={12: 1}),
    )
