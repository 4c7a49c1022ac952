"""The routes of a tenant's violations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from application.gateway.triage import (
    ExportViolations,
    ListViolations,
    ReadViolation,
    TriageCommand,
    TriageViolation,
)
from domain.authorisation import Principal
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.gateway.path_ids import ViolationIdPath
from entrypoints.http.gateway.violation_export import ExportFormat, exported
from entrypoints.http.gateway.violation_schemas import (
    TriageBody,
    ViolationBody,
    ViolationFilterQuery,
    ViolationPage,
    ViolationQuery,
    WholeViolationBody,
)
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 64 * 1024
_NOT_KEPT = {"cache-control": "no-store"}


class ExportQuery(ViolationFilterQuery):
    """Which violations, and how they are written."""

    format: ExportFormat = ExportFormat.NDJSON


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationUseCases:
    """What the routes do."""

    list: Callable[[], ListViolations]
    read: Callable[[], ReadViolation]
    triage: Callable[[], TriageViolation]
    export: Callable[[], ExportViolations]


def violation_router(use: ViolationUseCases, *, signed_in: SignedIn) -> APIRouter:
    """Return the routes of violations."""
    router = APIRouter(
        prefix="/api/tenants/{slug}/violations",
        tags=["violations"],
        route_class=bounded_route(_MAX_BODY),
    )

    @router.get("", summary="List violations")
    async def list_violations(
        slug: TenantSlug,
        asked: Annotated[ViolationQuery, Query()],
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> ViolationPage:
        """Return violations, the newest first."""
        found = await use.list()(principal, slug, asked.to_filter(), asked.to_page())
        return ViolationPage(
            items=[ViolationBody.of(one) for one in found.items], next_cursor=found.next_cursor
        )

    @router.get(
        "/export",
        summary="Export violations",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "All violations of the filter: JSON lines, or CSV in which no cell "
                "is a formula.",
                "content": {one.media_type: {"schema": {"type": "string"}} for one in ExportFormat},
            }
        },
    )
    async def export_violations(
        slug: TenantSlug,
        asked: Annotated[ExportQuery, Query()],
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> StreamingResponse:
        """Stream every violation of the filter; a connection that breaks is an unfinished file."""
        violations = await use.export()(principal, slug, asked.to_filter())
        name = f"{slug}-violations.{asked.format.value}"
        return StreamingResponse(
            exported(violations, asked.format),
            media_type=asked.format.media_type,
            headers={**_NOT_KEPT, "content-disposition": f'attachment; filename="{name}"'},
        )

    @router.get("/{violation_id}", summary="Read a violation")
    async def read_violation(
        slug: TenantSlug,
        violation_id: ViolationIdPath,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> WholeViolationBody:
        """Return a violation with its redacted evidence and the decisions about it."""
        return WholeViolationBody.of(await use.read()(principal, slug, violation_id))

    @router.patch("/{violation_id}", summary="Decide about a violation")
    async def triage_violation(
        slug: TenantSlug,
        violation_id: ViolationIdPath,
        body: TriageBody,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> WholeViolationBody:
        """Set state and note; 409 when somebody else decided since the violation was read."""
        state = body.state
        if state is None:
            state = (await use.read()(principal, slug, violation_id)).state
        decided = await use.triage()(
            principal,
            TriageCommand(
                slug=slug,
                violation_id=violation_id,
                version=body.version,
                state=state,
                note=body.note,
            ),
        )
        return WholeViolationBody.of(decided)

    return router
