"""The contract of `AuditJournal`."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.system import UuidIds
from application.ports.audit_journal import AuditJournal
from application.ports.system import IdFactory
from domain.audit import AuditRecord, ChainHead
from domain.errors import InvalidValue, NotFound, Unavailable
from tests.contract.journals import JOURNALS, a_record, check, contents, ids_of
from tests.contract.samples import ACME, GLOBEX, sample_id
from tests.fakes.clock import START, FakeClock


@pytest.fixture
def ids(clock: FakeClock) -> IdFactory:
    return UuidIds(clock)


@pytest.fixture(params=JOURNALS)
def make(
    request: pytest.FixtureRequest, tmp_path: Path, ids: IdFactory
) -> Callable[[], AuditJournal]:
    """Return a function that makes the journal of the same place again, as a restart does."""
    return lambda: JOURNALS[request.param](tmp_path / "journal", ids)


@pytest.fixture
async def journal(make: Callable[[], AuditJournal]) -> AsyncIterator[AuditJournal]:
    journal = make()
    await journal.open([])
    yield journal
    await journal.close()


def test_instance_is_legal_in_an_object_key(make: Callable[[], AuditJournal]) -> None:
    assert re.fullmatch(r"[a-z0-9]{4,32}", make().instance)


async def test_appended_record_is_read_back_in_its_chain(journal: AuditJournal) -> None:
    digest = await journal.append(ACME, a_record())
    await journal.seal()

    (segment,) = await journal.segments()
    (batch,) = await journal.read(segment)

    assert batch.tenant_id == ACME
    assert batch.head == ChainHead(hash=digest, count=1)
    assert check(list(batch.lines)) == batch.head
    document = json.loads(batch.lines[0])
    assert AuditRecord.from_document(document) == a_record()


async def test_segment_carries_the_time_it_was_opened(
    journal: AuditJournal, clock: FakeClock
) -> None:
    await journal.append(ACME, a_record(1))
    clock.advance(60)
    await journal.seal()
    await journal.append(ACME, a_record(2))
    await journal.seal()

    first, second = await journal.segments()

    assert (first.opened_at, second.opened_at) == (START, START + timedelta(seconds=60))
    assert first.id < second.id
    assert re.fullmatch(r"[0-9a-z]{26}", first.id)


async def test_size_is_what_closed_segments_hold(journal: AuditJournal) -> None:
    await journal.append(ACME, a_record(1))
    before = await journal.size()
    await journal.seal()
    first = await journal.size()
    await journal.append(ACME, a_record(2))
    await journal.seal()
    (segment, _) = await journal.segments()
    both = await journal.size()
    await journal.remove(segment)

    assert (before, both - await journal.size()) == (0, first)
    assert first > 100


async def test_tenants_have_chains_of_their_own(journal: AuditJournal) -> None:
    for number in range(6):
        await journal.append((ACME, GLOBEX)[number % 2], a_record(number))
    await journal.seal()

    lines = await contents(journal)

    assert {tenant: check(found).count for tenant, found in lines.items()} == {ACME: 3, GLOBEX: 3}


async def test_chain_goes_on_from_segment_to_segment(journal: AuditJournal) -> None:
    for number in range(5):
        await journal.append(ACME, a_record(number))
        await journal.seal()

    segments = await journal.segments()
    heads = [(await journal.read(segment))[0].head.count for segment in segments]

    assert heads == [1, 2, 3, 4, 5]
    assert check((await contents(journal))[ACME]).count == 5


async def test_records_of_a_tenant_are_in_the_order_of_their_calls(journal: AuditJournal) -> None:
    digests = await asyncio.gather(*(journal.append(ACME, a_record(n)) for n in range(200)))
    await journal.seal()

    lines = (await contents(journal))[ACME]

    assert ids_of(lines) == [sample_id("req", number) for number in range(200)]
    assert [json.loads(line)["hash"] for line in lines] == digests


async def test_sealing_nothing_makes_no_segment(journal: AuditJournal) -> None:
    await journal.seal()
    await journal.append(ACME, a_record())
    await journal.seal()
    await journal.seal()

    assert len(await journal.segments()) == 1


async def test_segment_reads_the_same_at_every_call(journal: AuditJournal) -> None:
    await journal.append(ACME, a_record())
    await journal.append(GLOBEX, a_record())
    await journal.seal()
    (segment,) = await journal.segments()

    first = await journal.read(segment)
    await journal.append(ACME, a_record(2))

    assert await journal.read(segment) == first


async def test_removed_segment_is_gone_and_may_be_removed_again(journal: AuditJournal) -> None:
    await journal.append(ACME, a_record())
    await journal.seal()
    (segment,) = await journal.segments()

    await journal.remove(segment)
    await journal.remove(segment)

    assert await journal.segments() == []
    with pytest.raises(NotFound):
        await journal.read(segment)


async def test_chain_goes_on_after_a_restart(make: Callable[[], AuditJournal]) -> None:
    first = make()
    await first.open([])
    instance = first.instance
    await first.append(ACME, a_record(1))
    await first.close()

    second = make()
    await second.open([])
    await second.append(ACME, a_record(2))
    await second.seal()

    assert second.instance == instance
    lines = (await contents(second))[ACME]
    assert ids_of(lines) == [sample_id("req", 1), sample_id("req", 2)]
    assert check(lines).count == 2
    await second.close()


async def test_chain_goes_on_from_what_the_store_knows(make: Callable[[], AuditJournal]) -> None:
    stored = ChainHead(hash="ab" * 32, count=41)
    journal = make()
    await journal.open([(ACME, stored)])

    await journal.append(ACME, a_record())
    await journal.append(GLOBEX, a_record())
    await journal.seal()

    (segment,) = await journal.segments()
    acme, globex = await journal.read(segment)
    assert acme.head.count == 42
    assert check(list(acme.lines), prev=stored.hash) == ChainHead(hash=acme.head.hash, count=1)
    assert globex.head.count == 1
    await journal.close()


@pytest.mark.parametrize("stored", range(4))
async def test_remaining_segments_stand_on_top_of_the_store(
    make: Callable[[], AuditJournal], stored: int
) -> None:
    first = make()
    await first.open([])
    heads = [ChainHead()]
    for number in range(3):
        digest = await first.append(ACME, a_record(number))
        heads.append(ChainHead(hash=digest, count=number + 1))
        await first.seal()
    await first.close()

    # The store may know any of the records: shipping stops anywhere.
    second = make()
    await second.open([(ACME, heads[stored])])
    await second.append(ACME, a_record(3))
    await second.seal()

    assert check((await contents(second))[ACME]).count == 4
    (batch,) = await second.read((await second.segments())[-1])
    assert batch.head.count == 4
    await second.close()


async def test_record_without_a_canonical_form_is_refused_alone(journal: AuditJournal) -> None:
    bad = a_record(2, response=float("nan"))

    outcomes = await asyncio.gather(
        journal.append(ACME, a_record(1)),
        journal.append(ACME, bad),
        journal.append(ACME, a_record(3)),
        return_exceptions=True,
    )
    await journal.seal()

    assert isinstance(outcomes[1], InvalidValue)
    lines = (await contents(journal))[ACME]
    assert ids_of(lines) == [sample_id("req", 1), sample_id("req", 3)]
    check(lines)


async def test_caller_that_goes_away_leaves_the_chain_whole(journal: AuditJournal) -> None:
    async with asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(journal.append(ACME, a_record(n))) for n in range(20)]
        await asyncio.sleep(0)
        for call in calls[::3]:
            call.cancel()
    await journal.append(ACME, a_record(20))
    await journal.seal()

    lines = (await contents(journal))[ACME]

    kept = [sample_id("req", number) for number in range(21)]
    assert ids_of(lines) == kept
    check(lines)


async def test_journal_that_is_not_open_is_unavailable(make: Callable[[], AuditJournal]) -> None:
    journal = make()
    with pytest.raises(Unavailable):
        await journal.append(ACME, a_record())

    await journal.open([])
    await journal.close()

    with pytest.raises(Unavailable):
        await journal.append(ACME, a_record())


async def test_closing_writes_and_seals_what_waits(make: Callable[[], AuditJournal]) -> None:
    first = make()
    await first.open([])
    async with asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(first.append(ACME, a_record(n))) for n in range(50)]
        await asyncio.sleep(0)
        await first.close()

    second = make()
    await second.open([])
    lines = (await contents(second))[ACME]
    assert [json.loads(line)["hash"] for line in lines] == [call.result() for call in calls]
    await second.close()


async def test_two_writers_have_names_of_their_own(make: Callable[[], AuditJournal]) -> None:
    first, second = make(), make()
    await first.open([])
    await second.open([])

    await first.append(ACME, a_record(1))
    await second.append(ACME, a_record(2))
    await first.close()
    await second.close()

    assert first.instance != second.instance
