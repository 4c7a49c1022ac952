"""The journals that keep the same promises, and records to put into them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.journal.file_journal import FileAuditJournal
from application.ports.audit_journal import AuditJournal
from application.ports.system import IdFactory
from domain.audit import GENESIS, AuditRecord, ChainHead
from domain.audit_chain import verify_chain
from domain.identifiers import RecordId, TenantId
from tests.contract.samples import sample_id
from tests.fakes.clock import START
from tests.fakes.randomness import SeededRandomness

OpenJournal = Callable[[Path, IdFactory], AuditJournal]

JOURNALS: Mapping[str, OpenJournal] = {
    "file": lambda folder, ids: FileAuditJournal(folder, ids=ids, randomness=SeededRandomness())
}


def a_record(number: int = 1, **changes: object) -> AuditRecord:
    fields: dict[str, object] = {
        "record_id": RecordId(sample_id("req", number)),
        "tenant": "acme",
        "time": START,
        "key_id": sample_id("key", 1),
        "user": None,
        "route": "/v1/chat/completions",
        "model": "echo-1",
        "upstream": "echo",
        "content": "full",
        "request": {"messages": [{"role": "user", "content": f"line\n{number} é \u2028 \ud800"}]},
        "response": {"hash": "not the chain's", "prev": None},
        "status": 200,
        "tokens": {"input": 1, "output": 2},
        "cost": None,
        "latency_ms": 12,
        "decision": {"effect": "allow"},
        "policy_version": "pol_starter@0",
        "findings": (),
    }
    return AuditRecord(**(fields | changes))  # type: ignore[arg-type]


async def contents(journal: AuditJournal) -> dict[TenantId, list[bytes]]:
    """Return the lines of every closed segment, oldest first, by tenant."""
    lines: dict[TenantId, list[bytes]] = {}
    for segment in await journal.segments():
        for batch in await journal.read(segment):
            lines.setdefault(batch.tenant_id, []).extend(batch.lines)
    return lines


def ids_of(lines: list[bytes]) -> list[str]:
    return [json.loads(line)["record_id"] for line in lines]


def check(lines: list[bytes], *, prev: str = GENESIS) -> ChainHead:
    outcome = verify_chain([json.loads(line) for line in lines], prev=prev)
    assert outcome.breaks == ()
    return outcome.head
