"""What stores promise about alerts, damage to audit logs, and the notes of jobs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alert import AlertState, Period
from domain.audit import AuditDamage
from domain.errors import ConcurrentUpdate, Refused
from domain.job import JobState, RetryPolicy
from tests.contract.samples import ACME, GLOBEX, a_job
from tests.contract.stores import Store
from tests.fakes.clock import START

LEASE = timedelta(seconds=30)
DAMAGE = AuditDamage(object_key="audit/v1/a.jsonl.gz", line=3, reason="changed", found_at=START)


async def test_state_of_alerts_comes_back_whole(store: Store) -> None:
    state = AlertState(
        tenant_id=ACME,
        window_began=START,
        sent=3,
        held=Period(since=START, until=START + LEASE),
        digest_until=START,
    )

    async with store.transactions() as uow:
        nothing = await uow.settings.alert_state(ACME)
        await uow.settings.save_alert_state(ACME, state)
        await uow.commit()

    async with store.transactions() as uow:
        assert nothing == AlertState(tenant_id=ACME)
        assert await uow.settings.alert_state(ACME) == replace(state, version=1)
        assert await uow.settings.alert_state(GLOBEX) == AlertState(tenant_id=GLOBEX)


async def test_state_of_alerts_that_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.settings.save_alert_state(ACME, AlertState(tenant_id=ACME, sent=1))
        await uow.commit()

    async with store.transactions() as uow:
        with pytest.raises(ConcurrentUpdate):
            await uow.settings.save_alert_state(ACME, AlertState(tenant_id=ACME, sent=2))


async def test_damage_is_stored_once(store: Store) -> None:
    other = replace(DAMAGE, line=4)
    async with store.transactions() as uow:
        first = await uow.audit.add_damages(ACME, [DAMAGE])
        again = await uow.audit.add_damages(ACME, [replace(DAMAGE, found_at=START + LEASE), other])
        elsewhere = await uow.audit.add_damages(GLOBEX, [DAMAGE])
        await uow.commit()

    async with store.transactions() as uow:
        assert (list(first), list(again), list(elsewhere)) == ([DAMAGE], [other], [DAMAGE])
        assert list(await uow.audit.damages(ACME)) == [DAMAGE, other]


async def test_note_of_a_job_is_kept_until_it_is_done(store: Store) -> None:
    queue = store.job_queue(capacity=10, retry=RetryPolicy())
    await queue.put(a_job())
    await queue.lease(token="t1", at=START, duration=LEASE)

    async with store.transactions() as uow:
        await uow.jobs.note(
            ACME, a_job().id, lease="t1", pending_detectors=["b", "a"], note="2 lines"
        )
        await uow.commit()
    noted = await store.job_records.get(a_job().id)
    async with store.transactions() as uow:
        done = await uow.jobs.finish(ACME, a_job().id, lease="t1", at=START)
        await uow.commit()

    assert (noted.pending_detectors, noted.note) == (("a", "b"), "2 lines")
    assert (done.state, done.pending_detectors, done.note) == (JobState.DONE, (), "2 lines")


@pytest.mark.parametrize(("tenant_id", "lease"), [(ACME, "t2"), (GLOBEX, "t1")])
async def test_only_the_holder_of_a_job_notes_anything(
    store: Store, tenant_id: object, lease: str
) -> None:
    queue = store.job_queue(capacity=10, retry=RetryPolicy())
    await queue.put(a_job())
    await queue.lease(token="t1", at=START, duration=LEASE)

    async with store.transactions() as uow:
        with pytest.raises(Refused) as lost:
            await uow.jobs.note(
                tenant_id,  # type: ignore[arg-type]
                a_job().id,
                lease=lease,
                pending_detectors=[],
                note="x",
            )

    assert lost.value.code == "job.lease_lost"
