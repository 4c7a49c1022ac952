"""Access tokens as JSON Web Tokens (RFC 7519), signed with HMAC-SHA256."""

from datetime import timedelta
from typing import Any

import jwt

from adapters.security.keyring import KeyRing, RingKey
from application.ports.access_tokens import (
    ACCESS_TOKEN_LIFE,
    AccessToken,
    AccessTokens,
    Audience,
)
from application.ports.system import Clock, IdFactory
from domain.authorisation import Principal
from domain.errors import InvalidValue, Unauthenticated
from domain.identifiers import UserId, parse_id

ISSUER = "trueport"
LEEWAY = timedelta(seconds=30)
"""How far the clocks of two machines may be apart."""

_ALGORITHM = "HS256"
_HEADERS = frozenset({"alg", "kid", "typ"})
_MOST_CHARACTERS = 2048


class JwtAccessTokens(AccessTokens):
    """Sign with the first key of the ring, and accept HS256 by any key of it and nothing else.

    The header of a token is read before its signature is known to be good, so it may only name an
    algorithm, a key of the ring and the type: `crit`, `jwk`, `jku`, `x5u` and the like are refused
    (RFC 8725 section 3).
    """

    def __init__(self, keys: KeyRing, *, clock: Clock, ids: IdFactory) -> None:
        self._keys = keys
        self._clock = clock
        self._ids = ids

    def issue(self, principal: Principal) -> AccessToken:
        """Return a token for every audience."""
        at = self._clock.now().replace(microsecond=0)
        expires_at = at + ACCESS_TOKEN_LIFE
        claims = {
            "iss": ISSUER,
            "aud": [audience.value for audience in Audience],
            "sub": principal.user_id,
            "jti": self._ids.ulid(),
            "iat": int(at.timestamp()),
            "exp": int(expires_at.timestamp()),
            "ver": principal.token_version,
        }
        key = self._keys.first
        value = jwt.encode(claims, key.secret, algorithm=_ALGORITHM, headers={"kid": key.id})
        return AccessToken(value=value, expires_at=expires_at)

    def verify(self, token: str, *, audience: Audience) -> Principal:
        """Return whose token this is."""
        key = self._key_of(token)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.secret,
                algorithms=["HS256"],
                audience=audience.value,
                issuer=ISSUER,
                # Times are checked below, against the Clock port.
                options={
                    "require": ["exp", "iat", "iss", "aud", "sub", "jti"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.InvalidTokenError, UnicodeError):
            # Without the cause: its traceback would carry the token.
            raise _invalid() from None
        self._check_times(claims)
        version = claims.get("ver")
        if not isinstance(version, int) or isinstance(version, bool):
            raise _invalid()
        try:
            user_id = UserId(parse_id("usr", claims["sub"]))
        except InvalidValue:
            raise _invalid() from None
        return Principal(user_id=user_id, token_version=version)

    def _key_of(self, token: str) -> RingKey:
        if len(token) > _MOST_CHARACTERS:
            raise _invalid()
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, UnicodeError):
            raise _invalid() from None
        if not header.keys() <= _HEADERS or header.get("alg") != _ALGORITHM:
            raise _invalid()
        kid = header.get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise _invalid()
        return key

    def _check_times(self, claims: dict[str, Any]) -> None:
        times = [claims["iat"], claims["exp"], claims.get("nbf", 0)]
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in times):
            raise _invalid()
        issued, expires, not_before = times
        now, leeway = self._clock.now().timestamp(), LEEWAY.total_seconds()
        if expires <= now - leeway:
            raise Unauthenticated("this access token has expired; refresh it", code="token.expired")
        is_early = now + leeway < max(issued, not_before)
        if is_early or expires - issued > ACCESS_TOKEN_LIFE.total_seconds():
            raise _invalid()


def _invalid() -> Unauthenticated:
    return Unauthenticated("this is no access token of this service", code="token.invalid")
