"""Look at violations and decide about them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from application.deeds import Deeds, differences
from application.ports.readers import Page, ViolationFilter, ViolationPage, ViolationReader
from domain.authorisation import Action, Caller
from domain.errors import ConcurrentUpdate
from domain.identifiers import TenantId, ViolationId
from domain.tenant import Slug
from domain.violation import TriageState, Violation

_AT_ONCE = 500
"""Violations that an export holds in memory."""


class ListViolations:
    """Show a tenant's violations."""

    def __init__(self, *, deeds: Deeds, reader: ViolationReader) -> None:
        self._deeds = deeds
        self._reader = reader

    async def __call__(
        self, caller: Caller, slug: Slug, where: ViolationFilter, page: Page
    ) -> ViolationPage:
        """Return a page of violations, the newest first.

        Raises:
            InvalidValue: the cursor is not one of this list.
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.READ_VIOLATIONS) as deed:
            tenant_id = deed.tenant_id
        return await self._reader.violations(tenant_id, where, page)


class ReadViolation:
    """Show one violation."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, violation_id: ViolationId) -> Violation:
        """Return a violation with its redacted evidence and its history.

        Raises:
            Unauthenticated, NotFound, Refused: no such violation, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.READ_VIOLATIONS) as deed:
            return await deed.uow.violations.get(deed.tenant_id, violation_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageCommand:
    """A decision about a violation; `version` is that of the violation as the caller read it."""

    slug: Slug
    violation_id: ViolationId
    version: int
    state: TriageState
    note: str = ""


class TriageViolation:
    """Say what is to be thought of a violation."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, command: TriageCommand) -> Violation:
        """Return the violation as it is now; a decision that says nothing new changes nothing.

        Raises:
            InvalidValue: the note is too long.
            ConcurrentUpdate: somebody else decided since the caller read it.
            Refused: that state cannot follow this one (`violation.transition`).
            Unauthenticated, NotFound, Refused: no such violation, or the caller may not do this.
        """
        async with self._deeds.begin(caller, command.slug, Action.TRIAGE_VIOLATION) as deed:
            violation = await deed.uow.violations.get(deed.tenant_id, command.violation_id)
            if violation.version != command.version:
                raise ConcurrentUpdate("somebody else decided meanwhile; read the violation again")
            decided = violation.triage(command.state, by=deed.name, at=deed.at, note=command.note)
            if decided is violation:
                return violation
            await deed.uow.violations.save(deed.tenant_id, decided)
            saved = await deed.uow.violations.get(deed.tenant_id, violation.id)
            await deed.commit(
                target=violation.id,
                changes=differences({"state": violation.state.value}, {"state": saved.state.value}),
            )
        return saved


class ExportViolations:
    """Give out every violation of a filter, for another program to keep."""

    def __init__(self, *, deeds: Deeds, reader: ViolationReader) -> None:
        self._deeds = deeds
        self._reader = reader

    async def __call__(
        self, caller: Caller, slug: Slug, where: ViolationFilter
    ) -> AsyncIterator[Violation]:
        """Return the violations, the newest first; what comes in meanwhile is not among them.

        The export is noted in the administration log before its first violation leaves.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.EXPORT_VIOLATIONS) as deed:
            tenant_id = deed.tenant_id
            await deed.commit(target="violations")
        first = await self._reader.violations(tenant_id, where, Page(limit=_AT_ONCE))
        return self._pages(tenant_id, where, first)

    async def _pages(
        self, tenant_id: TenantId, where: ViolationFilter, page: ViolationPage
    ) -> AsyncIterator[Violation]:
        while True:
            for violation in page.items:
                yield violation
            if page.next_cursor is None:
                return
            page = await self._reader.violations(
                tenant_id, where, Page(limit=_AT_ONCE, cursor=page.next_cursor)
            )
