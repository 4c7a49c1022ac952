"""How far alerts got, as documents."""

from typing import TypedDict

from adapters.sqlite.documents.fields import (
    optional_time_of,
    optional_time_text,
    time_of,
    time_text,
)
from domain.alert import AlertState, Period
from domain.identifiers import TenantId


class PeriodDocument(TypedDict):
    """A time from `since` up to `until`."""

    since: str
    until: str


class AlertStateDocument(TypedDict):
    """How far a tenant's recipients were told."""

    tenant_id: str
    window_began: str | None
    sent: int
    held: PeriodDocument | None
    digest_until: str | None
    version: int


def alert_state_to_document(state: AlertState) -> AlertStateDocument:
    """Return the state of alerts as plain data."""
    held = state.held
    return {
        "tenant_id": state.tenant_id,
        "window_began": optional_time_text(state.window_began),
        "sent": state.sent,
        "held": None
        if held is None
        else {"since": time_text(held.since), "until": time_text(held.until)},
        "digest_until": optional_time_text(state.digest_until),
        "version": state.version,
    }


def alert_state_from_document(document: AlertStateDocument) -> AlertState:
    """Return the state of alerts that a document describes."""
    held = document["held"]
    return AlertState(
        tenant_id=TenantId(document["tenant_id"]),
        window_began=optional_time_of(document["window_began"]),
        sent=document["sent"],
        held=None
        if held is None
        else Period(since=time_of(held["since"]), until=time_of(held["until"])),
        digest_until=optional_time_of(document["digest_until"]),
        version=document["version"],
    )
