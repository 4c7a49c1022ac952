"""A reader that answers only what keys have spent, and when it is told to."""

import asyncio
from datetime import datetime

from application.ports.readers import GatewayReader, Principal
from domain.errors import Unavailable
from domain.identifiers import KeyId, TenantId


class SpendingReader(GatewayReader):
    """Answer a fixed amount for each key; count the questions; fail or wait when asked to."""

    def __init__(self) -> None:
        self.amounts: dict[KeyId, int] = {}
        self.questions: list[tuple[TenantId, KeyId, datetime]] = []
        self.is_away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def principal(self, digest: str, *, at: datetime) -> Principal | None:
        return None

    async def spent(self, tenant_id: TenantId, key_id: KeyId, *, since: datetime) -> int:
        self.questions.append((tenant_id, key_id, since))
        await self.gate.wait()
        if self.is_away:
            raise Unavailable("store")
        return self.amounts.get(key_id, 0)
