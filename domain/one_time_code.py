"""One-time codes: six digits by mail, which sign somebody in once."""

import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.errors import InvalidValue
from domain.identifiers import CodeId
from domain.user import Email

CODE_LIFE = timedelta(minutes=10)
MAX_TRIES = 5
CODE_BYTES = 16
"""Random bytes of a code: so many more than six digits need that every code is as likely."""

_DIGITS = 6
_CODE = re.compile(rf"[0-9]{{{_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """What stands in the mail and is kept nowhere."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.value):
            raise InvalidValue(f"a code has {_DIGITS} digits", field="code")

    @classmethod
    def parse(cls, text: str) -> "OneTimeCode":
        """Return the code in `text`, without the spaces and hyphens that people put in."""
        return cls(re.sub(r"[\s-]", "", text))

    @classmethod
    def from_random(cls, random: bytes) -> "OneTimeCode":
        """Return the code that `CODE_BYTES` random bytes make."""
        return cls(f"{int.from_bytes(random) % 10**_DIGITS:0{_DIGITS}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCode:
    """A code that an address was sent, as it is kept: its digest, and how often it was tried.

    An address has one at a time. `name` is what somebody new will be called; None where only a
    known user is meant to get in.
    """

    id: CodeId
    email: Email
    digest: str = field(repr=False)
    expires_at: datetime
    name: str | None = None
    tries: int = 0

    @classmethod
    def issue(
        cls, *, code_id: CodeId, email: Email, digest: str, name: str | None, at: datetime
    ) -> "PendingCode":
        """Return a code that was made now."""
        return cls(id=code_id, email=email, digest=digest, name=name, expires_at=at + CODE_LIFE)

    def tried(self) -> "PendingCode":
        """Return the code after one more try."""
        return replace(self, tries=self.tries + 1)

    def admits(self, digest: str, *, at: datetime) -> bool:
        """Tell whether the code of this digest gets in now; the try is counted already."""
        is_right = hmac.compare_digest(self.digest, digest)
        return is_right and self.tries <= MAX_TRIES and at < self.expires_at
