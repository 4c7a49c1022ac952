"""The indexes of both databases, and the command that makes them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pymongo
from pymongo.errors import CollectionInvalid, DuplicateKeyError, OperationFailure

from adapters.mongo.database import Database
from adapters.mongo.errors import translated
from adapters.mongo.index_report import IndexReport

_BUILD_SECONDS = 3600.0
"""How long the index of a large collection may take; the server goes on where nobody waits."""

_CONFLICTS = frozenset({67, 85, 86})


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index; `only` are the documents in it, `ttl_seconds` how long after its date one goes."""

    collection: str
    keys: Sequence[tuple[str, int]]
    unique: bool = False
    ttl_seconds: int | None = None
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name that MongoDB gives by default: `tenant_id_1_detected_at_1`."""
        return "_".join(f"{name}_{direction}" for name, direction in self.keys)

    @property
    def options(self) -> dict[str, Any]:
        """Return what MongoDB is told beside the keys."""
        options: dict[str, Any] = {"name": self.name}
        if self.unique:
            options["unique"] = True
        if self.ttl_seconds is not None:
            options["expireAfterSeconds"] = self.ttl_seconds
        if self.only:
            options["partialFilterExpression"] = dict(self.only)
        return options


def _index(collection: str, *names: str, unique: bool = False) -> Index:
    """Return an index; a name with a minus is one that runs downwards."""
    keys = tuple((name.removeprefix("-"), -1 if name[0] == "-" else 1) for name in names)
    return Index(collection=collection, keys=keys, unique=unique)


def _expiry(collection: str) -> Index:
    return Index(collection=collection, keys=(("expires_at", 1),), ttl_seconds=0)


INDEXES: tuple[Index, ...] = (
    _index("users", "email", unique=True),
    _index("tenants", "slug", unique=True),
    _index("tenants", "provider", "bucket", "prefix", unique=True),
    _index("tenants", "members", "slug"),
    _expiry("otps"),
    _expiry("sessions"),
    _index("sessions", "user_id", "is_ended"),
    _index("invitations", "digest", unique=True),
    _index("invitations", "tenant_id", "_id"),
    _index("administration_log", "tenant_id", "-_id"),
    _expiry("done_calls"),
    _index("api_keys", "key", unique=True),
    _index("api_keys", "tenant_id", "created_at"),
    _index("upstreams", "tenant_id", "name", unique=True),
    _index("policy_revisions", "tenant_id", "policy_id", "number", unique=True),
    _index("policy_activations", "tenant_id", "seq", unique=True),
    _index("policy_activations", "tenant_id", "-activated_at", "-seq"),
    _index("usage_logs", "-timestamp"),
    _index("usage_logs", "api_key", "timestamp"),
    _index("usage_logs", "tenant_id", "timestamp"),
    _index("violations", "tenant_id", "detected_at"),
    _index("violations", "tenant_id", "-detected_at", "-_id"),
    _index("violations", "tenant_id", "record_id"),
    _index("chain_heads", "tenant_id", "instance", unique=True),
    _index("chain_heads", "instance", "tenant_id"),
    _index("audit_damages", "tenant_id", "object_key"),
    _index("webhook_deliveries", "state", "available_at", "created_at", "_id"),
    _index("webhook_deliveries", "tenant_id", "webhook_id", "-created_at", "-_id"),
    _index("webhook_deliveries", "finished_at"),
    _index("sent_mails", "sent_at"),
    Index(
        collection="subscriptions",
        keys=(("customer", 1),),
        unique=True,
        only={"customer": {"$type": "string"}},
    ),
    _expiry("payment_events"),
    _index("outbox", "is_buried", "occurred_at", "position", "_id"),
    _index("jobs", "created_at", "seq"),
    _index("jobs", "is_open", "created_at", "seq"),
    _index("jobs", "is_open", "available_at", "created_at", "seq"),
    _index("jobs", "state", "created_at", "seq"),
    _index("jobs", "tenant_id", "created_at", "seq"),
    _index("jobs", "closed_at"),
)

SCHEMA = "schema"
"""Where a database says for which table of indexes it was prepared."""

BARE = ("alert_settings", "alert_states", "gates", SCHEMA, "storage_places", "webhook_states")
"""Collections that are read by `_id` alone."""


async def make_indexes(database: Database) -> IndexReport:
    """Make what is missing and drop nothing; run again it changes nothing.

    Raises:
        Unavailable: MongoDB is away, or its user may not make indexes.
    """
    made, present, conflicts = [], [], []
    for name in sorted({index.collection for index in INDEXES} | set(BARE)):
        await _make_collection(database, name)
    for index in INDEXES:
        label = f"{index.collection}.{index.name}"
        problem = await _problem(database, index)
        if problem == "":
            present.append(label)
            continue
        problem = problem or await _make(database, index)
        if problem:
            conflicts.append(f"{label}: {problem}")
        else:
            made.append(label)
    if not conflicts:
        change = {"$set": {"fingerprint": fingerprint()}}
        await database.collection(SCHEMA).update({"_id": "indexes"}, change, upsert=True)
    return IndexReport(made=made, present=present, conflicts=conflicts)


def fingerprint() -> str:
    """Return a digest of the table of indexes."""
    return hashlib.sha256(repr((INDEXES, BARE)).encode()).hexdigest()[:16]


async def is_prepared(database: Database) -> bool:
    """Tell whether `make_indexes` of this table has run; nothing is looked at."""
    row = await database.collection(SCHEMA).find_one({"_id": "indexes"})
    return row is not None and row["fingerprint"] == fingerprint()


async def check_indexes(database: Database) -> IndexReport:
    """Return what is there, what is missing and what is otherwise than it should be."""
    present, missing, conflicts = [], [], []
    for index in INDEXES:
        label = f"{index.collection}.{index.name}"
        problem = await _problem(database, index)
        if problem is None:
            missing.append(label)
        elif problem:
            conflicts.append(f"{label}: {problem}")
        else:
            present.append(label)
    return IndexReport(present=present, missing=missing, conflicts=conflicts)


_ADVICE = "drop it where nothing else needs it, and run `trueport db init` again"
_OPTIONS = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression", "collation")


async def _problem(database: Database, index: Index) -> str | None:
    """Return how an index of this name differs, nothing when it does not, None when not there."""
    with translated():
        found = await database.raw(index.collection).index_information()
    there = found.get(index.name)
    if there is None:
        twin = next((name for name, one in found.items() if _keys(one) == tuple(index.keys)), None)
        return None if twin is None else f"{twin} is an index of the same fields; {_ADVICE}"
    wanted = index.options
    differences = [name for name in _OPTIONS if _option(there, name) != _option(wanted, name)]
    if _keys(there) != tuple(index.keys):
        differences.insert(0, "fields")
    return f"differs in {', '.join(differences)}; {_ADVICE}" if differences else ""


def _option(of: Mapping[str, Any], name: str) -> Any:
    """Return an option, None where a server says that an index does not have it."""
    value = of.get(name)
    return None if value is False or value == {} else value


def _keys(there: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((name, int(direction)) for name, direction in there["key"])


async def _make(database: Database, index: Index) -> str:
    """Make an index and return what is in its way, nothing when it was made."""
    with translated(), pymongo.timeout(_BUILD_SECONDS):
        try:
            await database.raw(index.collection).create_index(list(index.keys), **index.options)
        except DuplicateKeyError:
            return f"documents hold the same {', '.join(name for name, _ in index.keys)}"
        except OperationFailure as error:
            if error.code not in _CONFLICTS:
                raise
            return f"another index is in its way; {_ADVICE}"
    return ""


async def _make_collection(database: Database, name: str) -> None:
    with translated():
        raw = database.raw(name).database
        try:
            await raw.create_collection(name)
        except CollectionInvalid:
            return  # the driver looked, and it is there
        except OperationFailure:
            # Another process may have been faster.
            if name not in await raw.list_collection_names():
                raise
