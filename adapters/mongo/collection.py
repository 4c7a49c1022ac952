"""One collection, inside a transaction or outside: bounded calls, whose errors are the domain's."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import pymongo
from pymongo import ReturnDocument

from adapters.mongo.client import settled
from domain.errors import Refused

T = TypeVar("T")
Document = dict[str, Any]
Filter = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]

OLDEST, NEWEST = 1, -1


class Scope(Protocol):
    """Where calls belong to: a transaction, or none."""

    async def read(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run a call with the driver's session, None outside of transactions."""

    async def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run a call that changes something, in its turn."""


class Collection:
    """What repositories ask of a collection.

    Every method raises what `errors.translated` says; one that writes refuses where this service
    may only read. A read takes `patience` at most, where that is given, else as long as the
    client's calls may.
    """

    def __init__(
        self,
        raw: Any,
        scope: Scope,
        *,
        is_read_only: bool = False,
        patience: timedelta | None = None,
    ) -> None:
        self._raw = raw
        self._scope = scope
        self._is_read_only = is_read_only
        self._patience = patience

    async def find_one(self, where: Filter, *, sort: Sort | None = None) -> Document | None:
        """Return the first document, None when there is none."""
        found: Document | None = await self._read(
            lambda session: self._raw.find_one(where, sort=sort, session=session)
        )
        return found

    async def find(
        self,
        where: Filter,
        *,
        sort: Sort | None = None,
        limit: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Document]:
        """Return documents, whole or in part; a `limit` below 1 returns none."""
        if limit is not None and limit < 1:
            return []

        async def read(session: Any) -> list[Document]:
            cursor = self._raw.find(where, projection=fields, sort=sort, session=session)
            if limit is not None:
                cursor = cursor.limit(limit)
            documents: list[Document] = await cursor.to_list(None)
            return documents

        return await self._read(read)

    async def insert(self, document: Document) -> None:
        """Store a new document.

        Raises:
            Taken: a unique index holds one of its values already.
        """
        self._require_writable()
        await self._scope.write(lambda session: self._raw.insert_one(document, session=session))

    async def insert_many(self, documents: Sequence[Document]) -> None:
        """Store new documents.

        Raises:
            Taken: a unique index holds one of their values already.
        """
        if not documents:
            return
        self._require_writable()
        await self._scope.write(
            lambda session: self._raw.insert_many(list(documents), session=session)
        )

    async def update(
        self, where: Filter, change: Mapping[str, Any] | list[Any], *, upsert: bool = False
    ) -> bool:
        """Change one document, and tell whether there is one."""
        self._require_writable()
        result = await self._scope.write(
            lambda session: self._raw.update_one(where, change, upsert=upsert, session=session)
        )
        return bool(result.matched_count or result.upserted_id is not None)

    async def find_and_update(
        self,
        where: Filter,
        change: Mapping[str, Any],
        *,
        sort: Sort | None = None,
        upsert: bool = False,
    ) -> Document | None:
        """Change the first document and return it as it is then, None when there is none."""
        self._require_writable()
        found: Document | None = await self._scope.write(
            lambda session: self._raw.find_one_and_update(
                where,
                change,
                sort=sort,
                upsert=upsert,
                return_document=ReturnDocument.AFTER,
                session=session,
            )
        )
        return found

    async def delete(self, where: Filter) -> int:
        """Delete documents and return how many."""
        self._require_writable()
        result = await self._scope.write(
            lambda session: self._raw.delete_many(where, session=session)
        )
        count: int = result.deleted_count
        return count

    async def count(self, where: Filter, *, limit: int | None = None) -> int:
        """Return the number of documents, counted up to `limit`."""
        bound = {} if limit is None else {"limit": limit}
        count: int = await self._read(
            lambda session: self._raw.count_documents(where, session=session, **bound)
        )
        return count

    async def size(self) -> int:
        """Return about how many documents there are, without looking at them."""
        count: int = await self._read(lambda _: self._raw.estimated_document_count())
        return count

    async def aggregate(self, pipeline: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Return what a pipeline makes of the documents."""

        async def read(session: Any) -> list[Document]:
            cursor = await settled(self._raw.aggregate(list(pipeline), session=session))
            documents: list[Document] = await cursor.to_list(None)
            return documents

        return await self._read(read)

    async def _read(self, work: Callable[[Any], Awaitable[T]]) -> T:
        if self._patience is None:
            return await self._scope.read(work)
        with pymongo.timeout(self._patience.total_seconds()):
            return await self._scope.read(work)

    def _require_writable(self) -> None:
        if self._is_read_only:
            raise Refused(
                "this service reads what platform-backend keeps, and never writes it",
                code="store.read_only",
            )
