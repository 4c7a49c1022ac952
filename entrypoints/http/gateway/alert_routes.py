"""The routes that say who is told of violations, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from application.gateway.alert_settings import (
    ReadAlertSettings,
    SaveAlertsCommand,
    SaveAlertSettings,
)
from application.gateway.try_alerts import TryAlerts
from application.gateway.webhooks import (
    AddWebhook,
    AddWebhookCommand,
    ListDeliveries,
    RemoveWebhook,
    RotateWebhook,
)
from domain.authorisation import Principal
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.gateway.alert_schemas import (
    AlertsBody,
    AlertSettingsBody,
    AlertTrialBody,
    ConnectedWebhookBody,
    DeliveryBody,
    DeliveryList,
    NewWebhookBody,
    TrialList,
    WebhookRotationBody,
)
from entrypoints.http.gateway.path_ids import WebhookIdPath
from entrypoints.http.idempotency import REPLAYED, OnceKey, mark_replay
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertUseCases:
    """What the routes do."""

    read: Callable[[], ReadAlertSettings]
    save: Callable[[], SaveAlertSettings]
    try_them: Callable[[], TryAlerts]
    add_webhook: Callable[[], AddWebhook]
    rotate_webhook: Callable[[], RotateWebhook]
    remove_webhook: Callable[[], RemoveWebhook]
    list_deliveries: Callable[[], ListDeliveries]


def alert_router(use: AlertUseCases, *, signed_in: SignedIn) -> APIRouter:
    """Return the routes of alerts."""
    router = APIRouter(
        prefix="/api/tenants/{slug}/alerts",
        tags=["alerts"],
        route_class=bounded_route(_MAX_BODY, may_be_empty=True),
    )

    @router.get("", summary="Read the alert settings")
    async def read_alerts(
        slug: TenantSlug, principal: Annotated[Principal, Depends(signed_in)]
    ) -> AlertSettingsBody:
        """Return who is told, when, and by which webhooks."""
        return AlertSettingsBody.of(await use.read()(principal, slug))

    @router.put("", summary="Change the alert settings")
    async def save_alerts(
        slug: TenantSlug, body: AlertsBody, principal: Annotated[Principal, Depends(signed_in)]
    ) -> AlertSettingsBody:
        """Replace recipients and thresholds; 409 when they were changed since they were read."""
        saved = await use.save()(
            principal,
            SaveAlertsCommand(
                slug=slug,
                recipients=body.addresses(),
                immediate_from=body.immediate_from,
                digest_every=body.digest_every,
                version=body.version,
            ),
        )
        return AlertSettingsBody.of(saved)

    @router.post("/test", summary="Send a test alert")
    async def test_alerts(
        slug: TenantSlug, principal: Annotated[Principal, Depends(signed_in)]
    ) -> TrialList:
        """Send an alert that is marked as a test to everybody, once, and say how each fared."""
        results = await use.try_them()(principal, slug)
        return TrialList(results=[AlertTrialBody.of(one) for one in results])

    @router.post(
        "/webhooks",
        summary="Add a webhook",
        status_code=201,
        responses={201: {"headers": REPLAYED}},
    )
    async def add_webhook(
        slug: TenantSlug,
        body: NewWebhookBody,
        once: OnceKey,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> ConnectedWebhookBody:
        """Have a server told; the secret of its signatures is in this answer, once."""
        made = await use.add_webhook()(
            principal,
            AddWebhookCommand(
                slug=slug,
                name=body.name,
                url=body.url,
                immediate_from=body.immediate_from,
                once=once,
            ),
        )
        mark_replay(response, is_replay=made.shown is None)
        return ConnectedWebhookBody.connected(made)

    @router.post(
        "/webhooks/{webhook_id}/rotate",
        summary="Replace the secret of a webhook",
        status_code=201,
        responses={201: {"headers": REPLAYED}},
    )
    async def rotate_webhook(
        *,
        slug: TenantSlug,
        webhook_id: WebhookIdPath,
        once: OnceKey,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
        body: WebhookRotationBody | None = None,
    ) -> ConnectedWebhookBody:
        """Make a new secret; the former one signs as well for a grace period."""
        made = await use.rotate_webhook()(
            principal,
            slug,
            webhook_id,
            grace=timedelta(seconds=(body or WebhookRotationBody()).grace_seconds),
            once=once,
        )
        mark_replay(response, is_replay=made.shown is None)
        return ConnectedWebhookBody.connected(made)

    @router.delete("/webhooks/{webhook_id}", summary="Remove a webhook", status_code=204)
    async def remove_webhook(
        slug: TenantSlug,
        webhook_id: WebhookIdPath,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> None:
        """End the deliveries to a webhook, those that wait included."""
        await use.remove_webhook()(principal, slug, webhook_id)

    @router.get("/webhooks/{webhook_id}/deliveries", summary="List deliveries to a webhook")
    async def list_deliveries(
        slug: TenantSlug,
        webhook_id: WebhookIdPath,
        principal: Annotated[Principal, Depends(signed_in)],
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> DeliveryList:
        """Return the latest alerts to a webhook, and what became of each."""
        found = await use.list_deliveries()(principal, slug, webhook_id, limit=limit)
        return DeliveryList(items=[DeliveryBody.of(one) for one in found])

    return router
