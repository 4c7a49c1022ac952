"""The counts that are kept beside the jobs are those that counting them gives."""

import sqlite3
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.sqlite.migrations import migrate, shipped_migrations
from domain.job import JobState

STATES = st.sampled_from(JobState).map(str)
_BEFORE_COUNTS = 3


def add(raw: sqlite3.Connection, number: int, state: str) -> None:
    raw.execute(
        "INSERT INTO jobs (id, tenant_id, object, source, created_at, state, attempts) "
        "VALUES (?, 'ten_1', '{}', 'event', '', ?, 0)",
        (f"job_{number}", state),
    )


def kept(raw: sqlite3.Connection) -> dict[str, int]:
    return {state: n for state, n in raw.execute("SELECT state, count FROM job_counts") if n}


@pytest.fixture
def raw() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def test_jobs_of_an_older_database_are_counted(raw: sqlite3.Connection) -> None:
    migrate(raw, shipped_migrations()[:_BEFORE_COUNTS])
    for number, state in enumerate(("new", "new", "dead")):
        add(raw, number, state)

    migrate(raw, shipped_migrations())

    assert kept(raw) == {"new": 2, "dead": 1}


class Counts(RuleBasedStateMachine):
    """Jobs that come, move and go, in transactions some of which are rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.raw = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.raw, shipped_migrations())
        self.jobs: dict[int, str] = {}
        self.next = 0

    @rule(state=STATES)
    def add(self, state: str) -> None:
        add(self.raw, self.next, state)
        self.jobs[self.next] = state
        self.next += 1

    @precondition(lambda self: self.jobs)
    @rule(choice=st.integers(0, 99), state=STATES)
    def move(self, choice: int, state: str) -> None:
        number = sorted(self.jobs)[choice % len(self.jobs)]
        self.raw.execute("UPDATE jobs SET state = ? WHERE id = ?", (state, f"job_{number}"))
        self.jobs[number] = state

    @precondition(lambda self: self.jobs)
    @rule(choice=st.integers(0, 99))
    def remove(self, choice: int) -> None:
        number = sorted(self.jobs)[choice % len(self.jobs)]
        self.raw.execute("DELETE FROM jobs WHERE id = ?", (f"job_{number}",))
        del self.jobs[number]

    @rule(state=STATES)
    def add_and_roll_back(self, state: str) -> None:
        self.raw.execute("BEGIN")
        add(self.raw, self.next, state)
        self.raw.execute("ROLLBACK")

    @invariant()
    def counts_are_right(self) -> None:
        assert kept(self.raw) == dict(Counter(self.jobs.values()))

    def teardown(self) -> None:
        self.raw.close()


TestCounts = Counts.TestCase
TestCounts.settings = settings(max_examples=30, stateful_step_count=30)
