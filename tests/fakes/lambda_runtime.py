"""The Runtime API of Lambda, and a function in a process of its own that lives by it.

The process is AWS' own runtime client; what stands behind the API is this test.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
_API = "/2018-06-01/runtime"
_ARN = "arn:aws:lambda:us-east-1:123456789012:function:trueport"
_PAYLOAD_LIMIT = 6_291_556


class FunctionFailed(Exception):
    """The function raised, or its answer is larger than Lambda takes."""


@dataclass(slots=True)
class _Invocation:
    event: bytes
    seconds: float
    id: str
    outcome: "queue.Queue[tuple[str, bytes]]" = field(default_factory=queue.Queue)


class LambdaFunction:
    """One instance of a function: events go in one after the other, as Lambda sends them."""

    def __init__(
        self,
        handler: str,
        *,
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        self._waiting: queue.Queue[_Invocation] = queue.Queue()
        self._running: dict[str, _Invocation] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._requests())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._handler = handler
        self._environment = dict(environment)
        self._folder = folder or ROOT
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self.init_error: bytes | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        environment = {
            "PATH": os.defpath,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "trueport",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "LAMBDA_TASK_ROOT": str(self._folder),
            "PYTHONPATH": str(self._folder),
            **self._environment,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", self._handler],
            cwd=self._folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._server.shutdown()
        self._server.server_close()

    def invoke(self, event: object, *, seconds: float = 30.0) -> dict[str, Any]:
        """Return the answer to an event; the function is killed when its time is over.

        Raises:
            FunctionFailed: an error, an answer that is too large, or no answer in time.
        """
        self._count += 1
        invocation = _Invocation(json.dumps(event).encode(), seconds, f"invocation-{self._count}")
        self._waiting.put(invocation)
        try:
            kind, body = invocation.outcome.get(timeout=seconds + 60)
        except queue.Empty:
            raise FunctionFailed("the function did not answer") from None
        if kind != "response":
            raise FunctionFailed(body.decode())
        if len(body) > _PAYLOAD_LIMIT:
            raise FunctionFailed(f"Function.ResponseSizeTooLarge: {len(body)} bytes")
        answer: dict[str, Any] = json.loads(body)
        return answer

    def wait_for_init_error(self) -> str:
        """Return what the function said when it could not be loaded."""
        end = time.monotonic() + 60
        while self.init_error is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        return self.init_error.decode()

    def _requests(self) -> type[BaseHTTPRequestHandler]:
        function = self

        class Requests(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                invocation = function._waiting.get()
                function._running[invocation.id] = invocation
                deadline = round((time.time() + invocation.seconds) * 1000)  # noqa: TID251
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", invocation.id)
                self.send_header("Lambda-Runtime-Deadline-Ms", str(deadline))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", _ARN)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(invocation.event)))
                self.end_headers()
                self.wfile.write(invocation.event)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = self.path.removeprefix(_API)
                if path == "/init/error":
                    function.init_error = body
                else:
                    _, _, invocation_id, kind = path.split("/")
                    function._running.pop(invocation_id).outcome.put((kind, body))
                self.send_response(202)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                """Say nothing."""

        return Requests
