"""What every answer tells a browser: sniff nothing, keep nothing, frame nothing."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    # Answers hold evidence, secrets and the data of tenants; none is for a shared cache.
    "cache-control": "no-store",
}
_TLS_ONLY = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """Add the headers that a route has not set itself.

    `Strict-Transport-Security` is said only where TLS ends here or at the proxy in front. A caller
    who makes up `x-forwarded-proto` tells nobody but itself: browsers ignore the header over http.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_over_tls = _is_over_tls(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": list(message.get("headers", ()))}
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if is_over_tls:
                    headers.setdefault("strict-transport-security", _TLS_ONLY)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _is_over_tls(scope: Scope) -> bool:
    forwarded = dict(scope["headers"]).get(b"x-forwarded-proto", b"")
    return bool(scope.get("scheme") == "https" or forwarded.split(b",")[0].strip() == b"https")
