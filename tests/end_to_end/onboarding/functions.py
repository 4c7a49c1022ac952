"""Both functions on AWS' own runtime client, behind an HTTP API of this machine."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.end_to_end.onboarding.deployment import Reachable
from tests.end_to_end.onboarding.outside_stores import make_indexes, outside_stores
from tests.fakes.http_api_events import body_of, http_event
from tests.fakes.lambda_runtime import LambdaFunction

_FUNCTIONS = {
    "/platform/api": "entrypoints.lambda_platform.handler",
    "/trueportai-services": "entrypoints.lambda_gateway.handler",
}


class _Instance:
    """A function that takes one event at a time, as every instance does."""

    def __init__(self, function: LambdaFunction) -> None:
        self._function = function
        self._turn = threading.Lock()

    def answer(self, event: object) -> Mapping[str, object]:
        with self._turn:
            return self._function.invoke(event)


@contextmanager
def http_api(routes: Mapping[str, _Instance]) -> Iterator[str]:
    """Turn requests into events of payload format 2.0; the address is returned."""

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            asked = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            event = http_event(
                self.command,
                asked.path,
                body=body or None,
                headers={name.lower(): value for name, value in self.headers.items()},
                query=asked.query,
            )
            (instance,) = (
                one for prefix, one in routes.items() if asked.path.startswith(f"{prefix}/")
            )
            answer = instance.answer(event)
            content = body_of(answer)
            self.send_response(int(str(answer["statusCode"])))
            headers = answer["headers"]
            assert isinstance(headers, dict)
            for name, value in headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def functions(folder: Path, address: Callable[[str], str]) -> Iterator[Reachable]:
    """Run one instance of each function; each has its own database, as production does."""
    with ExitStack() as stack:
        stores = stack.enter_context(outside_stores(folder, address))
        routes = {}
        for prefix, handler in _FUNCTIONS.items():
            # A function may write to a folder of its own alone, and nothing is kept there.
            home = folder / handler
            environment = {"TRUEPORT_HOME": str(home), **stores.environment}
            if prefix == "/platform/api":
                environment["MONGO_DB_NAME"] = environment["TRUEPORT_PLATFORM_DB_NAME"]
                make_indexes(folder, environment)
            function = stack.enter_context(LambdaFunction(handler, environment=environment))
            routes[prefix] = _Instance(function)
        url = stack.enter_context(http_api(routes))
        yield Reachable(
            platform=f"{url}/platform/api",
            services=f"{url}/trueportai-services",
            mails=stores.boxes.messages,
            has_bucket=stores.has_bucket,
            stripe=stores.stripe,
        )
