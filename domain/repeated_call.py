"""Calls that create something and may come twice: the caller gives both the same key."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import Conflict, InvalidValue
from domain.identifiers import UserId

KEPT_FOR = timedelta(hours=24)
"""How long a key means the same call."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What a caller says of a call that must not happen twice.

    `fingerprint` tells apart what was asked for: the same key with another one is a mistake.
    """

    key: str
    fingerprint: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise InvalidValue(
                "an idempotency key has 1 to 255 visible ASCII characters, such as a UUID",
                field="idempotency-key",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneCall:
    """A call that was done, by its caller and key, and the id of what it made."""

    user_id: UserId
    key: str
    fingerprint: str = field(repr=False)
    resource: str
    expires_at: datetime

    @classmethod
    def of(cls, user_id: UserId, once: Once, *, resource: str, at: datetime) -> "DoneCall":
        """Return the memory of a call that was done now."""
        return cls(
            user_id=user_id,
            key=once.key,
            fingerprint=once.fingerprint,
            resource=resource,
            expires_at=at + KEPT_FOR,
        )

    def replayed(self, once: Once, *, at: datetime) -> str | None:
        """Return the id of what the call made, None when it is too long ago to count.

        Raises:
            Conflict: the key was used for something else.
        """
        if at >= self.expires_at:
            return None
        if self.fingerprint != once.fingerprint:
            raise Conflict(
                "this idempotency key was used for another request; take a new one",
                code="idempotency.key_reused",
            )
        return self.resource
