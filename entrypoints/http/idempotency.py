"""Calls that may be repeated: the `Idempotency-Key` of a request, and what the answer says."""

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from domain.repeated_call import Once

REPLAYED_HEADER = "idempotency-replayed"


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="Names this call, such as a UUID: for 24 hours the same call under the "
            "same key makes nothing new, and answers what the first one made.",
        ),
    ] = None,
) -> Once | None:
    if idempotency_key is None:
        return None
    # The path names tenant and route; the body was read already and is kept by the request.
    asked = b"\0".join([request.method.encode(), request.url.path.encode(), await request.body()])
    return Once(key=idempotency_key, fingerprint=hashlib.sha256(asked).hexdigest())


OnceKey = Annotated[Once | None, Depends(_once)]
"""A parameter of a route that creates something."""


def mark_replay(response: Response, *, is_replay: bool) -> None:
    """Say in the answer's headers that nothing new was made."""
    if is_replay:
        response.headers[REPLAYED_HEADER] = "true"


REPLAYED = {
    REPLAYED_HEADER: {
        "description": "`true` when an earlier call with this key made the resource.",
        "schema": {"type": "string"},
    }
}
"""What the OpenAPI document says of that header."""
