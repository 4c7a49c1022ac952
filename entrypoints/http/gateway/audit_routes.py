"""The routes by which a tenant looks into its audit log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from application.gateway.audit_log import (
    MOST_RECORDS,
    ListedRecord,
    RecordPage,
    RecordQuery,
    WholeRecord,
)
from application.gateway.browse_audit import ListAuditRecords, ReadAuditRecord
from application.gateway.verify_audit import AuditReport, VerifyAudit
from application.ports.readers import Page
from application.ports.system import Clock
from domain.authorisation import Principal
from entrypoints.http.asked import Asked
from entrypoints.http.authentication import SignedIn
from entrypoints.http.gateway.amounts import CostBody
from entrypoints.http.gateway.outside_text import OutsideData, OutsideText
from entrypoints.http.gateway.path_ids import RecordIdPath
from entrypoints.http.moments import Moment
from entrypoints.http.tenant_slug import TenantSlug

_A_DAY = timedelta(days=1)
_VERIFY_SECONDS = 25.0
"""How long a check may take within a request; the command line has no such bound."""

_MOST_DAMAGES = 100


class AuditAsked(Asked):
    """Which records, by the time at which their exchanges began, and which page of them."""

    since: Moment | None = Field(default=None, description="A day ago where left out.")
    until: Moment | None = Field(default=None, description="Now where left out.")
    key_id: str | None = Field(default=None, max_length=200)
    model: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=MOST_RECORDS)
    cursor: str | None = Field(default=None, max_length=1000)

    def to_query(self, now: datetime) -> RecordQuery:
        """Return the query.

        Raises:
            InvalidValue: the period is empty or too long.
        """
        until = self.until or now
        return RecordQuery(
            since=self.since or until - _A_DAY, until=until, key_id=self.key_id, model=self.model
        )


class TokensBody(BaseModel):
    """Tokens of an exchange."""

    input: int
    output: int
    estimated: bool


class RecordBody(BaseModel):
    """An audit record without its texts and findings."""

    record_id: str
    time: datetime
    key_id: str
    user: OutsideText | None = Field(description="The caller's own `user` field.")
    route: str
    model: OutsideText
    upstream: OutsideText | None
    status: int
    tokens: TokensBody
    cost: CostBody | None
    latency_ms: int
    decision: OutsideData
    policy_version: str
    content: str = Field(description="Which text the record keeps: full, masked or none.")
    finding_count: int
    object_key: str
    line: int

    @classmethod
    def of(cls, listed: ListedRecord) -> "RecordBody":
        """Return the body of a record."""
        record, tokens, cost = listed.record, listed.record.tokens, listed.record.cost
        return cls(
            record_id=record.record_id,
            time=record.time,
            key_id=record.key_id,
            user=record.user,
            route=record.route,
            model=record.model,
            upstream=record.upstream,
            status=record.status,
            tokens=TokensBody(
                input=int(str(tokens.get("input", 0))),
                output=int(str(tokens.get("output", 0))),
                estimated=bool(tokens.get("estimated")),
            ),
            cost=None
            if cost is None
            else CostBody.of(int(str(cost.get("nano", 0))), str(cost.get("currency", ""))),
            latency_ms=record.latency_ms,
            decision=dict(record.decision),
            policy_version=record.policy_version,
            content=record.content,
            finding_count=listed.findings,
            object_key=listed.object_key,
            line=listed.line,
        )


class RecordPageBody(BaseModel):
    """Some records, about the newest first: objects by their time, in each the last lines first.

    A page may be short, or empty, and go on all the same: `next_cursor` is null at the end.
    """

    items: list[RecordBody]
    unreadable_objects: list[str] = Field(
        description="Objects on this page in which something could not be read."
    )
    next_cursor: str | None

    @classmethod
    def of(cls, page: RecordPage) -> "RecordPageBody":
        """Return the body of a page."""
        return cls(
            items=[RecordBody.of(one) for one in page.items],
            unreadable_objects=list(page.unreadable),
            next_cursor=page.next_cursor,
        )


class BreakBody(BaseModel):
    """Where the chain of an object does not hold."""

    line: int
    reason: str


class ChainBody(BaseModel):
    """Whether the chain of the object that a record lies in holds, and where it does not."""

    prev: str
    hash: str
    holds: bool
    breaks: list[BreakBody]


class WholeRecordBody(RecordBody):
    """An audit record as it was written, with its texts."""

    request: OutsideData
    response: OutsideData
    findings: OutsideData
    chain: ChainBody

    @classmethod
    def whole(cls, found: WholeRecord) -> "WholeRecordBody":
        """Return the body of a whole record."""
        record = found.record
        listed = ListedRecord(
            record=record,
            findings=len(record.findings),
            object_key=found.object_key,
            line=found.line,
        )
        return cls(
            **RecordBody.of(listed).model_dump(),
            request=record.request,
            response=record.response,
            findings=[dict(one) for one in record.findings],
            chain=ChainBody(
                prev=found.prev,
                hash=found.hash,
                holds=not found.breaks,
                breaks=[BreakBody(line=one.line, reason=one.reason) for one in found.breaks],
            ),
        )


class DamageBody(BaseModel):
    """What does not hold, and where; line 0 is the object as a whole."""

    object_key: str
    line: int
    reason: str


class AuditReportBody(BaseModel):
    """The outcome of a check of the whole log."""

    holds: bool
    objects: int
    expired: int = Field(description="Objects that may be deleted by the retention.")
    records: int
    anchors: int
    damage_count: int
    damages: list[DamageBody] = Field(description=f"The first {_MOST_DAMAGES}.")

    @classmethod
    def of(cls, report: AuditReport) -> "AuditReportBody":
        """Return the body of a report."""
        return cls(
            holds=not report.damages,
            objects=report.objects,
            expired=report.expired,
            records=report.records,
            anchors=report.anchors,
            damage_count=len(report.damages),
            damages=[
                DamageBody(object_key=one.key, line=one.line, reason=one.reason)
                for one in report.damages[:_MOST_DAMAGES]
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditUseCases:
    """What the routes do."""

    list: Callable[[], ListAuditRecords]
    read: Callable[[], ReadAuditRecord]
    verify: Callable[[], VerifyAudit]


def audit_router(
    use: AuditUseCases, *, signed_in: SignedIn, clock: Callable[[], Clock]
) -> APIRouter:
    """Return the routes of the audit log."""
    router = APIRouter(prefix="/api/tenants/{slug}/audit", tags=["audit"])

    @router.get("", summary="List audit records")
    async def list_records(
        slug: TenantSlug,
        asked: Annotated[AuditAsked, Query()],
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> RecordPageBody:
        """Return what was recorded in a time, without the texts."""
        page = Page(limit=asked.limit, cursor=asked.cursor)
        query = asked.to_query(clock().now())
        return RecordPageBody.of(await use.list()(principal, slug, query, page))

    @router.post("/verify", summary="Check the whole audit log")
    async def verify(
        slug: TenantSlug, principal: Annotated[Principal, Depends(signed_in)]
    ) -> AuditReportBody:
        """Check every record against its hash chain, the store and the signed anchors.

        A log that is too large for one request is 503; `trueport audit verify` has no such bound.
        """
        report = await use.verify()(principal, slug, seconds=_VERIFY_SECONDS)
        return AuditReportBody.of(report)

    @router.get("/{record_id}", summary="Read an audit record")
    async def read_record(
        slug: TenantSlug,
        record_id: RecordIdPath,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
        object_key: Annotated[
            str | None,
            Query(max_length=1024, description="Where it lies, where that is known."),
        ] = None,
    ) -> WholeRecordBody:
        """Return a record with the texts that were said; who read it is logged."""
        response.headers["cache-control"] = "no-store"
        found = await use.read()(principal, slug, record_id, object_key=object_key)
        return WholeRecordBody.whole(found)

    return router
