"""Small documents over HTTP: what is taken, and what is not."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from adapters.notifications.fetching import MAX_BYTES, DocumentFetcher
from domain.errors import Unavailable

URL = "https://sns.eu-central-1.amazonaws.com/x.pem"


def answering(answer: Callable[[httpx2.Request], httpx2.Response]) -> DocumentFetcher:
    return DocumentFetcher(transport=httpx2.MockTransport(answer))


async def test_document_is_returned_as_it_came() -> None:
    fetch = answering(lambda _: httpx2.Response(200, content=b"\x00pem"))

    assert await fetch(URL) == b"\x00pem"


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 403, 404, 500, 503])
async def test_any_other_answer_is_none(status: int) -> None:
    asked = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(status, headers={"location": "http://169.254.169.254/"})

    with pytest.raises(Unavailable) as raised:
        await answering(answer)(URL)

    assert asked == [URL]
    assert raised.value.retry_after


async def test_large_document_is_not_read_to_its_end() -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024
            yield b"x" * 1024

    with pytest.raises(Unavailable):
        await answering(lambda _: httpx2.Response(200, content=pieces()))(URL)

    assert MAX_BYTES < sent < 4 * MAX_BYTES


async def test_document_that_trickles_in_is_given_up() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b"x"

    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=pieces()))

    with pytest.raises(Unavailable):
        await DocumentFetcher(timeout=0.1, transport=transport)(URL)


async def test_no_connection_is_our_trouble() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(Unavailable):
        await answering(answer)(URL)


async def test_nothing_of_ours_goes_out() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, headers={"set-cookie": "a=b"}, content=b"x")

    fetch = answering(answer)
    await fetch(URL)
    await fetch(URL)

    assert not {"cookie", "authorization"} & set(seen[1].headers)
