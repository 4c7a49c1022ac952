"""Answers in JSON, whatever text they hold."""

import json
from typing import Any

import msgspec
from starlette.responses import JSONResponse


def encode_json(value: object) -> bytes:
    """Return JSON in UTF-8; half a surrogate pair, which UTF-8 has no form for, stays escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


class JsonAnswer(JSONResponse):
    """A JSON answer that may repeat what a caller sent."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return encode_json(content)
