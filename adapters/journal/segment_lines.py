"""The lines of a journal segment.

`ten_… 42 {…}`: a tenant's id, the place of the record in its chain, and the canonical form of the
chained record, ended by a line feed (canonical JSON is ASCII with escapes and holds no other one).
The place makes recovery simple: the line with the largest one is the end of the chain.
"""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass

from application.ports.audit_journal import JournalBatch
from domain.audit import ChainedLine, ChainHead
from domain.audit_chain import verify_chain
from domain.errors import InvalidValue
from domain.identifiers import TenantId, parse_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One sound line: whose it is, the record, its `prev`, and the head of the chain after it."""

    tenant_id: TenantId
    line: bytes
    prev: str
    head: ChainHead

    def follows(self, head: ChainHead) -> bool:
        """Tell whether this is the record that comes after `head`."""
        return self.prev == head.hash and self.head.count == head.count + 1


def encode(tenant_id: TenantId, chained: ChainedLine) -> bytes:
    """Return a chained line as the segment holds it."""
    return b"%b %d %b\n" % (tenant_id.encode("ascii"), chained.head.count, chained.line)


def decode(raw: bytes) -> Entry | None:
    """Return the entry of a line without its line feed, None when it is damaged.

    The record's own hash is checked, its place in the chain is not.
    """
    try:
        tenant, place, line = raw.split(b" ", 2)
        tenant_id = TenantId(parse_id("ten", tenant.decode("ascii")))
        count = int(place)
        document = json.loads(line)
    except (ValueError, InvalidValue, RecursionError):
        return None
    if not isinstance(document, dict) or verify_chain([document]).breaks:
        return None
    head = ChainHead(hash=str(document["hash"]), count=count)
    return Entry(tenant_id=tenant_id, line=line, prev=str(document["prev"]), head=head)


def complete_lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines of a segment without their line feeds; a torn last one is left out."""
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        yield data[start:end]
        start = end + 1


def sound_length(data: bytes, heads: MutableMapping[TenantId, ChainHead]) -> int:
    """Return how many bytes of an unfinished segment hold sound lines, and move `heads` along.

    Lines behind the first damaged one were never acknowledged: a later fsync covers earlier bytes.
    """
    length = 0
    reached: dict[TenantId, ChainHead] = {}
    for raw in complete_lines(data):
        entry = decode(raw)
        if entry is None:
            break
        before = reached.get(entry.tenant_id)
        if before is not None and not entry.follows(before):
            break
        reached[entry.tenant_id] = entry.head
        length += len(raw) + 1
    advance(heads, reached)
    return length


def advance(
    heads: MutableMapping[TenantId, ChainHead], found: Mapping[TenantId, ChainHead]
) -> None:
    """Move heads on to those found that are further."""
    for tenant_id, head in found.items():
        if head.count > heads.get(tenant_id, ChainHead()).count:
            heads[tenant_id] = head


def last_heads(data: bytes) -> dict[TenantId, ChainHead]:
    """Return the heads after a closed segment: those of each tenant's last sound line."""
    heads: dict[TenantId, ChainHead] = {}
    known: set[bytes] = set()
    for raw in reversed(list(complete_lines(data))):
        tenant = raw.partition(b" ")[0]
        if tenant not in known and (entry := decode(raw)) is not None:
            known.add(tenant)
            heads[entry.tenant_id] = entry.head
    return heads


def batches(data: bytes) -> tuple[tuple[JournalBatch, ...], bytes]:
    """Return (the records of a closed segment by tenant, in the order of each one's first; damage).

    A line that the disk damaged belongs to nobody any more: it is given apart, and the gap shows
    when the chain is checked.
    """
    lines: dict[TenantId, list[bytes]] = {}
    heads: dict[TenantId, ChainHead] = {}
    damaged: list[bytes] = []
    for raw in complete_lines(data):
        entry = decode(raw)
        if entry is None:
            damaged.append(raw + b"\n")
            continue
        lines.setdefault(entry.tenant_id, []).append(entry.line)
        heads[entry.tenant_id] = entry.head
    found = tuple(
        JournalBatch(tenant_id=tenant_id, lines=tuple(of_tenant), head=heads[tenant_id])
        for tenant_id, of_tenant in lines.items()
    )
    return found, b"".join(damaged)
