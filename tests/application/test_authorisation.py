"""Every action asked for by every role, by a stranger, and of tenants that are gone."""

import itertools

import pytest

from application.authorisation import Authorise
from domain.authorisation import Action, Principal, may
from domain.errors import NotFound, Refused, Unauthenticated
from domain.identifiers import UserId
from domain.tenant import Slug
from domain.user import Role
from tests.contract.samples import a_tenant, a_user, sample_id, store_tenants
from tests.fakes.clock import START
from tests.fakes.deployment import Deployment

SLUG = Slug("acme")
PEOPLE = {Role.OWNER: 1, Role.ADMIN: 2, Role.ANALYST: 3, Role.VIEWER: 4}
STRANGER = 5


def principal(number: int) -> Principal:
    return Principal(user_id=UserId(sample_id("usr", number)))


@pytest.fixture
async def authorise(deployment: Deployment) -> Authorise:
    """Authorisation over a tenant with a member of each role, and a stranger beside it."""
    tenant = a_tenant(1, slug=SLUG.value)
    for role, number in PEOPLE.items():
        tenant = tenant.with_member(user_id=a_user(number).id, role=role, at=START)
    async with deployment.transactions() as uow:
        for number in (*PEOPLE.values(), STRANGER):
            await uow.users.add(a_user(number))
        await uow.commit()
    await store_tenants(deployment.transactions, tenant)
    return Authorise(transactions=deployment.transactions)


@pytest.mark.parametrize("action", Action)
async def test_every_role_gets_what_the_table_gives_it(
    authorise: Authorise, action: Action
) -> None:
    for role, number in PEOPLE.items():
        if may(role, action):
            membership = await authorise(principal(number), SLUG, action)
            assert (membership.role, membership.tenant.slug) == (role, SLUG)
            continue
        with pytest.raises(Refused) as refusal:
            await authorise(principal(number), SLUG, action)
        assert refusal.value.code == "role.insufficient"


@pytest.mark.parametrize("action", Action)
async def test_stranger_learns_nothing_not_even_that_the_tenant_exists(
    authorise: Authorise, action: Action
) -> None:
    answers = set()
    for slug in (SLUG, Slug("no-such-tenant")):
        with pytest.raises(NotFound) as refusal:
            await authorise(principal(STRANGER), slug, action)
        answers.add((refusal.value.code, refusal.value.message))

    assert len(answers) == 1


async def test_deleted_tenant_is_gone_for_its_members_too(
    authorise: Authorise, deployment: Deployment
) -> None:
    async with deployment.transactions() as uow:
        tenant = await uow.tenants.by_slug(SLUG)
        await uow.tenants.save(tenant.delete(at=START))
        await uow.commit()

    for number, action in itertools.product(PEOPLE.values(), Action):
        with pytest.raises(NotFound):
            await authorise(principal(number), SLUG, action)


async def test_token_of_before_a_sign_out_everywhere_is_refused(
    authorise: Authorise, deployment: Deployment
) -> None:
    async with deployment.transactions() as uow:
        user = await uow.users.get(UserId(sample_id("usr", 1)))
        await uow.users.save(user.sign_out_everywhere())
        await uow.commit()

    with pytest.raises(Unauthenticated):
        await authorise(principal(1), SLUG, Action.READ_TENANT)
    again = Principal(user_id=UserId(sample_id("usr", 1)), token_version=1)
    assert (await authorise(again, SLUG, Action.READ_TENANT)).role is Role.OWNER


async def test_token_of_somebody_who_is_gone_is_refused(authorise: Authorise) -> None:
    with pytest.raises(Unauthenticated):
        await authorise(principal(9), SLUG, Action.READ_TENANT)
