"""Read who changed what in a tenant."""

from dataclasses import dataclass

from application.deeds import Deeds
from application.paging import Slice, cursor_at, position_of
from application.ports.readers import Page
from domain.administration import AdministrationEntry
from domain.authorisation import Action, Caller
from domain.errors import InvalidValue
from domain.identifiers import AdministrationId
from domain.tenant import Slug
from domain.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry with the person who acted, None for the operator or somebody who is gone."""

    entry: AdministrationEntry
    actor: User | None


class ReadAdministrationLog:
    """Show a tenant's administration log."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, page: Page) -> Slice[EntryView]:
        """Return a page of entries, newest first.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
            InvalidValue: the cursor, or the limit below 1.
        """
        if page.limit < 1:
            raise InvalidValue("a page holds at least one item", field="limit")
        before = None
        if page.cursor is not None:
            before = AdministrationId(position_of(page.cursor, 1)[0])
        async with self._deeds.begin(caller, slug, Action.READ_ADMINISTRATION_LOG) as deed:
            found = await deed.uow.administration.latest(
                deed.tenant_id, limit=page.limit + 1, before=before
            )
            entries = found[: page.limit]
            users = await deed.uow.users.some(
                {entry.actor for entry in entries if entry.actor is not None}
            )
        by_id = {user.id: user for user in users}
        has_more = len(found) > len(entries)
        return Slice(
            items=[
                EntryView(
                    entry=entry, actor=None if entry.actor is None else by_id.get(entry.actor)
                )
                for entry in entries
            ],
            next_cursor=cursor_at(entries[-1].id) if has_more else None,
        )
