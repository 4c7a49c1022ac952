"""The routers of the control plane, built from a container."""

from fastapi import APIRouter

from application.ports.access_tokens import Audience
from entrypoints.http.authentication import signed_in
from entrypoints.http.platform.auth_routes import auth_router
from entrypoints.http.platform.billing_routes import (
    BillingUseCases,
    billing_router,
    payment_events_router,
)
from entrypoints.http.platform.log_routes import log_router
from entrypoints.http.platform.member_routes import invitation_router, member_router
from entrypoints.http.platform.storage_routes import storage_router
from entrypoints.http.platform.tenant_routes import me_router, tenant_router
from entrypoints.wiring.containers import Container


def platform_routers(container: Container, *, prefix: str) -> list[APIRouter]:
    """Return the routers; `prefix` is the path that the service stands under."""
    caller = signed_in(container.access_tokens, Audience.PLATFORM)
    billing = BillingUseCases(
        read=container.read_billing,
        checkout=container.start_checkout,
        portal=container.open_portal,
        take_event=container.take_payment_event,
    )
    return [
        auth_router(
            request_code=container.request_code,
            sign_in=container.sign_in,
            refresh_session=container.refresh_session,
            sign_out=container.sign_out,
            prefix=prefix,
            is_public_https=(container.settings().public_url or "").startswith("https://"),
        ),
        me_router(signed_in=caller, show_me=container.show_me, rename_me=container.rename_me),
        tenant_router(
            signed_in=caller,
            create_tenant=container.create_tenant,
            list_tenants=container.list_tenants,
            read_tenant=container.read_tenant,
            rename_tenant=container.rename_tenant,
            change_retention=container.change_retention,
            delete_tenant=container.delete_tenant,
        ),
        member_router(
            signed_in=caller,
            list_members=container.list_members,
            change_member=container.change_member,
            remove_member=container.remove_member,
        ),
        invitation_router(
            signed_in=caller,
            invite=container.invite,
            list_invitations=container.list_invitations,
            revoke_invitation=container.revoke_invitation,
            accept_invitation=container.accept_invitation,
        ),
        storage_router(
            signed_in=caller,
            show_storage=container.show_storage,
            change_storage=container.change_storage,
            verify_storage=container.verify_storage,
        ),
        log_router(signed_in=caller, read_log=container.read_administration_log),
        billing_router(
            billing,
            signed_in=caller,
            public_url=container.settings().public_url,
        ),
        payment_events_router(billing),
    ]
