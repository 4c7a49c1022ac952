"""How a Triton server can fail, for callers and among the parts of the client."""

from domain.errors import Unavailable

SERVICE = "triton"


class TritonUnavailable(Unavailable):
    """No Triton server answered in time and as it should."""

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(SERVICE, message, retry_after=retry_after)


class ModelMismatch(TritonUnavailable):
    """A server has a model of this name that is not the one that is expected."""


class TransportError(Exception):
    """What became of one request to one server; `reason` is a label of metrics."""

    reason = "failed"


class ServerAway(TransportError):
    """The server cannot be reached, or broke off: ask another one, later this one again."""

    reason = "away"


class ServerBusy(TransportError):
    """The server's queue is full: ask another one, or come again."""

    reason = "busy"


class ModelMissing(TransportError):
    """The server has no such model, or not yet."""

    reason = "missing"


class RequestFailed(TransportError):
    """The server failed over this request, which may pass at another try."""

    reason = "failed"


class RequestRefused(TransportError):
    """The server will not take this request, however often it comes."""

    reason = "refused"
