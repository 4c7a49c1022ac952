"""Every kind of damage to an audit log is found, and none is seen where there is none."""

import gzip
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from application.audit_objects import pack
from application.gateway.verify_audit import AuditReport
from application.ports.object_storage import StoredObject
from domain.audit import AuditRecord, ChainHead, anchor_key, canonical, chain
from domain.authorisation import OPERATOR
from domain.errors import NotFound, Unavailable
from domain.tenant import Slug
from tests.fakes.clock import START
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.interruptions import Fuse, FusedStorages, FusedTransactions, FusedUnitOfWork


@pytest.fixture
async def log(deployment: Deployment, acme: Customer) -> Customer:
    """A tenant with three objects of two records each, and an anchor after each object."""
    for number in range(3):
        await acme.chat(f"message {number}a")
        await acme.chat(f"message {number}b")
        await deployment.ship()
        await deployment.anchor()
        deployment.clock.advance(3600)
    return acme


async def lines_of(log: Customer, item: StoredObject) -> list[bytes]:
    storage = log.deployment.storages.of(log.tenant.storage)
    data = b"".join([piece async for piece in storage.read(item.key)])
    return gzip.decompress(data).splitlines()


async def put(log: Customer, key: str, data: bytes) -> None:
    storage = log.deployment.storages.of(log.tenant.storage)
    await storage.delete(key)
    await storage.create(key, data, content_type="application/x-ndjson+gzip")


async def verified(log: Customer) -> AuditReport:
    return await log.deployment.verify(OPERATOR, log.tenant.slug)


async def test_sound_log_has_no_damage(log: Customer) -> None:
    report = await verified(log)

    assert (report.tenant, report.objects, report.records, report.anchors) == ("acme", 3, 6, 3)
    assert report.damages == ()


async def test_log_of_nobody_is_not_found(deployment: Deployment) -> None:
    with pytest.raises(NotFound):
        await deployment.verify(OPERATOR, Slug("nobody"))


async def test_empty_log_is_sound(deployment: Deployment, acme: Customer) -> None:
    report = await verified(acme)

    assert (report.objects, report.records, report.anchors, report.damages) == (0, 0, 0, ())


Damaging = Callable[[Customer, Sequence[StoredObject]], Awaitable[None]]


async def change_a_byte(log: Customer, items: Sequence[StoredObject]) -> None:
    lines = await lines_of(log, items[1])
    await put(log, items[1].key, pack([lines[0].replace(b"message 1a", b"massage 1a"), lines[1]]))


async def change_and_rehash(log: Customer, items: Sequence[StoredObject]) -> None:
    first, second = [json.loads(line) for line in await lines_of(log, items[1])]
    first["status"] = 500
    record = AuditRecord.from_document(first)
    forged = chain(record, ChainHead(hash=first["prev"], count=2))
    await put(log, items[1].key, pack([forged.line, canonical(second)]))


async def drop_a_line(log: Customer, items: Sequence[StoredObject]) -> None:
    lines = await lines_of(log, items[1])
    await put(log, items[1].key, pack(lines[1:]))


async def drop_the_last_line_of_all(log: Customer, items: Sequence[StoredObject]) -> None:
    lines = await lines_of(log, items[2])
    await put(log, items[2].key, pack(lines[:1]))


async def drop_the_first_object(log: Customer, items: Sequence[StoredObject]) -> None:
    await log.deployment.storages.of(log.tenant.storage).delete(items[0].key)


async def drop_an_object(log: Customer, items: Sequence[StoredObject]) -> None:
    await log.deployment.storages.of(log.tenant.storage).delete(items[1].key)


async def drop_the_tail(log: Customer, items: Sequence[StoredObject]) -> None:
    await log.deployment.storages.of(log.tenant.storage).delete(items[2].key)


async def drop_everything(log: Customer, items: Sequence[StoredObject]) -> None:
    for item in items:
        await log.deployment.storages.of(log.tenant.storage).delete(item.key)


async def reorder_lines(log: Customer, items: Sequence[StoredObject]) -> None:
    lines = await lines_of(log, items[1])
    await put(log, items[1].key, pack(lines[::-1]))


async def exchange_objects(log: Customer, items: Sequence[StoredObject]) -> None:
    first, second = await lines_of(log, items[0]), await lines_of(log, items[1])
    await put(log, items[0].key, pack(second))
    await put(log, items[1].key, pack(first))


async def repeat_a_line(log: Customer, items: Sequence[StoredObject]) -> None:
    lines = await lines_of(log, items[1])
    await put(log, items[1].key, pack([lines[0], *lines]))


