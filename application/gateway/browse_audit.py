"""Look into the audit log, with the right to."""

from application.deeds import Deeds
from application.gateway.audit_log import AuditLog, RecordPage, RecordQuery, WholeRecord
from application.ports.readers import Page
from domain.authorisation import Action, Caller
from domain.identifiers import RecordId
from domain.tenant import Slug


class ListAuditRecords:
    """Show what was recorded in a time."""

    def __init__(self, *, deeds: Deeds, log: AuditLog) -> None:
        self._deeds = deeds
        self._log = log

    async def __call__(
        self, caller: Caller, slug: Slug, query: RecordQuery, page: Page
    ) -> RecordPage:
        """Return a page of records without their texts.

        Raises:
            InvalidValue: the cursor is not one of this list.
            Unauthenticated, NotFound, Refused: the caller may not do this.
            Unavailable, AccessDenied: the storage.
        """
        async with self._deeds.begin(caller, slug, Action.LIST_AUDIT_RECORDS) as deed:
            tenant = deed.tenant
        return await self._log.page(tenant, query, page)


class ReadAuditRecord:
    """Show one record whole, with the texts that were said."""

    def __init__(self, *, deeds: Deeds, log: AuditLog) -> None:
        self._deeds = deeds
        self._log = log

    async def __call__(
        self, caller: Caller, slug: Slug, record_id: RecordId, *, object_key: str | None = None
    ) -> WholeRecord:
        """Return the record; the administration log keeps who read it.

        Raises:
            InvalidValue: the key is none of an audit object of this tenant.
            Unauthenticated, NotFound, Refused: no such record, or the caller may not do this.
            Unavailable, AccessDenied: the storage.
        """
        async with self._deeds.begin(caller, slug, Action.READ_AUDIT_RECORD) as deed:
            tenant = deed.tenant
        found = await self._log.find(tenant, record_id, object_key=object_key)
        async with self._deeds.begin(caller, slug, Action.READ_AUDIT_RECORD) as deed:
            await deed.commit(target=record_id)
        return found
