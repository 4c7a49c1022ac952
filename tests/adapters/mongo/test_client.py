"""The address of MongoDB, and what becomes of its errors: no call hangs, nothing of it leaks."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bson import decode, encode

from adapters.mongo.client import make_client, options
from adapters.mongo.store import MongoStore
from domain.audit import ChainHead
from domain.errors import InvalidValue, Unavailable
from tests.adapters.mongo.conftest import Deployment
from tests.contract.samples import ACME, a_key, a_violation
from tests.counterpart_servers import free_port
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds

PASSWORD = "correct-horse"
HEADER = 16


def store_at(port: int, more: str = "timeoutMS=600&serverSelectionTimeoutMS=400") -> MongoStore:
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true&{more}"
    return MongoStore(make_client(uri), FakeClock(), CountingIds())


def test_address_beats_what_holds_by_default() -> None:
    made = options("mongodb://localhost/?maxpoolsize=2&timeoutMS=99")

    assert "maxPoolSize" not in made
    assert "timeoutMS" not in made
    assert made["serverSelectionTimeoutMS"] == 5000


def test_durability_is_not_up_for_choice() -> None:
    made = options("mongodb://localhost/?w=0&retryWrites=false&readConcernLevel=local")

    assert (made["w"], made["retryWrites"], made["readConcernLevel"]) == (
        "majority",
        True,
        "majority",
    )


def test_one_file_imports_motor() -> None:
    root = Path(__file__).parents[3]
    packages = ("adapters", "application", "domain", "entrypoints")

    importing = {
        path.relative_to(root).as_posix()
        for package in packages
        for path in (root / package).rglob("*.py")
        if re.search(r"^\s*(?:from|import) motor\b", path.read_text("utf-8"), re.MULTILINE)
    }

    assert importing == {"adapters/mongo/client.py"}


@pytest.mark.parametrize(
    "uri",
    [
        f"mongodb://user:{PASSWORD}@",
        f"mongodb://user:{PASSWORD}@host:port",
        f"mongodb://a:{PASSWORD}@b:c@host",
    ],
)
def test_wrong_address_is_refused_without_being_repeated(uri: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        make_client(uri)

    assert refusal.value.field == "MONGO_URI"
    assert PASSWORD not in str(refusal.value)
    assert refusal.value.__cause__ is None


async def test_server_that_is_not_there_is_unavailable_within_the_deadline() -> None:
    store = store_at(free_port())
    started = time.monotonic()

    with pytest.raises(Unavailable) as away:
        await store.open()

    assert time.monotonic() - started < 5
    assert (away.value.service, away.value.message) == ("store", "MongoDB cannot be reached")
    assert away.value.retry_after is not None
    await store.close()


@asynccontextmanager
async def a_server(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def be_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(4096):
        pass


async def test_server_that_never_answers_is_unavailable_within_the_deadline() -> None:
    async with a_server(be_silent) as port:
        store = store_at(port)
        started = time.monotonic()

        with pytest.raises(Unavailable):
            await store.outbox.pending()

        assert time.monotonic() - started < 5
        await store.close()


async def test_one_request_waits_for_a_silent_server_and_the_next_ones_do_not() -> None:
    async with a_server(be_silent) as port:
        store = store_at(port, more="timeoutMS=60000")
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await store.gateway_reader.principal("0" * 64, at=START)
        first = time.monotonic()
        with pytest.raises(Unavailable) as away:
            await store.gateway_reader.principal("0" * 64, at=START)
        second = time.monotonic()
        await asyncio.sleep(1.1)
        asking = asyncio.ensure_future(store.gateway_reader.principal("0" * 64, at=START))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await store.gateway_reader.principal("0" * 64, at=START)
        is_still_asking = not asking.done()
        with pytest.raises(Unavailable):
            await asking
        await store.close()

    assert 1 < first - started < 9
    assert second - first < 0.5
    assert is_still_asking
    assert away.value.retry_after == 1.0


def answering(
    command: Callable[[str], dict[str, object]],
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return a server of the wire protocol whose handshake works, and the rest is `command`'s.

    https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
    """
    hello = {
        "ok": 1,
        "ismaster": True,
        "isWritablePrimary": True,
        "helloOk": True,
        "minWireVersion": 0,
        "maxWireVersion": 21,
        "maxBsonObjectSize": 16777216,
        "maxMessageSizeBytes": 48000000,
        "maxWriteBatchSize": 100000,
        "logicalSessionTimeoutMinutes": 30,
    }

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            header = await reader.readexactly(HEADER)
            length, request, _, operation = (
                int.from_bytes(header[at : at + 4], "little") for at in range(0, HEADER, 4)
            )
            body = await reader.readexactly(length - HEADER)
            if operation == 2004:
                found = encode(hello)
                reply = b"".join((bytes(4), bytes(8), bytes(4), (1).to_bytes(4, "little"), found))
                kind = 1
            else:
                asked = decode(body[5 : 5 + int.from_bytes(body[5:9], "little")])
                name = next(iter(asked))
                is_greeting = name in {"hello", "ismaster", "isMaster"}
                reply = bytes(4) + b"\0" + encode(hello if is_greeting else command(name))
                kind = 2013
            head = (HEADER + len(reply), 1, request, kind)
            writer.write(b"".join(part.to_bytes(4, "little") for part in head) + reply)
            await writer.drain()

    return answer


