"""Choose who is told about violations, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from application.deeds import Deeds, differences
from domain.alert import AlertSettings
from domain.authorisation import Action, Caller
from domain.detection.taxonomy import Severity
from domain.errors import ConcurrentUpdate
from domain.tenant import Slug
from domain.user import Email


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAlertsCommand:
    """Who is told from now on; webhooks stay.

    `version` is that of the settings as the caller read them, None for whatever they are.
    """

    slug: Slug
    recipients: tuple[Email, ...]
    immediate_from: Severity | None
    digest_every: timedelta | None
    version: int | None = None


class SaveAlertSettings:
    """Store who is told by mail, and when anybody is told at once."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, command: SaveAlertsCommand) -> AlertSettings:
        """Return the settings as they are now.

        Raises:
            InvalidValue: too many recipients, or too many digests.
            ConcurrentUpdate: they were changed since the caller read them.
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_ALERTS) as deed:
            settings = await deed.uow.settings.alerts(deed.tenant_id)
            if command.version not in (None, settings.version):
                raise ConcurrentUpdate("the alert settings were changed meanwhile; read them again")
            changed = replace(
                settings,
                recipients=tuple(dict.fromkeys(command.recipients)),
                immediate_from=command.immediate_from,
                digest_every=command.digest_every,
            )
            await deed.uow.settings.save_alerts(deed.tenant_id, changed)
            saved = await deed.uow.settings.alerts(deed.tenant_id)
            await deed.commit(
                target="alerts", changes=differences(_described(settings), _described(saved))
            )
        return saved


class ReadAlertSettings:
    """Show who is told about violations, and when."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug) -> AlertSettings:
        """Return the settings; the defaults when nothing was chosen.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.READ_ALERTS) as deed:
            return await deed.uow.settings.alerts(deed.tenant_id)


def _described(settings: AlertSettings) -> Mapping[str, object]:
    immediate = settings.immediate_from
    return {
        "recipients": [one.value for one in settings.recipients],
        "immediate_from": None if immediate is None else immediate.value,
        "digest_every": settings.digest_every,
    }
