"""Identifiers that count, so that tests can name them."""

from application.ports.system import IdFactory
from domain.identifiers import BODY_LENGTH, encode_crockford, make_id


class CountingIds(IdFactory):
    """Make valid, sortable ids that are the same in every run: 1, 2, 3 …"""

    def __init__(self, first: int = 1) -> None:
        self._next = first

    def new(self, prefix: str) -> str:
        return make_id(prefix, self._count().to_bytes(16))

    def ulid(self) -> str:
        return encode_crockford(self._count(), BODY_LENGTH)

    def _count(self) -> int:
        number = self._next
        self._next += 1
        return number
