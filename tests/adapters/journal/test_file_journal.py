"""What files add to the contract of the journal: locks, torn ends, damage, one fsync for many."""

import asyncio
import json
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from adapters.journal.file_journal import FileAuditJournal
from adapters.journal.instance_folder import abandoned_instances
from adapters.system import UuidIds
from domain.audit import GENESIS, ChainHead
from domain.audit_chain import verify_chain
from domain.errors import Unavailable
from domain.identifiers import TenantId
from tests import strategies
from tests.contract.journals import a_record, check, contents, ids_of
from tests.contract.samples import ACME, GLOBEX, sample_id
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import SeededRandomness


def make(root: Path, clock: FakeClock | None = None, **options: object) -> FileAuditJournal:
    return FileAuditJournal(
        root,
        ids=UuidIds(clock or FakeClock()),
        randomness=SeededRandomness(),
        **options,  # type: ignore[arg-type]
    )


async def opened(root: Path, clock: FakeClock | None = None, **options: object) -> FileAuditJournal:
    journal = make(root, clock, **options)
    await journal.open([])
    return journal


def files(folder: Path, ending: str) -> list[Path]:
    return sorted(folder.rglob(f"*{ending}"))


async def write_open_segment(root: Path, records: int, tenants: int = 1) -> Path:
    """Leave a segment as a crash does: open, with sound lines, and nobody holding the folder."""
    journal = await opened(root)
    for number in range(records):
        await journal.append((ACME, GLOBEX)[number % tenants], a_record(number))
    await journal.close()
    (sealed,) = files(root, ".sealed")
    return sealed.rename(sealed.with_suffix(".open"))


async def test_files_are_readable_by_this_user_alone(tmp_path: Path) -> None:
    root = tmp_path / "journal"
    journal = await opened(root)
    await journal.append(ACME, a_record())

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
    await journal.close()

    assert set(modes.values()) == {0o700, 0o600}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())


async def test_many_records_share_one_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await opened(tmp_path)
    await journal.append(ACME, a_record())
    calls: list[int] = []
    really = os.fsync

    def counted(descriptor: int) -> None:
        calls.append(descriptor)
        really(descriptor)

    monkeypatch.setattr(os, "fsync", counted)
    await asyncio.gather(*(journal.append(ACME, a_record(n)) for n in range(500)))

    assert len(calls) <= 3
    await journal.close()


async def test_large_segments_are_closed_by_themselves(tmp_path: Path) -> None:
    journal = await opened(tmp_path, max_segment_bytes=10_000)

    for number in range(50):
        await journal.append(ACME, a_record(number))

    segments = await journal.segments()
    assert len(segments) >= 3
    await journal.seal()
    assert check((await contents(journal))[ACME]).count == 50
    await journal.close()


async def test_another_process_gets_another_folder_and_takes_over_the_first_one_free(
    tmp_path: Path,
) -> None:
    first, second = await opened(tmp_path), await opened(tmp_path)
    names = {first.instance, second.instance}
    await first.close()

    third = await opened(tmp_path)

    assert len(names) == 2
    assert third.instance == first.instance
    await second.close()
    await third.close()


async def test_folder_with_unshipped_segments_is_taken_over_first(tmp_path: Path) -> None:
    journals = [await opened(tmp_path) for _ in range(3)]
    last = max(journals, key=lambda journal: journal.instance)
    await last.append(ACME, a_record())
    for journal in journals:
        await journal.close()

    waiting = abandoned_instances(tmp_path)
    heir = await opened(tmp_path)

    assert waiting == [last.instance]
    assert heir.instance == last.instance
    assert abandoned_instances(tmp_path) == []
    await heir.close()


async def test_named_instance_is_taken_or_refused(tmp_path: Path) -> None:
    first = await opened(tmp_path, instance="worker01")

    with pytest.raises(Unavailable, match="another process"):
        await opened(tmp_path, instance="worker01")

    assert first.instance == "worker01"
    await first.close()


