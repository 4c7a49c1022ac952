"""A quarantine that a test can look into."""

from application.ports.notifications import Quarantine


class RememberedQuarantine(Quarantine):
    """Remember what was kept, and of whom."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, bytes]] = []

    async def keep(self, sender: str, body: bytes) -> None:
        self.kept.append((sender, body))