def failing(code: int, text: str) -> Callable[[str], dict[str, object]]:
    return lambda _: {"ok": 0, "code": code, "errmsg": text}


async def test_server_without_transactions_is_refused_with_what_to_do() -> None:
    # What a mongod says that is no member of a replica set.
    standalone = "Transaction numbers are only allowed on a replica set member or mongos"

    async with a_server(answering(failing(20, standalone))) as port:
        store = store_at(port)

        with pytest.raises(Unavailable) as refusal:
            await store.open()

        await store.close()
    assert refusal.value.code == "store.no_replica_set"
    assert "--replSet" in refusal.value.message
    assert "rs.initiate()" in refusal.value.message


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (13, "refuses the user"),
        (18, "refuses the user"),
        (50, "cannot be reached"),
        (9, "store is not available"),
    ],
)
async def test_refusals_of_the_server_are_unavailable_without_its_words(
    code: int, words: str
) -> None:
    async with a_server(answering(failing(code, f"not for {PASSWORD}"))) as port:
        store = store_at(port)

        with pytest.raises(Unavailable) as refusal:
            await store.gateway_reader.principal("0" * 64, at=START)

        await store.close()
    assert words in refusal.value.message
    assert PASSWORD not in refusal.value.message
    assert refusal.value.__cause__ is None


async def test_store_that_is_closed_is_unavailable(deployment: Deployment) -> None:
    store = deployment.store()
    await store.close()

    with pytest.raises(Unavailable):
        await store.gateway_reader.principal("0" * 64, at=START)


async def test_what_was_to_be_stored_is_in_no_error(deployment: Deployment) -> None:
    store = deployment.store()
    await store.open()
    key = a_key(1, digest="c0ffee" * 10 + "abcd")
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, key)
        await uow.commit()

    raw = store._database.collection("api_keys")
    with pytest.raises(Exception, match="exists already") as refusal:
        await raw.insert({"_id": "another", "key": key.digest})

    assert key.digest not in repr(refusal.value)
    assert refusal.value.__cause__ is None


async def test_number_that_bson_cannot_hold_is_an_invalid_value(deployment: Deployment) -> None:
    store = deployment.store()
    await store.open()

    async with store.transactions() as uow:
        with pytest.raises(InvalidValue):
            await uow.audit.save_head(ACME, "gw01", ChainHead(hash="a" * 64, count=2**70))
        await uow.violations.add_new(ACME, [a_violation()])
        await uow.commit()
