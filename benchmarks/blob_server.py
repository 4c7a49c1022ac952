"""A server that holds one made-up object, and hands it out as S3, Azure Blob and Google do."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PIECE = b"0123456789abcde\n" * 4096
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_DATE = "Tue, 24 Nov 2026 00:00:00 GMT"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, size: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.size = size


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer with the object, a range of it, or what Google tells about it."""
        if self.path.startswith("/storage/v1/") and "alt=media" not in self.path:
            self._describe()
        else:
            self._hand_out()

    def _describe(self) -> None:
        about = {"name": "audit.jsonl", "size": str(self.server.size), "generation": "1"}
        body = json.dumps(about).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hand_out(self) -> None:
        wanted = self.headers.get("x-ms-range") or self.headers.get("range") or ""
        found = _RANGE.match(wanted)
        first, last = 0, self.server.size - 1
        if found is not None:
            first = int(found[1])
            last = min(last, int(found[2] or last))
        self.send_response(200 if found is None else 206)
        self.send_header("content-length", str(last - first + 1))
        self.send_header("content-range", f"bytes {first}-{last}/{self.server.size}")
        for name, value in (
            ("content-type", "application/octet-stream"),
            ("etag", '"1"'),
            ("last-modified", _DATE),
            ("x-ms-blob-type", "BlockBlob"),
            ("x-goog-generation", "1"),
        ):
            self.send_header(name, value)
        self.end_headers()
        left = last - first + 1
        while left > 0:
            self.wfile.write(_PIECE[:left])
            left -= len(_PIECE)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@contextmanager
def blob_server(size: int) -> Iterator[str]:
    """Run the server with an object of so many bytes; yields its address."""
    server = _Server(size)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
