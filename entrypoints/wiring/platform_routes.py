"""The routers of the control plane, built from a container."""

from fastapi import APIRouter

from entrypoints.http.platform.auth_routes import auth_router
from entrypoints.wiring.containers import Container


def platform_routers(container: Container, *, prefix: str) -> list[APIRouter]:
    """Return the routers; `prefix` is the path that the service stands under."""
    return [
        auth_router(
            request_code=container.request_code,
            sign_in=container.sign_in,
            refresh_session=container.refresh_session,
            sign_out=container.sign_out,
            prefix=prefix,
            is_public_https=(container.settings().public_url or "").startswith("https://"),
        ),
    ]
