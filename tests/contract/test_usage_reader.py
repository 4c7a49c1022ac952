"""What `UsageReader` promises."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.errors import InvalidValue
from domain.identifiers import KeyId, TenantId
from domain.money import Cost
from domain.usage import Tokens, UsageEntry
from domain.usage_report import (
    MAX_GROUPS,
    Dimension,
    Latencies,
    Step,
    UsageFigures,
    UsageGroup,
    UsageKey,
    UsageQuery,
)
from tests.contract.samples import ACME, GLOBEX, a_usage, sample_id
from tests.contract.stores import Store
from tests.fakes.clock import START

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVERYTHING = UsageQuery(since=START - DAY, until=START + 30 * DAY)
KEY_1, KEY_2 = KeyId(sample_id("key", 1)), KeyId(sample_id("key", 2))


async def stored(store: Store, entries: Sequence[UsageEntry], tenant_id: TenantId = ACME) -> None:
    async with store.transactions() as uow:
        await uow.audit.add_usage(tenant_id, entries)
        await uow.commit()


async def groups(store: Store, query: UsageQuery) -> list[UsageGroup]:
    return list(await store.usage_reader.usage(ACME, query))


def at(hour: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{hour}:00:00+00:00")


async def test_sums_over_a_whole_period_are_exact(store: Store) -> None:
    await stored(
        store,
        [
            replace(a_usage(1, nano=10**15), latency_ms=12),
            replace(a_usage(2, nano=5), latency_ms=12, tokens=Tokens(input=10, output=20)),
            replace(a_usage(3), latency_ms=1234, cost=Cost(nano=7, currency="EUR")),
            replace(a_usage(4, nano=None), status=403, tokens=Tokens()),
            replace(a_usage(5, nano=None), status=502, tokens=Tokens(input=1, estimated=True)),
        ],
    )

    (group,) = await groups(store, EVERYTHING)

    assert group.key == UsageKey()
    assert group.figures == UsageFigures(
        requests=5,
        refused=1,
        failed=1,
        input_tokens=3 + 10 + 3 + 0 + 1,
        output_tokens=4 + 20 + 4,
        estimated=1,
        unpriced=1,
        costs={"USD": 10**15 + 5, "EUR": 7},
        latencies=Latencies(counts={12: 4, 1240: 1}),
    )


async def test_exchanges_are_told_apart_by_what_is_asked(store: Store) -> None:
    await stored(
        store,
        [
            a_usage(1),
            replace(a_usage(2, key=2), model="b", upstream="u"),
            replace(a_usage(3, key=2), model="a", upstream="u"),
        ],
    )

    by_key = await groups(store, replace(EVERYTHING, by=frozenset({Dimension.KEY})))
    by_two = await groups(
        store, replace(EVERYTHING, by=frozenset({Dimension.MODEL, Dimension.UPSTREAM}))
    )

    assert [(one.key, one.figures.requests) for one in by_key] == [
        (UsageKey(key_id=KEY_1), 1),
        (UsageKey(key_id=KEY_2), 2),
    ]
    assert [one.key for one in by_two] == [
        UsageKey(model="a", upstream="u"),
        UsageKey(model="b", upstream="u"),
        UsageKey(model="echo-1", upstream="echo"),
    ]


async def test_pieces_of_a_period_begin_at_whole_hours_and_days(store: Store) -> None:
    await stored(
        store,
        [
            a_usage(1, at=START),
            a_usage(2, at=START + timedelta(minutes=15, seconds=59)),
            a_usage(3, at=START + timedelta(minutes=16)),
            a_usage(4, at=START + DAY),
        ],
    )

    by_hour = await groups(store, replace(EVERYTHING, step=Step.HOUR))
    by_day = await groups(store, replace(EVERYTHING, step=Step.DAY))

    assert [(one.key.at, one.figures.requests) for one in by_hour] == [
        (at("24T02"), 2),
        (at("24T03"), 1),
        (at("25T02"), 1),
    ]
    assert [(one.key.at, one.figures.requests) for one in by_day] == [
        (at("24T00"), 3),
        (at("25T00"), 1),
    ]


async def test_period_includes_its_beginning_and_not_its_end(store: Store) -> None:
    await stored(store, [a_usage(1, at=START), a_usage(2, at=START + HOUR)])

    (group,) = await groups(store, UsageQuery(since=START, until=START + HOUR))
    nothing = await groups(store, UsageQuery(since=START + 2 * HOUR, until=START + 3 * HOUR))

    assert group.figures.requests == 1
    assert nothing == []


@pytest.mark.parametrize(
    "part", [{"key_id": KEY_2}, {"model": "half \ud83d"}, {"upstream": "other"}]
)
async def test_exchanges_of_one_key_model_or_upstream_can_be_asked_for(
    store: Store, part: dict[str, KeyId]
) -> None:
    wanted = replace(a_usage(2), **part)  # type: ignore[arg-type]
    await stored(store, [a_usage(1), wanted])

    (group,) = await groups(store, replace(EVERYTHING, **part))  # type: ignore[arg-type]

    assert group.figures.requests == 1


async def test_another_tenant_has_usage_of_its_own(store: Store) -> None:
    await stored(store, [a_usage(1, tenant_id=GLOBEX)], GLOBEX)

    assert await groups(store, EVERYTHING) == []
    assert len(await store.usage_reader.usage(GLOBEX, EVERYTHING)) == 1


async def test_a_report_of_too_many_groups_is_refused(roomy_store: Store) -> None:
    await stored(roomy_store, [replace(a_usage(n), model=f"m{n}") for n in range(MAX_GROUPS + 1)])

    with pytest.raises(InvalidValue) as caught:
        await groups(roomy_store, replace(EVERYTHING, by=frozenset({Dimension.MODEL})))

    assert caught.value.field == "by"
    assert len(await groups(roomy_store, EVERYTHING)) == 1
