"""What `application.ports.readers` promises."""

import asyncio
import base64
from datetime import timedelta

import pytest

from application.ports.readers import Page, Principal, ViolationFilter
from domain.detection.taxonomy import Category, Severity
from domain.errors import InvalidValue
from domain.identifiers import KeyId
from domain.policy.presets import starter_policy
from domain.violation import TriageState, Violation
from tests.contract.samples import (
    ACME,
    GLOBEX,
    POLICY,
    a_key,
    a_revision,
    a_tenant,
    a_usage,
    a_violation,
    an_upstream,
    sample_id,
    store_tenants,
    store_violations,
)
from tests.contract.stores import Store
from tests.fakes.clock import START, FakeClock

SECOND = timedelta(seconds=1)
EVERYTHING = ViolationFilter()


async def listed(store: Store, where: ViolationFilter) -> list[Violation]:
    page = await store.violation_reader.violations(ACME, where, Page(limit=100))
    assert page.next_cursor is None
    return list(page.items)


async def test_principal_is_the_whole_of_what_a_key_needs(store: Store, clock: FakeClock) -> None:
    await store_tenants(store.transactions, a_tenant(1), a_tenant(2))
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, a_key())
        await uow.policies.add(ACME, a_revision(1))
        await uow.policies.activate(ACME, POLICY, 1, at=START)
        await uow.upstreams.add(ACME, an_upstream(1, name="zeta"))
        await uow.upstreams.add(ACME, an_upstream(2, name="alpha"))
        await uow.upstreams.add(GLOBEX, an_upstream(3, tenant_id=GLOBEX))
        await uow.commit()

    principal = await store.gateway_reader.principal(a_key().digest, at=clock.now())

    assert principal == Principal(
        tenant=a_tenant(),
        key=a_key(),
        policy=a_revision(1),
        upstreams=(an_upstream(2, name="alpha"), an_upstream(1, name="zeta")),
    )


async def test_unknown_digest_has_no_principal(store: Store, clock: FakeClock) -> None:
    assert await store.gateway_reader.principal("0" * 64, at=clock.now()) is None
    assert await store.gateway_reader.principal("half \ud83d", at=clock.now()) is None


async def test_tenant_without_policy_has_the_starter_policy(store: Store, clock: FakeClock) -> None:
    await store_tenants(store.transactions, a_tenant())
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, a_key())
        await uow.policies.add(ACME, a_revision(1))
        await uow.policies.activate(ACME, POLICY, 1, at=clock.now() + SECOND)
        await uow.commit()

    before = await store.gateway_reader.principal(a_key().digest, at=clock.now())
    after = await store.gateway_reader.principal(a_key().digest, at=clock.now() + SECOND)

    assert before is not None
    assert before.policy.reference == "pol_starter@0"
    assert before.policy.tenant_id == ACME
    assert before.policy.policy == starter_policy()
    assert after is not None
    assert after.policy == a_revision(1)


async def test_revoked_key_and_suspended_tenant_are_returned(
    store: Store, clock: FakeClock
) -> None:
    await store_tenants(store.transactions, a_tenant().suspend())
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, a_key().revoke(at=START))
        await uow.commit()

    principal = await store.gateway_reader.principal(a_key().digest, at=clock.now())

    assert principal is not None
    assert principal.key.revoked_at == START
    assert not principal.tenant.is_served


async def test_many_readers_work_beside_a_writer(store: Store, clock: FakeClock) -> None:
    await store_tenants(store.transactions, a_tenant())
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, a_key())
        await uow.commit()

    async def write(number: int) -> None:
        async with store.transactions() as uow:
            await uow.audit.add_usage(ACME, [a_usage(number)])
            await uow.commit()

    async def read() -> int:
        assert await store.gateway_reader.principal(a_key().digest, at=clock.now())
        return await store.gateway_reader.spent(ACME, a_usage().key_id, since=START)

    await asyncio.gather(*(work for n in range(40) for work in (write(n), read())))

    assert await read() == 40 * 1000


