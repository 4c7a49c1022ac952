"""`trueport dead-letters`, and what `webhook` and `worker` refuse."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.job import Failure, FailureKind, JobState, RetryPolicy
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened
from tests.contract.samples import ACME, a_job
from tests.entrypoints.cli.conftest import CommandLine

IDS = [a_job(number).id for number in range(3)]


def container_of(trueport: CommandLine) -> Container:
    home = trueport.folder.parent / "home"
    return make_container(load_settings({"TRUEPORT_HOME": str(home)}))


@pytest.fixture
def letters(trueport: CommandLine) -> CommandLine:
    """A command line whose store holds three dead letters."""

    async def fill() -> None:
        container = container_of(trueport)
        async with opened(container):
            queue, at = container.stored_queue(), container.clock().now()
            for number in range(3):
                job = a_job(number, at=at + timedelta(seconds=number))
                await queue.put(job)
                await queue.lease_one(
                    job.id, token="t", at=at + timedelta(minutes=1), duration=timedelta(minutes=1)
                )
                failure = Failure(
                    reason="object.unreadable: this is no gzip",
                    at=at,
                    retry=RetryPolicy(),
                    draw=0.5,
                    kind=FailureKind.FINAL,
                )
                await queue.fail(ACME, job.id, failure, lease="t")

    asyncio.run(fill())
    return trueport


def states(trueport: CommandLine) -> Sequence[JobState]:
    async def read() -> Sequence[JobState]:
        container = container_of(trueport)
        async with opened(container):
            return [(await container.job_records().get(job_id)).state for job_id in IDS]

    return asyncio.run(read())


def test_dead_letters_are_listed_newest_first_with_their_reasons(letters: CommandLine) -> None:
    items = letters("dead-letters", "list", "--format", "json").json["items"]
    table = letters("dead-letters", "list", "--limit", "1")

    assert [item["id"] for item in items] == [IDS[2], IDS[1], IDS[0]]
    assert items[0]["last_error"] == "object.unreadable: this is no gzip"
    assert IDS[2] in table.out
    assert IDS[1] not in table.out


def test_dead_letter_is_shown(letters: CommandLine) -> None:
    shown = letters("dead-letters", "show", IDS[0], "--format", "json").json

    assert (shown["id"], shown["key"]) == (IDS[0], "audit/v1/0.jsonl.gz")


def test_named_dead_letters_are_retried(letters: CommandLine) -> None:
    ended = letters("dead-letters", "retry", IDS[0], IDS[2])

    assert (ended.status, ended.err) == (0, "2 jobs will be tried again\n")
    assert states(letters) == [JobState.NEW, JobState.DEAD, JobState.NEW]


def test_all_dead_letters_are_retried(letters: CommandLine) -> None:
    ended = letters("dead-letters", "retry", "--all")

    assert ended.err == "3 jobs will be tried again\n"
    assert states(letters) == [JobState.NEW] * 3


def test_dropped_dead_letters_are_discarded(letters: CommandLine) -> None:
    one = letters("dead-letters", "drop", IDS[1])
    rest = letters("dead-letters", "drop", "--all")
    none = letters("dead-letters", "list")

    assert [one.err, rest.err] == ["1 job dropped\n", "2 jobs dropped\n"]
    assert states(letters) == [JobState.DISCARDED] * 3
    assert none.err == "there is no dead letter\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["retry"], "name dead letters, or say --all"),
        (["drop", "--all", IDS[0]], "name dead letters, or say --all"),
        (["retry", "job_unknown"], "there is no such job"),
        (["show", "job_unknown"], "there is no such job"),
    ],
)
def test_wrong_word_ends_with_2_and_changes_nothing(
    letters: CommandLine, arguments: list[str], says: str
) -> None:
    ended = letters("dead-letters", *arguments)

    assert ended.status == 2
    assert says in ended.err
    assert states(letters) == [JobState.DEAD] * 3


def test_job_that_is_not_dead_is_no_dead_letter(letters: CommandLine) -> None:
    letters("dead-letters", "retry", IDS[0])

    shown = letters("dead-letters", "show", IDS[0])
    dropped = letters("dead-letters", "drop", IDS[0])

    assert (shown.status, dropped.status) == (2, 2)
    assert "no dead letter" in shown.err
    assert states(letters)[0] is JobState.NEW


@pytest.mark.parametrize("command", ["webhook", "worker"])
def test_no_worker_at_all_is_refused(trueport: CommandLine, command: str) -> None:
    ended = trueport(command, "--concurrency", "0")

    assert ended.status == 2
    assert "not in the range" in ended.err


@pytest.mark.parametrize("command", ["webhook", "worker"])
def test_address_that_is_no_redis_is_refused(
    trueport: CommandLine, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("REDIS_URL", "http://127.0.0.1:6379/secret")

    ended = trueport(command)

    assert ended.status == 2
    assert "REDIS_URL" in ended.err
    assert "secret" not in ended.err
