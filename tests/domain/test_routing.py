"""Route plans: every way once, tiers in order, drawn by weight."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue, NotFound
from domain.identifiers import TenantId, UpstreamId
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind, plan_routes
from tests.strategies import MODELS, upstreams


def serving(number: int, **changes: object) -> Upstream:
    upstream = Upstream(
        id=UpstreamId(f"ups_{number}"),
        tenant_id=TenantId("ten_1"),
        name=f"upstream {number}",
        kind=UpstreamKind.ECHO,
        base_url="",
        models=(ServedModel(name="m", upstream_name="m"),),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return replace(upstream, **changes)  # type: ignore[arg-type]


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[list[Upstream], str, dict[UpstreamId, float]]:
    known = draw(st.lists(upstreams(), max_size=5, unique_by=lambda upstream: upstream.id))
    draws = {upstream.id: draw(st.floats(0.001, 1.0)) for upstream in known}
    return known, draw(st.sampled_from(MODELS)), draws


@given(situations(), st.randoms())
def test_a_plan_holds_each_enabled_upstream_that_serves_once_by_tier(
    situation: tuple[list[Upstream], str, dict[UpstreamId, float]], shuffle: random.Random
) -> None:
    known, model, draws = situation
    wanted = {up.id for up in known if up.enabled and any(m.name == model for m in up.models)}
    if not wanted:
        with pytest.raises(NotFound):
            plan_routes(known, model=model, draws=draws)
        return

    plan = plan_routes(known, model=model, draws=draws)

    assert sorted(route.upstream.id for route in plan) == sorted(wanted)
    assert all(route.model == route.upstream.serves(model) for route in plan)
    tiers = [route.upstream.tier for route in plan]
    assert tiers == sorted(tiers)
    shuffle.shuffle(known)
    assert plan_routes(known, model=model, draws=draws) == plan


def test_a_model_that_nobody_serves_is_not_found() -> None:
    with pytest.raises(NotFound) as refusal:
        plan_routes([serving(1).disable()], model="m", draws={})

    assert refusal.value.code == "model_not_found"


def test_a_missing_draw_is_no_error() -> None:
    plan = plan_routes([serving(2), serving(1)], model="m", draws={})

    assert [route.upstream.id for route in plan] == ["ups_1", "ups_2"]


def shares(weights: Mapping[int, int], rounds: int) -> dict[str, float]:
    source = random.Random(7)
    known = [serving(number, weight=weight) for number, weight in weights.items()]
    first = Counter(
        plan_routes(
            known, model="m", draws={upstream.id: 1.0 - source.random() for upstream in known}
        )[0].upstream.id
        for _ in range(rounds)
    )
    return {upstream: count / rounds for upstream, count in first.items()}


@pytest.mark.parametrize("weights", [{1: 1, 2: 1}, {1: 1, 2: 3}, {1: 5, 2: 3, 3: 2}, {1: 1, 2: 99}])
def test_the_first_choice_falls_by_weight(weights: dict[int, int]) -> None:
    rounds = 4000

    seen = shares(weights, rounds)

    for number, weight in weights.items():
        expected = weight / sum(weights.values())
        deviation = (expected * (1 - expected) / rounds) ** 0.5
        assert abs(seen.get(f"ups_{number}", 0.0) - expected) < 5 * deviation


def test_a_heavy_upstream_of_a_later_tier_waits_for_the_light_one_before_it() -> None:
    first, second = serving(1, weight=1), serving(2, weight=100, tier=1)

    plan = plan_routes([second, first], model="m", draws={first.id: 0.001, second.id: 1.0})

    assert [route.upstream.id for route in plan] == ["ups_1", "ups_2"]


@pytest.mark.parametrize(
    "changes",
    [
        {"models": ()},
        {"weight": 0},
        {"tier": -1},
        {"kind": UpstreamKind.OPENAI, "base_url": "ftp://example.com"},
        {"kind": UpstreamKind.OPENAI, "base_url": ""},
    ],
)
def test_an_upstream_that_cannot_serve_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        serving(1, **changes)


@pytest.mark.parametrize("name", Timeouts.__slots__)
@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_a_timeout_of_nothing_is_refused(name: str, seconds: float) -> None:
    with pytest.raises(InvalidValue):
        Timeouts(**{name: seconds})


@given(upstreams())
def test_a_credential_is_not_printed(upstream: Upstream) -> None:
    assert "ciphertext" not in repr(replace(upstream, credential="k1:ciphertext"))
