"""Logs as one JSON object a line."""

import io
import json
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telemetry.logging import MAX_LINE, JsonFormatter, configure
from domain.detection.taxonomy import Severity
from domain.errors import Unavailable
from tests import strategies

REQUEST: ContextVar[str | None] = ContextVar("request_id", default=None)
TENANT: ContextVar[str | None] = ContextVar("tenant_id", default=None)
SECRET = "matched text of a person"

log = logging.getLogger("tests.telemetry")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure(logging.INFO, stream, {"request_id": REQUEST, "tenant_id": TENANT})
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def exceptions(line: dict[str, object]) -> list[dict[str, object]]:
    """Return the exceptions of a line, each with the last place of its stack as `last`."""
    told = line["exception"]
    assert isinstance(told, list)
    return [{**one, "last": one["stack"][-1]} for one in told]


def test_event_is_one_line_with_its_extra(stream: io.StringIO) -> None:
    log.info("job done", extra={"job_id": "job_1", "seconds": 0.5, "kinds": ["pii"]})

    (line,) = lines(stream)
    time = datetime.fromisoformat(str(line.pop("time")))
    assert time.utcoffset() == timedelta(0)
    assert line == {
        "level": "info",
        "logger": "tests.telemetry",
        "message": "job done",
        "job_id": "job_1",
        "seconds": 0.5,
        "kinds": ["pii"],
    }


def test_context_of_the_request_is_added_unless_the_event_names_its_own(
    stream: io.StringIO,
) -> None:
    request, tenant = REQUEST.set("req_1"), TENANT.set("ten_1")
    log.info("first")
    log.info("second", extra={"tenant_id": "ten_2"})
    REQUEST.reset(request)
    TENANT.reset(tenant)
    log.info("third")

    first, second, third = lines(stream)
    assert (first["request_id"], first["tenant_id"]) == ("req_1", "ten_1")
    assert (second["request_id"], second["tenant_id"]) == ("req_1", "ten_2")
    assert "request_id" not in third


def test_second_configuration_replaces_the_first(stream: io.StringIO) -> None:
    second = io.StringIO()
    configure("WARNING", second)

    log.info("quiet")
    log.warning("loud")

    assert stream.getvalue() == ""
    assert [line["message"] for line in lines(second)] == ["loud"]


def test_clients_do_not_log_the_addresses_they_call(stream: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://example.org/?token=x")

    assert stream.getvalue() == ""


@given(
    message=st.text(st.characters(codec=None, exclude_categories=())),
    extra=strategies.json_values(),
)
def test_no_text_breaks_out_of_its_line(message: str, extra: object) -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "%s", (message,), None)
    record.__dict__["value"] = extra
    record.__dict__["text"] = message

    line = JsonFormatter().format(record)

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["text"] == message or len(message) > 500


@given(
    size=st.integers(0, 40_000),
    character=st.sampled_from(["x", "\n", "\x1b", "é", "\U0001f600", '"']),
    fields=st.integers(0, 60),
)
def test_no_line_is_longer_than_the_cap(size: int, character: str, fields: int) -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, character * size, (), None)
    record.__dict__ |= {f"field{number}": character * size for number in range(fields)}
    record.__dict__["request_id"] = "req_1"

    line = JsonFormatter().format(record)

    assert len(line) < MAX_LINE
    assert json.loads(line)["request_id"] == "req_1"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        (Severity.HIGH, "high"),
        (float("nan"), "nan"),
        (datetime(2026, 11, 24, tzinfo=UTC), "2026-11-24T00:00:00+00:00"),
        (timedelta(seconds=90), 90.0),
        (Path("/tmp/x"), "/tmp/x"),  # noqa: S108 (a path to print)
        (object(), "<object>"),
        (b"bytes", "<bytes>"),
        ({"a": {"b": {"c": {"d": {"e": 1}}}}}, {"a": {"b": {"c": {"d": "<dict>"}}}}),
        ((1, 2), [1, 2]),
        pytest.param(10**5000, "<int>", id="huge"),
    ],
)
def test_value_of_any_kind_is_told(stream: io.StringIO, value: object, told: object) -> None:
    log.info("event", extra={"value": value})

    (line,) = lines(stream)
    assert line["value"] == told


def test_exception_is_told_by_type_and_place_and_not_by_its_words(stream: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(SECRET)

    try:
        fail()
    except ValueError:
        log.exception("it failed")

    (line,) = lines(stream)
    (told,) = exceptions(line)
    assert told["type"] == "builtins.ValueError"
    assert str(told["last"]).endswith(" fail")
    assert SECRET not in stream.getvalue()


def test_words_of_a_domain_error_are_told_with_its_causes(stream: io.StringIO) -> None:
    def fail() -> None:
        try:
            (Path("/nowhere") / SECRET).read_text()
        except OSError as error:
            raise Unavailable("store", "the store is away") from error

    try:
        fail()
    except Unavailable:
        log.exception("it failed")

    (line,) = lines(stream)
    outer, cause = exceptions(line)
    assert outer["message"] == "the store is away"
    assert cause["type"] == "builtins.FileNotFoundError"
    assert SECRET not in stream.getvalue()


def test_wrong_arguments_are_left_out() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "one %s and %d", (SECRET,), None)

    line = JsonFormatter().format(record)

    assert json.loads(line)["message"] == "one %s and %d"
    assert SECRET not in line
