"""The operator's token, which the routes of jobs and replays take."""

import hmac
from collections.abc import Callable

from fastapi import Request

from domain.errors import Unauthenticated


def operator_only(admin_token: Callable[[], str]) -> Callable[[Request], None]:
    """Return the dependency that lets nobody pass without the token."""

    def require_operator(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        is_known = hmac.compare_digest(token.strip().encode(), admin_token().encode())
        if scheme.lower() != "bearer" or not is_known:
            raise Unauthenticated("this route takes the operator's token", code="operator.token")

    return require_operator
