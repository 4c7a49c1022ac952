"""Bring the store up to what this version needs, or say what it lacks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from adapters.mongo.index_report import IndexReport
from entrypoints.settings import Settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.diagnosis import stored_schema
from entrypoints.wiring.lifespan import opened


class PartState(StrEnum):
    """How a part of the store was found, or left."""

    MADE = "made"
    PRESENT = "present"
    MISSING = "missing"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePart:
    """A file, or an index of MongoDB; `detail` says what is known or to be done about it."""

    name: str
    state: PartState
    detail: str = ""

    @property
    def is_sound(self) -> bool:
        """Tell whether it is as it should be."""
        return self.state in {PartState.MADE, PartState.PRESENT}


@runtime_checkable
class Indexed(Protocol):
    """A store whose indexes are made by a command."""

    async def require_transactions(self) -> None:
        """Ask the server for a transaction."""

    async def make_indexes(self) -> IndexReport:
        """Make the indexes that are missing, and drop nothing."""

    async def check_indexes(self) -> IndexReport:
        """Return which indexes are there, missing, or otherwise than they should be."""

    async def close(self) -> None:
        """Close the connections."""


async def prepare_store(container: Container) -> Sequence[StorePart]:
    """Make what is missing and drop nothing; run again it changes nothing.

    Raises:
        Unavailable: the store is away, or cannot be used at all.
    """
    settings = container.settings()
    if settings.mongo_uri is not None:
        async with _mongo(container) as store:
            return _parts(await store.make_indexes())
    path = settings.database
    before = stored_schema(path).found if path.exists() else None
    async with opened(container):
        schema = await asyncio.to_thread(stored_schema, path)
    state = PartState.PRESENT if before == schema.found else PartState.MADE
    return [StorePart(name=str(path), state=state, detail=f"schema {schema.found}")]


async def check_store(container: Container) -> Sequence[StorePart]:
    """Look at the store and change nothing.

    Raises:
        Unavailable: it is away, damaged, or cannot be used at all.
    """
    settings = container.settings()
    if settings.mongo_uri is not None:
        async with _mongo(container) as store:
            return _parts(await store.check_indexes())
    path = settings.database
    if not path.exists():
        return [StorePart(name=str(path), state=PartState.MISSING, detail="not made yet")]
    schema = await asyncio.to_thread(stored_schema, path)
    detail = f"schema {schema.found}, this version knows {schema.known}"
    if schema.found > schema.known:
        return [StorePart(name=str(path), state=PartState.CONFLICT, detail=detail)]
    state = PartState.PRESENT if schema.found == schema.known else PartState.MISSING
    return [StorePart(name=str(path), state=state, detail=detail)]


def store_parts(settings: Settings) -> Sequence[StorePart]:
    """Return what `check_store` finds, for who runs no event loop.

    Raises:
        Unavailable: the store is away, damaged, or cannot be used at all.
    """
    return asyncio.run(check_store(make_container(settings)))


@asynccontextmanager
async def _mongo(container: Container) -> AsyncIterator[Indexed]:
    """Connect without asking for indexes, as opening the store would."""
    store = container.store()
    if not isinstance(store, Indexed):
        raise TypeError("MONGO_URI is set, and this is another store")
    try:
        await store.require_transactions()
        yield store
    finally:
        await store.close()


def _parts(report: IndexReport) -> list[StorePart]:
    parts = [
        StorePart(name=name, state=state)
        for state, names in (
            (PartState.MADE, report.made),
            (PartState.PRESENT, report.present),
            (PartState.MISSING, report.missing),
        )
        for name in names
    ]
    for conflict in report.conflicts:
        name, _, detail = conflict.partition(": ")
        parts.append(StorePart(name=name, state=PartState.CONFLICT, detail=detail))
    return sorted(parts, key=lambda part: part.name)
