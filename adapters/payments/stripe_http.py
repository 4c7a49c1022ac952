"""HTTP for Stripe's SDK, over the client that the rest of TruePort has."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2
import stripe


class Httpx2Client(stripe.HTTPClient):
    """Send the SDK's requests; `seconds` is the time of each, from connecting to the last byte."""

    name = "httpx2"

    def __init__(self, *, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._client: httpx2.AsyncClient | None = None

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Return body, status and headers of the answer.

        Raises:
            APIConnectionError: there was none in time.
        """
        if self._client is None:
            # No redirects and no proxies of the environment: one address, and only that.
            self._client = httpx2.AsyncClient(timeout=self._seconds, trust_env=False)
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._client.request(
                    method, url, headers=dict(headers), content=_body(post_data)
                )
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            lost = stripe.APIConnectionError("Stripe is away")  # type: ignore[no-untyped-call]
            lost.should_retry = True
            raise lost from error
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        """Wait between two tries."""
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()


def _body(post_data: Any) -> bytes | None:
    if post_data is None:
        return None
    return post_data.encode() if isinstance(post_data, str) else bytes(post_data)
