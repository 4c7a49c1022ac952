"""What is behind every write: whose it is, and that nobody was there in between."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.mongo.collection import Collection, Document
from adapters.mongo.errors import Taken
from adapters.mongo.values import stored
from domain.errors import ConcurrentUpdate, InvalidValue
from domain.identifiers import TenantId

GATES = "gates"
"""Documents that transactions change so that those which decide on the same meet each other."""


def require_owner(tenant_id: TenantId, owner: TenantId) -> None:
    """Check that what is stored for a tenant says that it belongs to that tenant.

    Raises:
        InvalidValue: it names another one.
    """
    if owner != tenant_id:
        raise InvalidValue("this belongs to another tenant", field="tenant_id")


def changed_meanwhile() -> ConcurrentUpdate:
    """Return the refusal of a write that was based on what does not hold any more."""
    return ConcurrentUpdate("this was changed in the meantime: read it again")


async def meet(gates: Collection, name: str) -> int:
    """Let this transaction fail where another one decides on the same; return how many there were.

    Two transactions that write different documents do not meet, and neither sees the other's:
    both change this one.

    Raises:
        ConcurrentUpdate: another one has changed it.
    """
    try:
        gate = await gates.find_and_update({"_id": name}, {"$inc": {"seq": 1}}, upsert=True)
    except Taken:
        raise changed_meanwhile() from None
    if gate is None:
        raise changed_meanwhile()
    seq: int = gate["seq"]
    return seq


async def insert_new(collection: Collection, rows: Sequence[Document]) -> list[bool]:
    """Insert the rows whose `_id` is not there yet, and tell for each whether it was.

    Asked for first: MongoDB ends a transaction that inserts what is there.

    Raises:
        ConcurrentUpdate: somebody else inserted one of them in between.
    """
    ids = [row["_id"] for row in rows]
    known = {row["_id"] for row in await collection.find({"_id": {"$in": ids}}, fields=["_id"])}
    is_new = []
    for row_id in ids:
        is_new.append(row_id not in known)
        known.add(row_id)
    try:
        await collection.insert_many([row for row, new in zip(rows, is_new, strict=True) if new])
    except Taken:
        raise changed_meanwhile() from None
    return is_new


async def forget_expired(collection: Collection, at: datetime) -> int:
    """Remove the rows that expired by this time and return how many there were.

    The server's TTL index removes them too, a minute later or more.
    """
    return await collection.delete({"expires_at": {"$lte": at}})


async def save_versioned(
    collection: Collection, row: Document, *, read: int, document: Mapping[str, object]
) -> None:
    """Store what holds by default while nothing is stored: version 0 is that default's.

    Raises:
        ConcurrentUpdate: another version than the one that was read is stored.
    """
    where = {"_id": row["_id"], "version": read}
    row = {**row, "version": read + 1, "document": stored(document)}
    if read > 0:
        is_stored = await collection.update(where, {"$set": row})
    else:
        (is_stored,) = await insert_new(collection, [row])
    if not is_stored:
        raise changed_meanwhile()
