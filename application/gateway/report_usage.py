"""Report what a tenant's exchanges used."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.deeds import Deeds
from application.ports.readers import UsageReader
from domain.authorisation import Action, Caller
from domain.tenant import Slug
from domain.usage_report import UsageFigures, UsageGroup, UsageQuery, total


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """The sums by group, and over all of them."""

    groups: Sequence[UsageGroup]
    total: UsageFigures


class ReportUsage:
    """Sum stored usage up."""

    def __init__(self, *, deeds: Deeds, reader: UsageReader) -> None:
        self._deeds = deeds
        self._reader = reader

    async def __call__(self, caller: Caller, slug: Slug, query: UsageQuery) -> UsageReport:
        """Return the sums; an exchange is counted once its audit record is stored.

        Raises:
            InvalidValue: too many groups.
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.READ_USAGE) as deed:
            tenant_id = deed.tenant_id
        groups = await self._reader.usage(tenant_id, query)
        return UsageReport(groups=groups, total=total(groups))
