"""How many mails go out at once, what is held, and when digests are due."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.alert import MAX_ALERTS, SETTLED, WINDOW, AlertState, Period
from domain.identifiers import TenantId
from tests.fakes.clock import START

ACME = TenantId("ten_" + "0" * 26)
SECOND = timedelta(seconds=1)
EVERY = timedelta(hours=1)


def noticed(at: datetime) -> Period:
    return Period(since=at, until=at + SECOND)


def used_up(at: datetime = START) -> AlertState:
    state: AlertState | None = AlertState(tenant_id=ACME)
    for _ in range(MAX_ALERTS):
        assert state is not None
        state = state.admitted(at=at)
    assert state is not None
    return state


@given(st.lists(st.integers(0, 4 * 3600), max_size=100).map(sorted))
def test_no_window_sees_more_mails_than_the_limit(offsets: list[int]) -> None:
    state, sent = AlertState(tenant_id=ACME), []
    for offset in offsets:
        at = START + timedelta(seconds=offset)
        state, _ = state.released(at=at)
        admitted = state.admitted(at=at)
        if admitted is not None:
            sent.append((admitted.window_began, at))
        state = admitted or state.holding(noticed(at))

    by_window = [began for began, _ in sent]
    assert all(by_window.count(began) <= MAX_ALERTS for began in by_window)
    assert all(began is not None and began <= at < began + WINDOW for began, at in sent)


def test_held_violations_are_told_once_when_the_window_is_over() -> None:
    state = used_up()
    assert state.admitted(at=START + SECOND) is None

    state = state.holding(noticed(START + 9 * SECOND)).holding(noticed(START + 5 * SECOND))
    early, nothing = state.released(at=START + WINDOW - SECOND)
    after, period = early.released(at=START + WINDOW)
    again, none = after.released(at=START + 3 * WINDOW)

    assert (early, nothing) == (state, None)
    assert period == Period(since=START + 5 * SECOND, until=START + 10 * SECOND)
    assert (again, none) == (after, None)
    assert after.sent == 1


def test_what_is_held_is_known_by_its_time() -> None:
    state = used_up().holding(noticed(START))

    assert state.is_held(START)
    assert not state.is_held(START + SECOND)


def test_first_digest_begins_when_it_is_asked_for() -> None:
    state, period = AlertState(tenant_id=ACME).digested(EVERY, at=START)

    assert period is None
    assert state.digest_until == START.replace(minute=0)


@given(st.lists(st.integers(0, 24 * 3600), min_size=1, max_size=30).map(sorted))
def test_digests_cover_every_moment_once(offsets: list[int]) -> None:
    state, periods = AlertState(tenant_id=ACME), []
    for offset in offsets:
        at = START + timedelta(seconds=offset)
        state, period = state.digested(EVERY, at=at)
        if period is not None:
            assert period.until <= at - SETTLED
            periods.append(period)

    for before, after in pairwise(periods):
        assert before.until == after.since
    assert all(period.since < period.until for period in periods)
    assert all(
        (period.until - START.replace(minute=0)) % EVERY == timedelta(0) for period in periods
    )


def test_tenant_without_digest_has_none_due() -> None:
    begun, _ = AlertState(tenant_id=ACME).digested(EVERY, at=START)

    state, period = begun.digested(None, at=START + 5 * EVERY)

    assert (state.digest_until, period) == (None, None)
