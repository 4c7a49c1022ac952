"""The routes by which people sign up, sign in, stay signed in and sign out."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import BaseModel, Field

from application.platform.codes import RESEND_AFTER, RequestCode, RequestCodeCommand
from application.platform.sessions import (
    RefreshSession,
    SignedIn,
    SignIn,
    SignInCommand,
    SignOut,
)
from application.ports.access_tokens import ACCESS_TOKEN_LIFE
from domain.errors import Unauthenticated
from domain.one_time_code import CODE_LIFE, OneTimeCode
from domain.session import REFRESH_LIFE, RefreshToken
from domain.user import Email, User
from entrypoints.http.asked import Asked
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.client_address import client_address
from entrypoints.http.fields import MailAddress, Name, OneTimeCodeText

COOKIE = "trueport_refresh"

_MAX_BODY = 8 * 1024


class SignUpBody(Asked):
    """Somebody who wants an account."""

    email: MailAddress
    name: Name


class CodeBody(Asked):
    """Somebody who wants to sign in."""

    email: MailAddress


class CodeSent(BaseModel):
    """The answer to everybody who asks for a code, whether the address is known or not."""

    detail: str = "If this address can be signed in, a code is on its way to it."
    expires_in: int = Field(description="Seconds for which the code is good.")
    resend_after: int = Field(description="Seconds after which another one may be asked for.")


class SessionKind(StrEnum):
    """Where the refresh token goes: into the body, or into a cookie that no script can read."""

    BODY = "body"
    COOKIE = "cookie"


class VerifyBody(Asked):
    """The code that was mailed."""

    email: MailAddress
    code: OneTimeCodeText
    session: SessionKind = Field(
        default=SessionKind.BODY, description="`cookie` keeps the refresh token from scripts."
    )


class RefreshBody(Asked):
    """The refresh token; left out where the cookie holds it."""

    refresh_token: str | None = Field(default=None, max_length=200)


class LogoutBody(RefreshBody):
    """The refresh token, and whether every other session ends as well."""

    everywhere: bool = Field(
        default=False, description="End every session and access token of the user."
    )


class UserBody(BaseModel):
    """A person."""

    id: str
    email: str
    name: str
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserBody":
        """Return the body of a user."""
        return cls(id=user.id, email=user.email.value, name=user.name, created_at=user.created_at)


class TokenBody(BaseModel):
    """The tokens of a session; `refresh_token` is null where the cookie holds it."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(description="Seconds for which the access token is good.")
    refresh_token: str | None
    refresh_expires_in: int
    user: UserBody


def auth_router(
    *,
    request_code: Callable[[], RequestCode],
    sign_in: Callable[[], SignIn],
    refresh_session: Callable[[], RefreshSession],
    sign_out: Callable[[], SignOut],
    prefix: str,
    is_public_https: bool,
) -> APIRouter:
    """Return the routes; `prefix` is the path that the service stands under, for the cookie."""
    router = APIRouter(
        prefix="/v1/auth",
        tags=["sign-in"],
        route_class=bounded_route(_MAX_BODY, may_be_empty=True),
    )
    cookies = _RefreshCookie(path=f"{prefix}/v1/auth", is_public_https=is_public_https)

    @router.post("/signup", summary="Sign up with a mail address", status_code=202)
    async def sign_up(request: Request, body: SignUpBody) -> CodeSent:
        """Mail a code to the address; the user exists once the code is given back."""
        email = Email.parse(body.email)
        await request_code()(
            RequestCodeCommand(email=email, name=body.name, client=client_address(request))
        )
        return _code_sent()

    @router.post("/otp", summary="Ask for a code to sign in", status_code=202)
    async def ask_for_code(request: Request, body: CodeBody) -> CodeSent:
        """Mail a code to the address if somebody has signed up with it."""
        email = Email.parse(body.email)
        await request_code()(RequestCodeCommand(email=email, client=client_address(request)))
        return _code_sent()

    @router.post("/otp/verify", summary="Sign in with the code")
    async def verify(request: Request, response: Response, body: VerifyBody) -> TokenBody:
        """Exchange the code for an access token and a refresh token."""
        signed_in = await sign_in()(
            SignInCommand(
                email=Email.parse(body.email),
                code=OneTimeCode.parse(body.code),
                client=client_address(request),
            )
        )
        is_cookie = body.session is SessionKind.COOKIE
        return cookies.answer(request, response, signed_in, is_cookie=is_cookie)

    @router.post("/refresh", summary="Get the next tokens of a session")
    async def refresh(
        request: Request,
        response: Response,
        body: RefreshBody | None = None,
        cookie: Annotated[str | None, Cookie(alias=COOKIE)] = None,
    ) -> TokenBody:
        """Exchange a refresh token, which is good once; a second use ends the session."""
        given = None if body is None else body.refresh_token
        signed_in = await refresh_session()(_token(given, cookie))
        return cookies.answer(request, response, signed_in, is_cookie=given is None)

    @router.post("/logout", summary="Sign out", status_code=204)
    async def logout(
        request: Request,
        response: Response,
        body: LogoutBody | None = None,
        cookie: Annotated[str | None, Cookie(alias=COOKIE)] = None,
    ) -> None:
        """End the session, or every session of the user; one that is over already is fine."""
        body = body or LogoutBody()
        cookies.clear(request, response)
        await sign_out()(_token(body.refresh_token, cookie), everywhere=body.everywhere)

    return router


def _code_sent() -> CodeSent:
    return CodeSent(
        expires_in=int(CODE_LIFE.total_seconds()), resend_after=int(RESEND_AFTER.total_seconds())
    )


def _token(given: str | None, cookie: str | None) -> RefreshToken:
    value = given or cookie
    if not value:
        raise Unauthenticated(
            "send the refresh token in the body, or with the cookie", code="session.missing"
        )
    return RefreshToken(value)


class _RefreshCookie:
    """The cookie that holds a refresh token: for these routes alone, and for no script.

    `Secure` wherever the browser speaks TLS, to this process or to what stands before it.
    """

    def __init__(self, *, path: str, is_public_https: bool) -> None:
        self._path = path
        self._is_public_https = is_public_https

    def answer(
        self, request: Request, response: Response, signed_in: SignedIn, *, is_cookie: bool
    ) -> TokenBody:
        """Return the tokens, the refresh token in the cookie where that is wanted."""
        seconds = int(REFRESH_LIFE.total_seconds())
        response.headers["cache-control"] = "no-store"
        if is_cookie:
            response.set_cookie(
                COOKIE,
                signed_in.refresh.value,
                max_age=seconds,
                path=self._path,
                secure=self._is_secure(request),
                httponly=True,
                samesite="strict",
            )
        return TokenBody(
            access_token=signed_in.access.value,
            expires_in=int(ACCESS_TOKEN_LIFE.total_seconds()),
            refresh_token=None if is_cookie else signed_in.refresh.value,
            refresh_expires_in=seconds,
            user=UserBody.of(signed_in.user),
        )

    def clear(self, request: Request, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(
            COOKIE,
            path=self._path,
            secure=self._is_secure(request),
            httponly=True,
            samesite="strict",
        )

    def _is_secure(self, request: Request) -> bool:
        return self._is_public_https or request.url.scheme == "https"
