"""What no event told of is found, and what is replayed is not doubled."""

import json
from datetime import timedelta

import pytest

from adapters.system import SystemClock
from application.analytics.accept_event import Acceptance
from application.analytics.reconcile import SweepScope
from application.analytics.replay import ReplayCommand
from application.ports.object_events import ObjectEvents
from domain.audit import object_key
from domain.errors import InvalidValue, NotFound, Unavailable
from domain.job import JobState, ObjectRef
from domain.policy.rule import Policy
from domain.tenant import Slug
from tests.fakes.clock import START
from tests.fakes.deployment import RETRY, Customer, Deployment
from tests.fakes.detectors import CARD, INSULT, KeywordDetector
from tests.fakes.interruptions import FusedStorages


class Silent(ObjectEvents):
    """Announce nothing, as a cloud whose events are lost."""

    async def created(self, ref: ObjectRef) -> None:
        """Lose an event."""


class Held(ObjectEvents):
    """Keep announcements back, as a cloud that delivers when and in what order it likes."""

    def __init__(self) -> None:
        self.refs: list[ObjectRef] = []

    async def created(self, ref: ObjectRef) -> None:
        """Keep an event."""
        self.refs.append(ref)


def line(text: str) -> bytes:
    return json.dumps({"prompt": text}).encode()


async def put(customer: Customer, key: str, text: str = CARD) -> ObjectRef:
    settings = customer.tenant.storage
    await customer.deployment.storages.of(settings).create(key, line(text), content_type="x")
    return ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)


async def queued(deployment: Deployment) -> list[str]:
    return sorted(job.object.key for job in await deployment.store.job_records.all())


async def written_long_ago(deployment: Deployment) -> None:
    """Let the grace of what was just written pass: files have the time of the machine."""
    deployment.clock._now = SystemClock().now() + timedelta(minutes=11)


async def test_lost_event_costs_one_sweep(deployment: Deployment, acme: Customer) -> None:
    await written_long_ago(deployment)
    deployment.events = Silent()
    await acme.chat(f"card {CARD}", model="scripted")
    await deployment.ship()

    found = await deployment.reconcile(SweepScope.ALL)
    again = await deployment.reconcile(SweepScope.ALL)
    await deployment.analyse_all()

    (job,) = await deployment.store.job_records.all()
    assert (found, again) == (1, 0)
    assert (job.source, job.state) == ("sweep", JobState.DONE)
    assert len(await acme.violations()) == 1
    assert b"trueport_reconcile_missing_total 1.0" in deployment.telemetry.render()


