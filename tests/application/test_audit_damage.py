"""Whatever happens to an audit log once it is written, `audit verify` tells, and nothing else."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.object_storage.local import LocalObjectStorages
from adapters.security.keyring import KeyRing
from adapters.security.signing import HmacSigner
from adapters.sqlite.store import SqliteStore
from adapters.system import SystemClock
from application.administration import AdministrationLog
from application.audit_anchors import WriteAnchor
from application.audit_objects import pack, parse_line
from application.authorisation import Authorise
from application.deeds import Deeds
from application.gateway.verify_audit import AuditReport, VerifyAudit
from application.platform.tenants import FoundTenantCommand
from domain.audit import ChainHead, canonical, chain, object_key
from domain.authorisation import OPERATOR
from domain.tenant import Slug, Tenant
from domain.user import Email
from tests.contract.journals import a_record
from tests.fakes.clock import FakeClock
from tests.fakes.deployment import found_tenant_of
from tests.fakes.ids import CountingIds
from tests.fakes.randomness import SeededRandomness

SLUG = Slug("acme")
INSTANCES = ("instanceone", "instancetwo", "instancethree")
DAY = timedelta(days=1)
RETENTION = timedelta(days=30)

Objects = dict[str, list[bytes]]
"""The lines of each object by its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One object as its instance wrote it, and whether an anchor followed it."""

    instance: str
    lines: tuple[bytes, ...]
    head: ChainHead
    is_expired: bool
    is_anchored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A sound log, in the order in which it was written.

    In order of keys an instance's objects are in the order of its chain, too.
    """

    objects: Sequence[Written]

    def key(self, number: int) -> str:
        """Return the key of an object; keys sort in the order of writing."""
        return object_key(
            prefix="", instance=self.objects[number].instance, ulid=f"{number:026}", at=NOW
        )

    @property
    def heads(self) -> Mapping[str, ChainHead]:
        """Return where each instance's chain ends."""
        return {one.instance: one.head for one in self.objects}


NOW = SystemClock().now()


