"""The fields of a message, where anything may stand instead of what should."""

from collections.abc import Callable, Iterable, Mapping

from application.ports.notifications import VerifiedMessage
from domain.errors import InvalidValue
from domain.job import ObjectRef


def read_each(
    entries: Iterable[object], read: Callable[[Mapping[str, object]], ObjectRef | None]
) -> VerifiedMessage:
    """Return the objects of those entries that can be read; None is an entry about something else.

    Raises:
        InvalidValue: none of them can be read.
    """
    objects, unreadable, problem = [], 0, InvalidValue("the entry is no JSON object")
    for entry in entries:
        if not isinstance(entry, dict):
            unreadable += 1
            continue
        try:
            ref = read(entry)
        except InvalidValue as error:
            unreadable += 1
            problem = error
        else:
            objects += [ref] if ref is not None else []
    if unreadable and not objects:
        raise problem
    return VerifiedMessage(objects=tuple(objects), unreadable=unreadable)


def part(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the JSON object under a name.

    Raises:
        InvalidValue: there is none.
    """
    value = document.get(name)
    if not isinstance(value, dict):
        raise InvalidValue(f"the event has no object {name!r}", field=name)
    return value


def text(document: Mapping[str, object], name: str) -> str:
    """Return the text under a name.

    Raises:
        InvalidValue: there is none, or it is empty.
    """
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidValue(f"the event has no text {name!r}", field=name)
    return value


def first_text(document: Mapping[str, object], names: Iterable[str]) -> str:
    """Return the first text under one of the names, or an empty one."""
    for name in names:
        value = document.get(name)
        if isinstance(value, str) and value:
            return value
    return ""
