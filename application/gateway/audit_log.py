"""Look into a tenant's audit log: what happened when, and one record as it was written.

Objects lie in folders of hours by the time of their first record, and a record has the time at
which its exchange began. Both differ by as long as an exchange takes, or a segment stays open.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.audit_objects import UnpackLimits, UnreadableObject, parse_line, unpack
from application.object_chain import ObjectChain
from application.paging import cursor_at, position_of
from application.ports.object_storage import ObjectStorage, ObjectStorages
from application.ports.readers import Page
from domain.audit import AuditRecord, instance_of
from domain.audit_chain import ChainBreak
from domain.errors import InvalidValue, NotFound
from domain.identifiers import RecordId, made_at
from domain.log_objects import HOUR, audit_day, hour_of, opened_at, place_in_time
from domain.tenant import StorageSettings, Tenant

LONGEST_PERIOD = timedelta(days=31)
MOST_RECORDS = 200
MOST_OBJECTS = 100
"""Objects that are read for one page: a filter that matches little must not read for hours."""

_ONE_DAY = timedelta(days=1)
_SEGMENT_STAYS_OPEN = timedelta(minutes=10)
_EXCHANGE_TAKES = timedelta(hours=1)
_LONG = 65_536
"""Bytes of a line from which on it is parsed on a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQuery:
    """Which records, by the time at which their exchanges began, `until` not included."""

    since: datetime
    until: datetime
    key_id: str | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise InvalidValue("a period ends after its beginning", field="until")
        if self.until - self.since > LONGEST_PERIOD:
            raise InvalidValue(
                f"at most {LONGEST_PERIOD.days} days are looked through at once", field="since"
            )

    def asks_for(self, record: AuditRecord) -> bool:
        """Tell whether a record is one of them."""
        return (
            self.since <= record.time < self.until
            and self.key_id in (None, record.key_id)
            and self.model in (None, record.model)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRecord:
    """A record without its texts and findings, the number of those, and where it lies."""

    record: AuditRecord
    findings: int
    object_key: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """Some records, the newest objects first and in each the last lines.

    A page may be short, or empty, and go on all the same: `next_cursor` is None at the end.
    `unreadable` are the keys of objects in which something could not be read.
    """

    items: tuple[ListedRecord, ...]
    unreadable: tuple[str, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRecord:
    """A record as it was written, and what does not hold in the chain of its object."""

    record: AuditRecord
    prev: str
    hash: str
    object_key: str
    line: int
    breaks: tuple[ChainBreak, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a list goes on: behind this line of an object, seen from its end."""

    key: str
    line: int

    def encode(self, settings: StorageSettings) -> str:
        return cursor_at(str(self.line), self.key.removeprefix(settings.prefix))

    @classmethod
    def decode(cls, cursor: str, settings: StorageSettings) -> "_Place":
        line, name = position_of(cursor, 2)
        key = settings.prefix + name
        if not line.isdecimal() or not _is_own(key, settings):
            raise InvalidValue("this is not a cursor of this list", field="cursor")
        return cls(key=key, line=int(line[:9]))


class AuditLog:
    """Read the audit objects of a tenant, the newest first."""

    def __init__(self, *, storages: ObjectStorages, limits: UnpackLimits) -> None:
        self._storages = storages
        self._limits = limits

    async def page(self, tenant: Tenant, query: RecordQuery, page: Page) -> RecordPage:
        """Return a page of records.

        Raises:
            InvalidValue: the cursor is not one of this list, or the limit below 1.
            Unavailable, AccessDenied: the storage.
        """
        if page.limit < 1:
            raise InvalidValue("a page holds at least one item", field="limit")
        limit = min(page.limit, MOST_RECORDS)
        settings = tenant.storage
        place = None if page.cursor is None else _Place.decode(page.cursor, settings)
        items: list[ListedRecord] = []
        unreadable: list[str] = []
        done = _Place(key="", line=0)
        objects = 0
        until = query.until
        if place is not None:
            until = min(until, hour_of(place.key) or until)
        async for key in self.newest_first(tenant, query.since, until):
            if place is not None and not _is_left(key, place):
                continue
            if objects >= MOST_OBJECTS:
                break
            objects += 1
            before = place.line if place is not None and place.key == key else None
            last: deque[ListedRecord] = deque(maxlen=limit + 1)
            is_whole = await self._listed(tenant, key, query, before, last)
            if not is_whole:
                unreadable.append(key)
            for record in reversed(last):
                if len(items) == limit:
                    end = _Place(key=items[-1].object_key, line=items[-1].line)
                    return _page(items, unreadable, end.encode(settings))
                items.append(record)
            done = _Place(key=key, line=0)
        else:
            return _page(items, unreadable, None)
        return _page(items, unreadable, done.encode(settings))

    async def newest_first(
        self, tenant: Tenant, since: datetime, until: datetime
    ) -> AsyncIterator[str]:
        """Yield the keys of objects that may hold records of a period, the newest first."""
        storage, prefix = self._storages.of(tenant.storage), tenant.storage.prefix
        first, last = since - HOUR, until + HOUR
        day = last.date()
        while day >= first.date():
            keys = [
                item.key
                async for item in storage.list(audit_day(prefix, day))
                if (hour := hour_of(item.key)) is not None and hour + HOUR > first and hour < last
            ]
            for key in sorted(keys, key=place_in_time, reverse=True):
                yield key
            day -= _ONE_DAY

    async def find(
        self, tenant: Tenant, record_id: RecordId, *, object_key: str | None = None
    ) -> WholeRecord:
        """Return one record; its id tells when it was made, `object_key` where it lies.

        Raises:
            InvalidValue: the key is none of an audit object of this tenant.
            NotFound: there is no such record.
            Unavailable, AccessDenied: the storage.
        """
        if object_key is not None and not _is_own(object_key, tenant.storage):
            raise InvalidValue("this is no audit object of this tenant", field="object_key")
        storage = self._storages.of(tenant.storage)
        keys = [object_key] if object_key else await self._around(tenant, storage, record_id)
        for key in keys:
            found = await self._found(tenant, storage, key, record_id)
            if found is not None:
                return found
        raise NotFound("there is no such audit record", code="audit.record_not_found")

    async def _around(
        self, tenant: Tenant, storage: ObjectStorage, record_id: RecordId
    ) -> list[str]:
        """Return the objects that may hold a record, the likeliest first."""
        at = made_at(record_id)
        if at is None:
            return []
        first, last = at - _SEGMENT_STAYS_OPEN, at + _EXCHANGE_TAKES
        keys = []
        for day in sorted({first.date(), last.date()}):
            async for item in storage.list(audit_day(tenant.storage.prefix, day)):
                opened = opened_at(item.key)
                if opened is not None and first <= opened <= last:
                    keys.append(item.key)
        return sorted(keys, key=place_in_time)

    async def _found(
        self, tenant: Tenant, storage: ObjectStorage, key: str, record_id: RecordId
    ) -> WholeRecord | None:
        wanted = f'"{record_id}"'.encode()
        chain, number = ObjectChain(), 0
        found: WholeRecord | None = None
        try:
            async for line in unpack(storage.read(key), self._limits):
                number += 1
                document = await _document(line)
                chain.add(document, line)
                if found is not None or document is None or wanted not in line:
                    continue
                record = await _record(line, tenant)
                if record is not None and record.record_id == record_id:
                    found = WholeRecord(
                        record=record,
                        prev=str(document.get("prev")),
                        hash=str(document.get("hash")),
                        object_key=key,
                        line=number,
                        breaks=(),
                    )
        except UnreadableObject as error:
            if found is None:
                return None
            end = ChainBreak(line=number, reason=error.message)
            return replace(found, breaks=(*chain.breaks, end))
        except NotFound:
            return None
        return None if found is None else replace(found, breaks=chain.breaks)

    async def _listed(
        self,
        tenant: Tenant,
        key: str,
        query: RecordQuery,
        before: int | None,
        last: deque[ListedRecord],
    ) -> bool:
        """Fill `last` with the records asked for; False where something could not be read."""
        storage = self._storages.of(tenant.storage)
        number, is_whole = 0, True
        try:
            async for line in unpack(storage.read(key), self._limits):
                number += 1
                if before is not None and number >= before:
                    break
                record = await _record(line, tenant)
                if record is None:
                    is_whole = False
                elif query.asks_for(record):
                    last.append(
                        ListedRecord(
                            record=replace(record, request=None, response=None, findings=()),
                            findings=len(record.findings),
                            object_key=key,
                            line=number,
                        )
                    )
        except (UnreadableObject, NotFound):
            return False
        return is_whole


def _page(items: list[ListedRecord], unreadable: list[str], cursor: str | None) -> RecordPage:
    return RecordPage(items=tuple(items), unreadable=tuple(unreadable), next_cursor=cursor)


def _is_left(key: str, place: _Place) -> bool:
    if key == place.key:
        return place.line > 1
    return place_in_time(key) < place_in_time(place.key)


def _is_own(key: str, settings: StorageSettings) -> bool:
    is_below = key.startswith(f"{settings.prefix}audit/v1/dt=")
    return is_below and instance_of(key) is not None and hour_of(key) is not None


async def _document(line: bytes) -> Mapping[str, object] | None:
    return await asyncio.to_thread(parse_line, line) if len(line) > _LONG else parse_line(line)


async def _record(line: bytes, tenant: Tenant) -> AuditRecord | None:
    """Return the record in a line, None when it is none of this tenant."""
    document = await _document(line)
    if document is None:
        return None
    try:
        record = AuditRecord.from_document(document)
    except InvalidValue:
        return None
    return record if record.tenant == tenant.slug.value else None
