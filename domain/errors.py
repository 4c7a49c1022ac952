"""The errors that a caller can decide upon, each with a stable code and a message safe to show."""


class DomainError(Exception):
    """Say what is wrong in words that anybody may see: no secret, no prompt, no driver text."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidValue(DomainError):
    """A value breaks a rule of its type; `field` names where it stood, as a dotted path."""

    code = "invalid_value"

    def __init__(self, message: str, *, field: str = "", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotFound(DomainError):
    """Nothing with this id exists for this tenant (also the answer across tenants)."""

    code = "not_found"


class Conflict(DomainError):
    """The request contradicts what already exists, such as a name that is taken."""

    code = "conflict"


class ConcurrentUpdate(Conflict):
    """Somebody else changed the aggregate since it was read: read again, decide again."""

    code = "concurrent_update"


class Refused(DomainError):
    """The caller may not do this, or the state of the aggregate forbids it."""

    code = "refused"


class Unauthenticated(DomainError):
    """No valid proof of who is calling."""

    code = "unauthenticated"


class LimitExceeded(DomainError):
    """A limit is used up; `retry_after` is in seconds from now."""

    code = "limit_exceeded"

    def __init__(self, message: str, *, retry_after: float, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A service behind a port did not answer in time or not as it should; `service` names it."""

    code = "unavailable"

    def __init__(
        self,
        service: str,
        message: str | None = None,
        *,
        retry_after: float | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message or f"{service} is not available", code=code)
        self.service = service
        self.retry_after = retry_after
