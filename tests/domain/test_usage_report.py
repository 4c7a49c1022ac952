from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.identifiers import KeyId
from domain.usage_report import (
    MAX_GROUPS,
    Latencies,
    Step,
    UsageFigures,
    UsageKey,
    UsageQuery,
    grouped,
    latency_bucket,
    total,
)
from tests.fakes.clock import START

DAY = timedelta(days=1)
LATENCIES = st.integers(min_value=0, max_value=3_600_000)
ROWS = st.lists(
    st.tuples(
        st.builds(
            UsageKey,
            at=st.sampled_from([None, START, START + DAY]),
            model=st.sampled_from([None, "a", "b"]),
            key_id=st.sampled_from([None, KeyId("key_1")]),
        ),
        st.builds(
            UsageFigures,
            requests=st.integers(1, 9),
            input_tokens=st.integers(0, 99),
            costs=st.dictionaries(st.sampled_from(["USD", "EUR"]), st.integers(0, 10**12)),
            latencies=st.builds(
                Latencies, counts=st.dictionaries(st.integers(0, 9), st.integers(1, 9))
            ),
        ),
    ),
    max_size=20,
)


def of(*latencies: int) -> Latencies:
    return Latencies(counts=Counter(latency_bucket(one) for one in latencies))


@given(LATENCIES)
def test_a_latency_is_never_counted_as_less_and_hardly_as_more(latency: int) -> None:
    bucket = latency_bucket(latency)

    assert latency <= bucket <= latency * 1.01
    assert latency_bucket(bucket) == bucket


@given(st.lists(LATENCIES, min_size=1, max_size=50), st.integers(1, 100))
def test_a_percentile_is_the_latency_of_its_rank(latencies: list[int], rank: int) -> None:
    wanted = max(1, -(-len(latencies) * rank // 100))
    exact = sorted(latencies)[wanted - 1]

    assert of(*latencies).percentile(rank) == latency_bucket(exact)


def test_the_percentiles_of_a_hundred_are_the_hundred() -> None:
    latencies = of(*range(1, 101))

    assert [latencies.percentile(rank) for rank in (1, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert of(7).percentile(50) == 7


def test_nothing_has_no_percentile() -> None:
    assert Latencies().percentile(50) is None


@given(ROWS)
def test_groups_lose_nothing_whatever_the_order_of_rows(
    rows: list[tuple[UsageKey, UsageFigures]],
) -> None:
    groups = grouped(rows)

    assert groups == grouped(reversed(rows))
    assert {group.key for group in groups} == {key for key, _ in rows}
    everything = total(groups)
    assert everything.requests == sum(figures.requests for _, figures in rows)
    assert everything.latencies.total == sum(figures.latencies.total for _, figures in rows)
    assert sum(everything.costs.values()) == sum(sum(one.costs.values()) for _, one in rows)


def test_too_many_groups_are_refused_and_the_message_says_what_to_do() -> None:
    rows = [(UsageKey(model=str(n)), UsageFigures(requests=1)) for n in range(MAX_GROUPS + 1)]

    assert len(grouped(rows[:-1])) == MAX_GROUPS
    with pytest.raises(InvalidValue, match="shorten the period") as caught:
        grouped(rows)
    assert caught.value.field == "by"


@pytest.mark.parametrize(("step", "days"), [(Step.HOUR, 31), (Step.DAY, 366), (None, 366)])
def test_a_period_is_bounded_by_its_step(step: Step | None, days: int) -> None:
    UsageQuery(since=START, until=START + days * DAY, step=step)

    with pytest.raises(InvalidValue) as too_long:
        UsageQuery(since=START, until=START + days * DAY + DAY, step=step)
    with pytest.raises(InvalidValue) as empty:
        UsageQuery(since=START, until=START, step=step)
    assert too_long.value.field == "since"
    assert empty.value.field == "until"


def test_pieces_begin_at_whole_hours_and_days() -> None:
    assert Step.HOUR.begin(START).isoformat() == "2026-11-24T02:00:00+00:00"
    assert Step.DAY.begin(START).isoformat() == "2026-11-24T00:00:00+00:00"
