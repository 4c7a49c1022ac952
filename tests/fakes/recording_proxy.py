"""An HTTP server before another one: it keeps what was asked and may answer otherwise."""

import http.client
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

_NOT_FORWARDED = {"connection", "content-length", "expect", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sent; names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back; with `cut`, the connection ends after so many bytes of the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None

    def with_headers(self, **headers: str | None) -> "Answer":
        """Return it with some headers set, or left out where the value is None."""
        merged = {name.lower(): value for name, value in self.headers.items()}
        for name, value in headers.items():
            merged.pop(name.replace("_", "-"), None)
            if value is not None:
                merged[name.replace("_", "-")] = value
        return replace(self, headers=merged)


Forward = Callable[[Request], Answer]
Behaviour = Callable[[Request, Forward], Answer]


class RecordingProxy:
    """Pass requests on to `upstream` (http://host:port) unless `behaviour` does otherwise."""

    def __init__(self, upstream: str, behaviour: Behaviour | None = None) -> None:
        self.requests: list[Request] = []
        self.behaviour: Behaviour = behaviour or (lambda request, forward: forward(request))
        self._upstream = urlsplit(upstream).netloc
        self._server = _Server(self)
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def forward(self, request: Request) -> Answer:
        """Ask the server behind and return its answer."""
        connection = http.client.HTTPConnection(self._upstream, timeout=30)
        headers = {
            name: value for name, value in request.headers.items() if name not in _NOT_FORWARDED
        }
        try:
            connection.request(request.method, request.target, request.body or None, headers)
            found = connection.getresponse()
            return Answer(status=found.status, headers=dict(found.getheaders()), body=found.read())
        finally:
            connection.close()

    def sent(self, method: str, *, holding: str = "") -> list[Request]:
        """Return the requests of a method whose target holds a text."""
        return [
            request
            for request in self.requests
            if request.method == method and holding in request.target
        ]


class _Server(ThreadingHTTPServer):
    def __init__(self, proxy: RecordingProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else each answer waits for the acknowledgement of its headers.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: "_Server"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        carry_on = super().handle_expect_100()
        self.wfile.flush()
        return carry_on

    def answer(self) -> None:
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        proxy = self.server.proxy
        proxy.requests.append(request)
        self.send(proxy.behaviour(request, proxy.forward))

    def send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        for name, value in headers.items():
            if name not in _NOT_FORWARDED:
                self.send_header(name, value)
        # To a HEAD, the length is that of a body that does not come.
        length = str(len(answer.body))
        if self.command == "HEAD":
            length = headers.get("content-length", length)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
        if answer.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (its name)
        pass

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = answer  # noqa: N815 (their names)
