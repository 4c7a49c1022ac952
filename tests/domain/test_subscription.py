"""Plans, what they include, and subscriptions that follow payments in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.errors import Conflict, InvalidValue
from domain.identifiers import TenantId
from domain.subscription import (
    FREE,
    INCLUDED,
    TEAM,
    UNLIMITED,
    DetectorTier,
    Entitlements,
    NotInPlan,
    Payment,
    PaymentState,
    Plan,
    QuotaUsedUp,
    Subscription,
    decisive,
    has_new_problem,
    month_of,
)
from tests.strategies import agreements, instants, payments, subscriptions

ACME = TenantId("ten_acme")
NOBODY = Subscription(tenant_id=ACME)
GRANTING = {PaymentState.TRIALING, PaymentState.ACTIVE, PaymentState.PAST_DUE}


def test_plans_include_what_is_promised() -> None:
    assert (FREE.requests_per_month, FREE.keys, FREE.members) == (10_000, 3, 3)
    assert FREE.retention == timedelta(days=30)
    assert FREE.detectors is DetectorTier.BASIC
    assert (TEAM.requests_per_month, TEAM.keys, TEAM.members) == (1_000_000, 50, 25)
    assert TEAM.retention == timedelta(days=365)
    assert TEAM.detectors is DetectorTier.ALL
    assert set(INCLUDED) == {Plan.FREE, Plan.TEAM}


@pytest.mark.parametrize("entitlements", [FREE, TEAM])
def test_plan_includes_so_many_and_no_more(entitlements: Entitlements) -> None:
    keys, members = entitlements.keys or 0, entitlements.members or 0
    retention = entitlements.retention or timedelta()

    entitlements.require_key(keys - 1)
    entitlements.require_member(members - 1)
    entitlements.require_retention(retention)
    named = entitlements.plan.value
    with pytest.raises(NotInPlan, match=named):
        entitlements.require_key(keys)
    with pytest.raises(NotInPlan, match=named):
        entitlements.require_member(members)
    with pytest.raises(NotInPlan, match=named):
        entitlements.require_retention(retention + timedelta(days=1))


def test_no_limit_is_no_limit() -> None:
    UNLIMITED.require_key(10**9)
    UNLIMITED.require_member(10**9)
    UNLIMITED.require_retention(timedelta(days=10_000))


@pytest.mark.parametrize("name", ["requests_per_month", "keys", "members"])
def test_plan_without_anything_is_none(name: str) -> None:
    fields = {one: getattr(UNLIMITED, one) for one in Entitlements.__dataclass_fields__}

    with pytest.raises(InvalidValue):
        Entitlements(**(fields | {name: 0}))


@given(at=instants())
def test_month_holds_its_moments_and_ends_where_the_next_begins(at: datetime) -> None:
    begin, end = month_of(at)

    assert begin <= at < end
    assert begin.day == end.day == 1
    assert month_of(end)[0] == end


def test_used_up_quota_says_when_it_is_new() -> None:
    error = QuotaUsedUp(10_000, plan=Plan.FREE, at=datetime(2026, 11, 30, 23, 59, tzinfo=UTC))

    assert error.retry_after == 60
    assert "2026-12-01 00:00:00 UTC" in error.message
    assert "10,000" in error.message


@given(found=st.lists(payments(), max_size=5))
def test_best_of_our_own_payments_counts(found: list[Payment]) -> None:
    chosen = decisive(found)
    ours = [one for one in found if one.plan is not None]

    assert (chosen is None) == (not ours)
    assert decisive(found[::-1]) in {None, *(one for one in ours)}
    if any(one.state in GRANTING for one in ours):
        assert chosen is not None
        assert chosen.state in GRANTING


@given(subscription=subscriptions(), payment=st.none() | payments())
def test_what_was_known_before_does_not_matter(
    subscription: Subscription, payment: Payment | None
) -> None:
    first = subscription.follow(payment)

    assert first.follow(payment) == first
    assert first.payment == payment
    assert first.customer == subscription.customer


@given(subscription=subscriptions(), agreed=agreements())
def test_agreement_stands_above_payments(subscription: Subscription, agreed: Entitlements) -> None:
    assert subscription.agree(agreed).entitlements == agreed
    assert subscription.agree(agreed).agree(None).entitlements in (FREE, TEAM)
    with pytest.raises(InvalidValue):
        subscription.agree(TEAM)


def test_customer_is_not_exchanged() -> None:
    known = NOBODY.as_customer("cus_1")

    assert known.as_customer("cus_1") == known
    with pytest.raises(Conflict):
        known.as_customer("cus_2")


@pytest.mark.parametrize("plan", [Plan.FREE, Plan.ENTERPRISE])
def test_only_team_is_bought(plan: Plan) -> None:
    with pytest.raises(InvalidValue):
        NOBODY.require_checkout(plan)


@pytest.mark.parametrize("state", PaymentState)
def test_nobody_buys_twice(state: PaymentState) -> None:
    paying = NOBODY.follow(Payment(id="sub_1", state=state, plan=Plan.TEAM))

    if state in GRANTING | {PaymentState.UNPAID}:
        with pytest.raises(Conflict, match="portal"):
            paying.require_checkout(Plan.TEAM)
    else:
        paying.require_checkout(Plan.TEAM)


class Life(RuleBasedStateMachine):
    """A subscription beside what a person would say of it, who looks at the payments alone.

    What is told of the payments comes late and out of order; whoever is told looks at them as they
    are then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.subscription = NOBODY
        self.remote: list[Payment] = []
        self.agreed: Entitlements | None = None
        self.is_stale = False
        self.problems = 0
        self.told = 0

    def change(self, **fields: object) -> None:
        last = self.remote[-1]
        self.remote[-1] = Payment(
            **{name: getattr(last, name) for name in Payment.__dataclass_fields__} | fields
        )
        self.is_stale = True

    @precondition(lambda self: not self.remote or self.remote[-1].state is PaymentState.CANCELED)
    @rule()
    def subscribe(self) -> None:
        self.remote.append(
            Payment(id=f"sub_{len(self.remote)}", state=PaymentState.INCOMPLETE, plan=Plan.TEAM)
        )
        self.is_stale = True

    @precondition(lambda self: self.remote and self.remote[-1].state is not PaymentState.CANCELED)
    @rule(state=st.sampled_from(PaymentState))
    def move(self, state: PaymentState) -> None:
        self.change(state=state)

    @precondition(lambda self: bool(self.remote))
    @rule()
    def cancel_later(self) -> None:
        self.change(ends_with_period=True)

    @rule(times=st.integers(1, 3))
    def hear(self, times: int) -> None:
        for _ in range(times):
            before = self.subscription
            self.subscription = before.follow(decisive(list(self.remote)))
            self.told += has_new_problem(before, self.subscription)
            was = before.payment
            now = self.subscription.payment
            is_new = now is not None and (was is None or was.id != now.id or not was.is_problem)
            self.problems += bool(now is not None and now.is_problem and is_new)
        self.is_stale = False

    @rule(agreed=st.none() | agreements())
    def agree(self, agreed: Entitlements | None) -> None:
        self.subscription = self.subscription.agree(agreed)
        self.agreed = agreed

    @invariant()
    def tenant_has_what_it_pays_for(self) -> None:
        if self.is_stale:
            return
        pays = any(one.state in GRANTING for one in self.remote)
        expected = self.agreed or (TEAM if pays else FREE)
        assert self.subscription.entitlements == expected

    @invariant()
    def each_problem_is_told_once(self) -> None:
        assert self.told == self.problems

    @invariant()
    def nobody_can_buy_what_is_paid(self) -> None:
        payment = self.subscription.payment
        if payment is not None and payment.state in GRANTING:
            with pytest.raises(Conflict):
                self.subscription.require_checkout(Plan.TEAM)


TestLife = Life.TestCase
