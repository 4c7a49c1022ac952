"""Analysis jobs: one for each stored object, at least once, under a lease."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.audit import canonical
from domain.errors import Conflict, InvalidValue, Refused
from domain.identifiers import JobId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef:
    """One version of one stored object.

    `revision` is whatever the store calls a version (version id, etag, generation); empty where
    objects are written once.
    """

    provider: str
    bucket: str
    key: str
    revision: str = ""

    def __post_init__(self) -> None:
        if not self.bucket or not self.key:
            raise InvalidValue("an object has a bucket and a key", field="object")

    @property
    def job_id(self) -> JobId:
        """Return the id of the job for this object: the same event twice is the same job."""
        name = canonical([self.provider, self.bucket, self.key, self.revision])
        return JobId("job_" + hashlib.sha256(name).hexdigest()[:32])


_MAX_DOUBLINGS = 30


class JobState(StrEnum):
    """Where a job stands; `dead` waits for a person, `discarded` is what a person gave up."""

    NEW = "new"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    DISCARDED = "discarded"


class FailureKind(StrEnum):
    """What a failure says about the job.

    `final`: no try can succeed. `counted`: one try less. `transient`: something around the job was
    away, which says nothing about the job itself and costs no try as long as patience lasts.
    """

    FINAL = "final"
    COUNTED = "counted"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential back-off with full jitter; a job is dead after `max_attempts` leases.

    `patience` is how long a job may meet nothing but transient failures before they count.
    """

    max_attempts: int = 5
    base: timedelta = timedelta(seconds=1)
    limit: timedelta = timedelta(minutes=5)
    patience: timedelta = timedelta(hours=1)

    def delay(self, attempts: int, draw: float) -> timedelta:
        """Return how long to wait after this many attempts; `draw` is uniform in [0, 1)."""
        seconds = self.base.total_seconds() * 2.0 ** min(attempts, _MAX_DOUBLINGS)
        return timedelta(seconds=min(self.limit.total_seconds(), seconds) * draw)

    def stalled_delay(self, stalled: timedelta, draw: float) -> timedelta:
        """Return how long to wait after transient failures over a time: about as long again."""
        return min(self.limit, 2 * self.base + stalled) * draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a try ended, and by which policy the next one is put off; `draw` is uniform in [0, 1)."""

    reason: str
    at: datetime
    retry: RetryPolicy
    draw: float
    kind: FailureKind = FailureKind.COUNTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One object to analyse.

    Attempts count at lease time, so that an input which kills its worker dies as well. `lease` is
    the fencing token: only the holder of the current one may finish the job. `stalled_since` is
    the first of the transient failures that were the last thing to happen to it.
    `pending_detectors` did not answer yet for all of an object that was read to its end. `note`
    says what is wrong with the object itself, in numbers and never with its text.
    """

    id: JobId
    tenant_id: TenantId
    object: ObjectRef
    source: str
    created_at: datetime
    state: JobState = JobState.NEW
    attempts: int = 0
    not_before: datetime | None = None
    lease: str | None = None
    lease_until: datetime | None = None
    last_error: str | None = None
    finished_at: datetime | None = None
    stalled_since: datetime | None = None
    pending_detectors: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def accept(cls, *, tenant_id: TenantId, ref: ObjectRef, source: str, at: datetime) -> "Job":
        """Return a new job for an object; `source` is `event`, `sweep` or `replay`."""
        return cls(id=ref.job_id, tenant_id=tenant_id, object=ref, source=source, created_at=at)

    def is_available(self, at: datetime) -> bool:
        """Tell whether a worker may lease the job now."""
        if self.state is JobState.NEW:
            return self.not_before is None or self.not_before <= at
        return self.state is JobState.LEASED and (
            self.lease_until is not None and self.lease_until <= at
        )

    def leased(self, *, token: str, at: datetime, duration: timedelta) -> "Job":
        """Return the job under a lease."""
        if not self.is_available(at):
            raise Refused("this job is not available", code="job.not_available")
        return replace(
            self,
            state=JobState.LEASED,
            attempts=self.attempts + 1,
            lease=token,
            lease_until=at + duration,
        )

    def leased_or_dead(
        self, *, token: str, at: datetime, duration: timedelta, max_attempts: int
    ) -> "Job":
        """Return the job under a lease, or dead where its workers used all attempts up."""
        if self.attempts >= max_attempts:
            return self.given_up(at=at)
        return self.leased(token=token, at=at, duration=duration)

    def noted(self, *, token: str, pending_detectors: Iterable[str], note: str) -> "Job":
        """Return the job with what its holder knows of it so far."""
        self._require_lease(token)
        return replace(self, pending_detectors=tuple(sorted(pending_detectors)), note=note)

    def done(self, *, token: str, at: datetime) -> "Job":
        """Return the job finished by the holder of the lease."""
        self._require_lease(token)
        return replace(
            self,
            state=JobState.DONE,
            lease=None,
            lease_until=None,
            finished_at=at,
            last_error=None,
            stalled_since=None,
            pending_detectors=(),
        )

    def failed(self, failure: Failure, *, token: str) -> "Job":
        """Return the job waiting for its next try, or dead when the failure ends it."""
        self._require_lease(token)
        at, retry = failure.at, failure.retry
        is_transient = failure.kind is FailureKind.TRANSIENT
        if is_transient:
            since = self.stalled_since or at
            if at - since < retry.patience:
                return replace(
                    self,
                    state=JobState.NEW,
                    attempts=self.attempts - 1,
                    lease=None,
                    lease_until=None,
                    last_error=failure.reason,
                    not_before=at + retry.stalled_delay(at - since, failure.draw),
                    stalled_since=since,
                )
        is_dead = failure.kind is FailureKind.FINAL or self.attempts >= retry.max_attempts
        return replace(
            self,
            state=JobState.DEAD if is_dead else JobState.NEW,
            lease=None,
            lease_until=None,
            last_error=failure.reason,
            not_before=None if is_dead else at + retry.delay(self.attempts, failure.draw),
            finished_at=at if is_dead else None,
            stalled_since=self.stalled_since if is_transient else None,
        )

    def given_up(self, *, at: datetime) -> "Job":
        """Return the job dead after the last of its workers went away without a word."""
        if not self.is_available(at):
            raise Refused("this job is not available", code="job.not_available")
        return replace(
            self,
            state=JobState.DEAD,
            lease=None,
            lease_until=None,
            not_before=None,
            finished_at=at,
            last_error=self.last_error or "every worker that took it went away",
        )

    def released(self, *, token: str) -> "Job":
        """Return the job given back untouched, as a worker that shuts down does: no try counted."""
        self._require_lease(token)
        return replace(
            self,
            state=JobState.NEW,
            attempts=self.attempts - 1,
            lease=None,
            lease_until=None,
        )

    def retried(self) -> "Job":
        """Return a dead job as a new one."""
        self._require_dead()
        return replace(
            self,
            state=JobState.NEW,
            attempts=0,
            not_before=None,
            finished_at=None,
            stalled_since=None,
        )

    def discarded(self, *, at: datetime) -> "Job":
        """Return a dead job that a person gave up; its object does not become a job again."""
        self._require_dead()
        return replace(self, state=JobState.DISCARDED, finished_at=at)

    def _require_dead(self) -> None:
        if self.state is not JobState.DEAD:
            raise Conflict("this job is not among the dead letters", code="job.not_dead")

    def _require_lease(self, token: str) -> None:
        if self.state is not JobState.LEASED or self.lease != token:
            raise lease_lost()


def lease_lost() -> Refused:
    """Return the refusal of who is not, or no longer, the holder of a job."""
    return Refused("the lease of this job was lost", code="job.lease_lost")
