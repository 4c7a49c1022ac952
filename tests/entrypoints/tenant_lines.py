"""One line for every route of a tenant: which action it is, and a body that it takes.

Roles, isolation and the administration log are tested over this table and that of the gateway; a
route without a line fails.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from dependency_injector import providers

from domain.authorisation import Action, Principal
from domain.identifiers import InvitationId, UserId
from domain.invitation import Invitation
from domain.subscription import TEAM, Subscription
from domain.tenant import Slug, Tenant
from domain.user import Email, Role, User
from entrypoints.wiring.applications import (
    GATEWAY_PREFIX,
    PLATFORM_PREFIX,
    make_gateway_app,
    make_platform_app,
)
from tests.entrypoints.conftest import Site
from tests.entrypoints.management_lines import (
    MANAGEMENT_IDS,
    MANAGEMENT_LINES,
    Line,
    Route,
)
from tests.fakes.payments import PagesOnly

_TENANT = f"{PLATFORM_PREFIX}/v1/tenants/{{slug}}"
_PLATFORM_LINES: Mapping[Route, Line] = {
    ("GET", _TENANT): Line(action=Action.READ_TENANT),
    ("PATCH", _TENANT): Line(action=Action.RENAME_TENANT, body={"name": "Renamed"}),
    ("DELETE", _TENANT): Line(action=Action.DELETE_TENANT),
    ("GET", f"{_TENANT}/members"): Line(action=Action.LIST_MEMBERS),
    ("PATCH", f"{_TENANT}/members/{{user_id}}"): Line(
        action=Action.CHANGE_MEMBER, body={"role": "analyst"}
    ),
    ("DELETE", f"{_TENANT}/members/{{user_id}}"): Line(action=Action.REMOVE_MEMBER),
    ("GET", f"{_TENANT}/invitations"): Line(action=Action.LIST_INVITATIONS),
    ("POST", f"{_TENANT}/invitations"): Line(
        action=Action.INVITE, body={"email": "guest@example.org", "role": "viewer"}
    ),
    ("DELETE", f"{_TENANT}/invitations/{{invitation_id}}"): Line(action=Action.REVOKE_INVITATION),
    ("GET", f"{_TENANT}/storage"): Line(action=Action.READ_STORAGE),
    ("PUT", f"{_TENANT}/storage"): Line(
        action=Action.CHANGE_STORAGE, body={"provider": "LOCAL", "bucket": "moved-audit-logs"}
    ),
    ("POST", f"{_TENANT}/storage/verify"): Line(action=Action.VERIFY_STORAGE),
    ("GET", f"{_TENANT}/events"): Line(action=Action.READ_ADMINISTRATION_LOG),
    ("GET", f"{_TENANT}/billing"): Line(action=Action.READ_BILLING),
    ("POST", f"{_TENANT}/billing/checkout"): Line(
        action=Action.CHANGE_BILLING, body={"plan": "team"}
    ),
    ("POST", f"{_TENANT}/billing/portal"): Line(action=Action.CHANGE_BILLING),
}


LINES: Mapping[Route, Line] = {**_PLATFORM_LINES, **MANAGEMENT_LINES}


@dataclass(kw_only=True)
class Populated:
    """A tenant with a member of each role, and what its paths may name."""

    site: Site
    tenant: Tenant
    people: Mapping[Role, User]
    ids: Mapping[str, str]

    def bearer(self, role: Role) -> dict[str, str]:
        return bearer(self.site, self.people[role].id)


def bearer(site: Site, user_id: UserId) -> dict[str, str]:
    """Return the headers that speak for a user."""
    token = site.container.access_tokens().issue(Principal(user_id=user_id))
    return {"authorization": f"Bearer {token.value}"}


def tenant_routes(site: Site) -> list[Route]:
    """Return every route of both services whose path names a tenant."""
    apps = {
        PLATFORM_PREFIX: make_platform_app(site.container),
        GATEWAY_PREFIX: make_gateway_app(site.container),
    }
    return sorted(
        (method.upper(), f"{prefix}{path}")
        for prefix, app in apps.items()
        for path, operations in app.openapi()["paths"].items()
        if "{slug}" in path
        for method in operations
    )


async def populated(site: Site, slug: str) -> Populated:
    """Make a tenant of this slug, with everything that a path may name."""
    container, at = site.container, site.container.clock().now()
    people = {role: await a_user(site, f"{role.value}.{slug}") for role in Role}
    # Asked for at each call: without payments these routes answer 503.
    container.payments.override(providers.Object(PagesOnly()))
    storage = await container.founding().prepare(Slug(slug))
    async with container.transactions()() as uow:
        tenant = await container.founding().found(
            uow, slug=Slug(slug), name=slug, owner=people[Role.OWNER].id, storage=storage
        )
        await uow.subscriptions.save(
            tenant.id, Subscription(tenant_id=tenant.id, customer=f"cus_{slug}")
        )
        tenant = tenant.with_entitlements(TEAM)
        for role in (Role.ADMIN, Role.ANALYST, Role.VIEWER):
            tenant = tenant.with_member(user_id=people[role].id, role=role, at=at)
        await uow.tenants.save(tenant)
        await uow.commit()
    ids = {name: await make(site, tenant) for name, make in PATH_IDS.items()}
    return Populated(site=site, tenant=tenant, people=people, ids=ids)


async def a_user(site: Site, name: str) -> User:
    """Make a person who is in no tenant."""
    user = User.register(
        user_id=UserId(site.container.ids().new("usr")),
        email=Email(f"{name}@example.org"),
        name=name,
        at=site.container.clock().now(),
    )
    async with site.container.transactions()() as uow:
        await uow.users.add(user)
        await uow.commit()
    return user


async def _a_member(site: Site, tenant: Tenant) -> str:
    user = await a_user(site, f"other.{tenant.slug}")
    async with site.container.transactions()() as uow:
        joined = (await uow.tenants.get(tenant.id)).with_member(
            user_id=user.id, role=Role.VIEWER, at=site.container.clock().now()
        )
        await uow.tenants.save(joined)
        await uow.commit()
    return user.id


async def _an_invitation(site: Site, tenant: Tenant) -> str:
    container = site.container
    invitation = Invitation.issue(
        invitation_id=InvitationId(container.ids().new("inv")),
        tenant_id=tenant.id,
        email=Email("somebody@example.org"),
        role=Role.VIEWER,
        invited_by=tenant.members[0].user_id,
        digest=container.sign_in_digests().token(container.ids().ulid()),
        at=container.clock().now(),
    )
    async with container.transactions()() as uow:
        await uow.invitations.add(tenant.id, invitation)
        await uow.commit()
    return invitation.id


PATH_IDS: Mapping[str, Callable[[Site, Tenant], Awaitable[str]]] = {
    "user_id": _a_member,
    "invitation_id": _an_invitation,
    **MANAGEMENT_IDS,
}
"""What makes the thing that a path's parameter names, and returns its id."""

MADE_UP: Mapping[str, str] = {
    "user_id": "usr_" + "0" * 26,
    "invitation_id": "inv_" + "0" * 26,
    "key_id": "key_" + "0" * 26,
    "upstream_id": "ups_" + "0" * 26,
    "policy_id": "pol_" + "0" * 26,
    "number": "7",
    "violation_id": "vio_" + "0" * 34,
    "webhook_id": "whk_" + "0" * 26,
    "record_id": "req_" + "0" * 26,
}
"""Ids that nobody has."""
