"""People and what they may do inside a tenant."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import InvalidValue
from domain.identifiers import UserId

MAX_NAME = 100
"""Characters of a name of a user, a tenant or a key."""

_MAX_ADDRESS = 254
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(
    r"[^@\s\x00-\x1f\x7f-\x9f\ud800-\udfff<>()\[\],;:\\\"]{1,64}"
    rf"@(?:{_LABEL}\.)*{_LABEL}"
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LOWER_ASCII = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True, order=True)
class Email:
    """A mail address: the local part as given, the domain in lower case (RFC 5321 lengths)."""

    value: str

    def __post_init__(self) -> None:
        if len(self.value) > _MAX_ADDRESS or not _EMAIL.fullmatch(self.value):
            raise InvalidValue("this is not a mail address", field="email")

    @classmethod
    def parse(cls, text: str) -> "Email":
        """Return the address in `text`, trimmed, with its domain in lower case."""
        local, at, host = text.strip().rpartition("@")
        return cls(f"{local}{at}{host.lower()}")

    @property
    def lookup(self) -> str:
        """Return the form under which two spellings of one mailbox are the same.

        Only ASCII letters lose their case: `str.lower` makes a `k` of the Kelvin sign, and so one
        mailbox of two that different people may own.
        """
        return self.value.translate(_LOWER_ASCII)

    def __str__(self) -> str:
        return self.value


class Role(StrEnum):
    """A member's role; each holds everything that the ones below it hold."""

    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    VIEWER = "viewer"

    def covers(self, other: "Role") -> bool:
        """Tell whether this role may do whatever `other` may."""
        return _ROLE_RANK[self] >= _ROLE_RANK[other]


_ROLE_RANK = {Role.OWNER: 3, Role.ADMIN: 2, Role.ANALYST: 1, Role.VIEWER: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who can sign in; membership of tenants is kept with the tenants.

    An access token carries the `token_version` of its time and ends when that is raised.
    """

    id: UserId
    email: Email
    name: str
    created_at: datetime
    token_version: int = 0
    version: int = 0

    @classmethod
    def register(cls, *, user_id: UserId, email: Email, name: str, at: datetime) -> "User":
        """Return a new user."""
        return cls(id=user_id, email=email, name=checked_name(name), created_at=at)

    def rename(self, name: str) -> "User":
        """Return the user under another name."""
        return replace(self, name=checked_name(name))

    def sign_out_everywhere(self) -> "User":
        """Return the user with every access token of before at its end."""
        return replace(self, token_version=self.token_version + 1)


def checked_name(name: str) -> str:
    """Return the name with single spaces: 1 to `MAX_NAME` characters, no control among them."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME:
        raise InvalidValue(f"a name has 1 to {MAX_NAME} characters", field="name")
    if _UNPRINTABLE.search(name):
        raise InvalidValue("a name has no control characters", field="name")
    return name
