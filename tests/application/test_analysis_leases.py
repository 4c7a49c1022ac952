"""Workers that die, lose their lease or are overtaken: no job is lost, and none done twice."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Unavailable
from domain.job import Job, JobState
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD, FlakyDetector, KeywordDetector
from tests.fakes.interruptions import FusedStorages, OvertakenTransactions


async def violations_of(customer: Customer) -> list[tuple[str, str]]:
    """Return (part, type) of every violation."""
    return sorted((one.part, one.type) for one in await customer.violations())


async def only_job(deployment: Deployment) -> Job:
    (job,) = await deployment.store.job_records.all()
    return job


class Gate(KeywordDetector):
    """A detector that waits until it is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = asyncio.Event()
        self.opens = asyncio.Event()

    async def detect(self, texts: Sequence[Any]) -> Any:
        self.is_asked.set()
        await self.opens.wait()
        return await super().detect(texts)


async def waiting_job(deployment: Deployment, acme: Customer) -> Gate:
    """Return the gate of a detector before which the analysis of one object will stand."""
    late = FlakyDetector(is_away=True)
    deployment.detectors = [late]
    await acme.chat(f"card {CARD}", model="scripted")
    await deployment.ship()
    gate = Gate()
    deployment.detectors = [gate]
    return gate


async def test_cancelled_worker_gives_its_job_back_untouched(
    deployment: Deployment, acme: Customer
) -> None:
    gate = await waiting_job(deployment, acme)
    work = asyncio.ensure_future(deployment.worker())
    await gate.is_asked.wait()

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    job = await only_job(deployment)
    assert (job.state, job.attempts, job.lease) == (JobState.NEW, 0, None)
    assert await acme.violations() == []


async def test_worker_whose_lease_was_lost_stores_nothing(
    deployment: Deployment, acme: Customer
) -> None:
    gate = await waiting_job(deployment, acme)
    slow = asyncio.ensure_future(deployment.worker())
    await gate.is_asked.wait()
    events = await deployment.store.outbox.pending()
    deployment.clock.advance(121)
    token = deployment.ids.ulid()
    stolen = await deployment.queue.lease(
        token=token, at=deployment.clock.now(), duration=timedelta(seconds=120)
    )

    gate.opens.set()
    await slow

    job = await only_job(deployment)
    assert stolen is not None
    assert (job.state, job.lease) == (JobState.LEASED, token)
    assert await acme.violations() == []
    assert await deployment.store.outbox.pending() == events


async def test_worker_notices_a_lost_lease_while_it_works(
    deployment: Deployment, acme: Customer
) -> None:
    gate = await waiting_job(deployment, acme)
    deployment.lease = timedelta(milliseconds=30)
    slow = asyncio.ensure_future(deployment.worker())
    await gate.is_asked.wait()
    deployment.clock.advance(1)
    await deployment.queue.lease(
        token=deployment.ids.ulid(), at=deployment.clock.now(), duration=timedelta(seconds=120)
    )

    assert await asyncio.wait_for(slow, timeout=5) is True

    assert (await only_job(deployment)).state is JobState.LEASED
    assert await acme.violations() == []


async def test_heartbeat_keeps_the_lease_of_a_long_analysis(
    deployment: Deployment, acme: Customer
) -> None:
    gate = await waiting_job(deployment, acme)
    deployment.lease = timedelta(milliseconds=30)
    slow = asyncio.ensure_future(deployment.worker())
    await gate.is_asked.wait()
    before = (await only_job(deployment)).lease_until
    deployment.clock.advance(0.02)
    for _ in range(500):
        if (await only_job(deployment)).lease_until != before:
            break
        await asyncio.sleep(0.005)

    gate.opens.set()
    await slow

    assert (await only_job(deployment)).state is JobState.DONE
    assert len(await acme.violations()) == 1


async def test_worker_that_died_loses_its_lease_and_another_finishes(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat(f"card {CARD}", model="scripted")
    await deployment.ship()
    await deployment.queue.lease(
        token=deployment.ids.ulid(), at=deployment.clock.now(), duration=timedelta(seconds=120)
    )

    during = await deployment.worker()
    deployment.clock.advance(120)
    after = await deployment.worker()

    assert (during, after) == (False, True)
    assert (await only_job(deployment)).state is JobState.DONE


async def test_storage_that_is_away_leaves_the_job_for_later(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat("hello")
    await deployment.ship()
    storages = deployment.storages

    class Away(FusedStorages):
        def of(self, settings: Any) -> Any:
            raise Unavailable("storage")

    deployment.storages = Away(storages)
    await deployment.analyse_all()

    assert (await only_job(deployment)).state is JobState.NEW


async def forget_violations(deployment: Deployment) -> None:
    """Lose what was stored in line, so that the analysis alone can have found it."""
    await deployment.store._database.write(lambda raw: raw.execute("DELETE FROM violations"))


@pytest.mark.parametrize("is_repeated", [False, True])
async def test_analysis_that_others_get_ahead_of_is_stored_again(
    deployment: Deployment, acme: Customer, is_repeated: bool
) -> None:
    await acme.chat(f"card {CARD}", model="scripted")
    await deployment.ship()
    if is_repeated:
        await deployment.queue.lease(
            token=deployment.ids.ulid(), at=deployment.clock.now(), duration=timedelta(seconds=1)
        )
        deployment.clock.advance(1)
    await forget_violations(deployment)
    deployment.transactions = OvertakenTransactions(deployment.transactions, times=4)

    assert await deployment.worker()

    assert (await only_job(deployment)).state is JobState.DONE
    assert [kind for _, kind in await violations_of(acme)] == ["CREDIT_CARD"]


async def test_analysis_that_others_always_get_ahead_of_costs_no_try(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat(f"card {CARD}", model="scripted")
    await deployment.ship()
    deployment.transactions = OvertakenTransactions(deployment.transactions, times=5)

    assert await deployment.worker()

    job = await only_job(deployment)
    assert (job.state, job.attempts) == (JobState.NEW, 0)
    assert (job.last_error or "").startswith("concurrent_update")