async def test_spent_is_the_sum_of_a_key_since_a_time(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.audit.add_usage(
            ACME,
            [
                a_usage(1, at=START - SECOND / 1_000_000, nano=1),
                a_usage(2, at=START, nano=20),
                a_usage(3, at=START + SECOND, nano=300),
                a_usage(4, at=START + SECOND, nano=None),
                a_usage(5, at=START + SECOND, key=2, nano=4000),
            ],
        )
        await uow.audit.add_usage(GLOBEX, [a_usage(6, tenant_id=GLOBEX, nano=50_000)])
        await uow.commit()
    reader = store.gateway_reader

    assert await reader.spent(ACME, a_usage().key_id, since=START) == 320
    assert await reader.spent(ACME, a_usage().key_id, since=START - SECOND) == 321
    assert await reader.spent(ACME, a_usage().key_id, since=START + 2 * SECOND) == 0
    assert await reader.spent(ACME, KeyId(sample_id("key", 9)), since=START) == 0


async def test_violations_are_listed_newest_first(store: Store) -> None:
    violations = [a_violation(n, detected_at=START + (n % 3) * SECOND) for n in range(1, 9)]
    await store_violations(store.transactions, violations)
    other = a_violation(1, tenant_id=GLOBEX)
    await store_violations(store.transactions, [other], GLOBEX)

    assert await listed(store, EVERYTHING) == sorted(
        violations, key=lambda one: (one.detected_at, one.id), reverse=True
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_pages_show_each_violation_once(store: Store, limit: int) -> None:
    violations = [a_violation(n, detected_at=START + (n % 3) * SECOND) for n in range(1, 8)]
    await store_violations(store.transactions, violations)

    seen: list[Violation] = []
    cursor: str | None = None
    while True:
        page = await store.violation_reader.violations(
            ACME, EVERYTHING, Page(limit=limit, cursor=cursor)
        )
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == await listed(store, EVERYTHING)


async def test_new_violations_do_not_move_the_pages_behind(store: Store) -> None:
    await store_violations(
        store.transactions, [a_violation(n, detected_at=START + n * SECOND) for n in range(1, 5)]
    )
    first = await store.violation_reader.violations(ACME, EVERYTHING, Page(limit=2))

    await store_violations(store.transactions, [a_violation(9, detected_at=START + 99 * SECOND)])

    second = await store.violation_reader.violations(
        ACME, EVERYTHING, Page(limit=2, cursor=first.next_cursor)
    )
    assert [one.detected_at for one in second.items] == [START + 2 * SECOND, START + SECOND]


async def test_filter_admits_what_meets_every_part(store: Store) -> None:
    mail = a_violation(1, key_id="key_a", model="gpt-4o", detected_at=START)
    secret = a_violation(
        2,
        category=Category.SECRETS,
        type="JWT",
        severity=Severity.CRITICAL,
        key_id="key_b",
        model="half \ud83d",
        detected_at=START + SECOND,
    )
    phone = a_violation(3, type="PHONE", severity=Severity.LOW, detected_at=START + 2 * SECOND)
    await store_violations(store.transactions, [mail, secret, phone])

    async def found(where: ViolationFilter) -> list[Violation]:
        return await listed(store, where)

    assert await found(ViolationFilter(categories=frozenset({Category.PII}))) == [phone, mail]
    assert await found(ViolationFilter(types=frozenset({"JWT", "PHONE"}))) == [phone, secret]
    assert await found(
        ViolationFilter(severities=frozenset({Severity.LOW, Severity.CRITICAL}))
    ) == [phone, secret]
    assert await found(ViolationFilter(key_id=KeyId("key_a"))) == [mail]
    assert await found(ViolationFilter(model="half \ud83d")) == [secret]
    assert await found(ViolationFilter(detected_from=START + SECOND)) == [phone, secret]
    assert await found(ViolationFilter(detected_to=START + SECOND)) == [mail]
    assert (
        await found(
            ViolationFilter(
                categories=frozenset({Category.PII}),
                types=frozenset({"EMAIL"}),
                detected_from=START + SECOND,
            )
        )
        == []
    )


async def test_filter_sees_the_state_after_triage(store: Store) -> None:
    await store_violations(store.transactions, [a_violation(1), a_violation(2)])
    async with store.transactions() as uow:
        await uow.violations.save(
            ACME, a_violation(1).triage(TriageState.FALSE_POSITIVE, by="usr_1", at=START)
        )
        await uow.commit()

    open_ones = await listed(store, ViolationFilter(states=frozenset({TriageState.OPEN})))
    closed = await listed(store, ViolationFilter(states=frozenset({TriageState.FALSE_POSITIVE})))

    assert open_ones == [a_violation(2)]
    assert [one.id for one in closed] == [a_violation(1).id]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage!",
        "Zm9v",
        "é",
        "a" * 10_000,
        base64.urlsafe_b64encode(b"2026-11-24T02:44:00.000000Z").decode(),
        base64.urlsafe_b64encode(b"2026-13-24T02:44:00.000000Z vio_1").decode(),
        base64.urlsafe_b64encode(b"2026-11-24T02:44:00.000000Z ten_1").decode(),
        base64.urlsafe_b64encode(b"2026-11-24T02:44:00.000000Z vio_' OR 1").decode(),
    ],
)
async def test_foreign_cursor_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        await store.violation_reader.violations(ACME, EVERYTHING, Page(cursor=cursor))

    assert refusal.value.field == "cursor"


async def test_page_of_nothing_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue):
        await store.violation_reader.violations(ACME, EVERYTHING, Page(limit=0))