async def insert_a_forged_record_behind_the_end(
    log: Customer, items: Sequence[StoredObject]
) -> None:
    lines = await lines_of(log, items[2])
    last = json.loads(lines[-1])
    forged = chain(AuditRecord.from_document(last), ChainHead(hash=last["hash"], count=6))
    await put(log, items[2].key, pack([*lines, forged.line]))


async def insert_an_object_of_an_unknown_instance(
    log: Customer, items: Sequence[StoredObject]
) -> None:
    document = json.loads((await lines_of(log, items[0]))[0])
    forged = chain(AuditRecord.from_document(document), ChainHead())
    await put(log, items[0].key.replace("testinstance", "otherone"), pack([forged.line]))


async def insert_a_file(log: Customer, items: Sequence[StoredObject]) -> None:
    await put(log, f"{items[0].key}.bak", b"x")


async def cut_an_object_off(log: Customer, items: Sequence[StoredObject]) -> None:
    await put(log, items[1].key, pack(await lines_of(log, items[1]))[:-20])


async def overwrite_an_object(log: Customer, items: Sequence[StoredObject]) -> None:
    await put(log, items[1].key, b"\x1f\x8bnonsense")


async def break_a_line(log: Customer, items: Sequence[StoredObject]) -> None:
    lines = await lines_of(log, items[1])
    await put(log, items[1].key, pack([lines[0], b"{broken"]))


async def say_a_name_twice(log: Customer, items: Sequence[StoredObject]) -> None:
    """Change what a reader sees who takes the first of two, and nothing of the document."""
    lines = await lines_of(log, items[1])
    twice = lines[0].replace(b'"status":200', b'"status":500,"status":200')
    await put(log, items[1].key, pack([twice, lines[1]]))


async def anchors_of(log: Customer) -> list[StoredObject]:
    storage = log.deployment.storages.of(log.tenant.storage)
    return [item async for item in storage.list("audit/v1/anchors/")]


async def forge(log: Customer, **changes: object) -> None:
    """Write an anchor like the last one with some fields changed, and the old signature."""
    storage = log.deployment.storages.of(log.tenant.storage)
    last = (await anchors_of(log))[-1]
    document = json.loads(b"".join([piece async for piece in storage.read(last.key)]))
    key = anchor_key(
        prefix="", instance="testinstance", ulid="7zzzzzzzzzzzzzzzzzzzzzzzzz", at=START
    )
    await put(log, key, json.dumps({**document, **changes}).encode())


async def forge_a_count(log: Customer, _: Sequence[StoredObject]) -> None:
    await forge(log, count=5)


async def forge_a_hash(log: Customer, _: Sequence[StoredObject]) -> None:
    await forge(log, hash="f" * 64)


async def forge_a_signature(log: Customer, _: Sequence[StoredObject]) -> None:
    await forge(log, signature="f" * 64)


async def forge_a_key(log: Customer, _: Sequence[StoredObject]) -> None:
    await forge(log, key="unknown")


async def forge_nothing_that_is_a_number(log: Customer, _: Sequence[StoredObject]) -> None:
    await forge(log, count=float("nan"))


async def forge_an_anchor_that_is_no_json(log: Customer, _: Sequence[StoredObject]) -> None:
    await put(log, (await anchors_of(log))[0].key, b"{")


async def take_the_anchor_of_another_tenant(log: Customer, _: Sequence[StoredObject]) -> None:
    globex = await log.deployment.customer("globex")
    await globex.chat("hello")
    await log.deployment.ship()
    await log.deployment.anchor()
    (theirs,) = await anchors_of(globex)
    storage = log.deployment.storages.of(globex.tenant.storage)
    await put(log, theirs.key, b"".join([piece async for piece in storage.read(theirs.key)]))


@pytest.mark.parametrize(
    ("damage", "place", "reason"),
    [
        (change_a_byte, 1, "changed"),
        (change_and_rehash, 1, "does not follow"),
        (drop_a_line, 1, "does not follow"),
        (drop_the_last_line_of_all, 2, "last 1 records"),
        (drop_the_first_object, 1, "does not follow"),
        (drop_an_object, 2, "does not follow"),
        (drop_the_tail, 1, "last 2 records"),
        (drop_everything, None, "last 6 records"),
        (reorder_lines, 1, "does not follow"),
        (exchange_objects, 0, "does not follow"),
        (repeat_a_line, 1, "does not follow"),
        (insert_a_forged_record_behind_the_end, 2, "behind the end"),
        (insert_an_object_of_an_unknown_instance, None, "no instance"),
        (insert_a_file, None, "no audit object"),
        (cut_an_object_off, 1, "cut off"),
        (overwrite_an_object, 1, "damaged"),
        (break_a_line, 1, "line is damaged"),
        (say_a_name_twice, 1, "changed"),
        (forge_a_count, None, "signature"),
        (forge_a_hash, None, "signature"),
        (forge_a_signature, None, "signature"),
        (forge_a_key, None, "signature"),
        (forge_nothing_that_is_a_number, None, "signature"),
        (forge_an_anchor_that_is_no_json, None, "anchor is damaged"),
        (take_the_anchor_of_another_tenant, None, "another tenant"),
    ],
)
async def test_damage_is_found_where_it_is(
    log: Customer, damage: Damaging, place: int | None, reason: str
) -> None:
    items = await log.objects()

    await damage(log, items)

    report = await verified(log)
    found = [one for one in report.damages if reason in one.reason]
    assert found, report.damages
    if place is not None:
        assert items[place].key in {one.key for one in found}


