"""Choose what limits do that cannot be decided."""

from dataclasses import dataclass

from application.deeds import Deeds, differences
from domain.authorisation import Action, Caller
from domain.events import TenantChanged
from domain.rate_limit import FailModes
from domain.tenant import Slug, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseFailModesCommand:
    """A tenant's choice, in place of its former one."""

    slug: Slug
    fail_modes: FailModes


class ChooseFailModes:
    """Keep a tenant's choice; gateways go by it within seconds."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, command: ChooseFailModesCommand) -> Tenant:
        """Return the changed tenant.

        Raises:
            Unauthenticated, NotFound: the caller may not do this.
            Refused: the caller's role does not cover this, or the tenant is deleted.
            ConcurrentUpdate: somebody else changed it at the same time.
        """
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_FAIL_MODES) as deed:
            changed = deed.tenant.with_fail_modes(command.fail_modes)
            await deed.uow.tenants.save(changed)
            deed.uow.record(TenantChanged(tenant_id=changed.id))
            before, after = deed.tenant.fail_modes, changed.fail_modes
            await deed.commit(
                target=changed.id,
                changes=differences(
                    {"rates": before.rates.value, "budgets": before.budgets.value},
                    {"rates": after.rates.value, "budgets": after.budgets.value},
                ),
            )
        return changed
