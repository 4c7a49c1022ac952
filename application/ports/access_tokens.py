"""The conversation with whoever makes and checks access tokens."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.authorisation import Principal

ACCESS_TOKEN_LIFE = timedelta(minutes=15)


class Audience(StrEnum):
    """A service that access tokens are made for; each accepts those that name it."""

    PLATFORM = "platform-backend"
    SERVICES = "trueportai-services"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token of somebody who signed in; whoever has it is that person until it expires."""

    value: str = field(repr=False)
    expires_at: datetime


class AccessTokens(Protocol):
    """Make and check access tokens, which carry who somebody is and never what they may do."""

    @abstractmethod
    def issue(self, principal: Principal) -> AccessToken:
        """Return a token for every audience, good for `ACCESS_TOKEN_LIFE` from now."""

    @abstractmethod
    def verify(self, token: str, *, audience: Audience) -> Principal:
        """Return whose token this is.

        Raises:
            Unauthenticated: `token.expired`, or `token.invalid`: malformed, of another algorithm,
                issuer or audience, by a key that is not in the ring, or changed.
        """
