"""Show and change what somebody is called."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.authorisation import Authorise
from application.platform.tenants import OwnTenant, own_tenants
from application.ports.unit_of_work import Transactions
from domain.authorisation import Principal
from domain.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Somebody and the tenants that they are in, by slug."""

    user: User
    tenants: Sequence[OwnTenant]


class ShowMe:
    """Show people to themselves."""

    def __init__(self, *, transactions: Transactions, authorise: Authorise) -> None:
        self._transactions = transactions
        self._authorise = authorise

    async def __call__(self, principal: Principal) -> Me:
        """Return the caller and their tenants.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
        """
        async with self._transactions() as uow:
            user = await self._authorise.user(uow, principal)
            tenants = await uow.tenants.of_user(user.id)
        return Me(user=user, tenants=own_tenants(tenants, user.id))


class RenameMe:
    """Let people say what they are called."""

    def __init__(self, *, transactions: Transactions, authorise: Authorise) -> None:
        self._transactions = transactions
        self._authorise = authorise

    async def __call__(self, principal: Principal, name: str) -> Me:
        """Return the caller under the new name.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            InvalidValue: the name.
        """
        async with self._transactions() as uow:
            renamed = (await self._authorise.user(uow, principal)).rename(name)
            await uow.users.save(renamed)
            tenants = await uow.tenants.of_user(renamed.id)
            await uow.commit()
        return Me(user=renamed, tenants=own_tenants(tenants, renamed.id))