async def test_damaged_line_is_reported_once_with_its_number(log: Customer) -> None:
    items = await log.objects()
    lines = await lines_of(log, items[1])
    await put(
        log, items[1].key, pack([lines[0].replace(b'"status":200', b'"status":201'), lines[1]])
    )

    report = await verified(log)

    assert [(one.key, one.line) for one in report.damages] == [(items[1].key, 1)]


async def test_tail_and_its_anchor_dropped_together_show_by_the_store(log: Customer) -> None:
    items, anchors = await log.objects(), await anchors_of(log)
    storage = log.deployment.storages.of(log.tenant.storage)
    await storage.delete(items[2].key)
    await storage.delete(anchors[2].key)

    report = await verified(log)

    assert [one.reason for one in report.damages] == [
        "the last 2 records of this instance are missing"
    ]


async def test_tail_dropped_in_bucket_and_store_shows_by_the_anchor(log: Customer) -> None:
    deployment = log.deployment
    items = await log.objects()
    await deployment.storages.of(log.tenant.storage).delete(items[2].key)
    second: Any = json.loads((await lines_of(log, items[1]))[-1])
    heads = {"testinstance": ChainHead(hash=second["hash"], count=4)}

    damages = await _verified_against(deployment, log, heads)

    assert [one.reason for one in damages] == [
        "record 6 of this instance is missing or another one"
    ]


async def _verified_against(
    deployment: Deployment, log: Customer, heads: dict[str, ChainHead]
) -> Any:
    """Verify as if the store knew of these heads only."""

    class Forgetful(FusedUnitOfWork):
        async def __aenter__(self) -> Any:
            await super().__aenter__()
            trail = self.audit

            class Trail:
                def __getattr__(self, name: str) -> Any:
                    return getattr(trail, name)

                async def heads(self, _: object) -> Any:
                    return list(heads.items())

            self.audit = Trail()
            return self

    class Transactions(FusedTransactions):
        def __call__(self) -> Any:
            return Forgetful(self.transactions(), self.fuse)

    whole = deployment.transactions
    deployment.transactions = Transactions(whole, Fuse())
    try:
        return (await deployment.verify(OPERATOR, log.tenant.slug)).damages
    finally:
        deployment.transactions = whole


async def test_log_that_grows_while_it_is_read_is_sound(
    deployment: Deployment, log: Customer
) -> None:
    storages = deployment.storages

    class Growing(FusedStorages):
        has_grown = False

        def of(self, settings: Any) -> Any:
            return GrowingStorage(super().of(settings))

    class GrowingStorage:
        def __init__(self, storage: Any) -> None:
            self._storage = storage

        async def list(self, prefix: str, *, start_after: str = "") -> Any:
            async for item in self._storage.list(prefix, start_after=start_after):
                if not Growing.has_grown:
                    Growing.has_grown = True
                    deployment.storages = storages
                    await log.chat("meanwhile")
                    await deployment.ship()
                yield item

        def read(self, key: str) -> Any:
            return self._storage.read(key)

    deployment.storages = Growing(storages)

    report = await deployment.verify(OPERATOR, log.tenant.slug)

    assert Growing.has_grown
    assert report.damages == ()


async def test_anchor_is_written_once_for_each_state_of_a_chain(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat("hello")
    await deployment.ship()
    anchor = deployment.anchor

    counts = [await anchor(), await anchor()]

    assert counts == [1, 0]
    assert len(await anchors_of(acme)) == 1


async def test_storage_that_is_away_keeps_nobody_elses_chain_from_its_anchor(
    deployment: Deployment, acme: Customer
) -> None:
    globex = await deployment.customer("globex")
    await acme.chat("hello")
    await globex.chat("hello")
    await deployment.ship()
    storages = deployment.storages
    deployment.storages = FusedStorages(
        storages, troubles={acme.tenant.storage.bucket: Unavailable("storage")}
    )

    with pytest.raises(Unavailable):
        await deployment.anchor()

    deployment.storages = storages
    assert await anchors_of(acme) == []
    assert len(await anchors_of(globex)) == 1
