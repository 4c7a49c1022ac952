"""Which stored objects are logs that the analytics engine reads, and when they were written."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.audit import instance_of
from domain.identifiers import made_at
from domain.job import ObjectRef

HOUR = timedelta(hours=1)

_NAMES = (".jsonl", ".json", ".log", ".txt")
_ENDINGS = tuple(name + packed for name in _NAMES for packed in ("", ".gz"))
_ANCHORS = "audit/v1/anchors/"
_HOUR = re.compile(r"audit/v1/dt=(\d{4})-(\d\d)-(\d\d)/hr=(\d\d)/", re.ASCII)
_WRITTEN_ONCE = frozenset({"LOCAL"})


def is_log(key: str) -> bool:
    """Tell whether an object is a log, by its name: whatever a tenant keeps beside its audit log.

    Anchors of the audit log are none: they hold no text.
    """
    return key.lower().endswith(_ENDINGS) and _ANCHORS not in key


def as_one_job(ref: ObjectRef) -> ObjectRef:
    """Return the reference under which an object becomes a job, whoever tells of it.

    Audit objects, and all objects of local storage, are written once: whatever tells of one, with
    its version or without, means the same. Of other objects every version is a job of its own.
    """
    is_once = ref.provider in _WRITTEN_ONCE or instance_of(ref.key) is not None
    return replace(ref, revision="") if is_once else ref


def audit_hour(prefix: str, at: datetime) -> str:
    """Return what the keys of audit objects begin with whose first record is of this hour."""
    return f"{prefix}audit/v1/dt={at.astimezone(UTC):%Y-%m-%d/hr=%H}/"


def audit_day(prefix: str, day: date) -> str:
    """Return what the keys of audit objects begin with whose first record is of this day."""
    return f"{prefix}audit/v1/dt={day:%Y-%m-%d}/"


def opened_at(key: str) -> datetime | None:
    """Return when an audit object got its first record, as its key says; None for any other key."""
    if instance_of(key) is None:
        return None
    return made_at(key.removesuffix(".jsonl.gz").rpartition("-")[2])


def place_in_time(key: str) -> tuple[str, str, str]:
    """Return the key by which audit objects, of whatever instance, are in order of their time."""
    folder, _, name = key.rpartition("/")
    return folder, name.removesuffix(".jsonl.gz").rpartition("-")[2], key


def hour_of(key: str) -> datetime | None:
    """Return the hour that an audit object began in, as its key says; None for any other key."""
    found = None if instance_of(key) is None else _HOUR.search(key)
    if found is None:
        return None
    try:
        year, month, day, hour = (int(part) for part in found.groups())
        return datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:
        return None