@st.composite
def logs(draw: st.DrawFn, *, expires: bool = False) -> Log:
    """Draw a log of several objects; with `expires`, the first of each instance are too old.

    What is too old has an anchor of its day, as the engine sees to.
    """
    heads: dict[str, ChainHead] = {}
    objects: list[Written] = []
    old = draw(st.integers(1, 4)) if expires else 0
    count = draw(st.integers(old + 1, old + 6))
    for number in range(count):
        instance = draw(st.sampled_from(INSTANCES))
        lines: list[bytes] = []
        head = heads.get(instance, ChainHead())
        for _ in range(draw(st.integers(1, 4))):
            chained = chain(a_record(1000 * number + len(lines)), head)
            lines.append(chained.line)
            head = chained.head
        heads[instance] = head
        is_expired = number < old
        objects.append(
            Written(
                instance=instance,
                lines=tuple(lines),
                head=head,
                is_expired=is_expired,
                is_anchored=is_expired or draw(st.booleans()),
            )
        )
    return Log(objects=objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A deployment's parts that a check stands on."""

    storages: LocalObjectStorages
    store: SqliteStore
    tenant: Tenant
    signer: HmacSigner
    ids: CountingIds
    folder: Path

    async def write(self, log: Log, objects: Objects, *, gone: frozenset[int]) -> None:
        """Store these objects under the anchors and heads of the log, without some old ones."""
        storage = self.storages.of(self.tenant.storage)
        for key, lines in objects.items():
            if key not in {log.key(number) for number in gone}:
                await storage.create(key, pack(lines), content_type="x")
        old = NOW - RETENTION - DAY
        for number, one in enumerate(log.objects):
            path = self.folder / self.tenant.storage.bucket / log.key(number)
            if one.is_expired and path.exists():
                os.utime(path, (old.timestamp(), old.timestamp()))
            if one.is_anchored:
                await self._anchor(one, at=old if one.is_expired else NOW)
        async with self.store.transactions() as uow:
            for instance, head in log.heads.items():
                await uow.audit.save_head(self.tenant.id, instance, head)
            await uow.commit()

    async def _anchor(self, one: Written, *, at: datetime) -> None:
        write = WriteAnchor(
            storages=self.storages,
            signer=self.signer,
            clock=FakeClock(at),
            ids=self.ids,
        )
        await write(self.tenant, one.instance, one.head)

    async def verify(self) -> AuditReport:
        transactions, clock = self.store.transactions, FakeClock(NOW)
        return await VerifyAudit(
            deeds=Deeds(
                transactions=transactions,
                authorise=Authorise(transactions=transactions),
                log=AdministrationLog(clock=clock, ids=self.ids),
                clock=clock,
            ),
            transactions=transactions,
            storages=self.storages,
            signer=self.signer,
            clock=clock,
        )(OPERATOR, SLUG)


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """Open a store in memory and storage in a folder that is removed at the end."""
    ids, clock = CountingIds(), FakeClock(NOW)
    store = SqliteStore(":memory:", clock, ids)
    await store.open()
    with tempfile.TemporaryDirectory() as folder:
        storages = LocalObjectStorages(Path(folder))
        found = found_tenant_of(store.transactions, storages, clock=clock, ids=ids)
        tenant = await found(
            FoundTenantCommand(
                slug=SLUG, name="Acme", owner_email=Email("ada@example.org"), owner_name="Ada"
            )
        )
        yield Bench(
            storages=storages,
            store=store,
            tenant=tenant,
            signer=HmacSigner(KeyRing.generate(SeededRandomness())),
            ids=ids,
            folder=Path(folder),
        )
    await store.close()


def report_of(log: Log, objects: Objects, *, gone: frozenset[int] = frozenset()) -> AuditReport:
    """Return what a check says of these objects where the log was written."""

    async def run() -> AuditReport:
        async with bench() as opened:
            await opened.write(log, objects, gone=gone)
            return await opened.verify()

    return asyncio.run(run())


def objects_of(log: Log) -> Objects:
    return {log.key(number): list(one.lines) for number, one in enumerate(log.objects)}


def changed(line: bytes, data: st.DataObject) -> bytes:
    """Return a record with one thing changed, with the hash it had or one that is true again."""
    document = dict(parse_line(line) or {})
    name = data.draw(st.sampled_from(sorted(document)))
    document[name] = data.draw(
        st.sampled_from([None, 0, 1, "", "x", "0" * 64, [], {}]).filter(
            lambda other: other != document[name]
        )
    )
    if name != "hash" and data.draw(st.booleans()):
        body = {key: value for key, value in document.items() if key != "hash"}
        document["hash"] = hashlib.sha256(canonical(body)).hexdigest()
    return canonical(document)


def forged(line: bytes, data: st.DataObject) -> bytes:
    """Return a new record that follows this one as a true one would."""
    document = parse_line(line) or {}
    head = ChainHead(hash=str(document["hash"]), count=1)
    return chain(a_record(data.draw(st.integers(0, 10**6)), status=500), head).line


def damage_a_record(log: Log, objects: Objects, live: Sequence[int], data: st.DataObject) -> None:
    """Change, spoil, drop, swap, duplicate or insert one record."""
    places = [
        (log.key(number), at) for number in live for at in range(len(objects[log.key(number)]))
    ]
    key, at = data.draw(st.sampled_from(places))
    lines, line = objects[key], objects[key][at]
    match data.draw(st.sampled_from(["change", "spoil", "drop", "swap", "duplicate", "insert"])):
        case "change":
            lines[at] = changed(line, data)
        case "spoil":
            where = data.draw(st.integers(0, len(line) - 1))
            other = data.draw(st.integers(0, 255).filter(lambda one: one != line[where]))
            lines[at] = line[:where] + bytes([other]) + line[where + 1 :]
        case "drop":
            del lines[at]
        case "swap":
            assume(len(places) > 1)
            other_key, other_at = data.draw(
                st.sampled_from([place for place in places if place != (key, at)])
            )
            lines[at], objects[other_key][other_at] = objects[other_key][other_at], line
        case "duplicate" | "insert" as kind:
            other_key, other_at = data.draw(st.sampled_from(places))
            behind = other_at + data.draw(st.integers(0, 1))
            new = line if kind == "duplicate" else forged(line, data)
            objects[other_key].insert(behind, new)


def damage_an_object(log: Log, objects: Objects, live: Sequence[int], data: st.DataObject) -> None:
    """Drop, swap, duplicate or insert one whole object."""
    keys = [log.key(number) for number in live]
    key = data.draw(st.sampled_from(keys))
    ulid = f"{data.draw(st.integers(0, len(log.objects))):026}x"
    instance = data.draw(st.sampled_from([*INSTANCES, "stranger"]))
    new_key = object_key(prefix="", instance=instance, ulid=ulid, at=NOW)
    match data.draw(st.sampled_from(["drop", "swap", "duplicate", "insert"])):
        case "drop":
            del objects[key]
        case "swap":
            assume(len(keys) > 1)
            other = data.draw(st.sampled_from([one for one in keys if one != key]))
            objects[key], objects[other] = objects[other], objects[key]
        case "duplicate":
            objects[new_key] = list(objects[key])
        case "insert":
            objects[new_key] = [forged(data.draw(st.sampled_from(objects[key])), data)]


@settings(max_examples=30)
@given(logs())
def test_undamaged_log_is_never_reported(log: Log) -> None:
    report = report_of(log, objects_of(log))

    assert report.damages == ()
    assert report.records == sum(len(one.lines) for one in log.objects)


@settings(max_examples=100)
@given(logs(), st.data())
def test_any_damage_to_a_record_is_found(log: Log, data: st.DataObject) -> None:
    objects = objects_of(log)

    damage_a_record(log, objects, range(len(log.objects)), data)

    assert report_of(log, objects).damages


@settings(max_examples=60)
@given(logs(), st.data())
def test_any_damage_to_an_object_is_found(log: Log, data: st.DataObject) -> None:
    objects = objects_of(log)

    damage_an_object(log, objects, range(len(log.objects)), data)

    assert report_of(log, objects).damages


@settings(max_examples=30)
@given(logs(expires=True), st.data())
def test_log_is_sound_whatever_is_gone_of_what_expired(log: Log, data: st.DataObject) -> None:
    old = [number for number, one in enumerate(log.objects) if one.is_expired]
    gone = data.draw(st.frozensets(st.sampled_from(old)))

    report = report_of(log, objects_of(log), gone=gone)

    assert report.damages == ()
    assert report.expired == len(old) - len(gone)


@settings(max_examples=60)
@given(logs(expires=True), st.data())
def test_damage_to_what_did_not_expire_is_found_whatever_is_gone(
    log: Log, data: st.DataObject
) -> None:
    old = [number for number, one in enumerate(log.objects) if one.is_expired]
    live = [number for number, one in enumerate(log.objects) if not one.is_expired]
    gone = data.draw(st.frozensets(st.sampled_from(old)))
    objects = objects_of(log)
    damage = data.draw(st.sampled_from([damage_a_record, damage_an_object]))

    damage(log, objects, live, data)

    assert report_of(log, objects, gone=gone).damages
