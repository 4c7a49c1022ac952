"""Sessions: a family of refresh tokens, each of which is good once and gives the next."""

import base64
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidValue, Unauthenticated
from domain.identifiers import SessionId, UserId, parse_id

REFRESH_LIFE = timedelta(days=14)
REFRESH_BYTES = 32
"""Random bytes of a refresh token."""

_TOKEN = re.compile(r"tpr_([0-9a-z]{26})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """`tpr_`, the session that it belongs to, and 256 random bits; only its digest is kept."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.value):
            raise Unauthenticated("this is no refresh token", code="session.invalid")

    @classmethod
    def from_random(cls, session_id: SessionId, random: bytes) -> "RefreshToken":
        """Return the token of a session that `REFRESH_BYTES` random bytes make."""
        secret = base64.urlsafe_b64encode(random).decode().rstrip("=")
        return cls(f"tpr_{session_id.removeprefix('ses_')}_{secret}")

    @property
    def session_id(self) -> SessionId:
        """Return the session that the token says it is of."""
        try:
            return SessionId(parse_id("ses", f"ses_{self.value[4:30]}"))
        except InvalidValue:
            raise Unauthenticated("this is no refresh token", code="session.invalid") from None


class SessionEnd(StrEnum):
    """Why a session is over before its time."""

    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason


class Verdict(StrEnum):
    """What a refresh token amounts to."""

    GOOD = "good"
    OVER = "over"
    REUSED = "reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody's sign-in on one device, until it ends or is not refreshed for `REFRESH_LIFE`.

    `digest` is that of the one token that is good. Whoever shows another one of this session has a
    copy of an old one: either they or the rightful holder stole it, and nobody can tell which.
    """

    id: SessionId
    user_id: UserId
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    ended: SessionEnd | None = None
    version: int = 0

    @classmethod
    def start(
        cls, *, session_id: SessionId, user_id: UserId, digest: str, at: datetime
    ) -> "Session":
        """Return the session that a sign-in begins."""
        return cls(
            id=session_id,
            user_id=user_id,
            digest=digest,
            created_at=at,
            expires_at=at + REFRESH_LIFE,
        )

    def judge(self, digest: str, *, at: datetime) -> Verdict:
        """Say what the token of this digest, which names this session, amounts to."""
        if self.ended is not None or at >= self.expires_at:
            return Verdict.OVER
        return Verdict.GOOD if hmac.compare_digest(self.digest, digest) else Verdict.REUSED

    def rotate(self, digest: str, *, at: datetime) -> "Session":
        """Return the session with another token as the good one."""
        return replace(self, digest=digest, expires_at=at + REFRESH_LIFE)

    def end(self, why: SessionEnd) -> "Session":
        """Return the session at its end; why it ended first stays."""
        return self if self.ended is not None else replace(self, ended=why)
