"""What every management use case does around its own decision: ask, note, commit."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from application.administration import AdministrationLog
from application.authorisation import Authorise
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions, UnitOfWork
from application.repeated_calls import made_before, remember
from domain.administration import Change
from domain.authorisation import Action, Caller, Principal
from domain.identifiers import TenantId
from domain.repeated_call import Once
from domain.tenant import Slug, Tenant

OPERATOR_NAME = "operator"
"""How histories name the operator, who has no user."""

_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that a caller was let to do, in its unit of work."""

    uow: UnitOfWork
    tenant: Tenant
    by: Principal | None
    action: Action
    at: datetime
    log: AdministrationLog

    @property
    def tenant_id(self) -> TenantId:
        """Return the tenant that it is done to."""
        return self.tenant.id

    @property
    def name(self) -> str:
        """Return by which histories name the caller."""
        return OPERATOR_NAME if self.by is None else self.by.user_id

    async def made_before(self, once: Once | None) -> str | None:
        """Return the id of what an earlier call with this key made, None when there was none.

        Raises:
            Conflict: the key was used for something else.
        """
        if self.by is None:
            return None
        return await made_before(self.uow, self.by.user_id, once, at=self.at)

    async def commit(
        self, *, target: str, changes: tuple[Change, ...] = (), once: Once | None = None
    ) -> None:
        """Store what was done with its entry in the administration log.

        Raises:
            ConcurrentUpdate: somebody else got in between.
            Conflict: the same call is being done at the same time.
            Unavailable: the store did not confirm.
        """
        await self.log.note(
            self.uow,
            self.tenant_id,
            by=self.by,
            deed=self.action,
            target=target,
            changes=changes,
        )
        if self.by is not None:
            await remember(self.uow, self.by.user_id, once, resource=target, at=self.at)
        await self.uow.commit()


class Deeds:
    """Let callers do what they may; whoever leaves without `commit` has done nothing."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        authorise: Authorise,
        log: AdministrationLog,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._authorise = authorise
        self._log = log
        self._clock = clock

    @asynccontextmanager
    async def begin(self, caller: Caller, slug: Slug, action: Action) -> AsyncIterator[Deed]:
        """Enter a unit of work in which the caller may do this to the tenant.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            NotFound: no such tenant, a deleted one, or not the caller's.
            Refused: the member's role does not cover this.
        """
        async with self._transactions() as uow:
            access = await self._authorise.access(uow, caller, slug, action)
            yield Deed(
                uow=uow,
                tenant=access.tenant,
                by=access.by,
                action=action,
                at=self._clock.now(),
                log=self._log,
            )


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """Return what changed between two descriptions of a thing, which hold no secret."""
    return tuple(
        Change(field=name, before=_text(before.get(name)), after=_text(after.get(name)))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    )


def _text(value: object) -> str | None:
    if value is None:
        return None
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
