"""What Google Cloud Storage enforces and its emulator does not, put before the emulator.

Preconditions on uploads (`ifGenerationMatch=0`), listings in order, from an offset and in pages,
as the JSON API's reference describes them. That Google does so is not proved by this; that the
adapter asks for it is.
"""

import json
import threading
from urllib.parse import quote

from tests.fakes.recording_proxy import Answer, Forward, Request

_PRECONDITION_FAILED = Answer(
    status=412,
    headers={"content-type": "application/json"},
    body=b'{"error": {"code": 412, "message": "conditionNotMet"}}',
)


class GoogleStorageRules:
    """A behaviour for `RecordingProxy`; pages hold `page` objects at most."""

    def __init__(self, *, page: int = 1000) -> None:
        self._page = page
        self._lock = threading.Lock()

    def __call__(self, request: Request, forward: Forward) -> Answer:
        if request.method == "POST" and request.path.startswith("/upload/"):
            return self._upload(request, forward)
        if request.method == "GET" and request.path.endswith("/o"):
            return self._listing(request, forward)
        return forward(request)

    def _upload(self, request: Request, forward: Forward) -> Answer:
        if request.query.get("ifGenerationMatch") != "0":
            return forward(request)
        name = request.query.get("name") or _name_in(request.body)
        target = request.path.removeprefix("/upload") + "/" + quote(name, safe="")
        found = Request(method="GET", target=target, headers={}, body=b"")
        with self._lock:
            return _PRECONDITION_FAILED if forward(found).status == 200 else forward(request)

    def _listing(self, request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if answer.status != 200:
            return answer
        listing = json.loads(answer.body)
        query = request.query
        first = query.get("pageToken") or query.get("startOffset", "")
        items = sorted(listing.pop("items", []), key=lambda item: item["name"])
        items = [item for item in items if item["name"] >= first]
        page = min(self._page, int(query.get("maxResults", self._page)))
        if len(items) > page:
            listing["nextPageToken"] = items[page]["name"]
        body = json.dumps({**listing, "items": items[:page]}).encode()
        return Answer(status=200, headers={"content-type": "application/json"}, body=body)


def _name_in(body: bytes) -> str:
    """Return the object's name: alone in JSON, or in the first part of a multipart body."""
    text = body[body.index(b"{") :].decode(errors="replace")
    name: str = json.JSONDecoder().raw_decode(text)[0]["name"]
    return name
