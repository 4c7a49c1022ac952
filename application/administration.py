"""Write what somebody did to a tenant into its administration log, with the deed itself."""

from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import UnitOfWork
from domain.administration import AdministrationEntry, Change
from domain.authorisation import Action, Principal
from domain.identifiers import AdministrationId, TenantId


class AdministrationLog:
    """Every use case that changes something of a tenant takes one and notes what it did.

    The entry is part of the unit of work: there is no change without it, and none of it without
    the change.
    """

    def __init__(self, *, clock: Clock, ids: IdFactory) -> None:
        self._clock = clock
        self._ids = ids

    async def note(
        self,
        uow: UnitOfWork,
        tenant_id: TenantId,
        *,
        by: Principal | None,
        deed: Action | str,
        target: str,
        changes: tuple[Change, ...] = (),
    ) -> None:
        """Note a deed of a signed-in person, or of the operator where `by` is None."""
        await uow.administration.add(
            tenant_id,
            AdministrationEntry.of(
                entry_id=AdministrationId(self._ids.new("adm")),
                tenant_id=tenant_id,
                at=self._clock.now(),
                by=by,
                deed=str(deed),
                target=target,
                changes=changes,
            ),
        )
