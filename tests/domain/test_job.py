"""Jobs: one for each object, leases that fence, retries that end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.errors import Conflict, InvalidValue, Refused
from domain.identifiers import TenantId
from domain.job import Failure, FailureKind, Job, JobState, ObjectRef, RetryPolicy
from tests.strategies import instants, jobs, object_refs, retry_policies

START = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(minutes=5)


@given(object_refs(), object_refs())
def test_two_objects_have_one_job_only_if_they_are_the_same(
    one: ObjectRef, other: ObjectRef
) -> None:
    assert (one.job_id == other.job_id) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("b", "k\nr", ""), ("b", "k", "r\n")),
        (("b\nk", "x", "y"), ("b", "k\nx", "y")),
        (("b", "k", "r"), ("b", "k", "R")),
    ],
)
def test_line_breaks_and_case_in_names_make_no_two_objects_one(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    refs = [ObjectRef(provider="S3", bucket=b, key=k, revision=r) for b, k, r in (one, other)]

    assert refs[0].job_id != refs[1].job_id


def test_a_key_with_half_a_surrogate_pair_has_a_job() -> None:
    assert ObjectRef(provider="S3", bucket="b", key="\ud800").job_id.startswith("job_")


@pytest.mark.parametrize(("bucket", "key"), [("", "k"), ("b", "")])
def test_an_object_without_bucket_or_key_is_refused(bucket: str, key: str) -> None:
    with pytest.raises(InvalidValue):
        ObjectRef(provider="S3", bucket=bucket, key=key)


@given(object_refs(), instants())
def test_a_new_job_is_available_at_once(ref: ObjectRef, at: datetime) -> None:
    job = Job.accept(tenant_id=TenantId("ten_1"), ref=ref, source="event", at=at)

    assert (job.id, job.state, job.attempts) == (ref.job_id, JobState.NEW, 0)
    assert job.is_available(at)


@given(jobs())
def test_a_job_has_a_lease_exactly_while_it_is_leased(job: Job) -> None:
    is_leased = job.state is JobState.LEASED

    assert (job.lease is not None) == is_leased
    assert (job.lease_until is not None) == is_leased
    assert (job.finished_at is not None) == (job.state not in {JobState.NEW, JobState.LEASED})


@given(retry_policies(), st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_delay_never_leaves_its_bounds(retry: RetryPolicy, attempts: int, draw: float) -> None:
    assert timedelta(0) <= retry.delay(attempts, draw) <= retry.limit


@given(retry_policies(), st.integers(0, 50))
def test_delays_grow_with_attempts(retry: RetryPolicy, attempts: int) -> None:
    assert retry.delay(attempts, 0.5) <= retry.delay(attempts + 1, 0.5)


@given(retry_policies(), st.timedeltas(timedelta(0), timedelta(days=1)), st.floats(0, 1))
def test_delay_after_transient_failures_never_leaves_its_bounds(
    retry: RetryPolicy, stalled: timedelta, draw: float
) -> None:
    assert timedelta(0) <= retry.stalled_delay(stalled, draw) <= retry.limit


def test_even_a_base_of_days_has_a_delay() -> None:
    retry = RetryPolicy(base=timedelta(days=10), limit=timedelta(days=30))

    assert retry.delay(40, 0.5) == timedelta(days=15)


@given(jobs(), instants())
def test_giving_a_job_back_leaves_no_trace(job: Job, at: datetime) -> None:
    assume(job.is_available(at) and job.state is JobState.NEW)

    assert job.leased(token="t", at=at, duration=LEASE).released(token="t") == job


@given(jobs())
def test_only_a_dead_job_is_retried_and_begins_anew(job: Job) -> None:
    if job.state is not JobState.DEAD:
        with pytest.raises(Conflict) as refusal:
            job.retried()
        assert refusal.value.code == "job.not_dead"
        return

    again = job.retried()

    assert (again.state, again.attempts, again.finished_at) == (JobState.NEW, 0, None)
    assert again.is_available(job.created_at)


@given(jobs(), instants())
def test_only_a_dead_job_is_discarded_and_never_comes_back(job: Job, at: datetime) -> None:
    if job.state is not JobState.DEAD:
        with pytest.raises(Conflict) as refusal:
            job.discarded(at=at)
        assert refusal.value.code == "job.not_dead"
        return

    gone = job.discarded(at=at)

    assert (gone.state, gone.finished_at, gone.last_error) == (
        JobState.DISCARDED,
        at,
        job.last_error,
    )
    assert not gone.is_available(at + timedelta(days=1))
    with pytest.raises(Conflict):
        gone.retried()


@given(jobs(), instants())
def test_only_an_available_job_is_given_up(job: Job, at: datetime) -> None:
    if not job.is_available(at):
        with pytest.raises(Refused):
            job.given_up(at=at)
        return

    dead = job.given_up(at=at)

    assert (dead.state, dead.finished_at) == (JobState.DEAD, at)
    assert dead.last_error


def stalled_job(*, hours: float, retry: RetryPolicy) -> Job:
    """Return a job that met a transient failure every minute for so long."""
    ref = ObjectRef(provider="LOCAL", bucket="b", key="k")
    at = START
    job = Job.accept(tenant_id=TenantId("ten_1"), ref=ref, source="event", at=at)
    while at <= START + timedelta(hours=hours) and job.state is JobState.NEW:
        job = replace(job, not_before=None).leased(token="t", at=at, duration=LEASE)
        failure = Failure(
            reason="the model server is away",
            at=at,
            retry=retry,
            draw=0.5,
            kind=FailureKind.TRANSIENT,
        )
        job = job.failed(failure, token="t")
        at += timedelta(minutes=1)
    return job


def test_transient_failures_cost_no_try_while_patience_lasts() -> None:
    job = stalled_job(hours=0.9, retry=RetryPolicy(max_attempts=3))

    assert (job.state, job.attempts, job.stalled_since) == (JobState.NEW, 0, START)
    assert job.last_error == "the model server is away"


def test_transient_failures_count_once_patience_is_over() -> None:
    job = stalled_job(hours=2, retry=RetryPolicy(max_attempts=3))

    assert (job.state, job.attempts) == (JobState.DEAD, 3)
    assert job.finished_at == START + timedelta(hours=1, minutes=2)


def test_a_failure_of_its_own_ends_the_patience_with_a_job() -> None:
    retry = RetryPolicy(max_attempts=3)
    job = replace(stalled_job(hours=0.5, retry=retry), not_before=None)
    at = START + timedelta(minutes=50)

    failure = Failure(reason="odd", at=at, retry=retry, draw=0.5)
    failed = job.leased(token="t", at=at, duration=LEASE).failed(failure, token="t")

    assert (failed.attempts, failed.stalled_since) == (1, None)


class LeasesAgainstModel(RuleBasedStateMachine):
    """Workers that lease, die, finish, fail and come late; one job.

    The model keeps the one token that may finish the job, until when, and the tries so far.
    """

    retry = RetryPolicy(
        max_attempts=3,
        base=timedelta(seconds=10),
        limit=timedelta(minutes=1),
        patience=timedelta(minutes=10),
    )

    def __init__(self) -> None:
        super().__init__()
        ref = ObjectRef(provider="LOCAL", bucket="b", key="k")
        self.now = START
        self.job = Job.accept(tenant_id=TenantId("ten_1"), ref=ref, source="event", at=self.now)
        self.tokens: list[str] = []
        self.holder: str | None = None
        self.held_until = self.waits_until = START
        self.tries = 0
        self.end: JobState | None = None
        self.stalled_since: datetime | None = None

    @rule(seconds=st.integers(1, 400))
    def let_time_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def lease(self) -> None:
        token = f"lease-{len(self.tokens)}"
        held = self.holder is not None and self.now < self.held_until
        waits = self.holder is None and self.now < self.waits_until
        if self.end or held or waits:
            with pytest.raises(Refused) as refusal:
                self.job.leased(token=token, at=self.now, duration=LEASE)
            assert refusal.value.code == "job.not_available"
            return
        self.job = self.job.leased(token=token, at=self.now, duration=LEASE)
        self.tokens.append(token)
        self.holder, self.held_until = token, self.now + LEASE
        self.tries += 1

    @precondition(lambda self: self.tokens)
    @rule(
        choice=st.integers(0, 9),
        how=st.sampled_from(("done", "failed", "final", "stalled", "released")),
    )
    def report(self, choice: int, how: str) -> None:
        token = self.tokens[-1 - choice % len(self.tokens)]
        if token != self.holder:
            with pytest.raises(Refused) as refusal:
                self.reported(token, how)
            assert refusal.value.code == "job.lease_lost"
            return
        self.job = self.reported(token, how)
        self.holder = None
        since, self.stalled_since = self.stalled_since, None
        if how == "done":
            self.end = JobState.DONE
        elif how == "stalled" and self.now - (since or self.now) < self.retry.patience:
            self.stalled_since = since or self.now
            self.waits_until = self.now + self.retry.stalled_delay(
                self.now - self.stalled_since, 0.5
            )
            self.tries -= 1
        elif how == "final" or (
            how in {"failed", "stalled"} and self.tries >= self.retry.max_attempts
        ):
            self.end = JobState.DEAD
        elif how in {"failed", "stalled"}:
            self.stalled_since = since if how == "stalled" else None
            self.waits_until = self.now + self.retry.delay(self.tries, 0.5)
        else:
            self.stalled_since = since
            self.tries -= 1

    def reported(self, token: str, how: str) -> Job:
        if how == "done":
            return self.job.done(token=token, at=self.now)
        if how == "released":
            return self.job.released(token=token)
        failure = Failure(
            reason="the model server is away",
            at=self.now,
            retry=self.retry,
            draw=0.5,
            kind={"final": FailureKind.FINAL, "stalled": FailureKind.TRANSIENT}.get(
                how, FailureKind.COUNTED
            ),
        )
        return self.job.failed(failure, token=token)

    @precondition(lambda self: self.end is JobState.DEAD)
    @rule()
    def retry_the_dead(self) -> None:
        self.job = self.job.retried()
        self.end, self.tries, self.waits_until = None, 0, self.now
        self.stalled_since = None

    @invariant()
    def the_job_stands_where_the_model_does(self) -> None:
        open_state = JobState.NEW if self.holder is None else JobState.LEASED

        assert self.job.state is (self.end or open_state)
        assert self.job.attempts == self.tries
        assert self.job.lease == self.holder
        assert self.end is JobState.DONE or self.job.stalled_since == self.stalled_since

    @invariant()
    def a_finished_job_is_never_available(self) -> None:
        assert not (self.end and self.job.is_available(self.now + timedelta(days=1)))


TestLeasesAgainstModel = LeasesAgainstModel.TestCase
TestLeasesAgainstModel.settings = settings(max_examples=60, stateful_step_count=30)


def test_a_finished_job_forgets_its_last_error() -> None:
    ref = ObjectRef(provider="LOCAL", bucket="b", key="k")
    job = Job.accept(tenant_id=TenantId("ten_1"), ref=ref, source="event", at=START)
    failed = replace(job, last_error="the model server is away")

    done = failed.leased(token="t", at=START, duration=LEASE).done(token="t", at=START)

    assert (done.last_error, done.finished_at) == (None, START)
