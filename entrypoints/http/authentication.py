"""Turn a bearer token into the person who calls a management route."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from application.ports.access_tokens import AccessTokens, Audience
from domain.authorisation import Principal
from domain.errors import Unauthenticated
from entrypoints.http.client_address import client_address

ACCESS_TOKEN = HTTPBearer(
    auto_error=False,
    scheme_name="accessToken",
    bearerFormat="JWT",
    description="The access token that `POST /v1/auth/otp/verify` of the platform answers.",
)
GATEWAY_KEY = HTTPBearer(
    auto_error=False,
    scheme_name="gatewayKey",
    description="A key of a tenant, `tp_live_…`, as OpenAI's SDKs send theirs.",
)
OPERATOR_TOKEN = HTTPBearer(
    auto_error=False,
    scheme_name="operatorToken",
    description="The operator's own token, `TRUEPORT_ADMIN_TOKEN`.",
)
"""What the OpenAPI documents say of each; whoever takes one decides what is wrong with it."""

SignedIn = Callable[..., Awaitable[Principal]]
"""A dependency for `Depends`; a router takes it as `signed_in` and its routes ask
`principal: Annotated[Principal, Depends(signed_in)]`."""


def signed_in(access_tokens: Callable[[], AccessTokens], audience: Audience) -> SignedIn:
    """Return the dependency that lets nobody pass without an access token for this service.

    A token that is missing or refused is 401 with `WWW-Authenticate`.
    """

    async def require_token(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(ACCESS_TOKEN)],
    ) -> Principal:
        if credentials is None:
            raise Unauthenticated(
                "this route takes an access token: Authorization: Bearer …", code="token.missing"
            )
        principal = access_tokens().verify(credentials.credentials.strip(), audience=audience)
        return replace(
            principal,
            client=client_address(request),
            request_id=getattr(request.state, "request_id", ""),
        )

    return require_token
