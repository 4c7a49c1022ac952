"""What tenants chose about alerts, and how far alerts got, in MongoDB."""

from dataclasses import replace

from adapters.documents.alerts import (
    alert_settings_from_document,
    alert_settings_to_document,
    alert_state_from_document,
    alert_state_to_document,
)
from adapters.mongo.session import Session
from adapters.mongo.values import load
from adapters.mongo.writes import require_owner, save_versioned
from application.ports.repositories import Settings
from domain.alert import AlertSettings, AlertState
from domain.identifiers import TenantId


class MongoSettings(Settings):
    """Keep what tenants chose about alerts."""

    def __init__(self, session: Session) -> None:
        self._settings = session.collection("alert_settings")
        self._states = session.collection("alert_states")

    async def alerts(self, tenant_id: TenantId) -> AlertSettings:
        """Return the tenant's alert settings, or the defaults."""
        row = await self._settings.find_one({"_id": tenant_id})
        if row is None:
            return AlertSettings(tenant_id=tenant_id)
        return load(row["document"], alert_settings_from_document)

    async def save_alerts(self, tenant_id: TenantId, settings: AlertSettings) -> None:
        """Store alert settings."""
        require_owner(tenant_id, settings.tenant_id)
        changed = replace(settings, version=settings.version + 1)
        document = alert_settings_to_document(changed)
        row = {"_id": tenant_id, "tenant_id": tenant_id}
        await save_versioned(self._settings, row, read=settings.version, document=document)

    async def alert_state(self, tenant_id: TenantId) -> AlertState:
        """Return how far the tenant's recipients were told."""
        row = await self._states.find_one({"_id": tenant_id})
        if row is None:
            return AlertState(tenant_id=tenant_id)
        return load(row["document"], alert_state_from_document)

    async def save_alert_state(self, tenant_id: TenantId, state: AlertState) -> None:
        """Store how far they were told."""
        require_owner(tenant_id, state.tenant_id)
        changed = replace(state, version=state.version + 1)
        document = alert_state_to_document(changed)
        row = {"_id": tenant_id, "tenant_id": tenant_id}
        await save_versioned(self._states, row, read=state.version, document=document)