async def test_objects_of_one_chain_may_be_told_of_backwards(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.events = held = Held()
    for _ in range(3):
        await acme.chat(f"card {CARD}", model="scripted")
        await deployment.ship()
        deployment.clock.advance(3600)

    for ref in reversed(held.refs):
        await deployment.accept_event(ref)
        await deployment.analyse_all()

    jobs = await deployment.store.job_records.all()
    assert len(held.refs) == 3
    assert [(job.state, job.note) for job in jobs] == [(JobState.DONE, "")] * 3
    assert len(await acme.violations()) == 3
    assert b"trueport_audit_damages_total 0.0" in deployment.telemetry.render()


async def test_what_was_announced_is_not_missing(deployment: Deployment, acme: Customer) -> None:
    await written_long_ago(deployment)
    await acme.chat("hello")
    await deployment.ship()
    ref = await put(acme, "chat/a.jsonl")
    await deployment.accept_event(ref)

    found = [await deployment.reconcile(scope) for scope in SweepScope]

    assert found == [0, 0, 0]


async def test_event_that_comes_after_the_sweep_is_a_duplicate(
    deployment: Deployment, acme: Customer
) -> None:
    ref = await put(acme, "chat/a.jsonl")
    await written_long_ago(deployment)
    await deployment.reconcile(SweepScope.FOREIGN)

    assert await deployment.accept_event(ref) is Acceptance.DUPLICATE


async def test_each_scope_looks_at_its_own(deployment: Deployment, acme: Customer) -> None:
    await written_long_ago(deployment)
    now = deployment.clock.now()
    recent = object_key(prefix="", instance="one", ulid="01x", at=now)
    late = object_key(prefix="", instance="one", ulid="01x", at=now - timedelta(days=2))
    old = object_key(prefix="", instance="one", ulid="01x", at=now - timedelta(days=5))
    anchor = "audit/v1/anchors/dt=2026-11-24/one-01x.json"
    for key in (recent, late, old, anchor, "before.jsonl", "chat/a.jsonl", "zz.txt", "picture.png"):
        await put(acme, key)

    await deployment.reconcile(SweepScope.RECENT)
    first = await queued(deployment)
    await deployment.reconcile(SweepScope.FOREIGN)
    second = await queued(deployment)
    await deployment.reconcile(SweepScope.ALL)

    assert first == [recent]
    assert second == sorted([recent, late, "before.jsonl", "chat/a.jsonl", "zz.txt"])
    assert await queued(deployment) == sorted([*second, old])


async def test_late_objects_are_those_that_were_written_just_now(
    deployment: Deployment, acme: Customer
) -> None:
    """The others had their sweeps; looking at all of them again would cost more every hour."""
    await written_long_ago(deployment)
    deployment.clock.advance(4 * 3600)
    at = deployment.clock.now() - timedelta(hours=5)
    await put(acme, object_key(prefix="", instance="one", ulid="01x", at=at))

    assert await deployment.reconcile(SweepScope.FOREIGN) == 0
    assert await deployment.reconcile(SweepScope.ALL) == 1


async def test_young_objects_may_still_be_announced(deployment: Deployment, acme: Customer) -> None:
    await written_long_ago(deployment)
    deployment.clock.advance(-120)
    await put(acme, "chat/a.jsonl")

    assert await deployment.reconcile(SweepScope.ALL) == 0


async def test_objects_whose_jobs_may_be_forgotten_are_left_alone(
    deployment: Deployment, acme: Customer
) -> None:
    await put(acme, "chat/a.jsonl")
    await written_long_ago(deployment)
    deployment.clock.advance(29 * 24 * 3600)

    assert await deployment.reconcile(SweepScope.ALL) == 0


async def test_storage_of_one_tenant_that_is_away_hides_no_others(
    deployment: Deployment, acme: Customer
) -> None:
    globex = await deployment.customer("globex")
    await put(globex, "chat/a.jsonl")
    await written_long_ago(deployment)
    storages = deployment.storages

    class Away(FusedStorages):
        def of(self, settings: object) -> object:  # type: ignore[override]
            if settings == acme.tenant.storage:
                raise Unavailable("storage")
            return storages.of(settings)  # type: ignore[arg-type]

    deployment.storages = Away(storages)
    with pytest.raises(Unavailable):
        await deployment.reconcile(SweepScope.ALL)

    assert await queued(deployment) == ["chat/a.jsonl"]


async def test_full_queue_ends_the_sweep_and_the_next_one_goes_on(
    deployment: Deployment, acme: Customer
) -> None:
    for number in range(5):
        await put(acme, f"chat/{number}.jsonl")
    await written_long_ago(deployment)
    deployment.queue = deployment.store.job_queue(capacity=3, retry=RETRY)

    with pytest.raises(Unavailable):
        await deployment.reconcile(SweepScope.ALL)
    await deployment.analyse_all()
    rest = await deployment.reconcile(SweepScope.ALL)

    assert (len(await queued(deployment)), rest) == (5, 2)


async def test_replay_analyses_again_and_doubles_nothing(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat(f"card {CARD}", model="scripted")
    ref = await put(acme, "chat/a.jsonl", f"{INSULT} {CARD}")
    await deployment.accept_event(ref)
    await deployment.settle()
    before = await acme.violations()
    events = await deployment.store.outbox.pending()

    replayed = await deployment.replay(ReplayCommand(slug=Slug("acme")))
    await deployment.analyse_all()

    assert (replayed.queued, replayed.continue_after) == (2, None)
    assert await acme.violations() == before
    assert await deployment.store.outbox.pending() == events
    assert [job.state for job in await deployment.store.job_records.all()] == [JobState.DONE] * 4


async def test_replay_finds_what_a_better_detector_sees(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.detectors = [KeywordDetector({})]
    await deployment.accept_event(await put(acme, "chat/a.jsonl"))
    await deployment.analyse_all()

    deployment.detectors = [KeywordDetector()]
    await deployment.replay(ReplayCommand(slug=Slug("acme"), prefix="chat/"))
    await deployment.analyse_all()

    assert [one.type for one in await acme.violations()] == ["CREDIT_CARD"]


async def test_replay_takes_what_it_is_asked_for(deployment: Deployment, acme: Customer) -> None:
    early = object_key(prefix="", instance="one", ulid="01x", at=START - timedelta(days=1))
    late = object_key(prefix="", instance="one", ulid="01x", at=START)
    for key in (early, late, "chat/a.jsonl", "picture.png"):
        await put(acme, key)

    async def keys(**asked: object) -> list[str]:
        before = {job.id for job in await deployment.store.job_records.all()}
        await deployment.replay(ReplayCommand(slug=Slug("acme"), **asked))  # type: ignore[arg-type]
        jobs = await deployment.store.job_records.all()
        return sorted(job.object.key for job in jobs if job.id not in before)

    assert await keys(prefix="chat/") == ["chat/a.jsonl"]
    assert await keys(prefix="audit/", since=START - timedelta(minutes=30)) == [late]
    assert await keys(prefix="audit/", until=START - timedelta(hours=2)) == [early]
    assert await keys(after=early) == [late, "chat/a.jsonl"]
    assert await keys() == [early, late, "chat/a.jsonl"]


async def test_replay_takes_what_a_policy_version_judged(
    deployment: Deployment, acme: Customer
) -> None:
    await written_long_ago(deployment)
    await acme.chat("under the starter policy", model="scripted")
    await deployment.ship()
    first = await acme.add_policy(Policy(name="first"))
    deployment.clock.advance(60)
    await acme.chat("under the first", model="scripted")
    await deployment.ship()
    await put(acme, "chat/a.jsonl")
    second = await acme.add_policy(Policy(name="second"))
    deployment.clock.advance(60)
    await acme.chat("under the second", model="scripted")
    await deployment.ship()
    await put(acme, "chat/broken.jsonl.gz", "")
    starter_key, first_key, second_key = [item.key for item in await acme.objects()]

    async def keys(policy: str) -> set[str]:
        before = {job.id for job in await deployment.store.job_records.all()}
        await deployment.replay(ReplayCommand(slug=Slug("acme"), policy=policy))
        jobs = await deployment.store.job_records.all()
        return {job.object.key for job in jobs if job.id not in before}

    assert await keys("pol_starter@0") == {starter_key}
    assert first_key in await keys(first)
    assert second_key in await keys(second)
    assert not {starter_key, first_key} & await keys(second)


@pytest.mark.parametrize("policy", ["", "pol_x", "@3", "pol_x@three"])
async def test_replay_of_what_is_no_policy_version_is_refused(
    deployment: Deployment, acme: Customer, policy: str
) -> None:
    with pytest.raises(InvalidValue, match="version"):
        await deployment.replay(ReplayCommand(slug=Slug("acme"), policy=policy))


async def test_replay_of_an_unknown_policy_version_is_refused(
    deployment: Deployment, acme: Customer
) -> None:
    with pytest.raises(NotFound):
        await deployment.replay(ReplayCommand(slug=Slug("acme"), policy="pol_" + "0" * 26 + "@1"))


async def test_replay_says_where_to_go_on_when_the_queue_is_full(
    deployment: Deployment, acme: Customer
) -> None:
    for number in range(5):
        await put(acme, f"chat/{number}.jsonl")
    deployment.queue = deployment.store.job_queue(capacity=3, retry=RETRY)

    first = await deployment.replay(ReplayCommand(slug=Slug("acme")))
    await deployment.analyse_all()
    assert first.continue_after is not None
    second = await deployment.replay(ReplayCommand(slug=Slug("acme"), after=first.continue_after))

    assert (first.queued, first.continue_after) == (3, "chat/2.jsonl")
    assert (second.queued, second.continue_after) == (2, None)


async def test_replay_of_an_unknown_tenant_is_refused(deployment: Deployment) -> None:
    with pytest.raises(NotFound):
        await deployment.replay(ReplayCommand(slug=Slug("nobody")))
