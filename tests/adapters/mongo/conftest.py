"""A MongoDB, or its counterpart, with two databases of each test's own."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.mongo.client import MongoClient, make_client
from adapters.mongo.store import MongoStore
from tests.contract.stores import database_names, mongo_uri
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The address and the two databases; `store` is another process's view of them."""

    uri: str
    own: str
    platform: str
    clients: list[MongoClient]

    def client(self) -> MongoClient:
        client = make_client(self.uri)
        self.clients.append(client)
        return client

    def store(
        self, *, first_id: int = 1, writes_platform: bool = True, is_preparing: bool = True
    ) -> MongoStore:
        return MongoStore(
            self.client(),
            FakeClock(),
            CountingIds(first_id),
            own=self.own,
            platform=self.platform,
            writes_platform=writes_platform,
            is_preparing=is_preparing,
        )


@pytest.fixture
async def deployment(
    tmp_path: Path, counterpart_server: Callable[[str], str]
) -> AsyncIterator[Deployment]:
    own, platform = database_names(tmp_path)
    made = Deployment(uri=mongo_uri(counterpart_server), own=own, platform=platform, clients=[])
    try:
        yield made
    finally:
        for name in (own, platform):
            await made.client().drop_database(name)
        for client in made.clients:
            await client.close()
