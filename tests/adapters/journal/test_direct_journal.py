"""The journal of a process without a disk: an append returns when storage has the record."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.journal.direct_journal import DirectAuditJournal
from adapters.system import UuidIds
from domain.audit import ChainHead
from domain.errors import InvalidValue, Unavailable
from tests.contract.journals import a_record, check, ids_of
from tests.contract.samples import ACME, GLOBEX, sample_id
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import SeededRandomness


class Shelf:
    """Storage that takes the segments of a journal, unless it is away; put by put."""

    def __init__(self) -> None:
        self.journal: DirectAuditJournal | None = None
        self.lines: list[bytes] = []
        self.puts = 0
        self.is_away = False

    async def ship(self) -> None:
        assert self.journal is not None
        await self.journal.seal()
        await asyncio.sleep(0)
        if self.is_away:
            return
        for segment in await self.journal.segments():
            for batch in await self.journal.read(segment):
                self.lines += batch.lines if batch.tenant_id == ACME else ()
            self.puts += 1
            await self.journal.remove(segment)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def journal(shelf: Shelf) -> AsyncIterator[DirectAuditJournal]:
    made = DirectAuditJournal(
        ids=UuidIds(FakeClock()), randomness=SeededRandomness(), ship=shelf.ship
    )
    shelf.journal = made
    await made.open([])
    yield made
    await made.close()


async def test_record_is_stored_when_append_returns(
    journal: DirectAuditJournal, shelf: Shelf
) -> None:
    for number in range(3):
        await journal.append(ACME, a_record(number))
        assert len(shelf.lines) == number + 1

    assert ids_of(shelf.lines) == [sample_id("req", number) for number in range(3)]
    assert check(shelf.lines).count == 3
    assert await journal.segments() == []


async def test_records_that_come_together_share_objects_and_keep_their_order(
    journal: DirectAuditJournal, shelf: Shelf
) -> None:
    await asyncio.gather(*(journal.append(ACME, a_record(number)) for number in range(100)))

    assert ids_of(shelf.lines) == [sample_id("req", number) for number in range(100)]
    assert check(shelf.lines).count == 100
    assert shelf.puts < 5


async def test_record_that_storage_does_not_take_is_refused_and_shipped_with_the_next(
    journal: DirectAuditJournal, shelf: Shelf
) -> None:
    shelf.is_away = True
    with pytest.raises(Unavailable):
        await journal.append(ACME, a_record(1))

    shelf.is_away = False
    await journal.append(ACME, a_record(2))

    assert ids_of(shelf.lines) == [sample_id("req", 1), sample_id("req", 2)]
    assert check(shelf.lines).count == 2


async def test_caller_that_goes_away_leaves_the_chain_whole(
    journal: DirectAuditJournal, shelf: Shelf
) -> None:
    async with asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(journal.append(ACME, a_record(n))) for n in range(20)]
        await asyncio.sleep(0)
        for call in calls[::3]:
            call.cancel()
    await journal.append(ACME, a_record(20))

    assert ids_of(shelf.lines) == [sample_id("req", number) for number in range(21)]
    check(shelf.lines)


async def test_record_without_a_canonical_form_is_refused_alone(
    journal: DirectAuditJournal, shelf: Shelf
) -> None:
    with pytest.raises(InvalidValue):
        await journal.append(ACME, a_record(1, response=float("nan")))

    await journal.append(ACME, a_record(2))

    assert ids_of(shelf.lines) == [sample_id("req", 2)]


async def test_tenants_have_chains_of_their_own_that_go_on_from_the_store(shelf: Shelf) -> None:
    stored = ChainHead(hash="ab" * 32, count=41)
    journal = DirectAuditJournal(
        ids=UuidIds(FakeClock()), randomness=SeededRandomness(), ship=shelf.ship
    )
    shelf.journal = journal
    await journal.open([(ACME, stored)])

    await journal.append(GLOBEX, a_record(1))
    await journal.append(ACME, a_record(2))

    assert check(shelf.lines, prev=stored.hash).count == 1


async def test_journal_that_is_not_open_is_unavailable(shelf: Shelf) -> None:
    journal = DirectAuditJournal(
        ids=UuidIds(FakeClock()), randomness=SeededRandomness(), ship=shelf.ship
    )

    with pytest.raises(Unavailable):
        await journal.append(ACME, a_record())


async def test_closing_ships_what_waits(shelf: Shelf, journal: DirectAuditJournal) -> None:
    shelf.is_away = True
    with pytest.raises(Unavailable):
        await journal.append(ACME, a_record(1))
    shelf.is_away = False

    await journal.close()

    assert ids_of(shelf.lines) == [sample_id("req", 1)]


def test_instances_have_legal_names_of_their_own(shelf: Shelf) -> None:
    names = {
        DirectAuditJournal(
            ids=UuidIds(FakeClock()), randomness=SeededRandomness(seed), ship=shelf.ship
        ).instance
        for seed in range(10)
    }

    assert len(names) == 10
    assert all(name.isalnum() and 4 <= len(name) <= 32 for name in names)
