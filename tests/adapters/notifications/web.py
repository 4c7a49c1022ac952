"""Documents by their address, instead of the network."""

import asyncio
from dataclasses import dataclass, field

from domain.errors import Unavailable


@dataclass
class FakeWeb:
    """Serve what was put there; anything else does not answer. `asked` holds every address."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        await asyncio.sleep(0)
        if url not in self.documents:
            raise Unavailable("web", retry_after=1)
        return self.documents[url]
