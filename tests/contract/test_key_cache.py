"""The contract of `KeyCache`."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.in_process.key_cache import InProcessKeyCache
from adapters.redis.key_cache import RedisKeyCache
from adapters.security.keyring import KeyRing
from adapters.security.signing import HmacSigner
from application.ports.key_cache import CachedPrincipal, KeyCache
from application.ports.readers import Principal
from domain.api_key import KeyLimits, Scope
from domain.identifiers import TenantId, UpstreamId
from domain.money import TokenPrice
from domain.routing import ServedModel, Upstream, UpstreamKind
from tests.contract.redis import Address, redis_presence
from tests.contract.samples import ACME, GLOBEX, a_key, a_revision, a_tenant, sample_id
from tests.fakes.clock import START, FakeClock
from tests.fakes.randomness import SeededRandomness

FRESH, KEPT, BOUND = 5.0, 600.0, 100


def in_memory(clock: FakeClock) -> KeyCache:
    return InProcessKeyCache(
        clock=clock,
        fresh_seconds=FRESH,
        kept_seconds=KEPT,
        max_principals=BOUND,
        max_unknown=BOUND,
    )


@asynccontextmanager
async def in_process(clock: FakeClock, *_: object) -> AsyncIterator[KeyCache]:
    yield in_memory(clock)


@asynccontextmanager
async def in_redis(clock: FakeClock, address: Address, prefix: str) -> AsyncIterator[KeyCache]:
    async with redis_presence(clock, address) as redis:
        yield RedisKeyCache(
            redis=redis,
            fallback=in_memory(clock),
            signer=HmacSigner(KeyRing.generate(SeededRandomness(1))),
            clock=clock,
            release="1",
            fresh_seconds=FRESH,
            kept_seconds=KEPT,
            prefix=prefix,
        )


Open = Callable[[FakeClock, Address, str], AbstractAsyncContextManager[KeyCache]]

CACHES: Mapping[str, Open] = {"in-process": in_process, "redis": in_redis}


@pytest.fixture(params=CACHES)
async def cache(
    request: pytest.FixtureRequest,
    clock: FakeClock,
    counterpart_server: Address,
    tmp_path: Path,
) -> AsyncIterator[KeyCache]:
    async with CACHES[request.param](clock, counterpart_server, f"{tmp_path}:") as made:
        yield made


def a_principal(number: int = 1, *, tenant: int = 1) -> Principal:
    tenant_id = TenantId(sample_id("ten", tenant))
    return Principal(
        tenant=a_tenant(tenant),
        key=a_key(number, tenant_id=tenant_id),
        policy=a_revision(tenant_id=tenant_id),
        upstreams=(),
    )


async def test_unseen_digest_is_not_known(cache: KeyCache) -> None:
    assert await cache.get("d1") is None


async def test_principal_is_remembered_fresh(cache: KeyCache) -> None:
    principal = a_principal()

    await cache.put("d1", principal)

    assert await cache.get("d1") == CachedPrincipal(principal=principal, is_fresh=True)


async def test_principal_outlives_its_freshness_for_a_while(
    cache: KeyCache, clock: FakeClock
) -> None:
    principal = a_principal()
    await cache.put("d1", principal)

    clock.advance(FRESH)
    stale = await cache.get("d1")
    clock.advance(KEPT - FRESH)
    gone = await cache.get("d1")

    assert stale == CachedPrincipal(principal=principal, is_fresh=False)
    assert gone is None


async def test_new_look_makes_it_fresh_again(cache: KeyCache, clock: FakeClock) -> None:
    await cache.put("d1", a_principal(1))
    clock.advance(FRESH)

    await cache.put("d1", a_principal(2))

    assert await cache.get("d1") == CachedPrincipal(principal=a_principal(2), is_fresh=True)


async def test_unknown_digest_is_remembered_while_fresh_only(
    cache: KeyCache, clock: FakeClock
) -> None:
    await cache.put("d1", None)

    fresh = await cache.get("d1")
    clock.advance(FRESH)

    assert fresh == CachedPrincipal(principal=None, is_fresh=True)
    assert await cache.get("d1") is None


async def test_digest_that_became_known_or_unknown_has_one_answer(cache: KeyCache) -> None:
    await cache.put("d1", None)
    await cache.put("d1", a_principal())
    known = await cache.get("d1")
    await cache.put("d1", None)
    unknown = await cache.get("d1")

    assert known is not None
    assert known.principal == a_principal()
    assert unknown == CachedPrincipal(principal=None, is_fresh=True)


async def test_principal_comes_back_as_it_was(cache: KeyCache) -> None:
    rich = replace(
        a_principal(),
        upstreams=(
            Upstream(
                id=UpstreamId(sample_id("ups", 1)),
                tenant_id=ACME,
                name="main",
                kind=UpstreamKind.OPENAI,
                base_url="https://models.example.org/v1",
                models=(
                    ServedModel(
                        name="one",
                        upstream_name="two",
                        price=TokenPrice(input_nano=1, output_nano=2, currency="EUR"),
                    ),
                ),
                created_at=START,
                credential="k1.sealed",
            ),
        ),
        key=replace(
            a_key(1),
            expires_at=START,
            scopes=frozenset({Scope.CHAT}),
            models=frozenset({"one", "two"}),
            limits=KeyLimits(requests_per_minute=5, budget_per_day_nano=10**18),
        ),
    )
    await cache.put("d1", rich)

    known = await cache.get("d1")

    assert known is not None
    assert known.principal == rich


async def test_tenant_is_forgotten_and_others_are_not(cache: KeyCache) -> None:
    await cache.put("d1", a_principal(1))
    await cache.put("d2", a_principal(2))
    await cache.put("d3", a_principal(3, tenant=2))

    await cache.forget(ACME)
    await cache.forget(ACME)

    assert await cache.get("d1") is None
    assert await cache.get("d2") is None
    assert (await cache.get("d3")) is not None
    await cache.forget(GLOBEX)
    assert await cache.get("d3") is None


async def test_new_key_of_a_forgotten_tenant_does_not_stay_unknown(cache: KeyCache) -> None:
    await cache.put("d1", None)

    await cache.forget(ACME)

    assert await cache.get("d1") is None


async def test_flood_of_made_up_keys_drives_out_no_principal(cache: KeyCache) -> None:
    await cache.put("real", a_principal())

    for number in range(10 * BOUND):
        await cache.put(f"made-up-{number}", None)

    assert await cache.get("real") is not None
