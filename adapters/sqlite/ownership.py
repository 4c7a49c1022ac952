"""The two checks behind every write: whose it is, and that nobody was there in between."""

import sqlite3

from domain.errors import ConcurrentUpdate, InvalidValue
from domain.identifiers import TenantId


def require_owner(tenant_id: TenantId, owner: TenantId) -> None:
    """Check that what is stored for a tenant says that it belongs to that tenant.

    Raises:
        InvalidValue: it names another one.
    """
    if owner != tenant_id:
        raise InvalidValue("this belongs to another tenant", field="tenant_id")


def require_changed(cursor: sqlite3.Cursor) -> None:
    """Check that a write which names the version it was based on has met that version.

    Raises:
        ConcurrentUpdate: it has not.
    """
    if cursor.rowcount != 1:
        raise ConcurrentUpdate("this was changed in the meantime: read it again")
