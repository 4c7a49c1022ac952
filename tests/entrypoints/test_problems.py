"""Every error that callers can meet has an answer of its own."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import suppress

import pytest

import adapters
import application
import domain
import entrypoints.http
from application.ports.limits import Reservation, Window
from application.ports.model_provider import UpstreamUnavailable
from application.ports.notifications import Distrust
from domain.api_key import KeyLimits
from domain.errors import (
    Conflict,
    DomainError,
    InvalidValue,
    LimitExceeded,
    NotFound,
    Refused,
    Unauthenticated,
    Unavailable,
)
from domain.identifiers import KeyId, ViolationId
from domain.rate_limit import LimitKind
from domain.subscription import Plan
from entrypoints.http.problems import (
    INTERNAL,
    limit_headers,
    openai_answer,
    problem_answer,
)
from tests.fakes.clock import START


def every_error() -> list[type[DomainError]]:
    for package in (domain, application, adapters, entrypoints.http):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # The library of an extra may not be installed; no error is declared beside its use.
            with suppress(ModuleNotFoundError):
                importlib.import_module(module.name)
    return sorted(set(_below(DomainError)), key=lambda kind: kind.__qualname__)


def _below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


ASKED: Mapping[str, object] = {
    "message": "words",
    "service": "upstream",
    "upstream": "upstream",
    "rules": ("r1", "r2"),
    "violations": (ViolationId("vio_1"),),
    "request_id": "req_1",
    "reservation": Reservation(
        key_id=KeyId("key_1"), limits=KeyLimits(), tokens=0, cost_nano=0, at=START
    ),
    "waits": {LimitKind.REQUESTS: 1.5},
    "retry_after": 1.5,
    "windows": {},
    "status": 418,
    "body": None,
    "reason": Distrust.SIGNATURE,
    "limit": 10,
    "plan": Plan.FREE,
    "at": START,
}
"""What the constructors of errors ask for, by the names of their parameters."""


def an(kind: type[DomainError]) -> DomainError:
    """Return an error of a kind, with whatever its constructor insists on."""
    asked = {
        name: ASKED[name]
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.default is parameter.empty
    }
    return kind(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_has_a_status_of_its_own(kind: type[DomainError]) -> None:
    error = an(kind)

    problem = problem_answer(error, instance="/x")
    openai = openai_answer(error)

    assert problem.status != INTERNAL
    assert openai.status != INTERNAL
    assert problem.body["code"] == error.code
    assert problem.body["status"] == problem.status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidValue("words"), 400),
        (Unauthenticated("words"), 401),
        (Refused("words"), 403),
        (NotFound("words"), 404),
        (Conflict("words"), 409),
        (LimitExceeded("words", retry_after=1), 429),
        (Unavailable("store"), 503),
        (UpstreamUnavailable("up", "words"), 502),
    ],
)
def test_status_says_what_the_caller_can_do(error: DomainError, status: int) -> None:
    assert problem_answer(error, instance="/x").status == status


def test_field_of_a_wrong_value_is_named() -> None:
    answer = problem_answer(InvalidValue("too long", field="a.b"), instance="/x")

    assert answer.body["errors"] == [{"field": "a.b", "detail": "too long"}]
    assert openai_answer(InvalidValue("too long", field="a.b")).body["error"] == {
        "message": "too long",
        "type": "invalid_request_error",
        "param": "a.b",
        "code": "invalid_value",
    }


def test_waiting_time_is_whole_seconds_and_at_least_one() -> None:
    waits = [
        openai_answer(Unavailable("x", retry_after=seconds)).headers.get("retry-after")
        for seconds in (0.0, 0.2, 1.2, float("inf"), None)
    ]

    assert waits == ["1", "1", "2", None, None]


def test_windows_become_headers() -> None:
    windows = {
        LimitKind.REQUESTS: Window(limit=10, remaining=3, reset=1.25),
        LimitKind.BUDGET_DAY: Window(limit=1, remaining=0, reset=9),
    }

    assert limit_headers(windows) == {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "1.250s",
    }
