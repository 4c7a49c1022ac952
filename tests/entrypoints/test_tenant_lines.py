"""Every route of a tenant: for each role what the table gives it, for others nothing at all."""

import itertools
import re
from collections.abc import Mapping

import httpx2
import pytest

from domain.authorisation import may
from domain.user import Role
from tests.entrypoints.conftest import Site
from tests.entrypoints.management_lines import Route
from tests.entrypoints.tenant_lines import (
    LINES,
    MADE_UP,
    PATH_IDS,
    Populated,
    a_user,
    bearer,
    populated,
    tenant_routes,
)

_PARAMETER = re.compile(r"\{(\w+)\}")


def parameters(route: Route) -> list[str]:
    """Return what a path names beside the tenant."""
    return [name for name in _PARAMETER.findall(route[1]) if name != "slug"]


async def call(
    site: Site, route: Route, headers: Mapping[str, str], slug: str, ids: Mapping[str, str]
) -> httpx2.Response:
    line = LINES[route]
    path = route[1].format(slug=slug, **{name: ids[name] for name in parameters(route)})
    return await site.client.request(
        route[0], path, json=line.body, params=dict(line.query), headers=dict(headers)
    )


async def test_every_route_of_a_tenant_has_a_line_and_every_line_a_route(site: Site) -> None:
    assert set(tenant_routes(site)) == set(LINES)
    assert {name for route in LINES for name in parameters(route)} <= PATH_IDS.keys()


@pytest.mark.parametrize("role", Role)
async def test_every_role_gets_what_the_table_gives_it(site: Site, role: Role) -> None:
    wrong = []

    for number, (route, line) in enumerate(LINES.items()):
        tenant = await populated(site, f"tenant-{number}")
        answer = await call(site, route, tenant.bearer(role), f"tenant-{number}", tenant.ids)
        is_refused = answer.status_code == 403 and answer.json()["code"] == "role.insufficient"
        is_served = answer.status_code < 400
        if (is_served, is_refused) != (may(role, line.action), not may(role, line.action)):
            wrong.append((route, answer.status_code, answer.text))

    assert wrong == []


async def test_what_is_another_tenants_is_not_there_whoever_asks(site: Site) -> None:
    acme, globex = await populated(site, "mine"), await populated(site, "theirs")
    former = await a_user(site, "former")
    async with site.container.transactions()() as uow:
        joined = (await uow.tenants.by_slug(acme.tenant.slug)).with_member(
            user_id=former.id, role=Role.OWNER, at=site.container.clock().now()
        )
        await uow.tenants.save(joined)
        left = (await uow.tenants.by_slug(acme.tenant.slug)).without_member(former.id)
        await uow.tenants.save(left)
        await uow.commit()
    strangers = {
        "owner of another tenant": globex.bearer(Role.OWNER),
        "viewer of another tenant": globex.bearer(Role.VIEWER),
        "member of none": bearer(site, (await a_user(site, "nobody")).id),
        "former owner": bearer(site, former.id),
    }
    before = await state_of(site, acme)
    wrong = []

    for route, (who, headers) in itertools.product(LINES, strangers.items()):
        there = await call(site, route, headers, acme.tenant.slug.value, acme.ids)
        nowhere = await call(site, route, headers, "no-such-tenant", acme.ids)
        if there.status_code != 404 or told(there) != told(nowhere):
            wrong.append((route, who, there.status_code, there.text))

    assert wrong == []
    assert await state_of(site, acme) == before


async def test_ids_of_another_tenant_are_nothing_in_the_own_one(site: Site) -> None:
    mine, theirs = await populated(site, "mine"), await populated(site, "theirs")
    before = await state_of(site, theirs)
    wrong = []

    for route in LINES:
        for name, source in itertools.product(parameters(route), (theirs.ids, MADE_UP)):
            if source[name] == mine.ids[name]:
                continue  # a version's number is no id: theirs is ours as well
            ids = {**mine.ids, name: source[name]}
            answer = await call(site, route, mine.bearer(Role.OWNER), "mine", ids)
            if answer.status_code != 404:
                wrong.append((route, name, answer.status_code, answer.text))

    assert wrong == []
    assert await state_of(site, theirs) == before


async def test_nobody_passes_without_a_token(site: Site) -> None:
    tenant = await populated(site, "mine")
    key = {"authorization": f"Bearer {site.key}"}

    for route, headers in itertools.product(LINES, ({"authorization": ""}, key)):
        answer = await call(site, route, headers, tenant.tenant.slug.value, tenant.ids)
        assert answer.status_code == 401, route
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("slug", ["A", "a", "-", "no--slug", "x" * 60, "..", "%2e%2e", "a b"])
async def test_what_can_be_no_slug_is_no_tenant(site: Site, slug: str) -> None:
    headers = (await populated(site, "mine")).bearer(Role.OWNER)

    answer = await site.client.get(f"/platform/api/v1/tenants/{slug}/members", headers=headers)

    assert answer.status_code == 404


async def test_every_change_is_in_the_administration_log_with_who_made_it(site: Site) -> None:
    missing = []

    for number, (route, line) in enumerate(LINES.items()):
        tenant = await populated(site, f"tenant-{number}")
        await call(site, route, tenant.bearer(Role.OWNER), f"tenant-{number}", tenant.ids)
        async with site.container.transactions()() as uow:
            entries = await uow.administration.latest(tenant.tenant.id, limit=1)
        is_noted = [(entry.actor, entry.deed) for entry in entries] == [
            (tenant.people[Role.OWNER].id, line.action)
        ]
        is_change = route[0] != "GET" and not route[1].endswith(_CHANGES_NOTHING)
        if is_noted != (is_change or route[1].endswith(_SHOWS_EVIDENCE)):
            missing.append((route, entries))

    assert missing == []


_CHANGES_NOTHING = ("/policies/test", "/backtest", "/verify")
_SHOWS_EVIDENCE = ("/export", "/audit/{record_id}")
"""Reads that are written down all the same."""


async def state_of(site: Site, populated: Populated) -> object:
    """Return everything that the control plane keeps of a tenant."""
    tenant_id = populated.tenant.id
    async with site.container.transactions()() as uow:
        return (
            await uow.tenants.get(tenant_id),
            await uow.invitations.all(tenant_id),
            await uow.administration.latest(tenant_id, limit=500),
            await uow.api_keys.all(tenant_id),
            await uow.upstreams.all(tenant_id),
            await uow.policies.all(tenant_id),
            await uow.settings.alerts(tenant_id),
        )


def told(answer: httpx2.Response) -> tuple[int, object, object]:
    """Return what an answer tells, without the address it repeats."""
    body = answer.json()
    return answer.status_code, body["code"], body["detail"]
