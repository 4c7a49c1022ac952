"""Try a draft of a policy, before it judges anybody."""

from collections.abc import Sequence

from application.deeds import Deeds
from application.gateway.policy_trial import PolicyTrial, Trial, TriedText
from domain.authorisation import Action, Caller
from domain.policy.rule import Policy
from domain.tenant import Slug


class TryPolicy:
    """Judge texts by a draft."""

    def __init__(self, *, deeds: Deeds, trial: PolicyTrial) -> None:
        self._deeds = deeds
        self._trial = trial

    async def __call__(
        self, caller: Caller, slug: Slug, draft: Policy, trial: Trial
    ) -> Sequence[TriedText]:
        """Return the outcome for each text; nothing is stored.

        Raises:
            InvalidValue: a pattern of an exception is not RE2.
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.TEST_POLICY) as deed:
            tenant = deed.tenant
        return await self._trial(tenant.id, draft, trial, tier=tenant.entitlements.detectors)
