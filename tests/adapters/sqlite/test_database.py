"""Connections, turns and transactions of one SQLite database."""

import asyncio
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sqlite.connection import MEMORY, Connection
from adapters.sqlite.database import Database
from adapters.sqlite.session import Session
from adapters.sqlite.store import SqliteStore
from domain.errors import InvalidValue, Unavailable
from domain.job import RetryPolicy
from tests.contract.samples import ACME, a_job, a_tenant, a_usage, store_tenants
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds

BUSY = timedelta(milliseconds=50)
IN_FILE_AND_MEMORY = ("trueport.db", MEMORY)


@pytest.fixture(params=IN_FILE_AND_MEMORY)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    path = MEMORY if request.param == MEMORY else tmp_path / request.param
    opened = Database(path, busy_timeout=BUSY)
    await opened.open()
    yield opened
    await opened.close()


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    opened = Connection(tmp_path / "trueport.db", name="test", busy_timeout=timedelta(seconds=5))
    await opened.open()
    yield opened
    await opened.close()


async def test_commits_are_written_ahead_and_synced(connection: Connection) -> None:
    def settings(raw: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [raw.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    full = 2
    assert await connection.run(settings) == ["wal", full, 1, 5000]


async def test_database_file_is_for_its_owner_only(tmp_path: Path, connection: Connection) -> None:
    await connection.run(lambda raw: raw.execute("CREATE TABLE one (x)").rowcount)

    assert modes_in(tmp_path) == {
        "trueport.db": 0o600,
        "trueport.db-wal": 0o600,
        "trueport.db-shm": 0o600,
    }


async def test_work_runs_on_one_other_thread(connection: Connection) -> None:
    threads = await asyncio.gather(
        *(connection.run(lambda _: threading.get_ident()) for _ in range(10))
    )

    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_cancelled_work_is_waited_for(connection: Connection) -> None:
    has_begun, may_end = threading.Event(), threading.Event()
    ended: list[str] = []

    def work(_: sqlite3.Connection) -> None:
        has_begun.set()
        may_end.wait(10)
        ended.append("work")

    async def run() -> None:
        try:
            await connection.run(work)
        finally:
            ended.append("task")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(run())
        await asyncio.to_thread(has_begun.wait)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        may_end.set()

    assert task.cancelled()
    assert ended == ["work", "task"]


async def test_error_of_cancelled_work_is_not_left_lying(connection: Connection) -> None:
    async def run() -> None:
        await connection.run(lambda raw: raw.execute("no sql").rowcount)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(run())
        await asyncio.sleep(0)
        task.cancel()

    assert task.cancelled()


async def test_driver_errors_become_unavailable_without_their_words(
    connection: Connection,
) -> None:
    with pytest.raises(Unavailable) as refusal:
        await connection.run(lambda raw: raw.execute("SELECT secret_column FROM x").rowcount)

    assert refusal.value.service == "store"
    assert "secret_column" not in refusal.value.message
    assert isinstance(refusal.value.__cause__, sqlite3.OperationalError)


@pytest.mark.parametrize("value", [2**63, "half \ud83d"])
async def test_value_that_no_column_can_hold_is_invalid(
    connection: Connection, value: object
) -> None:
    with pytest.raises(InvalidValue):
        await connection.run(lambda raw: raw.execute("SELECT ?", (value,)).fetchone())


async def test_closed_connection_is_unavailable(tmp_path: Path) -> None:
    connection = Connection(tmp_path / "trueport.db", name="test", busy_timeout=BUSY)
    with pytest.raises(Unavailable):
        await connection.run(lambda _: None)
    await connection.open()

    await connection.close()
    await connection.close()

    with pytest.raises(Unavailable):
        await connection.run(lambda _: None)


@pytest.mark.parametrize("name", ["missing/trueport.db", "."])
async def test_place_that_holds_no_file_is_unavailable(tmp_path: Path, name: str) -> None:
    database = Database(tmp_path / name, busy_timeout=BUSY)

    with pytest.raises(Unavailable):
        await database.open()


async def test_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "trueport.db"
    path.write_bytes(b"something else entirely\n" * 100)

    with pytest.raises(Unavailable):
        await Database(path, busy_timeout=BUSY).open()

    assert path.read_bytes().startswith(b"something else")


async def test_reading_connection_cannot_write(tmp_path: Path) -> None:
    database = Database(tmp_path / "trueport.db", busy_timeout=BUSY)
    await database.open()

    with pytest.raises(Unavailable):
        await database.read(lambda raw: raw.execute("DELETE FROM jobs").rowcount)

    await database.close()


async def test_failed_write_leaves_nothing(database: Database) -> None:
    def work(raw: sqlite3.Connection) -> None:
        raw.execute("INSERT INTO users VALUES ('u', 'e', 0, '{}')")
        raise InvalidValue("no")

    with pytest.raises(InvalidValue):
        await database.write(work)

    count = await database.read(lambda raw: raw.execute("SELECT count(*) FROM users").fetchone()[0])
    assert count == 0


async def test_task_that_would_wait_for_itself_is_told(database: Database) -> None:
    session = Session(database)
    await session.begin()

    with pytest.raises(RuntimeError, match="unit of work"):
        await Session(database).begin()
    with pytest.raises(RuntimeError, match="unit of work"):
        await database.write(lambda _: None)

    await session.end()
    await database.write(lambda _: None)


async def test_reading_inside_of_a_unit_does_not_wait_for_its_end(database: Database) -> None:
    session = Session(database)
    await session.begin()

    count = await database.read(lambda raw: raw.execute("SELECT count(*) FROM users").fetchone()[0])

    await session.end()
    assert count == 0


async def test_write_that_waits_too_long_is_unavailable() -> None:
    database = Database(MEMORY, turn_timeout=timedelta(milliseconds=10))
    await database.open()
    session = Session(database)
    await session.begin()

    async def write() -> None:
        await database.write(lambda _: None)

    with pytest.raises(Unavailable):
        await asyncio.gather(write())

    await session.end()
    await write()
    await database.close()


async def test_transaction_that_sqlite_gave_up_does_not_go_on(database: Database) -> None:
    session = Session(database)
    await session.begin()

    await session.run(lambda raw: raw.execute("ROLLBACK").rowcount)

    with pytest.raises(Unavailable):
        await session.run(lambda raw: raw.execute("DELETE FROM users").rowcount)
    with pytest.raises(Unavailable):
        await session.commit(lambda _: None)
    await session.end()
    await database.write(lambda _: None)


async def test_full_disk_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trueport.db", FakeClock(), CountingIds())
    await store.open()
    await store_tenants(store.transactions, a_tenant(1))
    database = store._database
    pages = await database.run(page_limit(1))

    async def write_too_much() -> None:
        async with store.transactions() as uow:
            await uow.audit.add_usage(ACME, [a_usage(number) for number in range(1, 2000)])
            await uow.commit()

    with pytest.raises(Unavailable):
        await write_too_much()

    await database.run(page_limit(pages + 1000))
    await write_too_much()
    spent = await store.gateway_reader.spent(ACME, a_usage().key_id, since=START)
    await store.close()
    assert spent == 1999 * 1000


def page_limit(pages: int) -> Callable[[sqlite3.Connection], int]:
    """Limit the file to this many pages, or to those it has; SQLite answers with the limit."""
    return lambda raw: int(raw.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0])


async def test_store_closes_after_the_unit_that_is_open(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "trueport.db", FakeClock(), CountingIds())
    await store.open()
    is_inside = asyncio.Event()

    async def write() -> None:
        async with store.transactions() as uow:
            is_inside.set()
            await asyncio.sleep(0)
            await uow.tenants.add(a_tenant())
            await uow.commit()

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        await is_inside.wait()
        await store.close()

    again = SqliteStore(tmp_path / "trueport.db", FakeClock(), CountingIds())
    await again.open()
    async with again.transactions() as uow:
        assert await uow.tenants.get(ACME) == a_tenant()
    await again.close()
    with pytest.raises(Unavailable):
        await store.job_queue(capacity=1, retry=RetryPolicy()).put(a_job())
