"""What a cloud lists, in the port's terms."""

from collections.abc import Generator, Iterable

from adapters.object_storage.key_rules import segments
from application.ports.object_storage import StoredObject
from domain.errors import InvalidValue, Unavailable

Page = tuple[StoredObject, ...]


def in_order(
    pages: Iterable[Iterable[StoredObject]], *, service: str, start_after: str
) -> Generator[Page, None, None]:
    """Yield pages of what comes after a key and has a key that the port allows.

    Objects that somebody else put there under other keys cannot be read through the port.

    Raises:
        Unavailable: the order is not that of code points, as in an Azure account with a
            hierarchical namespace: a caller that goes on after a key would miss objects.
    """
    last = ""
    for page in pages:
        kept = []
        for found in page:
            if found.key <= last:
                raise Unavailable(service, f"{service} does not list in order of keys")
            last = found.key
            if found.key > start_after and _is_allowed(found.key):
                kept.append(found)
        if kept:
            yield tuple(kept)


def _is_allowed(key: str) -> bool:
    try:
        segments(key)
    except InvalidValue:
        return False
    return True
