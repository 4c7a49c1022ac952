"""Try a draft of a policy on what was stored, before it judges anybody."""

from dataclasses import dataclass

from application.analytics.policy_replay import PolicyReplay, ReplayedPolicy
from application.deeds import Deeds
from application.gateway.audit_log import RecordQuery
from domain.authorisation import Action, Caller
from domain.policy.rule import Policy
from domain.tenant import Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestCommand:
    """A draft, and the stored records that it is tried on."""

    slug: Slug
    draft: Policy
    query: RecordQuery
    limit: int


class BacktestPolicy:
    """Judge stored audit records by a draft."""

    def __init__(self, *, deeds: Deeds, replay: PolicyReplay) -> None:
        self._deeds = deeds
        self._replay = replay

    async def __call__(self, caller: Caller, command: BacktestCommand) -> ReplayedPolicy:
        """Return what would have been different; nothing is stored.

        Raises:
            InvalidValue: the limit, or a pattern of an exception.
            Unauthenticated, NotFound, Refused: the caller may not do this.
            Unavailable, AccessDenied: the storage.
        """
        async with self._deeds.begin(caller, command.slug, Action.BACKTEST_POLICY) as deed:
            tenant = deed.tenant
        return await self._replay(tenant, command.draft, command.query, limit=command.limit)
