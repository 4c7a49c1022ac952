"""Which objects are logs, and under which reference they become jobs."""

from datetime import UTC, datetime

import pytest

from domain.audit import object_key
from domain.identifiers import encode_crockford
from domain.job import ObjectRef
from domain.log_objects import (
    as_one_job,
    audit_day,
    audit_hour,
    hour_of,
    is_log,
    opened_at,
    place_in_time,
)
from tests.fakes.clock import START

AUDIT = object_key(prefix="p/", instance="one", ulid="01x", at=START)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (AUDIT, True),
        ("chat/2026.jsonl", True),
        ("chat/2026.JSONL.GZ", True),
        ("AWSLogs/1/BedrockModelInvocationLogs/eu/2026/11/24/02/x.json.gz", True),
        ("app.log", True),
        ("app.log.gz", True),
        ("notes.txt", True),
        ("p/audit/v1/anchors/dt=2026-11-24/one-01x.json", False),
        ("picture.png", False),
        ("amazon-bedrock-logs-permission-check", False),
        ("json", False),
    ],
)
def test_names_say_what_is_a_log(key: str, *, expected: bool) -> None:
    assert is_log(key) is expected


def test_audit_objects_are_one_job_whatever_tells_of_them() -> None:
    told = ObjectRef(provider="S3", bucket="b", key=AUDIT, revision="etag")
    listed = ObjectRef(provider="S3", bucket="b", key=AUDIT)

    assert as_one_job(told) == as_one_job(listed) == listed


def test_every_version_of_another_object_is_a_job_of_its_own() -> None:
    first = ObjectRef(provider="S3", bucket="b", key="a.jsonl", revision="1")
    second = ObjectRef(provider="S3", bucket="b", key="a.jsonl", revision="2")

    assert as_one_job(first).job_id != as_one_job(second).job_id


def test_local_objects_are_written_once() -> None:
    told = ObjectRef(provider="LOCAL", bucket="b", key="a.jsonl")
    listed = ObjectRef(provider="LOCAL", bucket="b", key="a.jsonl", revision="inode")

    assert as_one_job(told).job_id == as_one_job(listed).job_id


def test_the_hour_of_an_audit_object_is_in_its_key() -> None:
    assert AUDIT.startswith(audit_hour("p/", START))
    assert hour_of(AUDIT) == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert hour_of("chat/dt=2026-11-24/hr=02/x.jsonl") is None
    assert hour_of("audit/v1/dt=2026-13-24/hr=02/one-01x.jsonl.gz") is None


def test_audit_objects_are_in_order_of_their_time_whoever_wrote_them() -> None:
    early, late = (encode_crockford(number, 26) for number in (5, 6))
    keys = [
        object_key(prefix="p/", instance=instance, ulid=ulid, at=START)
        for instance, ulid in (("zeta", early), ("alpha", late))
    ]

    assert sorted(keys, key=place_in_time) == keys
    assert all(key.startswith(audit_day("p/", START.date())) for key in keys)


def test_key_of_an_audit_object_tells_when_that_was_opened() -> None:
    milliseconds = int(START.timestamp() * 1000)
    ulid = encode_crockford(milliseconds << 80, 26)

    assert opened_at(object_key(prefix="", instance="one", ulid=ulid, at=START)) == START
    assert opened_at("chat/2026.jsonl") is None
    assert opened_at(AUDIT) is None
