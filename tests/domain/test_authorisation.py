"""The role table: complete, and no lower role may do more than a higher one."""

import itertools

import pytest

from domain.authorisation import LOWEST_ROLE, Action, may, require_reach
from domain.errors import Refused
from domain.user import Role

LADDER = [Role.VIEWER, Role.ANALYST, Role.ADMIN, Role.OWNER]
READS_OF_VIEWERS = {
    Action.READ_TENANT,
    Action.LIST_MEMBERS,
    Action.LEAVE_TENANT,
    Action.LIST_KEYS,
    Action.LIST_UPSTREAMS,
    Action.READ_POLICIES,
    Action.READ_VIOLATIONS,
    Action.READ_USAGE,
    Action.READ_ALERTS,
}
WORK_OF_ANALYSTS = {
    Action.TEST_POLICY,
    Action.BACKTEST_POLICY,
    Action.TRIAGE_VIOLATION,
    Action.EXPORT_VIOLATIONS,
    Action.LIST_AUDIT_RECORDS,
    Action.READ_AUDIT_RECORD,
    Action.VERIFY_AUDIT,
}
RIGHTS_OF_OWNERS = {Action.DELETE_TENANT, Action.CHANGE_BILLING}


def test_every_action_has_a_line_in_the_table() -> None:
    assert LOWEST_ROLE.keys() == set(Action)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_role_may_do_exactly_what_is_written_here(role: Role, action: Action) -> None:
    expected = {
        Role.VIEWER: READS_OF_VIEWERS,
        Role.ANALYST: READS_OF_VIEWERS | WORK_OF_ANALYSTS,
        Role.ADMIN: set(Action) - RIGHTS_OF_OWNERS,
        Role.OWNER: set(Action),
    }[role]

    assert may(role, action) == (action in expected)


@pytest.mark.parametrize("actor", Role)
@pytest.mark.parametrize("role", Role)
def test_nobody_gives_or_takes_a_role_above_the_own(actor: Role, role: Role) -> None:
    if actor.covers(role):
        require_reach(actor, role, Role.VIEWER)
        return
    with pytest.raises(Refused) as refusal:
        require_reach(actor, Role.VIEWER, role)
    assert refusal.value.code == "role.above_own"


def test_operator_gives_and_takes_every_role() -> None:
    require_reach(None, *Role)


def test_higher_role_may_do_all_that_a_lower_one_may() -> None:
    for (lower, higher), action in itertools.product(itertools.pairwise(LADDER), Action):
        assert may(higher, action) or not may(lower, action)
