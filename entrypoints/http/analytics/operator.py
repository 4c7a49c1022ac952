"""Who calls the routes of jobs and replays: the operator, or somebody who is signed in."""

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials

from application.ports.access_tokens import AccessTokens, Audience
from domain.authorisation import Principal
from domain.errors import Unauthenticated
from entrypoints.http.authentication import ACCESS_TOKEN, OPERATOR_TOKEN
from entrypoints.http.middleware import request_id_of

Caller = Callable[..., Principal | None]
"""A dependency for `Depends`: who calls, None for the operator."""


def operator_or_member(
    admin_token: Callable[[], str], access_tokens: Callable[[], AccessTokens]
) -> Caller:
    """Return the dependency that takes the operator's token, or an access token of the platform.

    What a member may see is decided later; here nobody passes without either.
    """

    def require_token(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(OPERATOR_TOKEN)],
        _: Annotated[HTTPAuthorizationCredentials | None, Depends(ACCESS_TOKEN)],
    ) -> Principal | None:
        # Both come in the same header; the second parameter says in the document that either does.
        token = "" if credentials is None else credentials.credentials.strip()
        if token:
            if hmac.compare_digest(token.encode(), admin_token().encode()):
                return None
            if token.count(".") == 2:  # noqa: PLR2004 - a JSON Web Token has three parts
                principal = access_tokens().verify(token, audience=Audience.SERVICES)
                client = "" if request.client is None else request.client.host
                return replace(principal, client=client, request_id=request_id_of(request))
        raise Unauthenticated(
            "this route takes the operator's token, or the access token of a tenant's admin",
            code="operator.token",
        )

    return require_token
