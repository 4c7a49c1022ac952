"""The journal after kill -9 and on a disk that takes no more."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from adapters.journal.file_journal import FileAuditJournal
from adapters.system import SystemClock, SystemRandomness, UuidIds
from domain.identifiers import TenantId
from tests.contract.journals import a_record, check, contents
from tests.contract.samples import ACME, GLOBEX

ROOT = Path(__file__).resolve().parents[3]
WRITER = "tests.adapters.journal.writing_process"
ROUNDS = 3


def start(*arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", WRITER, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def write_until_killed(root: Path, lines: int) -> dict[TenantId, list[str]]:
    """Return what was acknowledged by a writer that was killed after so many lines."""
    with start(root) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        said += writer.stdout.readlines()
    acknowledged: dict[TenantId, list[str]] = {}
    for line in said:
        # The last line may have been cut off by the kill, as it was being told.
        if line.endswith("\n"):
            tenant_id, digest = line.split()
            acknowledged.setdefault(TenantId(tenant_id), []).append(digest)
    return acknowledged


async def recovered(root: Path) -> dict[TenantId, list[bytes]]:
    journal = FileAuditJournal(root, ids=UuidIds(SystemClock()), randomness=SystemRandomness())
    await journal.open([])
    await journal.append(ACME, a_record())
    await journal.append(GLOBEX, a_record())
    await journal.seal()
    lines = await contents(journal)
    await journal.close()
    return lines


def test_acknowledged_records_survive_kill_9_and_the_chain_goes_on(tmp_path: Path) -> None:
    acknowledged: dict[TenantId, list[str]] = {ACME: [], GLOBEX: []}
    for lines in range(50, 50 * ROUNDS + 1, 50):
        for tenant, digests in write_until_killed(tmp_path, lines).items():
            acknowledged[tenant] += digests

    found = asyncio.run(recovered(tmp_path))

    assert sum(len(digests) for digests in acknowledged.values()) >= 50 * ROUNDS
    for tenant, digests in acknowledged.items():
        check(found[tenant])
        kept = [json.loads(line)["hash"] for line in found[tenant]]
        assert [digest for digest in kept if digest in set(digests)] == digests
    assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.rglob("*.damaged")) == []


def test_record_that_the_disk_does_not_take_is_in_no_chain(tmp_path: Path) -> None:
    with start(tmp_path, 6000) as writer:
        said, _ = writer.communicate()
    assert writer.returncode == 0
    digests = [line.split()[1] for line in said.splitlines() if line != "refused"]

    found = asyncio.run(recovered(tmp_path))[ACME]

    assert said.count("refused") >= 8
    assert len(digests) >= 20
    check(found)
    assert [json.loads(line)["hash"] for line in found][:-1] == digests
