"""The routes by which a draft of a policy is tried before it judges anybody."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from application.analytics.backtest import BacktestCommand, BacktestPolicy
from application.gateway.audit_log import RecordQuery
from application.gateway.policy_trial import Trial
from application.gateway.try_policy import TryPolicy
from application.ports.system import Clock
from domain.authorisation import Principal
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.gateway.policy_schemas import policy_of
from entrypoints.http.gateway.policy_trial_schemas import (
    BacktestBody,
    BacktestResult,
    PolicyTestBody,
    PolicyTestResult,
    TriedTextBody,
)
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 2 * 1024 * 1024


def policy_trial_router(
    *,
    try_policy: Callable[[], TryPolicy],
    backtest: Callable[[], BacktestPolicy],
    signed_in: SignedIn,
    clock: Callable[[], Clock],
) -> APIRouter:
    """Return the routes of drafts; they stand before those of stored policies."""
    router = APIRouter(
        prefix="/api/tenants/{slug}/policies",
        tags=["policies"],
        route_class=bounded_route(_MAX_BODY),
    )

    @router.post("/test", summary="Try a draft on texts")
    async def test_policy(
        slug: TenantSlug, body: PolicyTestBody, principal: Annotated[Principal, Depends(signed_in)]
    ) -> PolicyTestResult:
        """Say what the gateway would do about each text under a draft; nothing is stored."""
        outcomes = await try_policy()(
            principal,
            slug,
            policy_of(body.policy),
            Trial(
                texts=tuple(body.texts),
                direction=body.direction,
                key_id=body.key_id,
                model=body.model,
            ),
        )
        return PolicyTestResult(results=[TriedTextBody.of(one) for one in outcomes])

    @router.post("/backtest", summary="Try a draft on stored records")
    async def backtest_policy(
        slug: TenantSlug, body: BacktestBody, principal: Annotated[Principal, Depends(signed_in)]
    ) -> BacktestResult:
        """Say which stored exchanges would have gone another way; nothing is stored."""
        replayed = await backtest()(
            principal,
            BacktestCommand(
                slug=slug,
                draft=policy_of(body.policy),
                query=RecordQuery(
                    since=body.since,
                    until=body.until or clock().now(),
                    key_id=body.key_id,
                    model=body.model,
                ),
                limit=body.limit,
            ),
        )
        return BacktestResult.of(replayed)

    return router
