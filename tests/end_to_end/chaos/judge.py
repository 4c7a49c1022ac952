"""What should have come out, from a quiet run over the same objects, against what did."""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path

from application.ports.readers import Page, ViolationFilter
from domain.audit import AuditDamage
from domain.authorisation import OPERATOR
from domain.job import Job, JobState, ObjectRef
from domain.tenant import Slug, StorageProvider
from domain.violation import Violation
from entrypoints.wiring.containers import Container
from entrypoints.wiring.lifespan import opened
from tests.end_to_end.chaos.corpus import SLUG, Corpus, Kind
from tests.end_to_end.chaos.sites import Site, container_at

_PAGE = 500
_UNBOUNDED = {"TRUEPORT_QUEUE_CAPACITY": "1000000"}
_PYTHONS_OWN = re.compile(r"[A-Z]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a deployment says about its objects, without when it was noticed."""

    violations: Mapping[str, Violation]
    damages: Mapping[str, AuditDamage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came out; `faults` says what should not have, in lines for people."""

    violations: int
    expected: int
    jobs: Mapping[JobState, int]
    repeated: int
    swept: int
    damages: int
    audit_records: int
    faults: Sequence[str]


async def quiet_run(site: Site, corpus: Corpus) -> Found:
    """Analyse the stored objects in this process, one after the other, without any fault."""
    container = container_at(site.beginning, {**site.direct, **_UNBOUNDED})
    settings = site.tenant.storage
    if settings.provider is StorageProvider.LOCAL:
        shutil.copytree(site.home / "storage", site.beginning / "storage", dirs_exist_ok=True)
    async with opened(container):
        for log in corpus.logs:
            if log.kind is not Kind.GHOST:
                ref = ObjectRef(
                    provider=settings.provider.value, bucket=settings.bucket, key=log.key
                )
                await container.accept_event()(ref)
        work = container.work_on_jobs()
        while await work():
            pass
        return await found_at(container, site)


async def found_at(container: Container, site: Site) -> Found:
    """Return what the store of a container holds."""
    violations: dict[str, Violation] = {}
    cursor: str | None = None
    while True:
        page = await container.violation_reader().violations(
            site.tenant.id, ViolationFilter(), Page(limit=_PAGE, cursor=cursor)
        )
        for one in page.items:
            violations[one.id] = replace(one, detected_at=one.occurred_at)
        cursor = page.next_cursor
        if cursor is None:
            break
    async with container.transactions()() as uow:
        damages = await uow.audit.damages(site.tenant.id)
    return Found(
        violations=violations,
        damages={one.id: replace(one, found_at=site.tenant.created_at) for one in damages},
    )


async def judge(site: Site, corpus: Corpus, expected: Found) -> Verdict:
    """Compare what the store holds now with what it should, and look at the ledger and the log."""
    found = await found_at(site.view, site)
    jobs = await _jobs(site.view)
    audit = await site.view.verify_audit()(OPERATOR, Slug(SLUG))
    faults = [
        *_differences("violation", expected.violations, found.violations),
        *_differences("audit damage", expected.damages, found.damages),
        *_wrong_jobs(corpus, jobs),
        *_wrong_chains(corpus, {damage.key for damage in audit.damages}),
        *_damaged_database(site.home),
    ]
    return Verdict(
        violations=len(found.violations),
        expected=len(expected.violations),
        jobs={state: sum(job.state is state for job in jobs) for state in JobState},
        repeated=sum(job.attempts > 1 for job in jobs if job.state is JobState.DONE),
        swept=sum(job.source == "sweep" for job in jobs),
        damages=len(found.damages),
        audit_records=audit.records,
        faults=faults,
    )


async def _jobs(container: Container) -> Sequence[Job]:
    jobs: list[Job] = []
    while page := await container.job_records().all(
        after=jobs[-1].id if jobs else None, limit=_PAGE
    ):
        jobs += page
    return jobs


def _differences(
    what: str, expected: Mapping[str, Violation | AuditDamage], found: Mapping[str, object]
) -> Iterable[str]:
    for one in sorted(expected.keys() - found.keys()):
        yield f"{what} {one} is missing: {_where(expected[one])}"
    for one in sorted(found.keys() - expected.keys()):
        yield f"{what} {one} should not be there: {_where(found[one])}"
    for one in sorted(expected.keys() & found.keys()):
        if expected[one] != found[one]:
            names = [
                field.name
                for field in fields(expected[one])
                if getattr(expected[one], field.name) != getattr(found[one], field.name)
            ]
            yield f"{what} {one} differs in {', '.join(names)}: {_where(found[one])}"


def _where(found: object) -> str:
    match found:
        case Violation():
            return f"{found.type} at {found.span} of {found.part}, {found.object_key}"
        case AuditDamage():
            return f"line {found.line} of {found.object_key}"
        case _:
            return type(found).__name__


def _wrong_jobs(corpus: Corpus, jobs: Sequence[Job]) -> Iterable[str]:
    by_key: dict[str, list[Job]] = {}
    for job in jobs:
        by_key.setdefault(job.object.key, []).append(job)
    for log in corpus.logs:
        of_log = by_key.pop(log.key, [])
        if len(of_log) != 1:
            yield f"{log.key} ({log.kind}) has {len(of_log)} jobs"
        wanted = JobState.DEAD if log.is_deadly else JobState.DONE
        for job in of_log:
            if job.state is not wanted:
                yield f"the job of {log.key} ({log.kind}) is {job.state}: {job.last_error}"
            elif job.pending_detectors:
                yield f"the job of {log.key} is done without {', '.join(job.pending_detectors)}"
    for key in by_key:
        yield f"there is a job of {key}, which nobody stored"


def _wrong_chains(corpus: Corpus, damaged: set[str]) -> Iterable[str]:
    wanted = {log.key for log in corpus.logs if log.kind is Kind.DAMAGED}
    for key in sorted(wanted ^ damaged):
        yield f"`audit verify` is wrong about {key}"


def _damaged_database(home: Path) -> Iterable[str]:
    with closing(sqlite3.connect(home / "trueport.sqlite3")) as raw:
        (answer,) = raw.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            yield f"the database is damaged: {answer}"
        for row in raw.execute("PRAGMA foreign_key_check"):
            yield f"the database points nowhere: table {row[0]}"
        for (reason,) in raw.execute("SELECT reason FROM outbox WHERE is_buried"):
            yield f"an event was given up: {reason}"


def surprises_in(log: Path) -> Iterable[str]:
    """Return what an engine wrote that tells of an error in the program, not around it."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            if line.startswith("Traceback"):
                yield f"{log.name}: a traceback"
            continue
        error = str(said.get("error", ""))
        if "exception" in said or _PYTHONS_OWN.fullmatch(error):
            yield f"{log.name}: {said.get('message')} {error} {said.get('exception', '')}"[:300]
