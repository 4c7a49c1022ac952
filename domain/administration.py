"""Who changed what in a tenant: the entries of its administration log."""

import re
from dataclasses import dataclass
from datetime import datetime

from domain.authorisation import Principal
from domain.errors import InvalidValue
from domain.identifiers import AdministrationId, TenantId, UserId

_DEED = re.compile(r"[a-z_]+\.[a-z_]+")
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is different now; None for what was not there, or is not any more.

    Never a secret: whoever reads the log sees it.
    """

    field: str
    before: str | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        for text in (self.before, self.after):
            if text is not None and len(text) > _LONGEST:
                raise InvalidValue(f"a logged value has at most {_LONGEST} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationEntry:
    """Something that somebody did to a tenant.

    `actor` is None for the operator, who works at the machine and has no user. `deed` is the name
    of an action, or of something that takes no role, such as `tenant.create`; `target` is the id
    or address of what it was done to. Where the caller was and by which request it was done is
    known for what came over HTTP.
    """

    id: AdministrationId
    tenant_id: TenantId
    at: datetime
    actor: UserId | None
    deed: str
    target: str
    changes: tuple[Change, ...] = ()
    client: str = ""
    request_id: str = ""

    def __post_init__(self) -> None:
        if not _DEED.fullmatch(self.deed):
            raise InvalidValue("a deed is named as noun.verb", field="deed")

    @classmethod
    def of(
        cls,
        *,
        entry_id: AdministrationId,
        tenant_id: TenantId,
        at: datetime,
        by: Principal | None,
        deed: str,
        target: str,
        changes: tuple[Change, ...] = (),
    ) -> "AdministrationEntry":
        """Return the entry of what a signed-in person did, or the operator where `by` is None."""
        return cls(
            id=entry_id,
            tenant_id=tenant_id,
            at=at,
            actor=None if by is None else by.user_id,
            deed=deed,
            target=target,
            changes=changes,
            client="" if by is None else by.client,
            request_id="" if by is None else by.request_id,
        )
