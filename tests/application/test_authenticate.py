"""From a header to a principal."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from application.ports.readers import GatewayReader, Principal
from domain.api_key import SECRET_BYTES, ApiKeySecret, Environment, Scope
from domain.authorisation import OPERATOR
from domain.errors import Refused, Unauthenticated, Unavailable
from domain.identifiers import KeyId, TenantId
from tests.fakes.clock import START
from tests.fakes.deployment import Customer, Deployment


class AwayReader(GatewayReader):
    """A store that can go away."""

    def __init__(self, reader: GatewayReader) -> None:
        self._reader = reader
        self.is_away = False
        self.questions = 0

    async def principal(self, digest: str, *, at: datetime) -> Principal | None:
        self.questions += 1
        if self.is_away:
            raise Unavailable("store")
        return await self._reader.principal(digest, at=at)

    async def spent(self, tenant_id: TenantId, key_id: KeyId, *, since: datetime) -> int:
        return await self._reader.spent(tenant_id, key_id, since=since)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "key.missing"),
        ("", "key.missing"),
        ("Bearer", "key.missing"),
        ("Bearer   ", "key.missing"),
        ("Basic dXNlcjpwYXNz", "key.missing"),
        ("Bearer sk-123", "key.malformed"),
        ("Bearer tp_live_short", "key.malformed"),
        ("Bearer tp_live_" + "é" * 49, "key.malformed"),
        ("Bearer tp_live_" + "0" * 49 + " x", "key.malformed"),
    ],
)
async def test_header_without_a_sound_key_is_refused(
    deployment: Deployment, header: str | None, code: str
) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await deployment.authenticate(header, scope=Scope.CHAT)

    assert refusal.value.code == code


async def test_key_that_nobody_has_is_refused(deployment: Deployment, acme: Customer) -> None:
    stranger = ApiKeySecret.from_random(b"\x01" * SECRET_BYTES, Environment.LIVE)

    with pytest.raises(Unauthenticated) as refusal:
        await deployment.authenticate(f"Bearer {stranger.value}", scope=Scope.CHAT)

    assert refusal.value.code == "key.unknown"
    assert stranger.value not in str(refusal.value)


@pytest.mark.parametrize("write", [str, str.upper, str.lower])
async def test_scheme_is_read_in_any_case(
    deployment: Deployment, acme: Customer, write: Callable[[str], str]
) -> None:
    header = f"{write('Bearer')}  {acme.issued.secret.value} "

    principal = await deployment.authenticate(header, scope=Scope.CHAT, model="echo")

    assert principal.tenant.id == acme.tenant.id
    assert principal.key.id == acme.issued.key.id


async def test_key_stops_at_its_expiry(deployment: Deployment) -> None:
    customer = await deployment.customer(expires_at=START + timedelta(minutes=1))
    await deployment.authenticate(customer.authorization, scope=Scope.CHAT)

    deployment.clock.advance(60)

    with pytest.raises(Unauthenticated) as refusal:
        await deployment.authenticate(customer.authorization, scope=Scope.CHAT)
    assert refusal.value.code == "key.expired"


async def test_scope_and_model_of_a_key_bind_it(deployment: Deployment) -> None:
    customer = await deployment.customer(scopes=frozenset({Scope.CHAT}), models=frozenset({"echo"}))

    with pytest.raises(Refused) as scope:
        await deployment.authenticate(customer.authorization, scope=Scope.DETECT)
    with pytest.raises(Refused) as model:
        await deployment.authenticate(customer.authorization, scope=Scope.CHAT, model="other")

    assert (scope.value.code, model.value.code) == ("key.scope", "key.model")


async def test_suspended_tenant_is_not_served(deployment: Deployment, acme: Customer) -> None:
    async with deployment.transactions() as uow:
        tenant = await uow.tenants.get(acme.tenant.id)
        await uow.tenants.save(tenant.suspend())
        await uow.commit()

    with pytest.raises(Refused) as refusal:
        await deployment.authenticate(acme.authorization, scope=Scope.CHAT)

    assert refusal.value.code == "tenant.not_served"


async def test_revoked_key_is_refused_within_five_seconds(
    deployment: Deployment, acme: Customer
) -> None:
    await deployment.authenticate(acme.authorization, scope=Scope.CHAT)
    await deployment.revoke_key(OPERATOR, acme.tenant.slug, acme.issued.key.id)

    deployment.clock.advance(5)

    with pytest.raises(Unauthenticated) as refusal:
        await deployment.authenticate(acme.authorization, scope=Scope.CHAT)
    assert refusal.value.code == "key.revoked"


async def test_revoked_key_is_refused_at_once_where_the_cache_is_told(
    deployment: Deployment, acme: Customer
) -> None:
    await deployment.authenticate(acme.authorization, scope=Scope.CHAT)
    await deployment.revoke_key(OPERATOR, acme.tenant.slug, acme.issued.key.id)

    await deployment.cache.forget(acme.tenant.id)

    with pytest.raises(Unauthenticated):
        await deployment.authenticate(acme.authorization, scope=Scope.CHAT)


async def test_rotated_key_serves_beside_its_successor_until_the_grace_period_ends(
    deployment: Deployment, acme: Customer
) -> None:
    successor = await deployment.rotate_key(
        OPERATOR, acme.tenant.slug, acme.issued.key.id, grace=timedelta(hours=1)
    )
    new = f"Bearer {successor.secret.value}"
    await deployment.authenticate(acme.authorization, scope=Scope.CHAT)
    await deployment.authenticate(new, scope=Scope.CHAT)

    deployment.clock.advance(3600)

    await deployment.authenticate(new, scope=Scope.CHAT)
    with pytest.raises(Unauthenticated):
        await deployment.authenticate(acme.authorization, scope=Scope.CHAT)


async def test_known_key_serves_from_memory_while_the_store_is_away(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.reader = reader = AwayReader(deployment.reader)
    await deployment.authenticate(acme.authorization, scope=Scope.CHAT)

    reader.is_away = True
    deployment.clock.advance(300)

    principal = await deployment.authenticate(acme.authorization, scope=Scope.CHAT)
    assert principal.key.id == acme.issued.key.id


async def test_key_is_not_served_from_memory_for_ever(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.reader = reader = AwayReader(deployment.reader)
    await deployment.authenticate(acme.authorization, scope=Scope.CHAT)

    reader.is_away = True
    deployment.clock.advance(600)

    with pytest.raises(Unavailable):
        await deployment.authenticate(acme.authorization, scope=Scope.CHAT)


async def test_key_that_was_never_seen_needs_the_store(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.reader = reader = AwayReader(deployment.reader)
    reader.is_away = True

    with pytest.raises(Unavailable):
        await deployment.authenticate(acme.authorization, scope=Scope.CHAT)


async def test_fresh_principal_is_not_read_again(deployment: Deployment, acme: Customer) -> None:
    deployment.reader = reader = AwayReader(deployment.reader)

    for _ in range(10):
        await deployment.authenticate(acme.authorization, scope=Scope.CHAT)

    assert reader.questions == 1


async def test_expiry_counts_for_a_principal_from_memory(deployment: Deployment) -> None:
    customer = await deployment.customer(expires_at=START + timedelta(minutes=1))
    deployment.reader = reader = AwayReader(deployment.reader)
    await deployment.authenticate(customer.authorization, scope=Scope.CHAT)

    reader.is_away = True
    deployment.clock.advance(61)

    with pytest.raises(Unauthenticated):
        await deployment.authenticate(customer.authorization, scope=Scope.CHAT)
