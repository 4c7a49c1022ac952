"""What became of one request so far, over all servers: go on, for how long to wait, or give up."""

from adapters.detectors.triton.errors import (
    ModelMismatch,
    ModelMissing,
    RequestFailed,
    RequestRefused,
    ServerAway,
    TransportError,
    TritonUnavailable,
)
from adapters.detectors.triton.models import ModelSpec
from adapters.detectors.triton.servers import Server

FAILURES_OF_A_REQUEST = 3
"""How often servers may fail over one request before it counts as one that they do not take."""

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0

Problem = TransportError | ModelMismatch | TimeoutError


def reason_of(problem: Problem) -> str:
    """Return the label under which metrics count a problem."""
    if isinstance(problem, TransportError):
        return problem.reason
    return "mismatch" if isinstance(problem, ModelMismatch) else "timeout"


def is_about_model(problem: Problem) -> bool:
    """Tell whether the server lacks the model that is expected."""
    return isinstance(problem, ModelMissing | ModelMismatch)


def is_about_server(problem: Problem) -> bool:
    """Tell whether the server itself does not answer."""
    return isinstance(problem, ServerAway | TimeoutError)


class Attempts:
    """The attempts at one request to `servers` servers."""

    def __init__(self, spec: ModelSpec, servers: int) -> None:
        self._spec = spec
        self._servers = servers
        self._count = 0
        self._failures = 0
        self._tried: set[Server] = set()
        self._wrong: set[Server] = set()
        self._last: TritonUnavailable = TritonUnavailable()
        self._problem: Problem = TimeoutError()

    @property
    def message(self) -> str:
        """Return what went wrong last, in words."""
        return self._last.message

    def note(self, server: Server, problem: Problem) -> None:
        """Take note of a failed attempt."""
        self._count += 1
        self._problem = problem
        self._tried.add(server)
        self._failures += isinstance(problem, RequestFailed)
        # A server that had the model is on its way down or up.
        is_new = isinstance(problem, ModelMissing) and self._spec.name not in server.known
        if is_new or isinstance(problem, ModelMismatch):
            self._wrong.add(server)
        if isinstance(problem, ModelMismatch):
            self._last = problem
        elif isinstance(problem, ModelMissing):
            told = f"triton at {server.address} has no model {self._spec.name}"
            self._last = TritonUnavailable(told)
        else:
            told = str(problem) or "did not answer in time"
            self._last = TritonUnavailable(f"triton at {server.address} {told}")

    def verdict(self, *, is_patient: bool) -> Exception | None:
        """Return the error to give up with, or None where another attempt makes sense.

        Who is not patient gives up when every server was tried.
        """
        if isinstance(self._problem, RequestRefused):
            return self._problem if is_patient else self._last
        if self._failures >= FAILURES_OF_A_REQUEST:
            return RequestRefused(self.message)
        is_over = len(self._wrong) == self._servers
        is_enough = not is_patient and len(self._tried) == self._servers
        return self._last if is_over or is_enough else None

    def pause(self, fraction: float, *, has_other: bool) -> float:
        """Return the seconds until the next attempt; none where a healthy server is there."""
        if has_other and (is_about_server(self._problem) or is_about_model(self._problem)):
            return 0.0
        return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(self._count, 8))) * fraction
