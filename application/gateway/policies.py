"""Write versions of a tenant's policy and choose the active one."""

from application.policy_patterns import require_patterns
from application.ports.pattern_matcher import PatternMatcher
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions
from domain.events import PolicyActivated
from domain.identifiers import PolicyId, TenantId
from domain.policy.rule import Policy, PolicyRevision


class AddPolicy:
    """Store a version of a policy, the first one of a new policy or the next of a known one."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        patterns: PatternMatcher,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._transactions = transactions
        self._patterns = patterns
        self._clock = clock
        self._ids = ids

    async def __call__(
        self,
        tenant_id: TenantId,
        policy: Policy,
        *,
        policy_id: PolicyId | None = None,
        note: str = "",
    ) -> PolicyRevision:
        """Return the stored version; it is not active yet.

        Raises:
            InvalidValue: a pattern of an exception is not RE2.
            NotFound: no such tenant.
        """
        require_patterns(policy, self._patterns)
        async with self._transactions() as uow:
            await uow.tenants.get(tenant_id)
            known = [
                revision.number
                for revision in await uow.policies.all(tenant_id)
                if revision.policy_id == policy_id
            ]
            revision = PolicyRevision(
                tenant_id=tenant_id,
                policy_id=policy_id or PolicyId(self._ids.new("pol")),
                number=max(known, default=0) + 1,
                policy=policy,
                created_at=self._clock.now(),
                note=note,
            )
            await uow.policies.add(tenant_id, revision)
            await uow.commit()
        return revision


class ActivatePolicy:
    """Make a version the one that judges from now on."""

    def __init__(self, *, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: TenantId, policy_id: PolicyId, number: int) -> None:
        """Activate a version.

        Raises:
            NotFound: this tenant has none such.
        """
        async with self._transactions() as uow:
            await uow.policies.activate(tenant_id, policy_id, number, at=self._clock.now())
            uow.record(PolicyActivated(tenant_id=tenant_id, policy_id=policy_id, number=number))
            await uow.commit()
