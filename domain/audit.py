"""Audit records, their canonical form, and the hash chain that binds them.

The canonical form of a record is JSON in ASCII with escapes, keys sorted by code point, no white
space, no NaN or infinity (the idea of RFC 8785 with Python's own shortest number form). A
record's `hash` is the SHA-256 of its canonical form without `hash`; since that form holds `prev`,
the hash of the record before it, nothing can be changed, dropped, moved or put in between without
the chain showing it. A chain belongs to one tenant and one writing instance.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import InvalidValue
from domain.identifiers import DamageId, RecordId

SCHEMA = 1
MAX_RECORD = 16 * 1024 * 1024
"""Bytes of one record."""

GENESIS = "0" * 64
"""`prev` of the first record of a chain."""

Json = Mapping[str, object]


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value.

    Raises:
        InvalidValue: it holds something that JSON has no form for, such as NaN.
    """
    try:
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
        ).encode("ascii")
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidValue("this has no canonical JSON form") from error


def format_time(at: datetime) -> str:
    """Return RFC 3339 in UTC with milliseconds: `2026-11-24T02:44:00.123Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse_time(text: str) -> datetime:
    """Return the time that `format_time`, or any RFC 3339 writer, wrote."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise InvalidValue("a time needs its offset, such as a final Z")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidValue("expected a time such as 2026-11-24T02:44:00Z") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One gateway exchange, before it is put into a chain.

    `request` and `response` are plain JSON as the policy's `audit.content` lets them be kept;
    `findings` are plain data without any match. Fields are those of `product.md` section 5.
    """

    record_id: RecordId
    tenant: str
    time: datetime
    key_id: str
    user: str | None
    route: str
    model: str
    upstream: str | None
    content: str
    request: object
    response: object
    status: int
    tokens: Json
    cost: Json | None
    latency_ms: int
    decision: Json
    policy_version: str
    findings: tuple[Json, ...]

    def to_document(self) -> dict[str, object]:
        """Return the record as plain data, without `prev` and `hash`."""
        return {
            "schema": SCHEMA,
            "record_id": self.record_id,
            "tenant": self.tenant,
            "time": format_time(self.time),
            "key_id": self.key_id,
            "user": self.user,
            "route": self.route,
            "model": self.model,
            "upstream": self.upstream,
            "content": self.content,
            "request": self.request,
            "response": self.response,
            "status": self.status,
            "tokens": dict(self.tokens),
            "cost": None if self.cost is None else dict(self.cost),
            "latency_ms": self.latency_ms,
            "decision": dict(self.decision),
            "policy_version": self.policy_version,
            "findings": [dict(finding) for finding in self.findings],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "AuditRecord":
        """Return the record that a line of an audit object holds.

        Raises:
            InvalidValue: a field is missing or of another kind; the message names it.
        """
        if document.get("schema") != SCHEMA:
            raise InvalidValue(f"this is no audit record of schema {SCHEMA}", field="schema")
        reader = _Reader(document)
        return cls(
            record_id=RecordId(reader.text("record_id")),
            tenant=reader.text("tenant"),
            time=reader.moment("time"),
            key_id=reader.text("key_id"),
            user=reader.optional_text("user"),
            route=reader.text("route"),
            model=reader.text("model"),
            upstream=reader.optional_text("upstream"),
            content=reader.text("content"),
            request=document.get("request"),
            response=document.get("response"),
            status=reader.integer("status"),
            tokens=reader.mapping("tokens"),
            cost=None if document.get("cost") is None else reader.mapping("cost"),
            latency_ms=reader.integer("latency_ms"),
            decision=reader.mapping("decision"),
            policy_version=reader.text("policy_version"),
            findings=reader.mappings("findings"),
        )


class _Reader:
    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document

    def text(self, name: str) -> str:
        value = self._document.get(name)
        if not isinstance(value, str):
            raise InvalidValue(f"an audit record needs a text {name!r}", field=name)
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self._document.get(name) is None else self.text(name)

    def moment(self, name: str) -> datetime:
        try:
            return parse_time(self.text(name))
        except InvalidValue as error:
            raise InvalidValue(error.message, field=name) from error

    def integer(self, name: str) -> int:
        value = self._document.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue(f"an audit record needs a whole number {name!r}", field=name)
        return value

    def mapping(self, name: str) -> Json:
        value = self._document.get(name)
        if not isinstance(value, Mapping):
            raise InvalidValue(f"an audit record needs an object {name!r}", field=name)
        return value

    def mappings(self, name: str) -> tuple[Json, ...]:
        value = self._document.get(name)
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise InvalidValue(f"an audit record needs a list of objects {name!r}", field=name)
        return tuple(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The end of a chain: the last hash and how many records led to it."""

    hash: str = GENESIS
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedLine:
    """A record in its chain: the line to store (without a line break) and the new head."""

    line: bytes
    head: ChainHead


class RecordTooLarge(InvalidValue):
    """A record has more than `MAX_RECORD` bytes in its canonical form."""

    code = "audit.record_too_large"


def chain(record: AuditRecord, head: ChainHead) -> ChainedLine:
    """Return the record bound to the one before it.

    Raises:
        InvalidValue: it has no canonical form.
        RecordTooLarge: it is longer than readers of audit objects take.
    """
    document = record.to_document()
    document["prev"] = head.hash
    digest = hashlib.sha256(canonical(document)).hexdigest()
    document["hash"] = digest
    line = canonical(document)
    if len(line) > MAX_RECORD:
        raise RecordTooLarge(f"an audit record has at most {MAX_RECORD} bytes")
    return ChainedLine(line=line, head=ChainHead(hash=digest, count=head.count + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDamage:
    """A break of the chain inside a stored audit object, and when it was first seen."""

    object_key: str
    line: int
    reason: str
    found_at: datetime

    @property
    def id(self) -> DamageId:
        """Return the stable id: whoever meets the same break computes the same one."""
        name = canonical([self.object_key, self.line, self.reason])
        return DamageId("dmg_" + hashlib.sha256(name).hexdigest()[:32])


def objects_prefix(prefix: str) -> str:
    """Return what the keys of all audit objects begin with."""
    return f"{prefix}audit/v1/dt="


def anchors_prefix(prefix: str) -> str:
    """Return what the keys of all anchors begin with."""
    return f"{prefix}audit/v1/anchors/"


def object_key(*, prefix: str, instance: str, ulid: str, at: datetime) -> str:
    """Return the key of an audit object whose first record was written at `at`."""
    moment = at.astimezone(UTC)
    return f"{objects_prefix(prefix)}{moment:%Y-%m-%d}/hr={moment:%H}/{instance}-{ulid}.jsonl.gz"


def anchor_key(*, prefix: str, instance: str, ulid: str, at: datetime) -> str:
    """Return the key of a signed anchor."""
    day = f"dt={at.astimezone(UTC):%Y-%m-%d}"
    return f"{anchors_prefix(prefix)}{day}/{instance}-{ulid}.json"


def instance_of(key: str) -> str | None:
    """Return the instance that wrote an audit object, None for any other key."""
    name = key.rsplit("/", 1)[-1]
    if "audit/v1/dt=" not in key or not name.endswith(".jsonl.gz"):
        return None
    return name.removesuffix(".jsonl.gz").rpartition("-")[0] or None


def instance_of_anchor(key: str) -> str | None:
    """Return the instance that an anchor speaks of, as its key says; None for any other key."""
    name = key.rsplit("/", 1)[-1]
    if "audit/v1/anchors/" not in key or not name.endswith(".json"):
        return None
    return name.removesuffix(".json").rpartition("-")[0] or None
