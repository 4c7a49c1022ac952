"""Plain data, as YAML and JSON hold it, read with precise complaints."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar

from domain.errors import InvalidValue

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")


def located(path: str, build: Callable[[], _T]) -> _T:
    """Return what `build` makes; prefix the path to complaints about values."""
    try:
        return build()
    except InvalidValue as error:
        if error.field.startswith(path):
            raise
        field = f"{path}.{error.field}" if error.field else path
        raise InvalidValue(error.message, field=field) from error


class Node:
    """A mapping of the document with the path that leads to it."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise InvalidValue("expected a mapping of names to values", field=path or "policy")
        self.value: Mapping[str, object] = value
        self.path = path

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def only(self, names: tuple[str, ...]) -> None:
        """Refuse names that are not among these."""
        for name in self.value:
            if name not in names:
                raise InvalidValue(
                    f"unknown field; allowed are {', '.join(names)}", field=self._at(str(name))
                )

    def child(self, name: str) -> "Node":
        """Return a mapping inside, an empty one where there is none."""
        value = self.value.get(name)
        return Node({} if value is None else value, self._at(name))

    def items(self, name: str) -> list["Node"]:
        """Return the mappings of a list."""
        return [
            Node(item, f"{self._at(name)}[{index}]") for index, item in enumerate(self._list(name))
        ]

    def _list(self, name: str) -> list[object]:
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise InvalidValue("expected a list", field=self._at(name))
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it is compulsory."""
        value = self.value.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not (value.strip() or default is not None):
            raise InvalidValue("a text is compulsory here", field=self._at(name))
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts."""
        values = self._list(name)
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value:
                raise InvalidValue("expected a text", field=f"{self._at(name)}[{index}]")
        return [str(value) for value in values]

    def enum(self, name: str, kind: type[_E], default: _E | None) -> _E:
        """Return one of the words of `kind`; None as default makes it compulsory."""
        value = self.value.get(name)
        if value is None and default is not None:
            return default
        return self._member(value, kind, self._at(name))

    def enums(self, name: str, kind: type[_E]) -> list[_E]:
        """Return a list of such words."""
        return [
            self._member(value, kind, f"{self._at(name)}[{index}]")
            for index, value in enumerate(self._list(name))
        ]

    @staticmethod
    def _member(value: object, kind: type[_E], path: str) -> _E:
        allowed = [member.value for member in kind]
        if not isinstance(value, str) or value not in allowed:
            raise InvalidValue(f"must be one of {', '.join(allowed)}", field=path)
        return kind(value)

    def number(self, name: str) -> float | None:
        """Return a number, None where there is none."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue("expected a number", field=self._at(name))
        try:
            return float(value)
        except OverflowError:
            raise InvalidValue("this number is too large", field=self._at(name)) from None

    def integer(self, name: str, default: int) -> int:
        """Return a whole number."""
        value = self.value.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue("expected a whole number", field=self._at(name))
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self.value.get(name, default)
        if not isinstance(value, bool):
            raise InvalidValue("expected true or false", field=self._at(name))
        return value

    def moment(self, name: str) -> datetime:
        """Return a moment in UTC; a day begins at midnight."""
        value = self.value.get(name)
        try:
            if isinstance(value, str):
                value = datetime.fromisoformat(value)
            if isinstance(value, date) and not isinstance(value, datetime):
                value = datetime.combine(value, time())
            if isinstance(value, datetime):
                known = value.replace(tzinfo=UTC) if value.tzinfo is None else value
                return known.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise InvalidValue(
            "a date or time is compulsory here, such as 2027-01-31", field=self._at(name)
        )
