"""Write a journal until somebody kills this process: `python -m … ROOT [BYTES_PER_FILE]`.

Each acknowledged record is told on standard output as `tenant hash`, each refused one as `refused`.
With a limit, files cannot grow beyond it, as on a disk that is full.
"""

import asyncio
import resource
import sys
from pathlib import Path

from adapters.journal.file_journal import FileAuditJournal
from adapters.system import SystemClock, SystemRandomness, UuidIds
from domain.errors import Unavailable
from domain.identifiers import TenantId
from tests.contract.journals import a_record
from tests.contract.samples import ACME, GLOBEX

_WRITERS = 16
_RECORDS_WITH_LIMIT = 40


async def write(root: Path, limit: int | None) -> None:
    journal = FileAuditJournal(root, ids=UuidIds(SystemClock()), randomness=SystemRandomness())
    await journal.open([])
    if limit is None:
        async with asyncio.TaskGroup() as tasks:
            for number in range(_WRITERS):
                tasks.create_task(write_for_ever(journal, (ACME, GLOBEX)[number % 2]))
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    for number in range(_RECORDS_WITH_LIMIT):
        # Every fifth record is larger than any file may be.
        await write_one(journal, ACME, number, padding=limit if number % 5 == 4 else 0)
    await journal.close()


async def write_for_ever(journal: FileAuditJournal, tenant_id: TenantId) -> None:
    number = 0
    while True:
        await write_one(journal, tenant_id, number, padding=number * 97 % 5000)
        number += 1


async def write_one(
    journal: FileAuditJournal, tenant_id: TenantId, number: int, *, padding: int
) -> None:
    try:
        digest = await journal.append(tenant_id, a_record(number, response="x" * padding))
    except Unavailable:
        sys.stdout.write("refused\n")
    else:
        sys.stdout.write(f"{tenant_id} {digest}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None))
