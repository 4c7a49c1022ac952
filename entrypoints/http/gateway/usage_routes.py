"""The route that says what a tenant's exchanges used."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from application.gateway.report_usage import ReportUsage, UsageReport
from application.ports.system import Clock
from domain.authorisation import Principal
from domain.identifiers import KeyId
from domain.usage_report import Dimension, Step, UsageFigures, UsageGroup, UsageQuery
from entrypoints.http.asked import Asked
from entrypoints.http.authentication import SignedIn
from entrypoints.http.gateway.amounts import CostBody
from entrypoints.http.moments import Moment
from entrypoints.http.tenant_slug import TenantSlug

_A_DAY = timedelta(days=1)


class UsageAsked(Asked):
    """Which exchanges are summed, and how they are told apart."""

    since: Moment | None = Field(default=None, description="A day ago where left out.")
    until: Moment | None = Field(default=None, description="Now where left out.")
    step: Step | None = Field(
        default=None, description="Cut the period into whole hours or days, UTC."
    )
    by: list[Dimension] = Field(default=[], max_length=3)
    key_id: str | None = Field(default=None, max_length=200)
    model: str | None = Field(default=None, max_length=200)
    upstream: str | None = Field(default=None, max_length=200)

    def to_query(self, now: datetime) -> UsageQuery:
        """Return the query.

        Raises:
            InvalidValue: the period is empty, or longer than the step allows.
        """
        until = self.until or now
        return UsageQuery(
            since=self.since or until - _A_DAY,
            until=until,
            step=self.step,
            by=frozenset(self.by),
            key_id=None if self.key_id is None else KeyId(self.key_id),
            model=self.model,
            upstream=self.upstream,
        )


class LatencyBody(BaseModel):
    """Nearest-rank percentiles of whole exchanges, upstream included, in milliseconds.

    Each is a latency that was measured, exact up to a second and rounded up by at most 1 % beyond;
    nothing is interpolated or sampled.
    """

    p50: int
    p95: int
    p99: int


class FiguresBody(BaseModel):
    """Sums over some exchanges."""

    requests: int
    refused: int = Field(description="Ended with a 4xx: the policy, a limit or the upstream.")
    failed: int = Field(description="Ended with a 5xx.")
    input_tokens: int
    output_tokens: int
    estimated: int = Field(description="Exchanges whose tokens the upstream did not count.")
    unpriced: int = Field(description="Exchanges that the costs lack: no price is known.")
    costs: list[CostBody]
    latency_ms: LatencyBody | None

    @classmethod
    def of(cls, figures: UsageFigures) -> "FiguresBody":
        """Return the body of sums."""
        p50, p95, p99 = (figures.latencies.percentile(rank) for rank in (50, 95, 99))
        latency = None
        if p50 is not None and p95 is not None and p99 is not None:
            latency = LatencyBody(p50=p50, p95=p95, p99=p99)
        return cls(
            requests=figures.requests,
            refused=figures.refused,
            failed=figures.failed,
            input_tokens=figures.input_tokens,
            output_tokens=figures.output_tokens,
            estimated=figures.estimated,
            unpriced=figures.unpriced,
            costs=[CostBody.of(nano, name) for name, nano in sorted(figures.costs.items())],
            latency_ms=latency,
        )


class UsageGroupBody(FiguresBody):
    """The sums of a group, and what its exchanges have in common."""

    at: datetime | None = Field(description="The beginning of the hour or day.")
    model: str | None
    key_id: str | None
    upstream: str | None

    @classmethod
    def of_group(cls, group: UsageGroup) -> "UsageGroupBody":
        """Return the body of a group."""
        key = group.key
        return cls(
            **FiguresBody.of(group.figures).model_dump(),
            at=key.at,
            model=key.model,
            key_id=key.key_id,
            upstream=key.upstream,
        )


class UsageBody(BaseModel):
    """What was used from `since` up to, not including, `until`.

    An exchange belongs to the time at which it began, and is counted once its audit record is
    stored. Groups without an exchange are left out.
    """

    since: datetime
    until: datetime
    total: FiguresBody
    groups: list[UsageGroupBody]

    @classmethod
    def of(cls, query: UsageQuery, report: UsageReport) -> "UsageBody":
        """Return the body of a report."""
        return cls(
            since=query.since,
            until=query.until,
            total=FiguresBody.of(report.total),
            groups=[UsageGroupBody.of_group(one) for one in report.groups],
        )


def usage_router(
    report_usage: Callable[[], ReportUsage], *, signed_in: SignedIn, clock: Callable[[], Clock]
) -> APIRouter:
    """Return the route of usage."""
    router = APIRouter(prefix="/api/tenants/{slug}/usage", tags=["usage"])

    @router.get("", summary="Report usage")
    async def usage(
        slug: TenantSlug,
        asked: Annotated[UsageAsked, Query()],
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> UsageBody:
        """Sum requests, tokens, costs and latencies up, by time, model, key and upstream."""
        query = asked.to_query(clock().now())
        return UsageBody.of(query, await report_usage()(principal, slug, query))

    return router
