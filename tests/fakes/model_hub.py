"""A model hub of one model on this machine, as far as its clients ask for files."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_COMMIT = "0" * 40


@contextmanager
def model_hub(owner_and_name: str, folder: Path) -> Iterator[str]:
    """Serve a folder as a model, and yield the address of the hub."""

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(has_body=True)

        def do_HEAD(self) -> None:
            self._answer(has_body=False)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, *, has_body: bool) -> None:
            _, _, name = self.path.partition(f"/{owner_and_name}/resolve/")
            file = folder / name.partition("?")[0].partition("/")[2]
            is_there = bool(name) and file.is_file()
            content = file.read_bytes() if is_there else b""
            self.send_response(200 if is_there else 404)
            self.send_header("X-Repo-Commit", _COMMIT)
            if is_there:
                self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            else:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if has_body:
                self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
