"""What a tenant may use: plans, what they include, and the subscription that pays for one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.errors import Conflict, InvalidValue, LimitExceeded, Refused
from domain.identifiers import TenantId

EVENTS_KEPT = timedelta(days=60)
"""How long ids of applied payment events are remembered; Stripe repeats one for three days."""


class Plan(StrEnum):
    """What a tenant is on; enterprise is agreed with each tenant."""

    FREE = "free"
    TEAM = "team"
    ENTERPRISE = "enterprise"


class DetectorTier(StrEnum):
    """Which detectors read a tenant's texts: rules and linear models, or all that are there."""

    BASIC = "basic"
    ALL = "all"


class NotInPlan(Refused):
    """The tenant's plan does not include this."""

    code = "plan.not_included"


class QuotaUsedUp(LimitExceeded):
    """What the plan includes for this month is used up; `resets_at` is when it is new."""

    code = "plan.quota_used_up"

    def __init__(self, limit: int, *, plan: Plan, at: datetime) -> None:
        self.limit = limit
        self.resets_at = month_of(at)[1]
        super().__init__(
            f"the plan {plan.value} includes {limit:,} requests a month, and they are used up; "
            f"they are counted anew from {self.resets_at:%Y-%m-%d %H:%M:%S} UTC on",
            retry_after=(self.resets_at - at).total_seconds(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlements:
    """What a plan includes; None is no limit. `retention` is the longest that may be chosen."""

    plan: Plan
    requests_per_month: int | None
    keys: int | None
    members: int | None
    retention: timedelta | None
    detectors: DetectorTier

    def __post_init__(self) -> None:
        for name in ("requests_per_month", "keys", "members"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InvalidValue("a plan includes one at least", field=name)
        if self.retention is not None and self.retention < timedelta(days=1):
            raise InvalidValue("a plan includes a day at least", field="retention")

    def require_key(self, serving: int) -> None:
        """Accept one more key beside those that serve already.

        Raises:
            NotInPlan: the plan includes no more.
        """
        self._require(self.keys, serving + 1, "keys that serve; revoke one")

    def require_member(self, members: int) -> None:
        """Accept one more member beside these.

        Raises:
            NotInPlan: the plan includes no more.
        """
        self._require(self.members, members + 1, "members; remove one")

    def require_retention(self, retention: timedelta) -> None:
        """Accept how long audit objects are to be kept.

        Raises:
            NotInPlan: longer than the plan includes.
        """
        if self.retention is not None and retention > self.retention:
            raise NotInPlan(
                f"the plan {self.plan.value} keeps the audit log for {self.retention.days} days "
                "at most; choose fewer, or change the plan"
            )

    def _require(self, most: int | None, wanted: int, what: str) -> None:
        if most is not None and wanted > most:
            raise NotInPlan(
                f"the plan {self.plan.value} includes {most} {what}, or change the plan"
            )


FREE = Entitlements(
    plan=Plan.FREE,
    requests_per_month=10_000,
    keys=3,
    members=3,
    retention=timedelta(days=30),
    detectors=DetectorTier.BASIC,
)
TEAM = Entitlements(
    plan=Plan.TEAM,
    requests_per_month=1_000_000,
    keys=50,
    members=25,
    retention=timedelta(days=365),
    detectors=DetectorTier.ALL,
)
INCLUDED: Mapping[Plan, Entitlements] = {Plan.FREE: FREE, Plan.TEAM: TEAM}
"""What each plan includes; enterprise stands with its tenant."""

UNLIMITED = Entitlements(
    plan=Plan.ENTERPRISE,
    requests_per_month=None,
    keys=None,
    members=None,
    retention=None,
    detectors=DetectorTier.ALL,
)
"""Enterprise, as long as nothing else is agreed."""


class PaymentState(StrEnum):
    """How a subscription stands with whoever takes the payments, in Stripe's words."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELED = "canceled"


_GRANTS = frozenset({PaymentState.TRIALING, PaymentState.ACTIVE, PaymentState.PAST_DUE})
"""A payment that is overdue is tried again for some days, in which the plan stays."""

_ENDED = frozenset({PaymentState.CANCELED, PaymentState.INCOMPLETE_EXPIRED})
_PROBLEMS = frozenset({PaymentState.PAST_DUE, PaymentState.UNPAID})
_RANK = {
    state: rank
    for rank, state in enumerate(
        (
            PaymentState.INCOMPLETE_EXPIRED,
            PaymentState.CANCELED,
            PaymentState.INCOMPLETE,
            PaymentState.PAUSED,
            PaymentState.UNPAID,
            PaymentState.PAST_DUE,
            PaymentState.TRIALING,
            PaymentState.ACTIVE,
        )
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A subscription as whoever takes the payments keeps it, at the time it was asked for.

    `plan` is what its price stands for, None for a price that is none of ours; `renews_at` is the
    end of the period that is paid or due.
    """

    id: str
    state: PaymentState
    plan: Plan | None
    renews_at: datetime | None = None
    ends_with_period: bool = False

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing is or will be paid any more."""
        return self.state in _ENDED

    @property
    def is_problem(self) -> bool:
        """Tell whether somebody should look after the payment."""
        return self.plan is not None and self.state in _PROBLEMS


def decisive(payments: "list[Payment]") -> Payment | None:
    """Return the subscription that counts of a customer's: of ours, the one in the best state."""
    ours = [one for one in payments if one.plan is not None]
    return max(ours, key=lambda one: (_RANK[one.state], one.id), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """How a tenant pays; `customer` is its id with whoever takes the payments.

    `agreed` is what an enterprise tenant was promised, and stands above any payment.
    """

    tenant_id: TenantId
    customer: str | None = None
    payment: Payment | None = None
    agreed: Entitlements | None = None
    version: int = 0

    @property
    def entitlements(self) -> Entitlements:
        """Return what the tenant may use."""
        if self.agreed is not None:
            return self.agreed
        payment = self.payment
        if payment is None or payment.plan is None or payment.state not in _GRANTS:
            return FREE
        return INCLUDED[payment.plan]

    def as_customer(self, customer: str) -> "Subscription":
        """Return it with the customer that pays.

        Raises:
            Conflict: there is another one already.
        """
        if self.customer not in (None, customer):
            raise Conflict("this tenant has a customer already", code="billing.customer_exists")
        return replace(self, customer=customer)

    def follow(self, payment: Payment | None) -> "Subscription":
        """Return it as the payments stand now, whatever was known before."""
        return replace(self, payment=payment)

    def agree(self, agreed: Entitlements | None) -> "Subscription":
        """Return it with what was agreed, or with nothing agreed any more.

        Raises:
            InvalidValue: only enterprise is agreed.
        """
        if agreed is not None and agreed.plan is not Plan.ENTERPRISE:
            raise InvalidValue("only the enterprise plan is agreed", field="plan")
        return replace(self, agreed=agreed)

    def require_checkout(self, plan: Plan) -> None:
        """Accept that this plan is bought.

        Raises:
            InvalidValue: it cannot be bought.
            Conflict: the tenant pays already, or has an agreement.
        """
        if plan is not Plan.TEAM:
            raise InvalidValue("the plan team can be bought; ask us about enterprise", field="plan")
        if self.agreed is not None:
            raise Conflict("this tenant has an agreement", code="billing.agreed")
        if self.payment is not None and self.payment.state in _GRANTS | _PROBLEMS:
            raise Conflict(
                "this tenant has a subscription: change or cancel it in the billing portal",
                code="billing.subscribed",
            )


def has_new_problem(before: Subscription, after: Subscription) -> bool:
    """Tell whether a payment problem begins between two states of a subscription."""
    now = after.payment
    if now is None or not now.is_problem:
        return False
    former = before.payment
    return former is None or former.id != now.id or not former.is_problem


def month_of(at: datetime) -> tuple[datetime, datetime]:
    """Return the UTC calendar month that holds `at`, as `[start, end)`."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)
