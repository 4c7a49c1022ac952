"""Every management route of the gateway: for each role what the table gives it, for others nothing.

A route without a line fails here.
"""

import itertools
import re
from collections.abc import Mapping

import httpx2
import pytest

from application.platform.tenants import FoundTenantCommand
from domain.authorisation import Principal, may
from domain.identifiers import UserId
from domain.tenant import Slug, Tenant
from domain.user import Email, Role, User
from entrypoints.wiring.applications import GATEWAY_PREFIX, make_gateway_app
from tests.entrypoints.conftest import Site
from tests.entrypoints.management_lines import MANAGEMENT_IDS, MANAGEMENT_LINES, Route

_PARAMETER = re.compile(r"\{(\w+)\}")
MADE_UP: Mapping[str, str] = {
    "key_id": "key_" + "0" * 26,
    "upstream_id": "ups_" + "0" * 26,
    "policy_id": "pol_" + "0" * 26,
    "number": "7",
    "violation_id": "vio_" + "0" * 34,
    "webhook_id": "whk_" + "0" * 26,
    "record_id": "req_" + "0" * 26,
}


async def a_user(site: Site, name: str) -> User:
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


def bearer(site: Site, user_id: UserId) -> dict[str, str]:
    token = site.container.access_tokens().issue(Principal(user_id=user_id))
    return {"authorization": f"Bearer {token.value}"}


class Company:
    """A tenant with a member of each role, and everything that a path may name."""

    def __init__(
        self, site: Site, tenant: Tenant, people: Mapping[Role, UserId], ids: Mapping[str, str]
    ) -> None:
        self.site = site
        self.tenant = tenant
        self.people = people
        self.ids = ids

    @classmethod
    async def found(cls, site: Site, slug: str) -> "Company":
        tenant = await site.container.found_tenant()(
            FoundTenantCommand(
                slug=Slug(slug),
                name=slug,
                owner_email=Email(f"owner@{slug}.example.com"),
                owner_name="Owner",
            )
        )
        people = {Role.OWNER: tenant.members[0].user_id}
        for role in (Role.ADMIN, Role.ANALYST, Role.VIEWER):
            people[role] = (await a_user(site, f"{role.value}.{slug}")).id
        at = site.container.clock().now()
        async with site.container.transactions()() as uow:
            joined = await uow.tenants.get(tenant.id)
            for role, user_id in people.items():
                joined = joined.with_member(user_id=user_id, role=role, at=at)
            await uow.tenants.save(joined)
            await uow.commit()
        ids = {name: await make(site, tenant) for name, make in MANAGEMENT_IDS.items()}
        return cls(site, tenant, people, ids)

    def bearer(self, role: Role) -> dict[str, str]:
        return bearer(self.site, self.people[role])

    async def state(self) -> object:
        """Return everything that management changes."""
        tenant_id = self.tenant.id
        async with self.site.container.transactions()() as uow:
            return (
                await uow.administration.latest(tenant_id, limit=500),
                await uow.api_keys.all(tenant_id),
                await uow.upstreams.all(tenant_id),
                await uow.policies.all(tenant_id),
                await uow.settings.alerts(tenant_id),
            )


def parameters(route: Route) -> list[str]:
    return [name for name in _PARAMETER.findall(route[1]) if name != "slug"]


async def call(
    site: Site, route: Route, headers: Mapping[str, str], slug: str, ids: Mapping[str, str]
) -> httpx2.Response:
    line = MANAGEMENT_LINES[route]
    path = route[1].format(slug=slug, **{name: ids[name] for name in parameters(route)})
    return await site.client.request(
        route[0], path, json=line.body, params=dict(line.query), headers=dict(headers)
    )


