"""Providers that speak OpenAI's chat completion dialect over HTTP."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from adapters.model_providers.transport import Answer, HttpTransport
from application.ports.model_provider import (
    ModelCall,
    ModelProvider,
    UpstreamRefused,
    UpstreamUnavailable,
)
from application.ports.system import Clock
from application.server_sent_events import EventParser
from domain.chat import parse_json_object
from domain.errors import InvalidValue

_PATH = "/chat/completions"
_END = b"[DONE]"
_JSON = "application/json"
_EVENTS = "text/event-stream"
_SECONDS = re.compile(r"[0-9]{1,9}")


class OpenAiProvider(ModelProvider):
    """Forward a request as it is, with the upstream's own credential and no header of the caller.

    `close` also closes the transport.
    """

    def __init__(self, *, transport: HttpTransport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock

    async def complete(self, call: ModelCall) -> Mapping[str, object]:
        """Return the whole answer, as the provider gave it."""
        body = {key: value for key, value in call.body.items() if key != "stream_options"}
        if body.get("stream"):
            body["stream"] = False
        async with self._transport.post(
            call.upstream, path=_PATH, headers=_headers(call, _JSON), content=_encode(body)
        ) as answer:
            await self._check(call, answer, _JSON)
            return _parse(call, await answer.read(), status=answer.status)

    @asynccontextmanager
    async def stream(self, call: ModelCall) -> AsyncIterator[AsyncIterator[Mapping[str, object]]]:
        """Open a stream of the provider's chunks."""
        content = _encode({**call.body, "stream": True})
        async with AsyncExitStack() as stack:
            answer = await stack.enter_async_context(
                self._transport.post(
                    call.upstream, path=_PATH, headers=_headers(call, _EVENTS), content=content
                )
            )
            await self._check(call, answer, _EVENTS)
            yield await stack.enter_async_context(aclosing(_chunks(call, answer)))

    async def close(self) -> None:
        """Close connections."""
        await self._transport.close()

    async def _check(self, call: ModelCall, answer: Answer, media_type: str) -> None:
        """Raise what the status and the kind of the answer stand for."""
        if answer.status >= HTTPStatus.BAD_REQUEST:
            await self._refuse(call, answer)
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _unavailable(call, answer, f"the upstream answered with status {answer.status}")
        if answer.header("content-encoding") not in {None, "identity"}:
            raise _unavailable(call, answer, "the upstream answered with a compressed body")
        if _media_type(answer) != media_type:
            raise _unavailable(call, answer, f"the upstream answered with no {media_type}")

    async def _refuse(self, call: ModelCall, answer: Answer) -> None:
        body, retry_after = await _error_body(call, answer), self._retry_after(answer)
        if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UpstreamRefused(status=answer.status, body=body, retry_after=retry_after)
        raise UpstreamUnavailable(
            call.upstream.name,
            f"the upstream answered with status {answer.status}",
            status=answer.status,
            body=body,
            retry_after=retry_after,
        )

    def _retry_after(self, answer: Answer) -> float | None:
        """Return the seconds of `Retry-After`, which names seconds or a date (RFC 9110, 10.2.3)."""
        value = (answer.header("retry-after") or "").strip()
        if _SECONDS.fullmatch(value):
            return float(value)
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return max((at - self._clock.now()).total_seconds(), 0.0)


def _headers(call: ModelCall, accept: str) -> dict[str, str]:
    headers = {
        "accept": accept,
        "content-type": _JSON,
        "user-agent": "trueport",
        "x-request-id": call.request_id,
    }
    if call.credential is not None:
        if not (call.credential.isascii() and call.credential.isprintable()):
            raise UpstreamUnavailable(
                call.upstream.name, "the credential of the upstream cannot stand in a header"
            )
        headers["authorization"] = f"Bearer {call.credential}"
    return headers


def _encode(body: Mapping[str, object]) -> bytes:
    # Escaped to ASCII: JSON may hold lone surrogates, which UTF-8 cannot.
    return json.dumps(dict(body), separators=(",", ":"), allow_nan=False).encode()


def _media_type(answer: Answer) -> str:
    return (answer.header("content-type") or "").partition(";")[0].strip().lower()


def _parse(call: ModelCall, raw: bytes, *, status: int | None = None) -> dict[str, object]:
    try:
        return parse_json_object(raw)
    except InvalidValue:
        raise UpstreamUnavailable(
            call.upstream.name, "the upstream answered with no JSON object", status=status
        ) from None


async def _error_body(call: ModelCall, answer: Answer) -> Mapping[str, object] | None:
    """Return the JSON of an error, None when it is none or gives the credential away."""
    try:
        raw = await answer.read()
        if call.credential and call.credential.encode() in raw:
            return None
        return parse_json_object(raw)
    except (InvalidValue, UpstreamUnavailable):
        return None


def _unavailable(call: ModelCall, answer: Answer, message: str) -> UpstreamUnavailable:
    return UpstreamUnavailable(call.upstream.name, message, status=answer.status)


async def _chunks(call: ModelCall, answer: Answer) -> AsyncGenerator[Mapping[str, object], None]:
    parser = EventParser()
    async with aclosing(answer.pieces()) as pieces:
        async for piece in pieces:
            try:
                for event in parser.feed(piece):
                    if event.data.strip() == _END:
                        answer.has_ended = True
                        return
                    chunk = _parse(call, event.data)
                    if event.event == "error" or chunk.get("error") is not None:
                        raise UpstreamUnavailable(
                            call.upstream.name,
                            "the upstream reported an error in the middle of its answer",
                            body=chunk,
                        )
                    yield chunk
            except InvalidValue as error:
                raise UpstreamUnavailable(call.upstream.name, error.message) from None
    raise UpstreamUnavailable(call.upstream.name, "the upstream broke off its answer")