async def test_name_stays_after_closing(tmp_path: Path) -> None:
    journal = await opened(tmp_path)
    instance = journal.instance
    await journal.close()

    other = await opened(tmp_path)

    assert journal.instance == other.instance == instance
    await other.close()


async def test_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file stands where the folder should be")

    with pytest.raises(Unavailable, match=r"File exists|Not a directory"):
        await opened(tmp_path / "journal")


async def test_clock_that_was_set_back_puts_no_segment_before_older_ones(tmp_path: Path) -> None:
    clock = FakeClock()
    first = await opened(tmp_path, clock)
    await first.append(ACME, a_record(1))
    await first.close()
    clock.set_back(86_400)

    second = await opened(tmp_path, clock)
    for number in (2, 3):
        await second.append(ACME, a_record(number))
        await second.seal()

    assert ids_of((await contents(second))[ACME]) == [sample_id("req", n) for n in (1, 2, 3)]
    await second.close()


@settings(max_examples=25)
@given(cut=st.integers(min_value=1, max_value=3000), tenants=st.integers(1, 2))
async def test_torn_end_is_cut_wherever_it_was_torn(
    tmp_path_factory: pytest.TempPathFactory, cut: int, tenants: int
) -> None:
    root = tmp_path_factory.mktemp("journal")
    path = await write_open_segment(root, 5, tenants)
    data = path.read_bytes()
    path.write_bytes(data[: max(0, len(data) - cut)])
    whole = path.read_bytes().count(b"\n")

    journal = await opened(root)
    kept = await contents(journal)
    await journal.append(ACME, a_record(9))
    await journal.append(GLOBEX, a_record(9))
    await journal.seal()

    assert sum(len(lines) for lines in kept.values()) == whole
    lines = await contents(journal)
    assert {tenant: check(found).count for tenant, found in lines.items()} == {
        tenant: len(kept.get(tenant, [])) + 1 for tenant in (ACME, GLOBEX)
    }
    assert files(root, ".damaged") == []
    await journal.close()


@settings(max_examples=25)
@given(at=st.integers(0, 4), garbage=st.binary(min_size=1, max_size=40))
async def test_chain_goes_on_before_damage_and_the_damage_is_kept(
    tmp_path_factory: pytest.TempPathFactory, at: int, garbage: bytes
) -> None:
    root = tmp_path_factory.mktemp("journal")
    path = await write_open_segment(root, 5)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[at] = garbage + lines[at][len(garbage) :] if at else b"x" + lines[at]
    path.write_bytes(b"".join(lines))

    journal = await opened(root)
    await journal.append(ACME, a_record(9))
    await journal.seal()

    assert check((await contents(journal))[ACME]).count == at + 1
    assert len(files(root, ".damaged")) == 1
    await journal.close()


async def test_line_of_another_chain_is_not_taken_for_the_next_one(tmp_path: Path) -> None:
    path = await write_open_segment(tmp_path, 4)
    first, second, third, fourth = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + third + second + fourth)

    journal = await opened(tmp_path)

    assert check((await contents(journal))[ACME]).count == 1
    await journal.close()


async def test_damage_in_a_closed_segment_is_set_aside_and_shows_as_a_gap(tmp_path: Path) -> None:
    path = await write_open_segment(tmp_path, 4)
    sealed = path.rename(path.with_suffix(".sealed"))
    lines = sealed.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"echo-1", b"echo-2")
    sealed.write_bytes(b"".join(lines))

    journal = await opened(tmp_path)
    await journal.append(ACME, a_record(9))
    await journal.seal()

    found = (await contents(journal))[ACME]
    outcome = verify_chain([json.loads(line) for line in found], prev=GENESIS)
    assert [one.line for one in outcome.breaks] == [2]
    assert len(found) == 4
    (damaged,) = files(tmp_path, ".damaged")
    assert damaged.read_bytes() == lines[1]
    await journal.close()


