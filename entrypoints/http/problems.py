"""What a caller is told when something goes wrong: one table from errors to answers.

Management routes answer RFC 9457 problem details; the OpenAI-compatible ones OpenAI's error
object, so that its SDKs raise their own exceptions.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from application.audit_objects import UnreadableObject
from application.gateway.relay import ContentBlocked
from application.platform.storage_probe import UnsoundStorage
from application.ports.limits import AdmissionRefused, Windows
from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from application.ports.object_storage import AccessDenied
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
from domain.rate_limit import LimitKind
from domain.subscription import NotInPlan, QuotaUsedUp

FORBIDDEN = 403
INTERNAL = 500


class BodyTooLarge(DomainError):
    """The request's body is larger than this server takes."""

    code = "body_too_large"


class AnswerTooLarge(DomainError):
    """The answer is larger than the platform lets through."""

    code = "answer_too_large"


class DeadlinePassed(DomainError):
    """There is no time left before the platform ends the request."""

    code = "deadline_passed"


STATUS: tuple[tuple[type[DomainError], int, str], ...] = (
    (ContentBlocked, 403, "Blocked by policy"),
    (AdmissionRefused, 429, "Too many requests"),
    (BodyTooLarge, 413, "Body too large"),
    (AnswerTooLarge, 502, "Answer too large"),
    (DeadlinePassed, 504, "Out of time"),
    (UpstreamRefused, 502, "Upstream refused"),
    (UpstreamUnavailable, 502, "Upstream unavailable"),
    (UnreadableObject, 422, "Unreadable object"),
    (AccessDenied, 502, "Storage refused"),
    (UnsoundStorage, 502, "Storage unsound"),
    (InvalidValue, 400, "Invalid request"),
    (Unauthenticated, 401, "Not authenticated"),
    (NotFound, 404, "Not found"),
    (Conflict, 409, "Conflict"),
    (LimitExceeded, 429, "Too many requests"),
    (NotInPlan, 402, "Not in the plan"),
    (Refused, 403, "Not allowed"),
    (Unavailable, 503, "Temporarily unavailable"),
)
"""The first type that fits decides."""

_OPENAI_TYPE = {
    400: "invalid_request_error",
    402: "insufficient_quota",
    401: "authentication_error",
    403: "permission_error",
    404: "invalid_request_error",
    409: "conflict_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
}
_BUDGETS = frozenset({LimitKind.BUDGET_DAY, LimitKind.BUDGET_MONTH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An error as it leaves: status, JSON body and headers beside the ordinary ones."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    code: str,
    instance: str,
    errors: list[dict[str, str]] | None = None,
) -> dict[str, object]:
    """Return problem details; `type` is a relative reference that names the code."""
    body: dict[str, object] = {
        "type": f"errors/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return body


def problem_answer(error: DomainError, *, instance: str) -> Answer:
    """Return the problem details of an error."""
    status, title = _status(error)
    errors = None
    if isinstance(error, InvalidValue) and error.field:
        errors = [{"field": error.field, "detail": error.message}]
    return Answer(
        status=status,
        body=problem(
            status, title, error.message, code=error.code, instance=instance, errors=errors
        ),
        headers=_headers(error),
    )


def openai_error(
    message: str, *, kind: str, code: str | None, param: str | None = None
) -> dict[str, object]:
    """Return OpenAI's error object."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def openai_answer(error: DomainError) -> Answer:
    """Return an error in OpenAI's shape; what an upstream said comes through as it said it."""
    status, _ = _status(error)
    if isinstance(error, UpstreamRefused):
        return _upstream_answer(error, error.status)
    if isinstance(error, UpstreamUnavailable):
        return _upstream_answer(error, error.answer_status)
    if isinstance(error, ContentBlocked):
        body = openai_error(
            error.message,
            kind="policy_violation",
            code=error.code,
            param=", ".join(error.rules),
        )
        return Answer(status=status, body=body, headers={"x-trueport-decision": "block"})
    kind = _OPENAI_TYPE.get(status, "api_error")
    param = error.field or None if isinstance(error, InvalidValue) else None
    code = error.code
    if isinstance(error, QuotaUsedUp) or (
        isinstance(error, AdmissionRefused) and error.kind in _BUDGETS
    ):
        kind, code = "insufficient_quota", "insufficient_quota"
    elif status == 401:  # noqa: PLR2004 - the code that OpenAI's clients look for
        code = "invalid_api_key"
    return Answer(
        status=status,
        body=openai_error(error.message, kind=kind, code=code, param=param),
        headers=_headers(error),
    )


def _upstream_answer(error: UpstreamRefused | UpstreamUnavailable, status: int) -> Answer:
    body = error.body
    if body is None:
        body = openai_error(error.message, kind="upstream_error", code=error.code)
    return Answer(status=status, body=body, headers=_retry_after(error.retry_after))


def _status(error: DomainError) -> tuple[int, str]:
    for kind, status, title in STATUS:
        if isinstance(error, kind):
            return status, title
    return INTERNAL, "Internal error"


def _headers(error: DomainError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        # RFC 6750 section 3: a token that was given and refused is named as the reason.
        is_given = error.code in ("token.invalid", "token.expired", "token.ended")
        headers["www-authenticate"] = 'Bearer error="invalid_token"' if is_given else "Bearer"
    if isinstance(error, LimitExceeded | Unavailable):
        headers |= _retry_after(error.retry_after)
    if isinstance(error, AdmissionRefused):
        headers |= limit_headers(error.windows)
    return headers


def _retry_after(seconds: float | None) -> dict[str, str]:
    if seconds is None or not math.isfinite(seconds):
        return {}
    return {"retry-after": str(max(1, math.ceil(seconds)))}


def limit_headers(windows: Windows) -> dict[str, str]:
    """Return `x-ratelimit-*` as OpenAI names them: limit, remaining, reset (seconds)."""
    headers: dict[str, str] = {}
    for kind in (LimitKind.REQUESTS, LimitKind.TOKENS):
        window = windows.get(kind)
        if window is not None:
            headers[f"x-ratelimit-limit-{kind.value}"] = str(window.limit)
            headers[f"x-ratelimit-remaining-{kind.value}"] = str(window.remaining)
            headers[f"x-ratelimit-reset-{kind.value}"] = f"{window.reset:.3f}s"
    return headers
