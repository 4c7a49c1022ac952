"""Who may do what inside a tenant: one table for every management action of every service.

A use case names its action; `application/authorisation.py` looks the caller's role up and asks this
table. A token never carries a role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import Refused
from domain.identifiers import UserId
from domain.user import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who is signed in.

    `token_version` is that of the user when the token was made: signing out everywhere raises the
    user's, and every token made before stops being one. From where and by which request the
    person calls now is for the administration log alone.
    """

    user_id: UserId
    token_version: int = 0
    client: str = field(default="", compare=False)
    request_id: str = field(default="", compare=False)


class Action(StrEnum):
    """Something that a member does to a tenant, or sees of it."""

    READ_TENANT = "tenant.read"
    RENAME_TENANT = "tenant.rename"
    DELETE_TENANT = "tenant.delete"
    CHANGE_FAIL_MODES = "tenant.fail_modes"

    LIST_MEMBERS = "members.list"
    CHANGE_MEMBER = "members.change"
    REMOVE_MEMBER = "members.remove"
    LEAVE_TENANT = "members.leave"

    LIST_INVITATIONS = "invitations.list"
    INVITE = "invitations.create"
    REVOKE_INVITATION = "invitations.revoke"

    READ_STORAGE = "storage.read"
    CHANGE_STORAGE = "storage.change"
    VERIFY_STORAGE = "storage.verify"

    READ_BILLING = "billing.read"
    CHANGE_BILLING = "billing.change"

    READ_ADMINISTRATION_LOG = "events.read"

    LIST_KEYS = "keys.list"
    ISSUE_KEY = "keys.create"
    CHANGE_KEY = "keys.change"
    ROTATE_KEY = "keys.rotate"
    REVOKE_KEY = "keys.revoke"

    LIST_UPSTREAMS = "upstreams.list"
    CONNECT_UPSTREAM = "upstreams.create"
    CHANGE_UPSTREAM = "upstreams.change"
    REMOVE_UPSTREAM = "upstreams.remove"
    TEST_UPSTREAM = "upstreams.test"

    READ_POLICIES = "policies.read"
    ADD_POLICY = "policies.create"
    ACTIVATE_POLICY = "policies.activate"
    TEST_POLICY = "policies.test"
    BACKTEST_POLICY = "policies.backtest"

    READ_VIOLATIONS = "violations.read"
    TRIAGE_VIOLATION = "violations.triage"
    EXPORT_VIOLATIONS = "violations.export"

    READ_USAGE = "usage.read"

    LIST_AUDIT_RECORDS = "audit.list"
    READ_AUDIT_RECORD = "audit.read"
    VERIFY_AUDIT = "audit.verify"

    READ_ALERTS = "alerts.read"
    CHANGE_ALERTS = "alerts.change"
    TEST_ALERTS = "alerts.test"

    READ_JOBS = "jobs.read"
    REPLAY = "jobs.replay"
    READ_DEAD_LETTERS = "dead_letters.read"
    RETRY_DEAD_LETTER = "dead_letters.retry"
    DISCARD_DEAD_LETTER = "dead_letters.discard"


LOWEST_ROLE: Mapping[Action, Role] = {
    Action.READ_TENANT: Role.VIEWER,
    Action.RENAME_TENANT: Role.ADMIN,
    Action.DELETE_TENANT: Role.OWNER,
    Action.CHANGE_FAIL_MODES: Role.ADMIN,
    Action.LIST_MEMBERS: Role.VIEWER,
    Action.CHANGE_MEMBER: Role.ADMIN,
    Action.REMOVE_MEMBER: Role.ADMIN,
    Action.LEAVE_TENANT: Role.VIEWER,
    Action.LIST_INVITATIONS: Role.ADMIN,
    Action.INVITE: Role.ADMIN,
    Action.REVOKE_INVITATION: Role.ADMIN,
    Action.READ_STORAGE: Role.ADMIN,
    Action.CHANGE_STORAGE: Role.ADMIN,
    Action.VERIFY_STORAGE: Role.ADMIN,
    Action.READ_BILLING: Role.ADMIN,
    Action.CHANGE_BILLING: Role.OWNER,
    Action.READ_ADMINISTRATION_LOG: Role.ADMIN,
    Action.LIST_KEYS: Role.VIEWER,
    Action.ISSUE_KEY: Role.ADMIN,
    Action.CHANGE_KEY: Role.ADMIN,
    Action.ROTATE_KEY: Role.ADMIN,
    Action.REVOKE_KEY: Role.ADMIN,
    Action.LIST_UPSTREAMS: Role.VIEWER,
    Action.CONNECT_UPSTREAM: Role.ADMIN,
    Action.CHANGE_UPSTREAM: Role.ADMIN,
    Action.REMOVE_UPSTREAM: Role.ADMIN,
    Action.TEST_UPSTREAM: Role.ADMIN,
    Action.READ_POLICIES: Role.VIEWER,
    Action.ADD_POLICY: Role.ADMIN,
    Action.ACTIVATE_POLICY: Role.ADMIN,
    Action.TEST_POLICY: Role.ANALYST,
    Action.BACKTEST_POLICY: Role.ANALYST,
    Action.READ_VIOLATIONS: Role.VIEWER,
    Action.TRIAGE_VIOLATION: Role.ANALYST,
    Action.EXPORT_VIOLATIONS: Role.ANALYST,
    Action.READ_USAGE: Role.VIEWER,
    Action.LIST_AUDIT_RECORDS: Role.ANALYST,
    Action.READ_AUDIT_RECORD: Role.ANALYST,
    Action.VERIFY_AUDIT: Role.ANALYST,
    Action.READ_ALERTS: Role.VIEWER,
    Action.CHANGE_ALERTS: Role.ADMIN,
    Action.TEST_ALERTS: Role.ADMIN,
    Action.READ_JOBS: Role.ADMIN,
    Action.REPLAY: Role.ADMIN,
    Action.READ_DEAD_LETTERS: Role.ADMIN,
    Action.RETRY_DEAD_LETTER: Role.ADMIN,
    Action.DISCARD_DEAD_LETTER: Role.ADMIN,
}
"""The table: the lowest role that may do each action; every role above it may as well."""


def may(role: Role, action: Action) -> bool:
    """Tell whether a member of this role may do this."""
    return role.covers(LOWEST_ROLE[action])


def require_reach(actor: Role | None, *roles: Role) -> None:
    """Check that somebody of this role may give or take these; the operator, None, may any.

    Raises:
        Refused: one of them is above the actor's own.
    """
    if actor is not None and not all(actor.covers(role) for role in roles):
        raise Refused(
            f"nobody gives or takes a role above the own, which is {actor.value}",
            code="role.above_own",
        )


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever works at the machine that the deployment runs on: no member, and may do everything.

    The command line is one, and so is whoever shows `TRUEPORT_ADMIN_TOKEN` to the routes of jobs;
    nothing else that a request says makes anybody the operator.
    """


OPERATOR = Operator()

Caller = Principal | Operator