async def test_foreign_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    journal = await opened(tmp_path)
    folder = tmp_path / journal.instance
    await journal.close()
    for name in ("notes.sealed", "x.open", "README"):
        (folder / name).write_text("not a segment")

    again = await opened(tmp_path)

    assert await again.segments() == []
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["notes.sealed", "x.open", "README", "lock"]
    )
    await again.close()


@settings(max_examples=15)
@given(records=st.lists(strategies.audit_records(), min_size=1, max_size=5))
async def test_any_record_survives_the_way_through_the_journal(
    tmp_path_factory: pytest.TempPathFactory, records: list[object]
) -> None:
    root = tmp_path_factory.mktemp("journal")
    first = await opened(root)
    for record in records:
        await first.append(ACME, record)  # type: ignore[arg-type]
    await first.close()

    second = await opened(root)
    lines = (await contents(second))[ACME]
    await second.close()

    assert check(lines).count == len(records)


class JournalMachine(RuleBasedStateMachine):
    """Append, seal, ship, remove, restart and crash in any order: no chain ever breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(dir=ROOTS[0]))
        self.clock = FakeClock()
        self.journal = self.runner.run(opened(self.root, self.clock))
        self.acknowledged: dict[TenantId, list[str]] = {ACME: [], GLOBEX: []}
        self.shipped: dict[TenantId, list[bytes]] = {ACME: [], GLOBEX: []}
        self.stored: dict[TenantId, ChainHead] = {}
        self.number = 0

    @rule(tenant=st.sampled_from([ACME, GLOBEX]), count=st.integers(1, 5))
    def append(self, tenant: TenantId, count: int) -> None:
        async def together() -> list[str]:
            calls = (self.journal.append(tenant, a_record(self.number + n)) for n in range(count))
            return await asyncio.gather(*calls)

        self.acknowledged[tenant] += self.runner.run(together())
        self.number += count

    @rule()
    def seal(self) -> None:
        self.runner.run(self.journal.seal())

    @rule(remembers=st.booleans(), removes=st.booleans())
    def ship_one(self, *, remembers: bool, removes: bool) -> None:
        """Ship the oldest segment; a crash may come before it is remembered or removed."""
        segments = self.runner.run(self.journal.segments())
        if not segments:
            return
        for batch in self.runner.run(self.journal.read(segments[0])):
            if removes:
                self.shipped[batch.tenant_id] += batch.lines
            if remembers or removes:
                self.stored[batch.tenant_id] = batch.head
        if removes:
            self.runner.run(self.journal.remove(segments[0]))

    @rule(seconds=st.integers(-100, 1000))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(torn=st.binary(max_size=20))
    def crash(self, torn: bytes) -> None:
        """Let another journal find what this one left, with a torn line at the end."""
        # Closing seals; a crash leaves the segment open.
        before = set(files(self.root, ".sealed"))
        self.runner.run(self.journal.close())
        for path in set(files(self.root, ".sealed")) - before:
            left = path.rename(path.with_suffix(".open"))
            with left.open("ab") as file:
                file.write(torn.replace(b"\n", b""))
        self.journal = make(self.root, self.clock)
        self.runner.run(self.journal.open(list(self.stored.items())))

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.runner.run(self.journal.seal())
            waiting = self.runner.run(contents(self.journal))
            self.runner.run(self.journal.close())
            self.runner.close()
            for tenant, digests in self.acknowledged.items():
                lines = [*self.shipped[tenant], *waiting.get(tenant, [])]
                assert [json.loads(line)["hash"] for line in lines] == digests
                assert check(lines).count == len(digests)


ROOTS: list[Path] = []


@pytest.fixture(scope="module", autouse=True)
def roots(tmp_path_factory: pytest.TempPathFactory) -> None:
    ROOTS[:] = [tmp_path_factory.mktemp("machine")]


TestJournalAsMachine = JournalMachine.TestCase
TestJournalAsMachine.settings = settings(max_examples=20, stateful_step_count=20)
