"""Turn a bearer token into the person who calls a management route."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from application.ports.access_tokens import AccessTokens, Audience
from domain.authorisation import Principal
from domain.errors import Unauthenticated

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="accessToken",
    bearerFormat="JWT",
    description="The access token that `POST /v1/auth/otp/verify` of the platform answers.",
)

SignedIn = Callable[..., Awaitable[Principal]]
"""A dependency for `Depends`; a router takes it as `signed_in` and its routes ask
`principal: Annotated[Principal, Depends(signed_in)]`."""


def signed_in(access_tokens: Callable[[], AccessTokens], audience: Audience) -> SignedIn:
    """Return the dependency that lets nobody pass without an access token for this service.

    A token that is missing or refused is 401 with `WWW-Authenticate`.
    """

    async def require_token(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Principal:
        if credentials is None:
            raise Unauthenticated(
                "this route takes an access token: Authorization: Bearer …", code="token.missing"
            )
        return access_tokens().verify(credentials.credentials.strip(), audience=audience)

    return require_token