async def test_every_route_has_a_line_and_every_line_a_route(site: Site) -> None:
    paths = make_gateway_app(site.container).openapi()["paths"]
    routes = {
        (method.upper(), f"{GATEWAY_PREFIX}{path}")
        for path, operations in paths.items()
        if "{slug}" in path
        for method in operations
    }

    assert routes == set(MANAGEMENT_LINES)
    assert {name for route in routes for name in parameters(route)} == set(MANAGEMENT_IDS)


@pytest.mark.parametrize("role", Role)
async def test_every_role_gets_what_the_table_gives_it(site: Site, role: Role) -> None:
    wrong = []

    for number, (route, line) in enumerate(MANAGEMENT_LINES.items()):
        company = await Company.found(site, f"tenant-{number}")
        answer = await call(
            site, route, company.bearer(role), company.tenant.slug.value, company.ids
        )
        is_refused = answer.status_code == 403 and answer.json()["code"] == "role.insufficient"
        is_served = answer.status_code < 400
        if (is_served, is_refused) != (may(role, line.action), not may(role, line.action)):
            wrong.append((route, answer.status_code, answer.text))

    assert wrong == []


async def test_what_is_another_tenants_is_not_there_whoever_asks(site: Site) -> None:
    acme, globex = await Company.found(site, "mine"), await Company.found(site, "theirs")
    strangers = [globex.bearer(Role.OWNER), bearer(site, (await a_user(site, "nobody")).id)]
    before = await acme.state()
    wrong = []

    for route, headers in itertools.product(MANAGEMENT_LINES, strangers):
        there = await call(site, route, headers, "mine", acme.ids)
        nowhere = await call(site, route, headers, "no-such-tenant", acme.ids)
        if there.status_code != 404 or told(there) != told(nowhere):
            wrong.append((route, there.status_code, there.text))

    assert wrong == []
    assert await acme.state() == before


async def test_ids_of_another_tenant_are_nothing_in_the_own_one(site: Site) -> None:
    mine, theirs = await Company.found(site, "mine"), await Company.found(site, "theirs")
    before = await theirs.state()
    wrong = []

    for route in MANAGEMENT_LINES:
        for name, source in itertools.product(parameters(route), (theirs.ids, MADE_UP)):
            if source[name] == mine.ids[name]:
                continue  # a version's number is no id: theirs is ours as well
            ids = {**mine.ids, name: source[name]}
            answer = await call(site, route, mine.bearer(Role.OWNER), "mine", ids)
            if answer.status_code != 404:
                wrong.append((route, name, answer.status_code, answer.text))

    assert wrong == []
    assert await theirs.state() == before


async def test_nobody_passes_without_a_token(site: Site) -> None:
    company = await Company.found(site, "mine")

    for route, headers in itertools.product(
        MANAGEMENT_LINES, ({"authorization": ""}, {"authorization": f"Bearer {site.key}"})
    ):
        answer = await call(site, route, headers, "mine", company.ids)
        assert answer.status_code == 401, route


async def test_every_change_is_in_the_administration_log_with_who_made_it(site: Site) -> None:
    missing = []

    for number, (route, line) in enumerate(MANAGEMENT_LINES.items()):
        company = await Company.found(site, f"tenant-{number}")
        await call(site, route, company.bearer(Role.OWNER), company.tenant.slug.value, company.ids)
        async with site.container.transactions()() as uow:
            (latest,) = await uow.administration.latest(company.tenant.id, limit=1)
        is_noted = latest.actor == company.people[Role.OWNER] and latest.deed == line.action
        is_change = route[0] != "GET" and not route[1].endswith(("/policies/test", "/backtest"))
        is_change = is_change and not route[1].endswith("/audit/verify")
        is_shown = route[1].endswith(("/export", "/audit/{record_id}"))
        if is_noted != (is_change or is_shown):
            missing.append((route, latest.deed, latest.actor))

    assert missing == []


def told(answer: httpx2.Response) -> tuple[int, object, object]:
    """Return what an answer tells, without the address it repeats."""
    body = answer.json()
    return answer.status_code, body["code"], body["detail"]
